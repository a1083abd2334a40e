/** Threads on disk: made, opened, forked, listed, moved and deleted. The files are the truth; an index is made of them. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Log } from '../ports.ts';
import { AgentError, noRollout } from '../protocol/index.ts';
import { createIndexFile } from './index-file.ts';
import { createIndexSync } from './index-sync.ts';
import { readFirstLine, withLines } from './line-reader.ts';
import { createMessageSearch, type MessageSearch } from './message-search.ts';
import { createMessageTable, type MessageTable } from './message-table.ts';
import { lineText, ROLLOUT_VERSION, type RolloutLine, type ThreadLine } from './rollout.ts';
import { createSqliteRows } from './sqlite-rows.ts';
import type { SummaryRows } from './summary-rows.ts';
import { isSystemError } from './system-error.ts';
import { type Attachments, createAttachments } from './thread-attachments.ts';
import { createThreadFile, type ThreadFile, takeLock } from './thread-file.ts';
import { createThreadFiles } from './thread-files.ts';
import { createThreadIndex } from './thread-index.ts';
import type { ThreadPage, ThreadQuery } from './thread-list.ts';
import type { ThreadLock } from './thread-lock.ts';
import { createThreadPaths, type ThreadPlace } from './thread-paths.ts';
import { createReadMarks, type ReadMarks } from './thread-read-marks.ts';
import { createSections, type Sections } from './thread-sections.ts';
import type { ThreadSummary } from './thread-summary.ts';
import type { ThreadView } from './thread-view.ts';

/**
 * Contract: synchronous; everything throws `AgentError('storage', …)` when the disk refuses. Locks: a thread that was
 * created or opened stays locked for other processes until its file is closed.
 */
export type ThreadStore = {
  /** A new thread's file; it appears on disk with the first turn. */
  create(first: ThreadLine): ThreadFile;
  /** A new thread that shares another's turns up to `lastTurnId` (null: all). Its file is there at once. */
  fork(first: ThreadLine, parent: ThreadPlace, lastTurnId: string | null, lines: readonly RolloutLine[]): ThreadFile;
  find(threadId: string): ThreadPlace | null;
  /** Opens for writing. Throws when another process has it open, and when a newer Gantry wrote it. */
  open(place: ThreadPlace): ThreadFile;
  /** What the thread is made of, as its file is now. */
  view(place: ThreadPlace): ThreadView;
  /** The same, but perhaps only of its end: at least so many turns and items. */
  end(place: ThreadPlace, wanted: { turns: number; items: number }): ThreadView;
  summary(place: ThreadPlace): ThreadSummary | null;
  list(query: ThreadQuery): ThreadPage;
  search: MessageSearch['find'];
  archive(place: ThreadPlace): ThreadPlace;
  unarchive(place: ThreadPlace): ThreadPlace;
  /** Appends one line to a thread that is not loaded here. */
  amend(place: ThreadPlace, line: RolloutLine): void;
  /** The file is gone for good, with all that belongs to it; forks keep what they shared with it. */
  delete(place: ThreadPlace): void;
  readonly sections: Sections;
  readonly attachments: Attachments;
  readonly readMarks: ReadMarks;
  close(): void;
};

function guard<T>(action: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof AgentError || !isSystemError(error)) throw error;
    const advice = isSystemError(error, 'ENOSPC', 'EDQUOT') ? ' Free some disk space and try again.' : '';
    throw new AgentError('storage', `Could not ${action}: ${error.message}.${advice}`);
  }
}

/** Throws for a thread that a newer Gantry wrote: it would not understand what this one appends. */
function checkVersion({ threadId, path: file }: ThreadPlace): void {
  const first = readFirstLine(file);
  const version = first?.type === 'thread' ? first.version : 0;
  if (version <= ROLLOUT_VERSION) return;
  throw new AgentError(
    'storage',
    `thread ${threadId} was written by a newer Gantry (format ${version}, this one knows ${ROLLOUT_VERSION}); update Gantry to go on with it. It can be read here.`,
  );
}

export function createThreadStore(home: string, now: () => number, log: Log = () => {}): ThreadStore {
  const paths = createThreadPaths(home);
  const files = createThreadFiles(paths);
  const indexFile = createIndexFile(paths.index, log);
  const tables = new WeakMap<DatabaseSync, { rows: SummaryRows; messages: MessageTable }>();
  const tablesOf = (database: DatabaseSync) => {
    const known = tables.get(database);
    if (known) return known;
    const messages = createMessageTable(database);
    const made = { rows: createSqliteRows(database, messages.forget), messages };
    tables.set(database, made);
    return made;
  };
  const index = createThreadIndex({
    file: indexFile,
    sync: createIndexSync(paths, files, now),
    rowsOf: (database) => tablesOf(database).rows,
    log,
  });
  const sections = createSections(paths, now, guard);
  const attachments = createAttachments(paths, guard);
  const readMarks = createReadMarks(paths, guard);
  const optionsFor = (threadId: string, file: string) => ({ path: file, threadId, lockFolder: paths.lockFolder, now });

  const move = (place: ThreadPlace, archived: boolean): ThreadPlace =>
    guard(archived ? 'archive the thread' : 'bring the thread back', () => {
      const lock = takeLock(optionsFor(place.threadId, place.path));
      try {
        const target = archived ? paths.archived(place.threadId) : paths.active(place.threadId);
        mkdirSync(path.dirname(target), { recursive: true });
        renameSync(place.path, target);
        return { threadId: place.threadId, path: target, archived };
      } finally {
        lock.release();
      }
    });

  /** What was written is told to the index when it is done, so that other cores know of it. */
  const told = (file: ThreadFile, place: ThreadPlace): ThreadFile => ({
    ...file,
    get isOnDisk() {
      return file.isOnDisk;
    },
    close() {
      file.close();
      if (file.isOnDisk) index.written(place);
    },
  });

  const open = (place: ThreadPlace): ThreadFile =>
    guard('open the thread', () => {
      checkVersion(place);
      const options = optionsFor(place.threadId, place.path);
      return told(createThreadFile(options, takeLock(options), true), place);
    });

  /** The second half of a deletion, which may also be that of a core that was killed in between. */
  const finishDeletion = ({ threadId, path: file }: ThreadPlace): void => {
    for (const fork of index.forksOf(threadId)) files.keepPast(fork.threadId, fork.path);
    sections.forget(threadId);
    const own = [paths.past(threadId), paths.attachments(threadId), paths.readMark(threadId)];
    for (const gone of [...own, file]) rmSync(gone, { force: true });
    files.forget(file);
    const locks = existsSync(paths.lockFolder) ? readdirSync(paths.lockFolder) : [];
    // Drafts of locks that a killed core left; the lock itself is released by its holder.
    for (const name of locks) {
      if (name.startsWith(`${threadId}.lock.`)) rmSync(path.join(paths.lockFolder, name), { force: true });
    }
  };

  const messages = createMessageSearch({
    files,
    withTable: (use) => indexFile.attempt((database) => use(tablesOf(database).messages)),
    list: (query) => guard('list the threads', () => index.list(query)),
    known: (place) => index.one(place),
  });

  let isSwept = false;
  /** Finishes what a core that was killed had begun to delete. */
  const sweep = (): void => {
    if (isSwept) return;
    isSwept = true;
    for (const place of paths.deletions()) {
      let lock: ThreadLock | null = null;
      try {
        lock = takeLock(optionsFor(place.threadId, place.path));
        finishDeletion(place);
      } catch (error) {
        log('warn', `thread ${place.threadId} is deleted only in part`, error);
      } finally {
        lock?.release();
      }
    }
  };

  return {
    create(first) {
      const options = optionsFor(first.threadId, paths.active(first.threadId));
      const place = { threadId: first.threadId, path: options.path, archived: false };
      const file = told(createThreadFile(options, takeLock(options), false), place);
      file.append(first);
      return file;
    },
    fork(first, parent, lastTurnId, lines) {
      guard('read the thread', () => checkVersion(parent));
      const options = optionsFor(first.threadId, paths.active(first.threadId));
      const lock = takeLock(options);
      try {
        return guard('write the fork', () => {
          const base = files.base(files.view(parent.path), parent.threadId, lastTurnId);
          mkdirSync(path.dirname(options.path), { recursive: true });
          const text = [{ ...first, base }, ...lines].map((line) => `${lineText(line)}\n`).join('');
          try {
            writeFileSync(options.path, text, { mode: 0o600, flag: 'wx' });
            // Whoever deletes the parent meanwhile may not have seen that there is a fork by now.
            if (!files.hasParent(parent.threadId)) files.keepPast(first.threadId, options.path);
            files.view(options.path);
          } catch (error) {
            rmSync(options.path, { force: true });
            throw isSystemError(error, 'ENOENT') ? noRollout(parent.threadId) : error;
          }
          const place = { threadId: first.threadId, path: options.path, archived: false };
          return told(createThreadFile(options, lock, true), place);
        });
      } catch (error) {
        lock.release();
        throw error;
      }
    },
    find: (threadId) => guard('look for the thread', () => paths.find(threadId)),
    open,
    view: (place) => guard('read the thread', () => files.view(place.path)),
    end: (place, wanted) => guard('read the thread', () => files.end(place.path, wanted)),
    summary: (place) => guard('read the thread', () => index.one(place)),
    list(query) {
      return guard('list the threads', () => {
        sweep();
        return index.list(query);
      });
    },
    search: messages.find,
    archive: (place) => move(place, true),
    unarchive: (place) => move(place, false),
    amend(place, line) {
      const file = open(place);
      try {
        file.append(line);
      } finally {
        file.close();
      }
    },
    delete(place) {
      guard('delete the thread', () => {
        const lock = takeLock(optionsFor(place.threadId, place.path));
        try {
          const target = paths.deletion(place.threadId);
          mkdirSync(path.dirname(target), { recursive: true });
          // From here on nobody finds it, so no new fork can come to depend on it.
          renameSync(place.path, target);
          files.forget(place.path);
          try {
            finishDeletion({ ...place, path: target });
            index.forget(place.path);
          } catch (error) {
            // No room for a fork's copy, say: then it is as it was, and can be deleted later.
            if (existsSync(target)) renameSync(target, place.path);
            throw error;
          }
        } finally {
          lock.release();
        }
      });
    },
    sections,
    attachments,
    readMarks,
    close: () => index.close(),
  };
}

/** Reads lines of a view. Throws `AgentError('storage', …)` when the disk refuses. */
export function readLines<T>(view: ThreadView, use: Parameters<typeof withLines<T>>[1]): T {
  return guard('read the thread', () => withLines(view.files, use));
}
