/** What the user attached to threads from elsewhere. The thread need not be loaded. */
import { AgentError } from '../../protocol/index.ts';
import type { Handlers } from '../wire/connection.ts';
import { pageOf, pageSize } from '../wire/pages.ts';
import type { KeepingOptions } from './thread-keeping-handlers.ts';
import { checkThreadId } from './thread-registry.ts';

type Methods =
  | 'thread/attachment/add'
  | 'thread/attachment/list'
  | 'thread/attachment/remove'
  | 'thread/attachmentOwner/list';

function checkKey(attachmentType: string, identityKey: string): void {
  if (attachmentType.trim() === '') throw new AgentError('invalidRequest', 'attachmentType must not be empty');
  if (identityKey.trim() === '') throw new AgentError('invalidRequest', 'identityKey must not be empty');
}

export function threadAttachmentHandlers({ threads, store, now, announce }: KeepingOptions): Pick<Handlers, Methods> {
  const { attachments } = store;
  /** Throws unless the thread is one that is kept. */
  const checkThread = (threadId: string): void => {
    checkThreadId(threadId);
    const live = threads.get(threadId);
    if (live?.ephemeral) throw new AgentError('invalidRequest', 'ephemeral threads do not keep attachments');
    if (!live) threads.place(threadId);
  };

  return {
    'thread/attachment/add'({ threadId, attachmentType, identityKey, payload }, { afterReply }) {
      checkThread(threadId);
      checkKey(attachmentType, identityKey);
      const { attachment, isNew } = attachments.add(threadId, {
        id: threads.newId(),
        attachmentType,
        createdAt: Math.floor(now() / 1000),
        identityKey,
        payload: payload ?? null,
      });
      const params = {
        threadId,
        attachmentId: attachment.id,
        attachmentType,
        identityKey,
        operation: 'created',
      } as const;
      if (isNew) afterReply(() => announce({ method: 'thread/attachment/updated', params }));
      return { attachment, outcome: isNew ? 'created' : 'existing' };
    },

    'thread/attachment/list'({ threadId, cursor, limit }) {
      checkThread(threadId);
      const { data, nextCursor } = pageOf({
        all: attachments.list(threadId),
        idOf: ({ id }) => id,
        cursor: cursor ?? null,
        limit: pageSize(limit, 100, 1000),
        ascending: true,
      });
      return { data, nextCursor };
    },

    'thread/attachment/remove'({ threadId, attachmentType, identityKey }, { afterReply }) {
      checkThread(threadId);
      const gone = attachments.remove(threadId, attachmentType, identityKey);
      if (gone) {
        const params = { threadId, attachmentId: gone.id, attachmentType, identityKey, operation: 'deleted' } as const;
        afterReply(() => announce({ method: 'thread/attachment/updated', params }));
      }
      return {};
    },

    'thread/attachmentOwner/list'({ attachmentType, identityKey, archived, cursor, limit }) {
      checkKey(attachmentType, identityKey);
      const owners = attachments.owners(attachmentType, identityKey).flatMap((threadId) => {
        const isArchived = threads.get(threadId) ? false : store.find(threadId)?.archived;
        if (isArchived === undefined) return [];
        return archived === null || archived === undefined || archived === isArchived
          ? [{ threadId, archived: isArchived }]
          : [];
      });
      const { data, nextCursor } = pageOf({
        all: owners,
        idOf: ({ threadId }) => threadId,
        cursor: cursor ?? null,
        limit: pageSize(limit, 100, 1000),
        ascending: true,
      });
      return { data, nextCursor };
    },
  };
}
