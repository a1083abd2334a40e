// Names that are protected at any depth, as the broker knows them too (helper/broker-policy.c).
import { isUnder } from './paths.ts';

/** Left out by file systems of macOS when they compare names. */
const IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** Whether some file system takes `part` for `name`, by case, what it ends in, or its short form on Windows. */
export function meansName(part: string, name: string): boolean {
  const plain = (part.split(':')[0] ?? '')
    .replace(IGNORED, '')
    .replace(/[ .]+$/, '')
    .toLowerCase();
  const wanted = name.toLowerCase();
  return plain === wanted || (wanted.startsWith('.') && plain === `${wanted.slice(1, 7)}~1`);
}

/**
 * The first of `names` that `path` has in it where it counts: `.git` anywhere, others below the outermost of the writable
 * trees, as a worktree may lie in an agent's own home. Null: none. All paths are real and absolute.
 */
export function protectedName(path: string, names: readonly string[], writable: readonly string[]): string | null {
  const lengths = writable.filter((root) => isUnder(path, root)).map((root) => root.length);
  const below = path.slice(Math.min(path.length, ...lengths)).split('/');
  const all = path.split('/');
  return (
    names.find((name) => (name === '.git' ? all : below).some((part) => part !== '' && meansName(part, name))) ?? null
  );
}
