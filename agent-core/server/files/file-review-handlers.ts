/** What the user decides on changes that are written already. */
import path from 'node:path';
import { AgentError } from '../../protocol/index.ts';
import type { LiveThread } from '../threads/live-thread.ts';
import type { ThreadRegistry } from '../threads/thread-registry.ts';
import type { Handlers } from '../wire/connection.ts';

type Counts = { kept: number; undone: number };

export function fileReviewHandlers(threads: ThreadRegistry): Pick<Handlers, 'fileReview/decided'> {
  /** Of each thread's files, since it was loaded. */
  const counts = new WeakMap<LiveThread, Map<string, Counts>>();

  const countsOf = (thread: LiveThread, file: string): Counts => {
    const files = counts.get(thread) ?? new Map<string, Counts>();
    counts.set(thread, files);
    const known = files.get(file) ?? { kept: 0, undone: 0 };
    files.set(file, known);
    return known;
  };

  return {
    'fileReview/decided'({ threadId, ...decision }, { connection }) {
      const thread = threads.loaded(threadId);
      if (!path.isAbsolute(decision.path)) {
        throw new AgentError('invalidParams', `${decision.path} is not an absolute path.`);
      }
      thread.submit({ type: 'decided', decision });
      const count = countsOf(thread, decision.path);
      if (decision.decision === 'kept') count.kept += decision.hunkCount ?? 0;
      if (decision.decision === 'undone') count.undone += decision.hunkCount ?? 0;
      const { turnId, path: file, pendingCount: pending = 0 } = decision;
      const params = { threadId, turnId, path: file, pending, ...count };
      for (const other of thread.followers()) {
        if (other !== connection) other.notify({ method: 'fileReview/updated', params });
      }
      return {};
    },
  };
}
