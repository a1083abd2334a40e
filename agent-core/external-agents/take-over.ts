/** Writes one part. What the user has is never overwritten. */
import { randomUUID } from 'node:crypto';
import { cp, lstat, mkdir, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ConfigKey, Part } from './finding.ts';
import { readText } from './read-files.ts';

const MOST_FILES = 1_000;
const MOST_BYTES = 50 * 1024 * 1024;

/** What reads and writes config.toml. */
export type ConfigPort = {
  /** Whether the user, or this file, has the key already. */
  has(target: string, key: readonly string[]): boolean;
  /** All keys or none. Throws what is wrong, in words for the user. */
  write(target: string, keys: readonly ConfigKey[]): void;
};

/** Why a part is not taken over, to follow its name; null when nothing stands in the way. */
export async function obstacle(part: Part, config: ConfigPort): Promise<string | null> {
  switch (part.type) {
    case 'refused':
      return part.reason;
    case 'text':
      return (await readText(part.target)) === null ? null : `is kept as you have it in ${part.target}`;
    case 'folder':
      return (await lstat(part.target).catch(() => null)) ? `is kept as you have it in ${part.target}` : null;
    case 'config':
      return part.keys.some(({ path: key }) => config.has(part.target, key)) ? 'is kept as you have it' : null;
  }
}

/** Call only where there is no `obstacle`. Throws an error with words for the user; then nothing is left behind. */
export async function takeOver(part: Exclude<Part, { type: 'refused' }>, config: ConfigPort): Promise<void> {
  switch (part.type) {
    case 'text':
      await mkdir(path.dirname(part.target), { recursive: true });
      // An empty file is none.
      await rm(part.target, { force: true });
      return writeFile(part.target, part.text.endsWith('\n') ? part.text : `${part.text}\n`, { flag: 'wx' });
    case 'folder':
      return copyFolder(part.source, part.target);
    case 'config':
      return config.write(part.target, part.keys);
  }
}

async function copyFolder(source: string, target: string): Promise<void> {
  const from = await realpath(source);
  await checkSize(from);
  await mkdir(path.dirname(target), { recursive: true });
  const beside = `${target}.${randomUUID()}.tmp`;
  try {
    await cp(from, beside, { recursive: true, verbatimSymlinks: true, filter: (file) => staysInside(file, from) });
    await rename(beside, target);
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    throw error;
  }
}

/** A link that leads out of a skill would lead out of its copy, too. */
async function staysInside(file: string, folder: string): Promise<boolean> {
  if (!(await lstat(file)).isSymbolicLink()) return true;
  const target = await realpath(file).catch(() => '');
  return target.startsWith(folder + path.sep);
}

async function checkSize(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  let bytes = 0;
  for (const name of names) bytes += (await stat(path.join(folder, name)).catch(() => null))?.size ?? 0;
  if (names.length > MOST_FILES || bytes > MOST_BYTES) {
    throw new Error(`it has ${names.length} files of ${Math.ceil(bytes / 1024 / 1024)} MB together: copy it by hand`);
  }
}
