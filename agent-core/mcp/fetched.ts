/**
 * What `npx` has fetched before, to be run without it: npx writes to its cache even to read it, and asks the network for the
 * newest version, so that it runs nothing where neither is open.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import type { Homes } from '../execution/sandbox-settings.ts';
import type { StdioServer } from './server-config.ts';

const manifest = z.object({
  name: z.string(),
  version: z.string(),
  bin: z.optional(z.union([z.string(), z.record(z.string(), z.string())])),
});

const PLAIN_FLAGS: readonly string[] = ['-y', '--yes', '-q', '--quiet'];

/** `name`, `name@latest` or `name@1.2.3`; null: another way to name a package. */
function wanted(spec: string): { name: string; version: string | null } | null {
  const [, name, version = 'latest'] = /^((?:@[\w.-]+\/)?[\w.-]+)(?:@([\w.+-]+))?$/.exec(spec) ?? [];
  if (name === undefined || name.startsWith('.')) return null;
  if (version === 'latest') return { name, version: null };
  return /^\d+\.\d+\.\d+/.test(version) ? { name, version } : null;
}

type Fetched = { program: string; at: number };

function programIn(folder: string, { name, version }: { name: string; version: string | null }): Fetched[] {
  const modules = path.join(folder, 'node_modules');
  const file = path.join(modules, name, 'package.json');
  if (!existsSync(file)) return [];
  try {
    const found = manifest.parse(JSON.parse(readFileSync(file, 'utf8')));
    if (found.name !== name || (version !== null && found.version !== version)) return [];
    const short = name.split('/').at(-1) ?? name;
    const bins = typeof found.bin === 'string' ? [short] : Object.keys(found.bin ?? {});
    const bin = bins.length === 1 ? bins[0] : bins.find((one) => one === short);
    const program = bin === undefined ? null : path.join(modules, '.bin', bin);
    return program && existsSync(program) ? [{ program, at: statSync(file).mtimeMs }] : [];
  } catch {
    return [];
  }
}

/** The server with what npx fetched in its place; null: npx has fetched none such, or was asked for something else. */
export function withFetched(
  server: StdioServer,
  { env, homes }: { env: Readonly<Record<string, string | undefined>>; homes: Homes },
): StdioServer | null {
  if (path.basename(server.command) !== 'npx') return null;
  const first = server.args.findIndex((word) => !PLAIN_FLAGS.includes(word));
  const asked = wanted(server.args[first] ?? '');
  if (first < 0 || asked === null) return null;
  const store = path.join(env.npm_config_cache || path.join(homes.user, '.npm'), '_npx');
  if (!existsSync(store)) return null;
  const [newest] = readdirSync(store)
    .flatMap((folder) => programIn(path.join(store, folder), asked))
    .sort((one, other) => other.at - one.at);
  return newest ? { ...server, command: newest.program, args: server.args.slice(first + 1) } : null;
}
