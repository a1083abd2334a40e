/**
 * Lists of threads, from what is known of their files and what the files are now. Where there are few files, all of them
 * are looked at for every list; where there are many, those that are likely to have changed and those on the page, and
 * the rest when the list has been answered.
 */
import type { Log } from '../ports.ts';
import type { IndexFile } from './index-file.ts';
import type { IndexSync } from './index-sync.ts';
import type { createSqliteRows } from './sqlite-rows.ts';
import { createMemoryRows, type SummaryRows } from './summary-rows.ts';
import { type ThreadPage, type ThreadQuery, toPage } from './thread-list.ts';
import type { ThreadPlace } from './thread-paths.ts';
import type { StoredSummary } from './thread-summary.ts';

/** Up to so many files are all looked at for every list. */
const FEW = 1000;
/** A page whose files change while it is made is made again so often. */
const TRIES = 5;
/** The rest is not looked at again so soon. */
const PAUSE_MS = 10_000;

/** Contract: throws what the file system throws. */
export type ThreadIndex = {
  list(query: ThreadQuery): ThreadPage;
  /** Null for a file that is gone or unreadable. */
  one(place: ThreadPlace): StoredSummary | null;
  /** The threads whose files refer to this one's; none is missing. */
  forksOf(threadId: string): ThreadPlace[];
  /** To be called when a thread was written to: other cores then know without looking. Never throws. */
  written(place: ThreadPlace): void;
  /** Nothing of it stays. */
  forget(file: string): void;
  close(): void;
};

export type ThreadIndexOptions = {
  file: IndexFile;
  sync: IndexSync;
  /** What else the file keeps of a thread, to be taken from it. */
  rowsOf: (database: Parameters<typeof createSqliteRows>[0]) => SummaryRows;
  log: Log;
};

export function createThreadIndex({ file, sync, rowsOf, log }: ThreadIndexOptions): ThreadIndex {
  const memory = createMemoryRows();
  let sweep: NodeJS.Immediate | null = null;
  let sweptAt: number | null = null;

  const using = <T>(use: (rows: SummaryRows) => T): T => {
    const done = file.attempt((database) => use(rowsOf(database)));
    return done ? done.value : use(memory);
  };

  const checkAll = (rows: SummaryRows): void => {
    for (let path = ''; ; ) {
      const files = rows.after(path);
      const last = files.at(-1);
      if (!last) return;
      sync.check(rows, files);
      path = last.path;
    }
  };

  /** All files, some at a time, between what clients ask for. */
  const startSweep = (): void => {
    if (sweep || (sweptAt !== null && performance.now() - sweptAt < PAUSE_MS)) return;
    const isFirst = sweptAt === null;
    const steps = [
      // Some file systems do not keep the times of folders well.
      ...(isFirst ? [false, true].map((archived) => () => using((rows) => sync.folders(rows, archived, true))) : []),
    ];
    let path = '';
    const slice = (): boolean =>
      using((rows) => {
        const files = rows.after(path);
        path = files.at(-1)?.path ?? '';
        sync.check(rows, files);
        return files.length > 0;
      });
    const go = (): void => {
      sweep = null;
      try {
        const step = steps.shift();
        if (step) step();
        else if (!slice()) {
          sweptAt = performance.now();
          return;
        }
        sweep = setImmediate(go);
      } catch (error) {
        sweptAt = performance.now();
        log('warn', 'Not all files of threads could be looked at.', error);
      }
    };
    sweep = setImmediate(go);
  };

  const listIn = (rows: SummaryRows, query: ThreadQuery): { page: ThreadPage; isRestOpen: boolean } => {
    const isNew = rows.folders(query.archived).size === 0;
    let isRestOpen = false;
    if (!query.isQuick || isNew) {
      sync.folders(rows, query.archived, false);
      isRestOpen = rows.count() > FEW;
      if (isRestOpen) sync.locked(rows);
      else checkAll(rows);
    }
    let found = rows.select(query);
    for (let tries = 0; isRestOpen && tries < TRIES && !sync.check(rows, found); tries++) found = rows.select(query);
    return { page: toPage(found, query), isRestOpen };
  };

  return {
    list(query) {
      const { page, isRestOpen } = using((rows) => listIn(rows, query));
      if (isRestOpen) startSweep();
      return page;
    },
    one: (place) =>
      using((rows) => {
        const row = sync.look(rows, place);
        const known = rows.get(place.path);
        if (row && (row.size !== known?.size || row.mtimeMs !== known.mtimeMs)) rows.save({ rows: [row] });
        return row;
      }),
    forksOf: (threadId) =>
      using((rows) => {
        for (const archived of [false, true]) sync.folders(rows, archived, true);
        return rows.forksOf(threadId);
      }),
    written(place) {
      if (!file.isThere()) return;
      try {
        using((rows) => {
          const known = rows.get(place.path);
          // One that is not known yet is found by its folder.
          if (known) sync.check(rows, [known]);
        });
      } catch (error) {
        log('warn', `The index of threads did not hear of thread ${place.threadId}.`, error);
      }
    },
    forget(path) {
      using((rows) => rows.save({ gone: [path] }));
      file.shred();
    },
    close() {
      if (sweep) clearImmediate(sweep);
      sweep = null;
      file.close();
    },
  };
}
