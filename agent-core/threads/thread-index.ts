/** Summaries of all threads on disk, always as their files are now. */
import type { SummaryCache } from './summary-cache.ts';
import { isSystemError, statOrNull } from './system-error.ts';
import type { ThreadFiles } from './thread-files.ts';
import type { ThreadPaths, ThreadPlace } from './thread-paths.ts';
import { type StoredSummary, summarize, type ThreadSummary } from './thread-summary.ts';

export type ThreadIndex = {
  /** Looks at the time and size of every file first, unless `isQuick`. Throws what the file system throws. */
  all(archived: boolean, isQuick?: boolean): ThreadSummary[];
  /** Null for a file that is gone or unreadable. */
  one(place: ThreadPlace): ThreadSummary | null;
  /** The threads whose files refer to this one's. */
  forksOf(threadId: string): ThreadPlace[];
  close(): void;
};

export function createThreadIndex(paths: ThreadPaths, files: ThreadFiles, cache: SummaryCache): ThreadIndex {
  const rows = new Map<string, StoredSummary>();
  let isLoaded = false;

  const load = (): void => {
    if (isLoaded) return;
    isLoaded = true;
    for (const row of cache.load()) rows.set(row.path, row);
  };

  /** The row of a file, and whether it had to be made anew. */
  const look = (place: ThreadPlace): { row: StoredSummary; isNew: boolean } | null => {
    const stat = statOrNull(place.path);
    if (!stat) return null;
    const known = rows.get(place.path);
    if (known && known.size === stat.size && known.mtimeMs === stat.mtimeMs) return { row: known, isNew: false };
    try {
      const row = summarize(place, files, known);
      rows.set(place.path, row);
      return { row, isNew: true };
    } catch (error) {
      if (!isSystemError(error)) throw error;
      rows.delete(place.path);
      return null;
    }
  };

  const sync = (archived: boolean): void => {
    const changed: StoredSummary[] = [];
    const seen = new Set<string>();
    for (const place of paths.all(archived)) {
      const found = look(place);
      if (!found) continue;
      seen.add(place.path);
      if (found.isNew) changed.push(found.row);
    }
    const gone: string[] = [];
    for (const row of rows.values()) if (row.archived === archived && !seen.has(row.path)) gone.push(row.path);
    for (const path of gone) rows.delete(path);
    cache.save(changed, gone);
  };

  const all = (archived: boolean, isQuick = false): StoredSummary[] => {
    const isFirst = !isLoaded;
    load();
    if (!isQuick || isFirst) sync(archived);
    return [...rows.values()].filter((row) => row.archived === archived);
  };

  return {
    all,
    one(place) {
      return look(place)?.row ?? null;
    },
    forksOf: (threadId) =>
      [...all(false), ...all(true)].filter(
        ({ meta }) => meta?.base?.threadId === threadId && meta.base.lastTurnId !== null,
      ),
    close: () => cache.close(),
  };
}
