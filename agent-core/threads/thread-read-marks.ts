/**
 * Up to where the user has read each thread: a small file for each in which a turn ended or that was marked. A thread
 * without one is read. What is lost with the file is only that something was new, so nothing waits for the disk.
 */
import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { ThreadReadState, type ThreadReadStateOperation } from '../protocol/index.ts';
import { readJson, writeJson } from './json-file.ts';
import { withLock } from './thread-lock.ts';
import type { ThreadPaths } from './thread-paths.ts';

const markFile = z.object({ state: ThreadReadState });

export type ReadMarks = {
  of(threadId: string): ThreadReadState;
  /** A turn ended with something to read. The first that was not read stays the first. */
  ended(threadId: string, turnId: string): ThreadReadState;
  /** Marks the whole thread, unless it is no longer at the revision that the user saw; then nothing changes. */
  mark(
    threadId: string,
    expectedRevision: string,
    operation: ThreadReadStateOperation,
  ): { isMarked: boolean; state: ThreadReadState };
};

type Guard = <T>(action: string, run: () => T) => T;

export function createReadMarks(paths: ThreadPaths, guard: Guard): ReadMarks {
  const read = (threadId: string): ThreadReadState => {
    const parsed = markFile.safeParse(readJson(paths.readMark(threadId)));
    return parsed.success ? parsed.data.state : { firstUnread: null, revision: `initial:${threadId}` };
  };
  const write = (threadId: string, firstUnread: ThreadReadState['firstUnread']): ThreadReadState => {
    const state = { firstUnread: firstUnread ?? null, revision: randomUUID() };
    writeJson(paths.readMark(threadId), { state }, { isFlushed: false });
    return state;
  };
  const locked = <T>(threadId: string, run: () => T): T =>
    guard('mark what was read', () => withLock(paths.lockFolder, `read-${threadId}`, Date.now, run));

  return {
    of: (threadId) => guard('see what was read', () => read(threadId)),
    ended: (threadId, turnId) =>
      locked(threadId, () => write(threadId, read(threadId).firstUnread ?? { type: 'turn', turnId })),
    mark: (threadId, expectedRevision, { type }) =>
      locked(threadId, () => {
        const state = read(threadId);
        if (state.revision !== expectedRevision) return { isMarked: false, state };
        return { isMarked: true, state: write(threadId, type === 'read' ? null : { type: 'threadStart' }) };
      }),
  };
}
