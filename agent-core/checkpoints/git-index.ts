/**
 * Git's index file, read and written: so that our own index can begin with what the user's git knows of the files (which
 * of them are as they were, by time and size), and the first snapshot reads only what is new. (pure)
 */
import { createHash } from 'node:crypto';

export type IndexEntry = {
  /** As stored: times, device, inode, mode, owner, size; 40 bytes. */
  stat: Buffer;
  mode: number;
  size: number;
  /** Changed last, in nanoseconds. */
  mtimeNs: bigint;
  id: string;
  path: string;
};

const HEADER = 12;
const STAT = 40;
const ID = 20;
const MAX_NAME = 0xfff;
const ASSUME_VALID = 0x8000;
const EXTENDED = 0x4000;
const STAGE = 0x3000;

/** Prefix-compressed names (version 4) count back with a number of this form. */
function readVarint(bytes: Buffer, at: number): { value: number; next: number } {
  let byte = bytes[at++] ?? 0;
  let value = byte & 0x7f;
  while (byte & 0x80) {
    byte = bytes[at++] ?? 0;
    value = ((value + 1) << 7) | (byte & 0x7f);
  }
  return { value, next: at };
}

/**
 * Regular files and links that are plainly tracked; conflicts, submodules, files left out by a sparse checkout and those
 * that git was told not to look at are passed over. Null when the bytes are no index that is understood.
 */
export function readIndex(bytes: Buffer): IndexEntry[] | null {
  if (bytes.length < HEADER + ID || bytes.toString('latin1', 0, 4) !== 'DIRC') return null;
  const version = bytes.readUInt32BE(4);
  if (version < 2 || version > 4) return null;
  const count = bytes.readUInt32BE(8);
  const entries: IndexEntry[] = [];
  let at = HEADER;
  let before: Buffer = Buffer.alloc(0);
  for (let index = 0; index < count; index++) {
    const start = at;
    if (start + STAT + ID + 2 > bytes.length) return null;
    const flags = bytes.readUInt16BE(start + STAT + ID);
    at = start + STAT + ID + 2 + (flags & EXTENDED ? 2 : 0);
    let name: Buffer;
    if (version === 4) {
      const { value, next } = readVarint(bytes, at);
      const end = bytes.indexOf(0, next);
      if (end < 0 || value > before.length) return null;
      name = Buffer.concat([before.subarray(0, before.length - value), bytes.subarray(next, end)]);
      at = end + 1;
    } else {
      const end = bytes.indexOf(0, at);
      if (end < 0) return null;
      name = bytes.subarray(at, end);
      at = start + ((end - start + 8) & ~7);
    }
    before = name;
    const mode = bytes.readUInt32BE(start + 24);
    const kind = mode >>> 12;
    if ((kind !== 0o10 && kind !== 0o12) || flags & (ASSUME_VALID | STAGE | EXTENDED)) continue;
    entries.push({
      stat: bytes.subarray(start, start + STAT),
      mode,
      size: bytes.readUInt32BE(start + 36),
      mtimeNs: BigInt(bytes.readUInt32BE(start + 8)) * 1_000_000_000n + BigInt(bytes.readUInt32BE(start + 12)),
      id: bytes.toString('hex', start + STAT, start + STAT + ID),
      path: name.toString('utf8'),
    });
  }
  // A split index keeps its entries in another file.
  return bytes.indexOf('link', at, 'latin1') === at ? null : entries;
}

/** Version 2; `entries` in any order. */
export function writeIndex(entries: readonly IndexEntry[]): Buffer {
  const named = entries.map((entry) => ({ entry, name: Buffer.from(entry.path, 'utf8') }));
  named.sort((a, b) => Buffer.compare(a.name, b.name));
  const head = Buffer.alloc(HEADER);
  head.write('DIRC', 0, 'latin1');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(named.length, 8);
  const parts = [head];
  for (const { entry, name } of named) {
    const size = (STAT + ID + 2 + name.length + 8) & ~7;
    const bytes = Buffer.alloc(size);
    entry.stat.copy(bytes, 0);
    bytes.write(entry.id, STAT, 'hex');
    bytes.writeUInt16BE(Math.min(name.length, MAX_NAME), STAT + ID);
    name.copy(bytes, STAT + ID + 2);
    parts.push(bytes);
  }
  const body = Buffer.concat(parts);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

/** The same file, of which git shall not believe by its times that it is unchanged. */
export function doubted(entry: IndexEntry): IndexEntry {
  const stat = Buffer.from(entry.stat);
  stat.writeUInt32BE(0, 36);
  return { ...entry, stat, size: 0 };
}
