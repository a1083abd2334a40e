/** One snapshot of one working tree, without those of other repositories in it. The store is locked meanwhile. */
import { constants } from 'node:fs';
import { access, lstat, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Git, GitError, type GitPlace } from './git.ts';
import { alwaysOf, forgetIndex, hasIndex, indexOf, prepareFolder, seedIndex } from './store-files.ts';
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

/** The last tree, and the index that it was written from: as long as that is the same, so is the tree. */
export type TreeMemory = { stamp: string; tree: string } | null;

/** More new files than this go into a pack: one by one, each would be a file of its own. */
const BULK = 300;
const CHUNK_FILES = 32;

type Listed = { files: string[]; nested: string[] };

async function list({ git, place, includeIgnored, signal }: TakeOptions): Promise<Listed> {
  const rules = includeIgnored ? [] : ['--exclude-standard'];
  const args = ['ls-files', '-z', '-o', '-m', '-d', ...rules, `--exclude-from=${alwaysOf(place)}`];
  const out = await git.run(place, args, { signal });
  const names = new Set(out.toString('utf8').split('\0'));
  names.delete('');
  const files: string[] = [];
  const nested: string[] = [];
  for (const name of names) {
    if (name.endsWith('/')) nested.push(path.join(place.workTree, name));
    else files.push(name);
  }
  return { files, nested };
}

type Sorted = { kept: string[]; dropped: string[] };

/** Which files can be kept; what is gone is kept as being gone. */
async function sortOut({ place, maxFileSize }: TakeOptions, files: readonly string[]): Promise<Sorted> {
  const kept: string[] = [];
  const dropped: string[] = [];
  const look = async (name: string): Promise<void> => {
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
  return { kept, dropped };
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
  if (kept.length > BULK) {
    await git.run(place, ['fast-import', '--quiet', '--depth=0'], { input: blobs(place.workTree, kept), signal });
  }
  const input = zeros(kept);
  await git.run(place, ['update-index', '-z', '--add', '--remove', '--replace', '--stdin'], { input, signal });
}

async function stampOf(place: GitPlace): Promise<string> {
  const info = await stat(indexOf(place), { bigint: true }).catch(() => null);
  return info ? `${info.ino}:${info.size}:${info.mtimeNs}` : '';
}

async function once(options: TakeOptions, memory: TreeMemory): Promise<{ taken: Taken; memory: TreeMemory }> {
  const { git, place, signal } = options;
  const { files, nested } = await list(options);
  const { kept, dropped } = await sortOut(options, files);
  if (kept.length > 0) await add(options, kept);
  // What has grown too large since: its former text must not pass for what it was before the next change.
  if (dropped.length > 0 && hasIndex(place)) {
    await git.run(place, ['update-index', '-z', '--force-remove', '--stdin'], { input: zeros(dropped), signal });
  }
  const notCovered = dropped.map((name) => path.join(place.workTree, name));
  const stamp = await stampOf(place);
  const isSame = memory !== null && stamp !== '' && memory.stamp === stamp;
  const tree = isSame ? memory.tree : (await git.run(place, ['write-tree'], { signal })).toString('latin1').trim();
  return { taken: { tree, nested, notCovered }, memory: { stamp: await stampOf(place), tree } };
}

/** Throws `GitError`. */
export async function takeTree(
  options: TakeOptions,
  memory: TreeMemory,
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
    return once(options, null);
  }
}
