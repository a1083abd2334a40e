import path from 'node:path';
import { AgentError, type ThreadItemEntry, threadNotLoaded } from '../protocol/index.ts';
import { parseCursor, type ThreadQuery } from '../threads/thread-list.ts';
import type { ThreadStore } from '../threads/thread-store.ts';
import type { Handlers } from './connection.ts';
import { badCursor, pageOf, pageSize } from './pages.ts';
import { turnsOf } from './thread-handlers.ts';
import { checkThreadId, type ThreadRegistry } from './thread-registry.ts';

type Methods = 'thread/list' | 'thread/loaded/list' | 'thread/read' | 'thread/turns/list' | 'thread/items/list';

const SORT_KEYS = {
  created_at: 'createdAt',
  updated_at: 'updatedAt',
  recency_at: 'recencyAt',
} as const satisfies Record<string, ThreadQuery['sortKey']>;

type ListParams = Parameters<NonNullable<Handlers['thread/list']>>[0];

function queryOf(params: ListParams): ThreadQuery {
  if (params.sortKey === 'section_position' || params.sectionId) {
    throw new AgentError('notSupported', 'thread sections are not built into this version of Gantry yet.');
  }
  if (params.cursor && !parseCursor(params.cursor)) throw badCursor();
  const cwds = params.cwd === null || params.cwd === undefined ? null : [params.cwd].flat();
  return {
    archived: params.archived ?? false,
    cursor: params.cursor ?? null,
    limit: pageSize(params.limit, 25, 1000),
    sortKey: SORT_KEYS[params.sortKey ?? 'created_at'],
    ascending: params.sortDirection === 'asc',
    searchTerm: params.searchTerm?.trim() || null,
    cwds: cwds?.map((cwd) => path.resolve(cwd)) ?? null,
    providers: params.modelProviders?.length ? params.modelProviders : null,
    sources: params.sourceKinds?.length ? params.sourceKinds : null,
    originators: params.originators?.length ? params.originators : null,
    excluded: params.excludedThreadIds ?? [],
  };
}

export function threadReadHandlers(threads: ThreadRegistry, store: ThreadStore): Pick<Handlers, Methods> {
  /** The thread must have a file by now. */
  const onDisk = (threadId: string): void => {
    checkThreadId(threadId);
    const live = threads.get(threadId);
    if (live?.ephemeral) throw new AgentError('invalidRequest', 'ephemeral threads do not support listing turns');
    if (!live && !store.find(threadId)) throw threadNotLoaded(threadId);
  };
  const hasFile = (threadId: string): boolean => threads.get(threadId)?.isOnDisk ?? true;

  return {
    'thread/list'(params) {
      const page = store.list(queryOf(params));
      const data = page.data.map((summary) => threads.listed(summary)).filter((thread) => thread !== null);
      return { data, readStates: {}, nextCursor: page.nextCursor, backwardsCursor: page.backwardsCursor };
    },

    'thread/loaded/list'(params) {
      const all = threads.ids();
      const cursor = params.cursor ?? null;
      const limit = pageSize(params.limit, all.length, 10_000);
      const { data, nextCursor } = pageOf({ all, idOf: (id) => id, cursor, limit, ascending: true });
      return { data, nextCursor };
    },

    'thread/read'({ threadId, includeTurns }) {
      checkThreadId(threadId);
      const live = threads.get(threadId);
      if (live) {
        if (!includeTurns) return { thread: live.toWire() };
        if (live.ephemeral) throw new AgentError('invalidRequest', 'ephemeral threads do not support includeTurns');
        return { thread: live.toWire(threads.turns(live)) };
      }
      const place = store.find(threadId);
      const turns = place && includeTurns ? turnsOf(threads, threadId, 'full') : [];
      const thread = place && threads.listed(place, turns);
      if (!thread) throw threadNotLoaded(threadId);
      return { thread };
    },

    'thread/turns/list'({ threadId, cursor, limit, itemsView, sortDirection }) {
      onDisk(threadId);
      const all = hasFile(threadId) ? turnsOf(threads, threadId, itemsView ?? 'summary') : [];
      return pageOf({
        all,
        idOf: ({ id }) => id,
        cursor: cursor ?? null,
        limit: pageSize(limit, 50, 1000),
        ascending: sortDirection === 'asc',
      });
    },

    'thread/items/list'({ threadId, turnId, cursor, limit, sortDirection }) {
      onDisk(threadId);
      const turns = hasFile(threadId) ? threads.record(threadId).turns : [];
      const all: ThreadItemEntry[] = turns
        .filter(({ id }) => !turnId || id === turnId)
        .flatMap((turn) =>
          turn.items.map((item) => ({
            turnId: turn.id,
            item,
            startedAtMs: item.startedAtMs ?? null,
            completedAtMs: item.completedAtMs ?? null,
          })),
        );
      const idOf = (entry: ThreadItemEntry): string => `${entry.turnId}/${entry.item.id}`;
      const at = typeof cursor === 'object' && cursor ? all.find(({ item }) => item.id === cursor.itemId) : undefined;
      if (typeof cursor === 'object' && cursor && !at) throw badCursor();
      return pageOf({
        all,
        idOf,
        cursor: at ? `from:${idOf(at)}` : typeof cursor === 'string' ? cursor : null,
        limit: pageSize(limit, 100, 1000),
        ascending: sortDirection !== 'desc',
      });
    },
  };
}
