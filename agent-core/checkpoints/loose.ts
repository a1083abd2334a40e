/** Git's loose objects, written and read without git: for the few files that one command changes. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { constants, deflate, deflateSync, inflate } from 'node:zlib';
import type { GitPlace } from './git.ts';

const LEVEL = { level: constants.Z_BEST_SPEED };
/** More than this is compressed beside the main thread. */
const SMALL = 64 * 1024;

const fileOf = ({ folder }: GitPlace, id: string): string => path.join(folder, 'objects', id.slice(0, 2), id.slice(2));

/** Keeps bytes under the id that `blobId` gave them. */
export async function putBlob(place: GitPlace, id: string, bytes: Buffer): Promise<void> {
  const file = fileOf(place, id);
  if (existsSync(file)) return;
  const whole = Buffer.concat([Buffer.from(`blob ${bytes.length}\0`), bytes]);
  const packed = whole.length > SMALL ? await promisify(deflate)(whole, LEVEL) : deflateSync(whole, LEVEL);
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Git clears away such names when they were left behind.
  const draft = path.join(folder, `tmp_obj_${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(draft, packed, { mode: 0o444, flag: 'wx' });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Null when the blob is not there as a file of its own, or its bytes are broken. */
export async function getBlob(place: GitPlace, id: string): Promise<Buffer | null> {
  try {
    const whole: Buffer = await promisify(inflate)(await readFile(fileOf(place, id)));
    const end = whole.indexOf(0);
    const size = /^blob (\d+)$/.exec(whole.toString('latin1', 0, end))?.[1];
    return Number(size) === whole.length - end - 1 ? whole.subarray(end + 1) : null;
  } catch {
    return null;
  }
}
