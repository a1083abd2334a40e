/** `thread/goal/*`: what a thread works towards, whether it is loaded or not. */
import { changedGoal } from '../../loop/goal-change.ts';
import { AgentError, type ServerNotification, type ThreadGoal, threadNotFound } from '../../protocol/index.ts';

import { loadGoal } from '../../threads/thread-history.ts';
import { readLines, type ThreadStore } from '../../threads/thread-store.ts';
import type { Connection, Handlers } from '../wire/connection.ts';
import type { LiveThread } from './live-thread.ts';
import { checkThreadId, type ThreadRegistry } from './thread-registry.ts';

type Methods = 'thread/goal/set' | 'thread/goal/get' | 'thread/goal/clear';

export type GoalHandlerOptions = { threads: ThreadRegistry; store: ThreadStore; now: () => number };

export function goalHandlers({ threads, store, now }: GoalHandlerOptions): Pick<Handlers, Methods> {
  /** Null: the thread is not loaded. */
  const loadedOf = async (threadId: string): Promise<LiveThread | null> => {
    await threads.settled(threadId);
    const thread = threads.get(threadId);
    if (!thread) {
      checkThreadId(threadId);
      if (!store.find(threadId)) throw threadNotFound(threadId);
      return null;
    }
    if (thread.ephemeral) {
      throw new AgentError('invalidRequest', `ephemeral thread does not support goals: ${threadId}`);
    }
    return thread;
  };

  const stored = (threadId: string): ThreadGoal | null => {
    const view = threads.view(threadId);
    return readLines(view, (reader) => loadGoal(view, reader, threadId));
  };

  /** Who asks hears what came of it, also without following the thread. */
  const tellToo = (thread: LiveThread, connection: Connection, notification: ServerNotification): void => {
    if (!thread.followers().includes(connection)) connection.notify(notification);
  };

  const keep = (threadId: string, goal: ThreadGoal | null): void =>
    store.amend(threads.place(threadId), { type: 'goal', at: now(), goal: goal && { ...goal } });

  return {
    async 'thread/goal/set'({ threadId, objective, status, tokenBudget }, { connection, afterReply }) {
      const thread = await loadedOf(threadId);
      const change = { objective, status, tokenBudget };
      if (!thread) {
        const goal = changedGoal(threadId, stored(threadId), change, now());
        keep(threadId, goal);
        const params = { threadId, turnId: null, goal };
        afterReply(() => connection.notify({ method: 'thread/goal/updated', params }));
        return { goal };
      }
      const { goal, tell } = thread.agent.goals.set(change);
      afterReply(() => {
        tell();
        tellToo(thread, connection, { method: 'thread/goal/updated', params: { threadId, turnId: null, goal } });
        if (goal.status !== 'active' || thread.activeTurnId !== null) return;
        const turnId = threads.newId();
        thread.begin(turnId);
        thread.submit({ type: 'goal', turnId, settings: thread.settings });
      });
      return { goal };
    },

    async 'thread/goal/get'({ threadId }) {
      const thread = await loadedOf(threadId);
      return { goal: thread ? thread.agent.goals.goal : stored(threadId) };
    },

    async 'thread/goal/clear'({ threadId }, { connection, afterReply }) {
      const thread = await loadedOf(threadId);
      if (!thread) {
        const cleared = stored(threadId) !== null;
        if (cleared) keep(threadId, null);
        if (cleared) afterReply(() => connection.notify({ method: 'thread/goal/cleared', params: { threadId } }));
        return { cleared };
      }
      const { cleared, tell } = thread.agent.goals.clear();
      afterReply(() => {
        tell();
        if (cleared) tellToo(thread, connection, { method: 'thread/goal/cleared', params: { threadId } });
      });
      return { cleared };
    },
  };
}
