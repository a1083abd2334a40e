/** The same scenario on the reference's own app server and on the built Gantry, each with a scripted model of its own. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Capabilities, CoreProcess, type Message } from '../support/core-process.ts';
import { type Script, startModelServer } from '../support/model-server/index.ts';
import { type Transcript, transcriptOf } from './transcript.ts';

/** Codex refuses a home below the system's temporary folder, and lets commands write there. */
const BASE = '/var/tmp';

export type Stage = {
  readonly workspace: string;
  readonly server: CoreProcess;
  /** Another process of the same server over the same home, once the first has ended. */
  restart(): Promise<CoreProcess>;
};

export type Scenario = {
  script?: Script;
  files?: Record<string, string>;
  /** Default: experimental, as most clients ask for. Null: not initialized. */
  capabilities?: Capabilities | null;
  run(stage: Stage): Promise<void>;
};

/** `program` and its arguments; null: the built Gantry. */
export async function play(program: readonly string[] | null, scenario: Scenario): Promise<Transcript> {
  const root = realpathSync(mkdtempSync(path.join(BASE, 'gantry-conformance-')));
  const [home, workspace] = [path.join(root, 'home'), path.join(root, 'workspace')];
  mkdirSync(home);
  mkdirSync(workspace);
  for (const [name, text] of Object.entries(scenario.files ?? {})) writeFileSync(path.join(workspace, name), text);
  const model = await startModelServer({ script: scenario.script ?? [], strict: program === null });
  writeFileSync(path.join(home, 'config.toml'), config(model.baseUrl));
  const servers: CoreProcess[] = [];
  const methods = new Map<string | number, string>();
  const messages: Message[] = [];
  const start = async (): Promise<CoreProcess> => {
    const server = new CoreProcess({
      home,
      cwd: workspace,
      env: { CODEX_HOME: home, SCRIPTED_KEY: 'scripted-key' },
      ...(program ? { program } : {}),
    });
    servers.push(server);
    if (scenario.capabilities !== null) await server.initialize(scenario.capabilities ?? { experimentalApi: true });
    return server;
  };
  try {
    let server = await start();
    const stage: Stage = {
      workspace,
      get server() {
        return server;
      },
      async restart() {
        await server.stop();
        server = await start();
        return server;
      },
    };
    await scenario.run(stage);
    await server.stop();
    if (program === null) {
      const problems = [...servers.flatMap((one) => one.problems), ...model.problems];
      if (problems.length > 0) throw new Error(problems.join('\n'));
    }
    // Ids begin anew with each process.
    servers.forEach((one, index) => {
      for (const [id, method] of one.asked) methods.set(`${index}:${id}`, method);
      messages.push(...one.messages.map((m) => (m.method === undefined ? { ...m, id: `${index}:${m.id}` } : m)));
    });
    return transcriptOf(messages, methods, (text) => text.replaceAll(workspace, 'WORKSPACE').replaceAll(home, 'HOME'));
  } finally {
    await Promise.all(servers.map((server) => server.kill()));
    await model.close();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

const config = (baseUrl: string): string => `model = "gpt-5.5"
model_provider = "scripted"
check_for_update_on_startup = false
[analytics]
enabled = false
[feedback]
enabled = false
[features]
plugins = false
apps = false
remote_plugin = false
[model_providers.scripted]
name = "Scripted"
base_url = "${baseUrl}"
wire_api = "responses"
env_key = "SCRIPTED_KEY"
requires_openai_auth = false
supports_websockets = false
request_max_retries = 1
stream_max_retries = 1
`;
