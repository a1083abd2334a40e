/** The folder of a store: a bare-bones git folder of our own, whose settings are all written down in it. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Git, GitPlace } from './git.ts';
import { doubted, type IndexEntry, readIndex, writeIndex } from './git-index.ts';
import { rulesAbove, storesPlainBytes, type UserRepository } from './user-repository.ts';

export const storeKey = (root: string): string => createHash('sha256').update(root).digest('hex').slice(0, 32);

const CONFIG = `[core]
	repositoryformatversion = 0
	bare = false
	filemode = ${process.platform !== 'win32'}
	symlinks = ${process.platform !== 'win32'}
	ignorecase = ${process.platform === 'win32' || process.platform === 'darwin'}
	autocrlf = false
	safecrlf = false
	fsmonitor = false
	fsync = none
	compression = 1
	quotepath = false
	longpaths = true
	hookspath = ${process.platform === 'win32' ? 'NUL' : '/dev/null'}
	excludesfile = ${process.platform === 'win32' ? 'NUL' : '/dev/null'}
	attributesfile = ${process.platform === 'win32' ? 'NUL' : '/dev/null'}
	bigfilethreshold = 512m
[gc]
	auto = 0
[pack]
	threads = 1
	window = 0
`;
/** Whatever the attributes of the workspace say, the bytes of files are kept as they are. */
const ATTRIBUTES = '* -text -eol -crlf -filter -ident -working-tree-encoding -diff -merge\n';

function writeOnce(file: string, text: string): void {
  let known = '';
  try {
    known = readFileSync(file, 'utf8');
  } catch {
    // It is not there yet.
  }
  if (known === text) return;
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export const indexOf = ({ folder }: GitPlace): string => path.join(folder, 'index');
export const alternatesOf = ({ folder }: GitPlace): string => path.join(folder, 'objects', 'info', 'alternates');
/** Rules that hold also where ignored files are kept. */
export const alwaysOf = ({ folder }: GitPlace): string => path.join(folder, 'info', 'always');

/** Makes the folder or mends it; `home` is never kept in a snapshot. Called with the store locked. */
export function prepareFolder(place: GitPlace, home: string, repository: UserRepository | null): void {
  for (const name of ['objects/info', 'objects/pack', 'refs', 'info'])
    mkdirSync(path.join(place.folder, name), { recursive: true, mode: 0o700 });
  writeOnce(path.join(place.folder, 'HEAD'), 'ref: refs/heads/none\n');
  writeOnce(path.join(place.folder, 'config'), CONFIG);
  writeOnce(path.join(place.folder, 'info', 'attributes'), ATTRIBUTES);
  writeOnce(path.join(place.folder, 'info', 'exclude'), `${rulesAbove(place.workTree, repository).join('\n')}\n`);
  const toHome = path.relative(place.workTree, home);
  const holdsHome = toHome !== '' && !toHome.startsWith('..') && !path.isAbsolute(toHome);
  writeOnce(alwaysOf(place), holdsHome ? `/${toHome.replaceAll(path.sep, '/')}/\n` : '\n');
  writeOnce(path.join(place.folder, 'root'), `${place.workTree}\n`);
  // We hold the store's lock: what git left here was left by a process that was killed.
  rmSync(path.join(place.folder, 'index.lock'), { force: true });
}

/** What git says of objects: their size, null where there is none. In the order of `ids`. */
async function sizesOf(git: Git, place: GitPlace, ids: readonly string[]): Promise<(number | null)[]> {
  const input = `${ids.join('\n')}\n`;
  const out = await git.run(place, ['cat-file', '--batch-check=%(objectname) %(objectsize)', '--buffer'], { input });
  return out
    .toString('latin1')
    .trimEnd()
    .split('\n')
    .map((line) => (/ \d+$/.test(line) ? Number(line.slice(line.lastIndexOf(' ') + 1)) : null));
}

/**
 * Begins our index with what the user's has, and borrows the objects of their repository. Only for files whose object has
 * the very size of the file: what was converted on its way into the repository is read anew. Does nothing when there is
 * nothing to begin with.
 */
export async function seedIndex(git: Git, place: GitPlace, { root, ...repository }: UserRepository): Promise<void> {
  const [bytes, info] = await Promise.all([
    readFile(repository.index).catch(() => null),
    stat(repository.index, { bigint: true }).catch(() => null),
  ]);
  const all = bytes && readIndex(bytes);
  if (!all || !info) return;
  const attributes = all.filter(({ path: file }) => /(^|\/)\.gitattributes$/.test(file)).map(({ path: file }) => file);
  if (!storesPlainBytes({ root, ...repository }, attributes)) return;
  const prefix = path.relative(root, place.workTree).replaceAll(path.sep, '/');
  const below = prefix === '' ? '' : `${prefix}/`;
  const mine = all.flatMap((entry): IndexEntry[] => {
    if (!entry.path.startsWith(below)) return [];
    // Changed at the very time the index was written: git itself looks again, and ours is written later.
    const own = { ...entry, path: entry.path.slice(below.length) };
    return [own.mtimeNs >= info.mtimeNs ? doubted(own) : own];
  });
  if (mine.length === 0) return;
  writeOnce(alternatesOf(place), `${path.join(repository.common, 'objects')}\n`);
  const sizes = await sizesOf(
    git,
    place,
    mine.map(({ id }) => id),
  );
  const same = mine.filter(({ size }, at) => sizes[at] === size || (size === 0 && sizes[at] !== null));
  const file = indexOf(place);
  writeFileSync(`${file}.new`, writeIndex(same), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** So that the next snapshot reads every file anew. What was borrowed stays: earlier snapshots may need it. */
export const forgetIndex = (place: GitPlace): void => rmSync(indexOf(place), { force: true });

export const hasIndex = (place: GitPlace): boolean => existsSync(indexOf(place));
