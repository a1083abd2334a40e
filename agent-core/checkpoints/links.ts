/** Links on the way to a file: what lies behind one is not the workspace's, though it has a name there. */
import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import path from 'node:path';

/** Follows no link at the end. Null when nothing is there. */
export const lookAt = (file: string): Promise<BigIntStats | null> => lstat(file, { bigint: true }).catch(() => null);

/** Whether a folder on the way to a name below `workTree` is a link; each is looked at once. */
export function createLinkCheck(workTree: string): (name: string) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>([['.', Promise.resolve(false)]]);
  const isLinked = (folder: string): Promise<boolean> => {
    const before = known.get(folder);
    if (before) return before;
    const found = isLinked(path.posix.dirname(folder)).then(
      async (above) => above || ((await lookAt(path.join(workTree, folder)))?.isSymbolicLink() ?? false),
    );
    known.set(folder, found);
    return found;
  };
  return (name) => isLinked(path.posix.dirname(name));
}
