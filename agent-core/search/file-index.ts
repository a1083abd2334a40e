/** Paths below some folders, ranked by how well they match what a person typed. */
import uFuzzy from '@leeoniya/ufuzzy';
import type { FuzzyFileSearchResult } from '../protocol/index.ts';

/** How many matches an answer holds. */
const MATCH_LIMIT = 50;

export type FileIndex = {
  /** `files` are relative to `root`, with `/`; their folders are found too. */
  add(root: string, files: readonly string[]): void;
  /** The best matches first; none for an empty query. Characters need not be next to each other. */
  search(query: string): FuzzyFileSearchResult[];
};

type Entry = { root: string; isFolder: boolean };

const nameStart = (path: string): number => path.lastIndexOf('/') + 1;

/** Every position that a match covers, from uFuzzy's pairs of start and end. */
function positions(ranges: readonly number[]): number[] {
  const all: number[] = [];
  for (let pair = 0; pair < ranges.length; pair += 2) {
    for (let at = ranges[pair] ?? 0; at < (ranges[pair + 1] ?? 0); at++) all.push(at);
  }
  return all;
}

/**
 * What people mean by a few letters of a path: mostly letters of the name, in one piece, at the start of a word.
 * The greater, the better; 0 at least.
 */
function rate(info: uFuzzy.Info, index: number, path: string, query: string): number {
  const start = info.start[index] ?? 0;
  const name = nameStart(path);
  let score = 10_000;
  if (start >= name) score += 4000;
  if (start === name) score += 2000;
  if (path.slice(name) === query) score += 4000;
  score -= 40 * ((info.intraIns[index] ?? 0) + Math.min(20, info.interIns[index] ?? 0));
  score += 200 * ((info.interLft2[index] ?? 0) + (info.interLft1[index] ?? 0));
  score -= Math.min(1000, 4 * path.length);
  return Math.max(0, score);
}

export function createFileIndex(): FileIndex {
  const paths: string[] = [];
  const entries: Entry[] = [];
  const folders = new Set<string>();
  const matcher = new uFuzzy({
    unicode: true,
    interSplit: "[^\\p{L}\\d']+",
    intraSplit: '\\p{Ll}\\p{Lu}',
    intraBound: '\\p{L}\\d|\\d\\p{L}|\\p{Ll}\\p{Lu}',
    intraChars: '.',
    intraIns: Number.POSITIVE_INFINITY,
    intraContr: "'\\p{L}{1,2}\\b",
  });

  const push = (path: string, entry: Entry) => {
    paths.push(path);
    entries.push(entry);
  };

  return {
    add(root, files) {
      for (const file of files) {
        push(file, { root, isFolder: false });
        for (let end = file.lastIndexOf('/'); end > 0; end = file.lastIndexOf('/', end - 1)) {
          const folder = file.slice(0, end);
          const key = `${root}\0${folder}`;
          // Whose folder is known, so are those above it.
          if (folders.has(key)) break;
          folders.add(key);
          push(folder, { root, isFolder: true });
        }
      }
    },

    search(query) {
      const needle = query.trim();
      // uFuzzy takes a query without a letter or a digit for an empty one.
      if (!/[\p{L}\d]/u.test(needle)) return [];
      const found = matcher.filter(paths, needle);
      if (!found || found.length === 0) return [];
      const info = matcher.info(found, paths, needle);
      return info.idx
        .map((at, index) => ({ at, index, score: rate(info, index, paths[at] ?? '', needle) }))
        .sort((a, b) => b.score - a.score || ((paths[a.at] ?? '') < (paths[b.at] ?? '') ? -1 : 1))
        .slice(0, MATCH_LIMIT)
        .map(({ at, index, score }) => {
          const path = paths[at] ?? '';
          const entry = entries[at];
          return {
            root: entry?.root ?? '',
            path,
            match_type: entry?.isFolder ? 'directory' : 'file',
            file_name: path.slice(nameStart(path)),
            score,
            indices: positions(info.ranges[index] ?? []),
          };
        });
    },
  };
}
