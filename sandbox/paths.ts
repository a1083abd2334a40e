// Real paths for policies: what the kernel compares is never the spelling that a user or a model chose.
import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';

/** Whether `path` is `root` or lies below it. Both absolute and normal. */
export function isUnder(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** The real path; where its end does not exist yet, the real path of what does plus the rest. */
export function realish(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realish(parent), basename(path));
  }
}

/** The entry itself, by its real parent, and what it points to if it is a link: a rule must hold both. */
export function entryAndTarget(path: string): string[] {
  const entry = join(realish(dirname(path)), basename(path));
  const target = realish(path);
  return entry === target ? [entry] : [entry, target];
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
