/** Opening what may be anything: a named pipe or a device would keep the opener for good. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Null when it is no plain file. The caller closes the handle. */
export async function openPlainFile(path: string): Promise<FileHandle | null> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if ((await handle.stat()).isFile()) return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return null;
}
