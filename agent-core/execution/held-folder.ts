/**
 * A folder that is held while a file in it is opened, made or removed: whoever puts a link in the place of a folder between
 * the look and the act changes nothing, for the act goes by what is held and not by the path.
 */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readlink } from 'node:fs/promises';
import path from 'node:path';

/**
 * Does `work` with the entry `target`, a real path, by a name that leads there whatever happens to the path meanwhile.
 * Null: its folder is not there any more. Elsewhere than on Linux the name is the path itself.
 */
export async function inFolder<T>(target: string, work: (entry: string) => Promise<T>): Promise<T | null> {
  if (process.platform !== 'linux') return work(target);
  const folder = await hold(path.dirname(target));
  if (folder === null) return null;
  try {
    return await work(path.join(nameOf(folder), path.basename(target)));
  } finally {
    await folder.close();
  }
}

/** Makes the folders that `folder`, a real path, needs. False: one of them is another than it was. */
export async function makeFolder(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') {
    await mkdir(folder, { recursive: true });
    return true;
  }
  const missing: string[] = [];
  let held: FileHandle | null = null;
  for (let at = folder; held === null; at = path.dirname(at)) {
    try {
      held = await hold(at);
      if (held === null) return false;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT') || at === path.dirname(at))
        throw error;
      missing.unshift(path.basename(at));
    }
  }
  try {
    for (const name of missing) {
      const next: string = path.join(nameOf(held), name);
      await mkdir(next).catch((error: unknown) => {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      });
      const above: FileHandle = held;
      held = await open(next, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
      await above.close();
    }
    return true;
  } finally {
    await held.close();
  }
}

const nameOf = ({ fd }: FileHandle): string => `/proc/self/fd/${fd}`;

/** Null: the path leads elsewhere by now. */
async function hold(folder: string): Promise<FileHandle | null> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  if ((await readlink(nameOf(handle)).catch(() => null)) === folder) return handle;
  await handle.close();
  return null;
}
