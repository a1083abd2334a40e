/** Opening what may be anything: a named pipe or a device would keep the opener for good. */
import { constants } from 'node:fs';
import { type FileHandle, open, readlink } from 'node:fs/promises';

/**
 * Null when it is no plain file. `real` is a real path: what a link that was put there meanwhile leads to is not opened,
 * where the system can tell. The caller closes the handle.
 */
export async function openPlainFile(real: string): Promise<FileHandle | null> {
  const handle = await open(real, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0));
  try {
    const isThere = process.platform !== 'linux' || (await readlink(`/proc/self/fd/${handle.fd}`)) === real;
    if (isThere && (await handle.stat()).isFile()) return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return null;
}
