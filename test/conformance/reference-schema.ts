import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { JsonSchema } from '../../agent-core/protocol-tools/definitions.ts';

/** The release that our tables were written from. A newer one: change this, run the suite, and do what it says. */
export const referenceVersion = '0.169.0';

const cache = fileURLToPath(
  new URL(`../../node_modules/.cache/conformance/codex-${referenceVersion}/`, import.meta.url),
);
const run = promisify(execFile);

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
  if (!existsSync(path.join(cache, 'experimental'))) await install();
  return {
    published: read(path.join(cache, 'published')),
    experimental: read(path.join(cache, 'experimental')),
  };
}

async function install(): Promise<void> {
  mkdirSync(path.dirname(cache), { recursive: true });
  const work = mkdtempSync(path.join(path.dirname(cache), 'install-'));
  try {
    writeFileSync(path.join(work, 'package.json'), '{ "private": true }\n');
    mkdirSync(path.join(work, 'home'));
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    await run(npm, ['install', '--no-audit', '--no-fund', `@openai/codex@${referenceVersion}`], {
      cwd: work,
      shell: process.platform === 'win32',
    });
    const program = path.join(work, 'node_modules', '@openai', 'codex', 'bin', 'codex.js');
    const generate = (args: string[]) =>
      run(process.execPath, [program, 'app-server', 'generate-json-schema', ...args], {
        cwd: work,
        env: { ...process.env, CODEX_HOME: path.join(work, 'home') },
      });
    await generate(['--out', path.join(work, 'out', 'published')]);
    await generate(['--out', path.join(work, 'out', 'experimental'), '--experimental']);
    rmSync(cache, { recursive: true, force: true });
    renameSync(path.join(work, 'out'), cache);
  } catch (error) {
    throw new Error(
      `The reference's schema is needed for this suite and could not be had: npm must be able to install ` +
        `@openai/codex@${referenceVersion} and run it (${error instanceof Error ? error.message : String(error)}).`,
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
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
