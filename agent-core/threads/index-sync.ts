/** Brings what is known of threads up to what their files are. The files are the truth. */
import { readdirSync } from 'node:fs';
import type { FileState, SummaryRows } from './summary-rows.ts';
import { isSystemError, statOrNull } from './system-error.ts';
import type { ThreadFiles } from './thread-files.ts';
import { type ThreadPaths, type ThreadPlace, threadIdOf } from './thread-paths.ts';
import { type StoredSummary, summarize } from './thread-summary.ts';
import { isUuid } from './uuid.ts';

/** A folder that changed so lately may change once more within the same tick of its clock. */
const UNSETTLED_MS = 2000;

/** Contract: throws what the file system throws, and what `SummaryRows` throws. */
export type IndexSync = {
  /** The row of a file as it is now; null for a file that is gone or unreadable. Does not save it. */
  look(rows: SummaryRows, place: ThreadPlace): StoredSummary | null;
  /** Reads the folders that changed since they were read, or all of them: finds new and missing files. */
  folders(rows: SummaryRows, archived: boolean, all: boolean): void;
  /** Looks at the threads that some core has open, and may write to. */
  locked(rows: SummaryRows): void;
  /** Looks at files that are known; returns whether nothing had changed. */
  check(rows: SummaryRows, files: readonly FileState[]): boolean;
};

export function createIndexSync(paths: ThreadPaths, files: ThreadFiles, now: () => number): IndexSync {
  const summaryOrNull = (place: ThreadPlace, before: StoredSummary | null): StoredSummary | null => {
    try {
      return summarize(place, files, before ?? undefined);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return null;
    }
  };

  const look: IndexSync['look'] = (rows, place) => {
    const stat = statOrNull(place.path);
    if (!stat) return null;
    const known = rows.get(place.path);
    if (known && known.size === stat.size && known.mtimeMs === stat.mtimeMs) return known;
    return summaryOrNull(place, known);
  };

  /** Null: it is as it is known to be. */
  const changeOf = (rows: SummaryRows, place: ThreadPlace, known: FileState | undefined) => {
    const stat = statOrNull(place.path);
    if (known && stat && known.size === stat.size && known.mtimeMs === stat.mtimeMs) return null;
    return { row: stat && summaryOrNull(place, known ? rows.get(place.path) : null) };
  };

  const compare = (rows: SummaryRows, places: readonly ThreadPlace[], known: ReadonlyMap<string, FileState>) => {
    const changed: StoredSummary[] = [];
    const gone: string[] = [];
    for (const place of places) {
      const change = changeOf(rows, place, known.get(place.path));
      if (change?.row) changed.push(change.row);
      else if (change && known.has(place.path)) gone.push(place.path);
    }
    return { rows: changed, gone };
  };

  const readFolder = (rows: SummaryRows, folder: string, archived: boolean, mtimeMs: number): void => {
    // In this order: what comes into the folder meanwhile is not taken for something that left it.
    const known = rows.inFolder(folder);
    const places = paths.inFolder(folder, archived);
    const { rows: changed, gone } = compare(rows, places, known);
    const there = new Set(places.map((place) => place.path));
    gone.push(...[...known.keys()].filter((path) => !there.has(path)));
    const isSettled = now() - mtimeMs > UNSETTLED_MS;
    rows.save({ rows: changed, gone, folders: [{ path: folder, archived, mtimeMs: isSettled ? mtimeMs : null }] });
  };

  const check: IndexSync['check'] = (rows, known) => {
    const states = new Map(known.map((file) => [file.path, file]));
    const places = known.map(({ path, archived }) => ({ path, archived, threadId: threadIdOf(path) ?? '' }));
    const changes = compare(rows, places, states);
    rows.save(changes);
    return changes.rows.length + changes.gone.length === 0;
  };

  return {
    look,
    folders(rows, archived, all) {
      const before = rows.folders(archived);
      for (const folder of paths.folders(archived)) {
        // Before it is read, so that a change meanwhile shows the next time.
        const mtimeMs = statOrNull(folder)?.mtimeMs;
        if (mtimeMs === undefined) continue;
        if (all || before.get(folder) !== mtimeMs) readFolder(rows, folder, archived, mtimeMs);
        before.delete(folder);
      }
      for (const [path, mtimeMs] of before) {
        const gone = [...rows.inFolder(path).keys()];
        // It may come back with the time that it had.
        if (gone.length > 0 || mtimeMs !== null) rows.save({ gone, folders: [{ path, archived, mtimeMs: null }] });
      }
    },
    locked(rows) {
      // One that has no row yet is found by its folder.
      for (const threadId of lockedThreads(paths.lockFolder)) check(rows, rows.filesOf(threadId));
    },
    check,
  };
}

function lockedThreads(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      const id = name.endsWith('.lock') ? name.slice(0, -'.lock'.length) : '';
      return isUuid(id) ? [id] : [];
    });
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
