import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
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

/** The reference's own program, installed by npm into a cache of this suite. Throws an Error when it cannot be had. */
export async function loadReferenceProgram(root: string): Promise<string> {
  return path.join(await install(root), 'node_modules', '@openai', 'codex', 'bin', 'codex.js');
}

/** The reference's own schema, written by its own program. Throws an Error when it cannot be had. */
export async function loadReference(
  root: string,
): Promise<{ published: ReferenceSchema; experimental: ReferenceSchema }> {
  const folder = path.join(await install(root), 'schema');
  return { published: read(path.join(folder, 'published')), experimental: read(path.join(folder, 'experimental')) };
}

/** The paths of what the reference's own generators write, experimental types too. */
export async function loadReferenceFiles(root: string): Promise<{ typeScript: string[]; jsonSchema: string[] }> {
  const installed = await install(root);
  const below = (folder: string): string[] =>
    readdirSync(path.join(installed, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
      file.replaceAll('\\', '/'),
    );
  return { typeScript: below('types'), jsonSchema: below('schema/experimental') };
}

const install = (root: string): Promise<string> =>
  cachedPackages({
    root,
    name: `codex-types-${referenceVersion}`,
    packages: [`@openai/codex@${referenceVersion}`],
    prepare: generate,
  });

async function generate(work: string): Promise<string> {
  const program = path.join(work, 'node_modules', '@openai', 'codex', 'bin', 'codex.js');
  const home = path.join(work, 'home');
  mkdirSync(home);
  const write = (generator: string, folder: string, args: string[]) =>
    run(process.execPath, [program, 'app-server', generator, '--out', folder, ...args], {
      cwd: work,
      env: { ...process.env, CODEX_HOME: home },
    });
  await write('generate-json-schema', path.join(work, 'schema', 'published'), []);
  await write('generate-json-schema', path.join(work, 'schema', 'experimental'), ['--experimental']);
  await write('generate-ts', path.join(work, 'types'), ['--experimental']);
  return work;
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
