/** Folders of which no snapshot is made. (pure) */
import path from 'node:path';

/** Why; null when it may be kept. All paths are real and absolute. */
export function whyNotKept(root: string, user: string): string | null {
  if (path.dirname(root) === root) return `${root} is a whole disk`;
  if (root === user) return `${root} is your home folder`;
  const toUser = path.relative(root, user);
  if (toUser !== '' && !toUser.startsWith('..') && !path.isAbsolute(toUser)) return `${root} holds your home folder`;
  return null;
}

/** Roots that lie in no other, in their order. */
export function outermost(roots: readonly string[]): string[] {
  const once = [...new Set(roots)];
  const isIn = (root: string, other: string) => root !== other && root.startsWith(other + path.sep);
  return once.filter((root) => !once.some((other) => isIn(root, other)));
}
