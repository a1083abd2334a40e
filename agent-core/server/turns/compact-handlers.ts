/** `thread/compact/start`: shortens what the model sees, in a turn of its own. */

import type { ThreadRegistry } from '../threads/thread-registry.ts';
import type { Handlers } from '../wire/connection.ts';
import type { SpecialTurns } from './special-turns.ts';

export function compactHandlers(
  threads: ThreadRegistry,
  special: SpecialTurns,
): Pick<Handlers, 'thread/compact/start'> {
  return {
    'thread/compact/start'({ threadId }, { connection, afterReply }) {
      const thread = threads.loaded(threadId);
      thread.subscribe(connection);
      const turnId = threads.newId();
      special.set(thread, turnId, 'compact');
      // Behind a turn that runs, it waits for its end.
      if (thread.activeTurnId === null) thread.begin(turnId);
      afterReply(() => thread.submit({ type: 'compact', turnId, settings: thread.settings }));
      return {};
    },
  };
}
