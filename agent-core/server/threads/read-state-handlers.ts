/** Up to where the user has read a thread. The thread need not be loaded. */
import { AgentError, type ThreadReadState, threadNotLoaded } from '../../protocol/index.ts';
import type { ThreadStore } from '../../threads/thread-store.ts';
import type { Handlers } from '../wire/connection.ts';
import { checkThreadId, type ThreadRegistry } from './thread-registry.ts';

/** Null for a thread that is not kept, or not yet. Throws for one that is unknown. */
export function readStateOf(threads: ThreadRegistry, store: ThreadStore, threadId: string): ThreadReadState | null {
  const live = threads.get(threadId);
  if (live ? !live.isOnDisk : !store.find(threadId)) {
    if (live) return null;
    throw threadNotLoaded(threadId);
  }
  return store.readMarks.of(threadId);
}

export function readStateHandlers(
  threads: ThreadRegistry,
  store: ThreadStore,
): Pick<Handlers, 'thread/readState/update'> {
  return {
    'thread/readState/update'({ threadId, expectedRevision, operation }) {
      checkThreadId(threadId);
      if (!readStateOf(threads, store, threadId)) {
        throw new AgentError(
          'invalidRequest',
          'thread read state unavailable: a thread has one from its first turn, and an ephemeral thread has none',
        );
      }
      const { isMarked, state } = store.readMarks.mark(threadId, expectedRevision, operation);
      if (!isMarked) {
        throw new AgentError('invalidRequest', 'read state changed: look at the one in data and ask the user again', {
          data: { reason: 'readStateConflict', readState: state },
        });
      }
      threads.get(threadId)?.tellReadState(state);
      return { readState: state };
    },
  };
}
