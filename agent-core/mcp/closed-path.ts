/** A path that a server wanted and could not have: which one, and what would open it. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { SandboxPolicy } from '../../sandbox/index.ts';
import { createResolver, isUnder } from '../execution/real-paths.ts';

/** Paths in the words of a program: quoted, in brackets, or by themselves. */
function pathsIn(text: string): string[] {
  const quoted = [...text.matchAll(/['"`]((?:\/|~\/)[^'"`\n]+)['"`]/g)];
  const bare = [...text.matchAll(/(?:^|[\s(=[<])(\/[^\s'"`()[\]<>,;:]+)/gm)];
  return [...quoted, ...bare].map(([, one = '']) => one.replace(/[.]+$/, ''));
}

type Complaint = {
  /** What it said. */
  text: string;
  /** What its command line names. */
  files: readonly string[];
  policy: SandboxPolicy;
  home: string;
};

export type ClosedPath = {
  path: string;
  /** What closes it to every server: it may hold secrets. Null: this one's profile does not open it. */
  secret: string | null;
  /** Part of the program that the user named, and not only what it was after. */
  isProgram: boolean;
};

/** Modules beside a script are named without a path. */
const NO_MODULE = /No module named|Cannot find module '\.|Cannot find package/;

/**
 * The first path that is there, that the server named or was told to run, and that it may not read. Null: there is none, and
 * something else was wrong.
 */
export function closedPath({ text, files, policy, home }: Complaint): ClosedPath | null {
  if (policy.unconfined) return null;
  const look = createResolver();
  const open = [...policy.roots, ...policy.write].map(look.realish);
  const readable = policy.read === 'all' ? null : [...policy.read.map(look.realish), ...open];
  const denied = policy.denyRead.flatMap((one) => look.entryAndTarget(one).map((place) => ({ place, one })));
  const beside = NO_MODULE.test(text) ? files.map((file) => path.join(path.dirname(file), path.sep)) : [];
  const named = pathsIn(text).map((one) => (one.startsWith('~/') ? path.join(home, one.slice(2)) : one));
  for (const each of new Set([...files, ...named, ...beside])) {
    if (!path.isAbsolute(each) || !existsSync(each)) continue;
    const real = look.realish(each);
    if (policy.privateTemp.some((temp) => isUnder(real, look.realish(temp)))) continue;
    const isOpened = (place: string) => open.some((root) => isUnder(root, place) && isUnder(real, root));
    const secret = denied.find(({ place }) => isUnder(real, place) && !isOpened(place));
    const isProgram = files.includes(each);
    if (secret) return { path: each, secret: secret.one, isProgram };
    if (readable && !readable.some((root) => isUnder(real, root))) return { path: each, secret: null, isProgram };
  }
  return null;
}

/** As a sentence for the user, with what to put into the configuration. */
export function closedText(name: string, { path: place, secret, isProgram }: ClosedPath): string {
  // Nobody is talked into opening secrets for what a server was told to read.
  if (secret !== null && !isProgram)
    return `Blocked by the sandbox: ${place} may hold keys or tokens and stays closed to every server.`;
  if (secret !== null) {
    return `Blocked by the sandbox: ${place} lies in ${secret}, which may hold keys or tokens and is closed to every server. Move it elsewhere, or let the server run without a sandbox: mode = "off" in [mcp_servers.${name}.sandbox] of your config.toml.`;
  }
  const folder = place.endsWith(path.sep) ? place.slice(0, -1) : path.dirname(place);
  return `Probably blocked by the sandbox: its profile does not let it read ${place}. To allow it, set read = [${JSON.stringify(folder)}] in [mcp_servers.${name}.sandbox] of your config.toml.`;
}
