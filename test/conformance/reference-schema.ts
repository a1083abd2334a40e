import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { JsonSchema } from '../../agent-core/protocol-tools/definitions.ts';
import { cachedPackages, run } from './npm-packages.ts';

/** The release that our tables were written from. A newer one: change this, run the suite, and do what it says. */
export const referenceVersion = '0.169.0';

/** What the reference publishes: its types by name, and the names of its methods with those of their params. */
export interface ReferenceSchema {
  types: Record<string, JsonSchema>;
  clientRequests: Map<string, string | null>;
  serverRequests: Map<string, string | null>;
  serverNotifications: Map<string, string | null>;
}

/**
 * The reference's own schema, written by its own program, which npm installs into a cache folder of this suite.
 * Throws an Error that says what is missing when it cannot be had.
 */
export async function loadReference(): Promise<{ published: ReferenceSchema; experimental: ReferenceSchema }> {
  const folder = await cachedPackages({
    name: `codex-${referenceVersion}`,
    packages: [`@openai/codex@${referenceVersion}`],
    prepare: generate,
  });
  return { published: read(path.join(folder, 'published')), experimental: read(path.join(folder, 'experimental')) };
}

async function generate(work: string): Promise<string> {
  const program = path.join(work, 'node_modules', '@openai', 'codex', 'bin', 'codex.js');
  const home = path.join(work, 'home');
  mkdirSync(home);
  const out = path.join(work, 'out');
  const write = (args: string[]) =>
    run(process.execPath, [program, 'app-server', 'generate-json-schema', ...args], {
      cwd: work,
      env: { ...process.env, CODEX_HOME: home },
    });
  await write(['--out', path.join(out, 'published')]);
  await write(['--out', path.join(out, 'experimental'), '--experimental']);
  return out;
}

type Bundle = { definitions: Record<string, JsonSchema> & { v2: Record<string, JsonSchema> } };

function read(folder: string): ReferenceSchema {
  const json = <T>(name: string): T => JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
  const { v2, ...rest } = json<Bundle>('codex_app_server_protocol.schemas.json').definitions;
  const methods = (name: string) =>
    new Map(
      json<JsonSchema>(name).oneOf?.map(({ properties }): [string, string | null] => [
        String(properties?.method?.enum?.[0]),
        properties?.params?.$ref?.split('/').at(-1) ?? null,
      ]),
    );
  return {
    types: { ...v2, ...rest } as Record<string, JsonSchema>,
    clientRequests: methods('ClientRequest.json'),
    serverRequests: methods('ServerRequest.json'),
    serverNotifications: methods('ServerNotification.json'),
  };
}
