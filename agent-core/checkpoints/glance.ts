/**
 * A snapshot that leaves git's index alone: what the index says, and over it the few files that changed since, read and
 * kept here. Looking after each command costs one listing by git this way, and no index is written anew for it.
 */
import type { BigIntStats } from 'node:fs';
import path from 'node:path';
import { type Entry, readDisk } from './entry.ts';
import type { GitPlace } from './git.ts';
import { createLinkCheck, lookAt } from './links.ts';
import { type Listed, type ListOptions, listChanged } from './listing.ts';
import { putBlob } from './loose.ts';

/** A file as it was read last. */
export type Seen = {
  /** Null: not there, or not kept. */
  entry: Entry | null;
  /** What would be another had the file changed; '' of what is not there. */
  sign: string;
  /** When it was read, by our clock; in milliseconds. */
  atMs: number;
  /** Not in the index. */
  isOther: boolean;
  /** Too large, or unreadable. */
  isDropped: boolean;
};

/** By names as git writes them. */
export type Over = ReadonlyMap<string, Seen>;

export type Glance = { over: Over; nested: string[]; notCovered: string[] };

export type GlanceOptions = ListOptions & { maxFileSize: number };

/** With more files or bytes than this, git takes them into its index. */
export const MANY = 300;
const MUCH = 16n * 1024n * 1024n;
/** A file that changed this shortly before it was read may have changed again unseen: some clocks tick every two seconds. */
const UNSURE_MS = 3000;

const signOf = (info: BigIntStats): string =>
  `${info.dev}:${info.ino}:${info.mode}:${info.size}:${info.mtimeNs}:${info.ctimeNs}`;

const isUnsure = (info: BigIntStats, { atMs }: Seen): boolean =>
  Math.max(Number(info.mtimeMs), Number(info.ctimeMs)) > atMs - UNSURE_MS;

/** What git lists, and what it lists no more because a rule ignores it now: that was seen, and is still kept. */
function namesOf(place: GitPlace, { tracked, others, nested }: Listed, before: Over): Map<string, boolean> {
  const names = new Map<string, boolean>();
  for (const name of tracked) names.set(name, false);
  for (const name of others) names.set(name, true);
  for (const [name, { isOther, entry }] of before) {
    const file = path.join(place.workTree, name);
    if (isOther && entry && !nested.some((folder) => file.startsWith(folder))) names.set(name, true);
  }
  return names;
}

/**
 * `before` is what the last glance at the same index gave, empty right after that was written. Null: it is too much, or not
 * to be told in this way, and git shall take it into its index. Throws `GitError`, and when the disk refuses.
 */
export async function glance(options: GlanceOptions, before: Over): Promise<Glance | null> {
  const { place, maxFileSize } = options;
  const listed = await listChanged(options);
  const names = namesOf(place, listed, before);
  if (names.size > MANY) return null;
  const isBehindLink = createLinkCheck(place.workTree);
  const over = new Map<string, Seen>();
  let bytesRead = 0n;
  for (const [name, isOther] of names) {
    const file = path.join(place.workTree, name);
    const atMs = Date.now();
    const info = (await isBehindLink(name)) ? null : await lookAt(file);
    const was = before.get(name);
    const gone = { entry: null, sign: '', atMs, isOther, isDropped: false };
    if (!info) {
      over.set(name, gone);
      continue;
    }
    // A link in a folder's place: git may find the folder's files behind it, and not list them as gone.
    if (info.isSymbolicLink() && isOther && was?.entry?.mode !== '120000') return null;
    const sign = signOf(info);
    if (was && was.sign === sign && !isUnsure(info, was)) {
      over.set(name, { ...was, isOther });
      continue;
    }
    if (info.isFile()) bytesRead += info.size;
    if (bytesRead > MUCH) return null;
    const found = await readDisk(file, maxFileSize);
    if (found.type === 'file') await putBlob(place, found.entry.id, found.bytes);
    over.set(name, {
      ...gone,
      entry: found.type === 'file' ? found.entry : null,
      sign,
      isDropped: found.type === 'tooLarge' || found.type === 'unreadable',
    });
  }
  const dropped = [...over].filter(([, { isDropped }]) => isDropped);
  return { over, nested: listed.nested, notCovered: dropped.map(([name]) => path.join(place.workTree, name)) };
}
