// Real paths for policies: what the kernel compares is never the spelling that a user or a model chose.
import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, normalize, sep } from 'node:path';

/** Whether `path` is `root` or lies below it. Both absolute and normal. */
export function isUnder(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** Finds real paths, and remembers what it saw: for one look at the file system, not for longer. */
export type Resolver = {
  /** The real path; where its end does not exist yet, the real path of what does plus the rest. */
  realish(path: string): string;
  /** The entry itself, by its real parent, and what it points to if it is a link: a rule must hold both. */
  entryAndTarget(path: string): string[];
  /** Whether there is anything at the path, links followed. */
  exists(path: string): boolean;
};

export function createResolver(): Resolver {
  const seen = new Map<string, { real: string; exists: boolean }>();
  const look = (path: string): { real: string; exists: boolean } => {
    const known = seen.get(path);
    if (known) return known;
    const found = lookUp(path);
    seen.set(path, found);
    return found;
  };
  const lookUp = (path: string): { real: string; exists: boolean } => {
    const parent = dirname(path);
    if (parent === path) return { real: path, exists: true };
    const above = look(parent);
    const entry = join(above.real, basename(path));
    const info = above.exists ? lstatIfThere(entry) : null;
    if (!info?.isSymbolicLink()) return { real: entry, exists: info !== null };
    try {
      return { real: realpathSync.native(entry), exists: true };
    } catch {
      return { real: entry, exists: false }; // it dangles
    }
  };
  const realish = (path: string): string => look(normalize(path)).real;
  return {
    realish,
    exists: (path) => look(normalize(path)).exists,
    entryAndTarget(path) {
      const entry = join(realish(dirname(path)), basename(path));
      const target = realish(path);
      return entry === target ? [entry] : [entry, target];
    },
  };
}

function lstatIfThere(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null; // below a file, or where nothing may be looked at
  }
}

/** What kind of entry a path is, without following a link. */
export function entryKind(path: string): 'missing' | 'file' | 'directory' | 'link' | 'other' {
  try {
    const info = lstatSync(path);
    if (info.isSymbolicLink()) return 'link';
    if (info.isDirectory()) return 'directory';
    return info.isFile() ? 'file' : 'other';
  } catch {
    return 'missing';
  }
}

export function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Sorted, without repetition; parents come before what they contain. */
export function sorted(paths: readonly string[]): string[] {
  return [...new Set(paths)].sort();
}

/** Only the outermost of the paths. */
export function outermost(paths: readonly string[]): string[] {
  const result: string[] = [];
  for (const path of sorted(paths)) if (!result.some((root) => isUnder(path, root))) result.push(path);
  return result;
}

/**
 * Denied paths that would take a needed one with them (a worktree below the agent's home) are split: everything beside
 * the way to what is needed stays denied.
 */
export function denyAround(denied: readonly string[], needed: readonly string[]): string[] {
  return sorted(denied.flatMap((path) => splitOne(path, needed)));
}

function splitOne(path: string, needed: readonly string[]): string[] {
  if (needed.includes(path)) return [];
  const inside = needed.filter((one) => isUnder(one, path));
  if (inside.length === 0) return [path];
  let names: string[];
  try {
    names = readdirSync(path);
  } catch {
    return [];
  }
  return names.flatMap((name) => splitOne(join(path, name), inside));
}
