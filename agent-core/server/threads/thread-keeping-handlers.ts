/** Keeping threads: archive, delete, name, what they are about. */
import { AgentError, noRollout, type ServerNotification } from '../../protocol/index.ts';
import type { RolloutLine } from '../../threads/rollout.ts';
import type { ThreadStore } from '../../threads/thread-store.ts';
import type { Handlers } from '../wire/connection.ts';
import { checkThreadId, type ThreadRegistry } from './thread-registry.ts';

type Methods =
  | 'thread/archive'
  | 'thread/unarchive'
  | 'thread/delete'
  | 'thread/name/set'
  | 'thread/metadata/update'
  | 'thread/approveGuardianDeniedAction';

export type KeepingOptions = {
  threads: ThreadRegistry;
  store: ThreadStore;
  now: () => number;
  /** Sends to every client. */
  announce: (notification: ServerNotification) => void;
};

export function threadKeepingHandlers({ threads, store, now, announce }: KeepingOptions): Pick<Handlers, Methods> {
  const leave = async (threadId: string, then: () => void): Promise<void> => {
    const live = threads.get(threadId);
    if (live && !live.isOnDisk) throw noRollout(threadId);
    await threads.unload(threadId, then);
  };

  /** Appends a line to a thread, loaded or not. */
  const amend = async (threadId: string, line: RolloutLine): Promise<void> => {
    await threads.settled(threadId);
    const live = threads.get(threadId);
    if (live?.ephemeral) {
      throw new AgentError('invalidRequest', `ephemeral thread does not support metadata updates: ${threadId}`);
    }
    if (live) live.record(line);
    else store.amend(threads.place(threadId), line);
  };

  return {
    async 'thread/archive'({ threadId }, { afterReply }) {
      await leave(threadId, () => {
        // Looked for only now: it may have been moved while we waited.
        const place = threads.place(threadId);
        if (place.archived) throw noRollout(threadId);
        store.archive(place);
      });
      afterReply(() => announce({ method: 'thread/archived', params: { threadId } }));
      return {};
    },

    'thread/unarchive'({ threadId }, { afterReply }) {
      checkThreadId(threadId);
      const place = store.find(threadId);
      if (!place?.archived) {
        throw new AgentError('noRollout', `no archived rollout found for thread id ${threadId}`);
      }
      const active = store.unarchive(place);
      const thread = threads.listed(active);
      if (!thread) throw noRollout(threadId);
      afterReply(() => announce({ method: 'thread/unarchived', params: { threadId } }));
      return { thread };
    },

    async 'thread/delete'({ threadId }, { afterReply }) {
      if (threads.get(threadId)?.ephemeral) {
        throw new AgentError('invalidRequest', `thread is not persisted and cannot be deleted: ${threadId}`);
      }
      threads.place(threadId);
      await threads.unload(threadId, () => store.delete(threads.place(threadId)));
      afterReply(() => announce({ method: 'thread/deleted', params: { threadId } }));
      return {};
    },

    async 'thread/name/set'({ threadId, name }, { afterReply }) {
      const threadName = name.trim();
      if (threadName === '') throw new AgentError('invalidRequest', 'thread name must not be empty');
      await amend(threadId, { type: 'name', at: now(), name: threadName });
      const live = threads.get(threadId);
      if (live) live.name = threadName;
      afterReply(() => announce({ method: 'thread/name/updated', params: { threadId, threadName } }));
      return {};
    },

    async 'thread/metadata/update'({ threadId, gitInfo, projectId }) {
      checkThreadId(threadId);
      if (projectId) throw new AgentError('invalidRequest', `project not found: ${projectId}`);
      const asked = gitInfo && [gitInfo.branch, gitInfo.originUrl, gitInfo.sha].some((field) => field !== undefined);
      if (!asked && projectId === undefined) {
        throw new AgentError('invalidRequest', 'nothing to update: pass gitInfo with a field to set, or null to clear');
      }
      await threads.settled(threadId);
      const live = threads.get(threadId);
      const place = live ? null : threads.place(threadId);
      if (asked) {
        const known = (place ? store.summary(place)?.meta?.gitInfo : live?.meta.gitInfo) ?? null;
        const next = {
          sha: gitInfo.sha === undefined ? (known?.sha ?? null) : gitInfo.sha,
          branch: gitInfo.branch === undefined ? (known?.branch ?? null) : gitInfo.branch,
          originUrl: gitInfo.originUrl === undefined ? (known?.originUrl ?? null) : gitInfo.originUrl,
        };
        await amend(threadId, { type: 'gitInfo', at: now(), gitInfo: next });
        if (live) live.meta.gitInfo = next;
      }
      const thread = live ? live.toWire() : place && threads.listed(place);
      if (!thread) throw noRollout(threadId);
      return { thread };
    },

    'thread/approveGuardianDeniedAction'() {
      throw new AgentError(
        'notSupported',
        'thread/approveGuardianDeniedAction needs the automatic reviewer of approvals, which Gantry does not have: every approval is asked of the user.',
      );
    },
  };
}
