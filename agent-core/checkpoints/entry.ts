/** One file of a snapshot, and what is at its place on the disk. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readlink } from 'node:fs/promises';

export type FileMode = '100644' | '100755' | '120000';
/** `id` is git's: SHA-1 of the bytes with their length; of a link, of where it leads. */
export type Entry = { mode: FileMode; id: string };

export const sameEntry = (a: Entry | null, b: Entry | null): boolean => a?.mode === b?.mode && a?.id === b?.id;

export const blobId = (bytes: Uint8Array): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

/** `tooLarge` and `other` (a folder, a pipe) are not looked into. */
export type OnDisk =
  | { type: 'none' }
  | { type: 'file'; entry: Entry; bytes: Buffer }
  | { type: 'tooLarge' | 'other' | 'unreadable' };

/** Follows no link. Never rejects. */
export async function readDisk(file: string, maxBytes: number): Promise<OnDisk> {
  try {
    const info = await lstat(file);
    if (info.isSymbolicLink()) {
      const bytes = await readlink(file, 'buffer');
      return { type: 'file', entry: { mode: '120000', id: blobId(bytes) }, bytes };
    }
    if (!info.isFile()) return { type: 'other' };
    if (info.size > maxBytes) return { type: 'tooLarge' };
    const handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      const bytes = await handle.readFile();
      const isProgram = process.platform !== 'win32' && (info.mode & 0o100) !== 0;
      return { type: 'file', entry: { mode: isProgram ? '100755' : '100644', id: blobId(bytes) }, bytes };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    return code === 'ENOENT' || code === 'ENOTDIR' ? { type: 'none' } : { type: 'unreadable' };
  }
}
