/** Which files are not as the index says, as git finds them by time and size. */
import { statSync } from 'node:fs';
import path from 'node:path';
import type { Git, GitPlace } from './git.ts';
import { alwaysOf, indexOf } from './store-files.ts';

export type ListOptions = {
  git: Git;
  place: GitPlace;
  includeIgnored: boolean;
  signal?: AbortSignal | undefined;
};

/** Names as git writes them, relative to the folder that is kept. */
export type Listed = {
  /** In the index, and changed or gone. */
  tracked: Set<string>;
  /** In the folder only. */
  others: Set<string>;
  /** Other repositories; absolute, ending in a separator. */
  nested: string[];
};

/** From some ten thousand files on it pays to look at those that are known and for those that are not at the same time. */
const LARGE_INDEX = 1024 * 1024;

export const isLarge = (place: GitPlace): boolean =>
  (statSync(indexOf(place), { throwIfNoEntry: false })?.size ?? 0) > LARGE_INDEX;

const namesIn = (out: Buffer): string[] => out.toString('utf8').split('\0').filter(Boolean);

function sorted(place: GitPlace, tracked: readonly string[], others: readonly string[]): Listed {
  const isNested = (name: string): boolean => name.endsWith('/');
  return {
    tracked: new Set(tracked),
    others: new Set(others.filter((name) => !isNested(name))),
    nested: others.filter(isNested).map((name) => path.join(place.workTree, name)),
  };
}

const otherArgs = ({ place, includeIgnored }: ListOptions): string[] => [
  ...(includeIgnored ? [] : ['--exclude-standard']),
  `--exclude-from=${alwaysOf(place)}`,
];

/**
 * Two processes at a time, of which the first uses all processors. Files with another time and the same bytes are among the
 * changed: taken in, they are not read again the next time. Throws `GitError`.
 */
export async function listWide(options: ListOptions): Promise<Listed> {
  const { git, place, signal } = options;
  const [tracked, others] = await Promise.all([
    git.run(place, ['diff-files', '--name-only', '-z', '--no-ext-diff'], { signal }),
    git.run(place, ['ls-files', '-z', '-o', ...otherArgs(options)], { signal }),
  ]);
  return sorted(place, namesIn(tracked), namesIn(others));
}

/** The cheapest way, by the size of the index. Throws `GitError`. */
export async function listChanged(options: ListOptions): Promise<Listed> {
  const { git, place, signal } = options;
  if (isLarge(place)) return listWide(options);
  const out = await git.run(place, ['ls-files', '-z', '-t', '-o', '-m', '-d', ...otherArgs(options)], { signal });
  const [tracked, others]: [string[], string[]] = [[], []];
  for (const row of namesIn(out)) (row.startsWith('? ') ? others : tracked).push(row.slice(2));
  return sorted(place, tracked, others);
}
