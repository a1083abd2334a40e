/** The user's own order of threads. */
import type { Handlers } from '../wire/connection.ts';
import { pageOf, pageSize } from '../wire/pages.ts';
import type { KeepingOptions } from './thread-keeping-handlers.ts';

type Methods =
  | 'thread/section/move'
  | 'threadSection/list'
  | 'threadSection/create'
  | 'threadSection/update'
  | 'threadSection/delete';

export function threadSectionHandlers({ threads, store, announce }: KeepingOptions): Pick<Handlers, Methods> {
  const { sections } = store;
  const changed = (threadId: string, sectionId: string | null): void =>
    announce({ method: 'thread/section/changed', params: { threadId, sectionId } });

  return {
    'threadSection/list'({ cursor, limit }) {
      const all = sections.list();
      const page = pageOf({
        all,
        idOf: ({ id }) => id,
        cursor: cursor ?? null,
        limit: pageSize(limit, 100, 1000),
        ascending: true,
      });
      return { data: page.data, nextCursor: page.nextCursor };
    },

    'threadSection/create': ({ name, appearance }) => ({
      section: sections.create(threads.newId(), name, appearance),
    }),

    'threadSection/update': ({ sectionId, name, appearance }) => ({
      section: sections.update(sectionId, name, appearance),
    }),

    'threadSection/delete'({ sectionId }, { afterReply }) {
      const left = sections.remove(sectionId);
      afterReply(() => {
        for (const threadId of left) changed(threadId, null);
      });
      return {};
    },

    'thread/section/move'({ threadId, sectionId, beforeThreadId }, { afterReply }) {
      if (!threads.get(threadId)) threads.place(threadId);
      const isElsewhere = sections.move(threadId, sectionId, beforeThreadId ?? null);
      if (isElsewhere) afterReply(() => changed(threadId, sectionId));
      return {};
    },
  };
}
