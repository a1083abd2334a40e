/** One snapshot of one working tree, without those of other repositories in it. The store is locked meanwhile. */
import { constants } from 'node:fs';
import { access, lstat, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Git, GitError, type GitPlace } from './git.ts';
import { glance, MANY, type Over } from './glance.ts';
import { createLinkCheck } from './links.ts';
import { type Listed, listWide } from './listing.ts';
import { forgetIndex, hasIndex, indexOf, prepareFolder, seedIndex } from './store-files.ts';
import { userRepositoryOf } from './user-repository.ts';

export type TakeOptions = {
  git: Git;
  place: GitPlace;
  /** Gantry's own folder. */
  home: string;
  includeIgnored: boolean;
  maxFileSize: number;
  signal?: AbortSignal | undefined;
};

export type Taken = {
  tree: string;
  /** Other repositories in it; absolute. */
  nested: string[];
  /** Files that are in no snapshot, for their size or because they cannot be read; absolute. */
  notCovered: string[];
};

/**
 * The last tree, the index that it was written from (as long as that is the same, so is the tree), and what was seen to
 * differ from both since.
 */
export type TreeMemory = { stamp: string; tree: string; over: Over };

const CHUNK_FILES = 32;
const NOTHING: Over = new Map();

/** Throws `GitError`. */
async function list(options: TakeOptions, over: Over): Promise<{ files: string[]; nested: string[] }> {
  const { git, place, signal } = options;
  let listed: Listed = await listWide(options);
  if (listed.tracked.size > MANY) {
    // Many whose bytes may be the same, as after a checkout to and fro. That it ends with 1 means that not all were.
    await git.run(place, ['update-index', '-q', '--refresh'], { signal }).catch((error: unknown) => {
      if (signal?.aborted) throw error;
    });
    listed = await listWide(options);
  }
  const { tracked, others, nested } = listed;
  // What was seen stays, also when a rule ignores it now.
  const seen = [...over].flatMap(([name, { isOther, entry }]) => {
    const file = path.join(place.workTree, name);
    return isOther && entry && !nested.some((folder) => file.startsWith(folder)) ? [name] : [];
  });
  return { files: [...new Set([...tracked, ...others, ...seen])], nested };
}

/** `lost` are behind a link that came into a folder's place. */
type Sorted = { kept: string[]; dropped: string[]; lost: string[] };

/** Which files can be kept; what is gone is kept as being gone. */
async function sortOut({ place, maxFileSize }: TakeOptions, files: readonly string[]): Promise<Sorted> {
  const kept: string[] = [];
  const dropped: string[] = [];
  const lost: string[] = [];
  const isBehindLink = createLinkCheck(place.workTree);
  const look = async (name: string): Promise<void> => {
    if (await isBehindLink(name)) return void lost.push(name);
    const file = path.join(place.workTree, name);
    const info = await lstat(file).catch(() => null);
    const isFine =
      info === null ||
      info.isSymbolicLink() ||
      (info.size <= maxFileSize &&
        (await access(file, constants.R_OK).then(
          () => true,
          () => false,
        )));
    (isFine ? kept : dropped).push(name);
  };
  for (let at = 0; at < files.length; at += 256) await Promise.all(files.slice(at, at + 256).map(look));
  return { kept, dropped, lost };
}

async function* blobs(workTree: string, names: readonly string[]): AsyncGenerator<Buffer> {
  for (let at = 0; at < names.length; at += CHUNK_FILES) {
    const files = names.slice(at, at + CHUNK_FILES).map(async (name) => {
      const file = path.join(workTree, name);
      const info = await lstat(file).catch(() => null);
      return info?.isFile() ? readFile(file).catch(() => null) : null;
    });
    for (const bytes of await Promise.all(files)) {
      if (bytes) yield Buffer.concat([Buffer.from(`blob\ndata ${bytes.length}\n`), bytes, Buffer.from('\n')]);
    }
  }
}

const zeros = (names: readonly string[]): string => names.map((name) => `${name}\0`).join('');

async function add({ git, place, signal }: TakeOptions, kept: readonly string[]): Promise<void> {
  if (kept.length > MANY) {
    await git.run(place, ['fast-import', '--quiet', '--depth=0'], { input: blobs(place.workTree, kept), signal });
  }
  const input = zeros(kept);
  await git.run(place, ['update-index', '-z', '--add', '--remove', '--replace', '--stdin'], { input, signal });
}

async function stampOf(place: GitPlace): Promise<string> {
  const info = await stat(indexOf(place), { bigint: true }).catch(() => null);
  return info ? `${info.ino}:${info.size}:${info.mtimeNs}` : '';
}

async function once(options: TakeOptions, memory: TreeMemory | null): Promise<{ taken: Taken; memory: TreeMemory }> {
  const { git, place, signal } = options;
  const { files, nested } = await list(options, memory?.over ?? NOTHING);
  const { kept, dropped, lost } = await sortOut(options, files);
  // What has grown too large since: its former text must not pass for what it was before the next change.
  const removed = [...dropped, ...lost];
  if (removed.length > 0 && hasIndex(place)) {
    await git.run(place, ['update-index', '-z', '--force-remove', '--stdin'], { input: zeros(removed), signal });
  }
  if (kept.length > 0) await add(options, kept);
  const notCovered = dropped.map((name) => path.join(place.workTree, name));
  const stamp = await stampOf(place);
  const isSame = memory !== null && stamp !== '' && memory.stamp === stamp;
  const tree = isSame ? memory.tree : (await git.run(place, ['write-tree'], { signal })).toString('latin1').trim();
  return { taken: { tree, nested, notCovered }, memory: { stamp: await stampOf(place), tree, over: NOTHING } };
}

/** Throws `GitError`. */
export async function takeTree(
  options: TakeOptions,
  memory: TreeMemory | null,
): Promise<{ taken: Taken; memory: TreeMemory }> {
  const { git, place, home, signal } = options;
  const repository = userRepositoryOf(place.workTree);
  prepareFolder(place, home, repository);
  if (!hasIndex(place) && repository) await seedIndex(git, place, repository);
  try {
    return await once(options, memory);
  } catch (error) {
    if (!(error instanceof GitError) || signal?.aborted) throw error;
    // A file that went away meanwhile, an index that is broken, objects of a repository that is no more.
    forgetIndex(place);
    return once(options, memory && { ...memory, stamp: '' });
  }
}

/**
 * The same without a tree of its own: `memory.over` says what differs from `tree`. Where that cannot be told, a whole
 * snapshot is taken. Throws `GitError`.
 */
export async function glanceAt(
  options: TakeOptions,
  memory: TreeMemory | null,
): Promise<{ taken: Taken; memory: TreeMemory }> {
  const { place, home, signal } = options;
  const isSame = memory !== null && memory.stamp !== '' && memory.stamp === (await stampOf(place));
  if (!isSame) return takeTree(options, memory);
  prepareFolder(place, home, userRepositoryOf(place.workTree));
  try {
    const seen = await glance(options, memory.over);
    if (seen === null) return takeTree(options, memory);
    const { over, nested, notCovered } = seen;
    return { taken: { tree: memory.tree, nested, notCovered }, memory: { ...memory, over } };
  } catch (error) {
    if (signal?.aborted) throw error;
    return takeTree(options, memory);
  }
}
