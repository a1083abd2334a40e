/**
 * What the files that a hook runs held when the user trusted it, and whether they still do. Looked at before a run and
 * after it: an answer of a program that was another meanwhile is no answer.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type NamedWhere, namedFiles } from './named-files.ts';

/** More is no script, nor an interpreter. */
const MOST_BYTES = 256 * 1024 * 1024;

/** `hash` '' : it could not be read, and counts as changed. */
export type HookPin = { where: NamedWhere; files: readonly { path: string; hash: string }[] };

export function pinned(command: string, where: NamedWhere): HookPin {
  const { code, data } = namedFiles(command, where);
  return { where, files: [...code, ...data].sort().map((file) => ({ path: file, hash: look(file)?.hash ?? '' })) };
}

/** One look at what a hook consists of. */
export type HookSight = {
  /** A file that is another than it was when it was pinned, or is new to it; null: all is as it was. */
  changed: string | null;
  /** Which files these were: an exchange that was taken back shows in it. */
  identity: string;
};

export function sightOf(command: string, { where, files }: HookPin): HookSight {
  const before = new Map(files.map((file) => [file.path, file.hash]));
  // A file that is merely named may come and is none of the hook's; one that would be run or loaded is.
  const { code } = namedFiles(command, where);
  let changed: string | null = null;
  const seen: string[] = [];
  for (const file of new Set([...before.keys(), ...code])) {
    const now = look(file);
    seen.push(`${file} ${now?.identity}`);
    if (now === null || now.hash !== before.get(file)) changed ??= file;
  }
  return { changed, identity: seen.join('\n') };
}

/** Null when it cannot be told, or is too much to read each time. */
function look(file: string): { hash: string; identity: string } | null {
  try {
    const handle = openSync(file, 'r');
    try {
      const { dev, ino, ctimeNs, size, mode } = fstatSync(handle, { bigint: true });
      if (size > MOST_BYTES) return null;
      const hash = createHash('sha256');
      const chunk = Buffer.alloc(Math.min(Number(size) + 1, 1024 * 1024));
      for (let read = readSync(handle, chunk); read > 0; read = readSync(handle, chunk))
        hash.update(chunk.subarray(0, read));
      return { hash: hash.digest('hex'), identity: [dev, ino, ctimeNs, mode].join(':') };
    } finally {
      closeSync(handle);
    }
  } catch {
    return null;
  }
}
