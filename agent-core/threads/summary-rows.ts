/** What the index knows of threads' files; in SQLite, or in memory where there is none. */
import { selectThreads, type ThreadQuery } from './thread-list.ts';
import type { ThreadPlace } from './thread-paths.ts';
import type { StoredSummary } from './thread-summary.ts';

export type FileState = { path: string; archived: boolean; size: number; mtimeMs: number };

export type Changes = {
  rows?: readonly StoredSummary[];
  gone?: readonly string[];
  /** Folders as they were when they were read; null: to be read again. */
  folders?: readonly { path: string; archived: boolean; mtimeMs: number | null }[];
};

/** Contract: the one in SQLite throws what SQLite throws; the one in memory never throws. */
export type SummaryRows = {
  get(path: string): StoredSummary | null;
  /** The threads of a page, in order, and one more when there are more. */
  select(query: ThreadQuery): StoredSummary[];
  /** The threads whose files refer to this one's. */
  forksOf(threadId: string): ThreadPlace[];
  /** The files that bear the thread's name: usually one. */
  filesOf(threadId: string): FileState[];
  count(): number;
  /** Some of the files behind `path`, in order; none at the end. */
  after(path: string): FileState[];
  inFolder(folder: string): Map<string, FileState>;
  /** The folders that were read, with their times then. */
  folders(archived: boolean): Map<string, number | null>;
  /** All of it or nothing. */
  save(changes: Changes): void;
};

/** The thread that a fork refers to; null for any other. */
export const baseOf = ({ meta }: StoredSummary): string | null =>
  meta?.base && meta.base.lastTurnId !== null ? meta.base.threadId : null;

export const folderOf = (file: string): string =>
  file.slice(0, Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')));

export function createMemoryRows(): SummaryRows {
  const rows = new Map<string, StoredSummary>();
  const read = new Map<string, { archived: boolean; mtimeMs: number | null }>();
  return {
    get: (path) => rows.get(path) ?? null,
    select: (query) =>
      selectThreads(
        [...rows.values()].filter(({ archived }) => archived === query.archived),
        query,
      ),
    forksOf: (threadId) => [...rows.values()].filter((row) => baseOf(row) === threadId),
    filesOf: (threadId) => [...rows.values()].filter((row) => row.threadId === threadId),
    count: () => rows.size,
    after: (path) => (path === '' ? [...rows.values()].sort((a, b) => (a.path < b.path ? -1 : 1)) : []),
    inFolder: (folder) => new Map([...rows].filter(([path]) => folderOf(path) === folder)),
    folders: (archived) =>
      new Map([...read].flatMap(([path, one]) => (one.archived === archived ? [[path, one.mtimeMs] as const] : []))),
    save({ rows: changed = [], gone = [], folders = [] }) {
      for (const row of changed) rows.set(row.path, row);
      for (const path of gone) rows.delete(path);
      for (const { path, ...one } of folders) read.set(path, one);
    },
  };
}
