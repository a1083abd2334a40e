/** Threads on disk: made, opened, listed, moved and deleted. The files are the truth; nothing else is kept. */
import { mkdirSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { AgentError } from '../protocol/index.ts';
import type { RolloutLine, ThreadLine } from './rollout.ts';
import { type RolloutContent, readRollout } from './rollout-reader.ts';
import { isSystemError } from './system-error.ts';
import { createThreadFile, type ThreadFile, takeLock } from './thread-file.ts';
import { pageOfThreads, type ThreadPage, type ThreadQuery } from './thread-list.ts';
import { createThreadPaths, type ThreadPlace } from './thread-paths.ts';
import { createSummaries, type ThreadSummary } from './thread-summary.ts';

export type OpenedThread = { file: ThreadFile; content: RolloutContent };

/**
 * Contract: synchronous; everything throws `AgentError('storage', …)` when the disk refuses. Locks: a thread that was
 * created or opened stays locked for other processes until its file is closed.
 */
export type ThreadStore = {
  /** A new thread's file; it appears on disk with the first turn. */
  create(first: ThreadLine): ThreadFile;
  /** A new thread whose file holds `lines` at once. */
  createWith(first: ThreadLine, lines: readonly RolloutLine[]): ThreadFile;
  find(threadId: string): ThreadPlace | null;
  /** Opens for writing. Throws when another process has it open. */
  open(place: ThreadPlace): OpenedThread;
  read(place: ThreadPlace): RolloutContent;
  summary(place: ThreadPlace): ThreadSummary | null;
  list(query: ThreadQuery): ThreadPage;
  archive(place: ThreadPlace): ThreadPlace;
  unarchive(place: ThreadPlace): ThreadPlace;
  /** Appends one line to a thread that is not loaded here. */
  amend(place: ThreadPlace, line: RolloutLine): void;
  /** The file is gone for good. */
  delete(place: ThreadPlace): void;
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

export function createThreadStore(home: string, now: () => number): ThreadStore {
  const paths = createThreadPaths(home);
  const summaryOf = createSummaries();
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

  const openFile = (place: ThreadPlace): ThreadFile => {
    const options = optionsFor(place.threadId, place.path);
    return createThreadFile(options, takeLock(options), true);
  };

  return {
    create(first) {
      const options = optionsFor(first.threadId, paths.active(first.threadId));
      const file = createThreadFile(options, takeLock(options), false);
      file.append(first);
      return file;
    },
    createWith(first, lines) {
      const options = optionsFor(first.threadId, paths.active(first.threadId));
      const lock = takeLock(options);
      try {
        return guard('write the thread', () => {
          mkdirSync(path.dirname(options.path), { recursive: true });
          const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
          writeFileSync(options.path, text, { mode: 0o600, flag: 'wx' });
          return createThreadFile(options, lock, true);
        });
      } catch (error) {
        lock.release();
        throw error;
      }
    },
    find: (threadId) => guard('look for the thread', () => paths.find(threadId)),
    open(place) {
      const file = openFile(place);
      try {
        return { file, content: guard('read the thread', () => readRollout(place.path)) };
      } catch (error) {
        file.close();
        throw error;
      }
    },
    read: (place) => guard('read the thread', () => readRollout(place.path)),
    summary: summaryOf,
    list(query) {
      return guard('list the threads', () => {
        const places = paths.all(query.archived);
        return pageOfThreads(
          places.map(summaryOf).filter((summary) => summary !== null),
          query,
        );
      });
    },
    archive: (place) => move(place, true),
    unarchive: (place) => move(place, false),
    amend(place, line) {
      const file = openFile(place);
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
          if (statSync(place.path, { throwIfNoEntry: false })) unlinkSync(place.path);
        } finally {
          lock.release();
        }
      });
    },
  };
}
