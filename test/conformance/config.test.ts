/** Writes of config.toml by the reference's own program and by Gantry: the same answers, the same versions, the same file. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { loadReferenceProgram } from './reference-schema.ts';
import { root } from './root.ts';

const FILE = `# mine
model = "gpt-5.5" # the best
model_provider = "mine"

[model_providers.mine]
name = "Mine"
base_url = "http://127.0.0.1:9/v1"
env_key = "MINE"

[sandbox_workspace_write]
# only these
writable_roots = ["/a", "/b"]

[tui]
theme = "x"
`;

const replace = (keyPath: string, value: unknown, more: object = {}) => ({
  keyPath,
  value,
  mergeStrategy: 'replace',
  ...more,
});

type Call = [method: string, params: object];

const calls: readonly Call[] = [
  ['config/value/write', replace('model', 'other', { expectedVersion: 'sha256:0' })],
  ['config/value/write', replace('model', 3)],
  ['config/value/write', replace('a..b', 3)],
  ['config/value/write', replace('model', 'other', { filePath: '/elsewhere/config.toml' })],
  ['config/value/write', replace('model', 'other')],
  ['config/value/write', replace('unknown_key', { a: 1 })],
  ['config/value/write', { keyPath: 'tui', value: { animations: false }, mergeStrategy: 'upsert' }],
  ['config/batchWrite', { edits: [replace('model_reasoning_effort', 'high'), replace('tui.theme', null)] }],
  ['config/value/write', replace('sandbox_workspace_write', { network_access: false })],
  ['config/value/write', replace('projects."/home/me/a.b".trust_level', 'trusted')],
  ['config/value/write', replace('not.there', null)],
];

type Answer = { result?: Record<string, unknown>; error?: { code: number; data?: unknown } };
type Outcome = { answers: unknown[]; file: string };

/** What tells the one from the other is left out: the file's place, and the words of an error. */
function essence({ result, error }: Answer, home: string): unknown {
  if (error) return { code: error.code, data: error.data };
  return JSON.parse(JSON.stringify(result).replaceAll(JSON.stringify(home).slice(1, -1), '<home>'));
}

async function outcomeOf(command: readonly string[], variable: string): Promise<Outcome> {
  const home = mkdtempSync(path.join(tmpdir(), 'gantry-config-'));
  const cwd = path.join(home, 'work');
  mkdirSync(cwd);
  writeFileSync(path.join(home, 'config.toml'), FILE);
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env.PATH, HOME: home, [variable]: home },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  try {
    const waiting = new Map<unknown, (answer: Answer) => void>();
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = JSON.parse(line) as Answer & { id?: unknown };
      waiting.get(message.id)?.(message);
    });
    const ask = (method: string, params: object): Promise<Answer> => {
      const id = waiting.size + 1;
      child.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
      return new Promise((resolve) => waiting.set(id, resolve));
    };
    await ask('initialize', { clientInfo: { name: 'test', version: '1' }, capabilities: { experimentalApi: true } });
    const answers: unknown[] = [];
    for (const [method, params] of calls) answers.push(essence(await ask(method, params), home));
    return { answers, file: readFileSync(path.join(home, 'config.toml'), 'utf8') };
  } finally {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    rmSync(home, { recursive: true, force: true });
  }
}

describe('config.toml as the reference writes it', function () {
  this.timeout(300_000);

  it('has the same answers, versions and bytes', async () => {
    const reference = await outcomeOf([await loadReferenceProgram(root), 'app-server'], 'CODEX_HOME');
    const gantry = await outcomeOf([process.execPath, path.join(root, 'dist/gantry.js'), 'app-server'], 'GANTRY_HOME');
    assert.deepEqual(gantry.answers, reference.answers);
    // The reference takes the comment above a key along with the key; Gantry leaves what it was not asked to change.
    assert.equal(gantry.file.replace('# only these\n', ''), reference.file);
  });
});
