/** Finding and reading threads. */
import path from 'node:path';
import { AgentError, type ThreadItemEntry, threadNotLoaded } from '../../protocol/index.ts';
import { loadItem } from '../../threads/thread-history.ts';
import { parseCursor, type ThreadPage, type ThreadQuery } from '../../threads/thread-list.ts';
import { readLines, type ThreadStore } from '../../threads/thread-store.ts';
import type { ThreadView } from '../../threads/thread-view.ts';
import type { Handlers } from '../wire/connection.ts';
import { badCursor, pageOf, pageSize } from '../wire/pages.ts';
import { readStateOf } from './read-state-handlers.ts';
import { problemsText } from './thread-handlers.ts';
import { checkThreadId, type ThreadRegistry } from './thread-registry.ts';

type Methods = 'thread/list' | 'thread/loaded/list' | 'thread/read' | 'thread/turns/list' | 'thread/items/list';

const SORT_KEYS = {
  created_at: 'createdAt',
  updated_at: 'updatedAt',
  recency_at: 'recencyAt',
  section_position: 'createdAt',
} as const satisfies Record<string, ThreadQuery['sortKey']>;

/** Without a word on it, the threads that a person held; one that lost its first line may be such a one. */
const INTERACTIVE: readonly string[] = ['cli', 'vscode', 'unknown'];

type ListParams = Parameters<NonNullable<Handlers['thread/list']>>[0];

function queryOf(params: ListParams): ThreadQuery {
  if (params.cursor && !parseCursor(params.cursor)) throw badCursor(params.cursor);
  const cwds = params.cwd === null || params.cwd === undefined ? null : [params.cwd].flat();
  return {
    archived: params.archived ?? false,
    cursor: params.cursor ?? null,
    limit: pageSize(params.limit, 25, 1000),
    sortKey: SORT_KEYS[params.sortKey ?? 'created_at'],
    ascending: params.sortDirection === 'asc',
    only: null,
    isQuick: params.useStateDbOnly ?? false,
    searchTerm: params.searchTerm?.trim() || null,
    cwds: cwds?.map((cwd) => path.resolve(cwd)) ?? null,
    providers: params.modelProviders?.length ? params.modelProviders : null,
    sources: params.sourceKinds?.length ? params.sourceKinds : [...INTERACTIVE],
    originators: params.originators?.length ? params.originators : null,
    excluded: params.excludedThreadIds ?? [],
  };
}

export function threadReadHandlers(threads: ThreadRegistry, store: ThreadStore): Pick<Handlers, Methods> {
  /** The thread must have a file by now. */
  const onDisk = (threadId: string, method: Methods): void => {
    checkThreadId(threadId);
    const live = threads.get(threadId);
    if (live?.ephemeral) throw new AgentError('invalidRequest', `ephemeral threads do not support ${method}`);
    if (!live && !store.find(threadId)) throw threadNotLoaded(threadId);
  };
  /** Null for a thread that has no file yet. */
  const viewOf = (threadId: string): ThreadView | null =>
    (threads.get(threadId)?.isOnDisk ?? true) ? threads.view(threadId) : null;

  /** A first page from the end needs no more than the end. */
  const endOf = (threadId: string, turns: number, items: number): ThreadView | null =>
    (threads.get(threadId)?.isOnDisk ?? true) ? store.end(threads.place(threadId), { turns, items }) : null;

  /** A section's threads, in its own order. A cursor counts from the thread that it names. */
  const bySection = (query: ThreadQuery, members: readonly string[]): ThreadPage => {
    const found = store.list({ ...query, cursor: null, limit: Number.POSITIVE_INFINITY });
    const byId = new Map(found.data.map((summary) => [summary.threadId, summary]));
    const all = members.flatMap((id) => byId.get(id) ?? []);
    // The first of a section is the newest of another list: what is descending there is the user's order here.
    const page = pageOf({
      all,
      idOf: ({ threadId }) => threadId,
      cursor: query.cursor,
      limit: query.limit,
      ascending: true,
    });
    return page;
  };

  const list = (params: ListParams): ThreadPage => {
    const members = params.sectionId ? store.sections.members(params.sectionId) : null;
    const isOrdered = params.sortKey === 'section_position';
    if (isOrdered && !members) {
      throw new AgentError('invalidRequest', 'sortKey section_position needs a sectionId');
    }
    if (isOrdered && members) {
      const ordered = params.sortDirection === 'desc' ? members.toReversed() : members;
      const query = { ...queryOf({ ...params, cursor: null }), only: new Set(members) };
      return bySection({ ...query, cursor: params.cursor ?? null }, ordered);
    }
    return store.list({ ...queryOf(params), only: members && new Set(members) });
  };

  return {
    'thread/list'(params) {
      const page = list(params);
      const data = page.data.map((summary) => threads.listed(summary)).filter((thread) => thread !== null);
      const readStates = Object.fromEntries(data.map(({ id }) => [id, store.readMarks.of(id)]));
      return { data, readStates, nextCursor: page.nextCursor, backwardsCursor: page.backwardsCursor };
    },

    'thread/loaded/list'(params) {
      const all = threads.ids();
      const cursor = params.cursor ?? null;
      const limit = pageSize(params.limit, all.length, 10_000);
      const { data, nextCursor } = pageOf({ all, idOf: (id) => id, cursor, limit, ascending: true });
      return { data, nextCursor };
    },

    'thread/read'({ threadId, includeTurns }, { connection, afterReply }) {
      checkThreadId(threadId);
      const live = threads.get(threadId);
      if (live && includeTurns && live.ephemeral) {
        throw new AgentError('invalidRequest', 'ephemeral threads do not support includeTurns');
      }
      const place = live ? null : store.find(threadId);
      if (!live && !place) throw threadNotLoaded(threadId);
      const view = includeTurns ? viewOf(threadId) : null;
      const problems = [...(view?.problems ?? [])];
      const turns = view ? threads.wireTurns(threadId, view, view.turns, 'full', (more) => problems.push(...more)) : [];
      const thread = live ? live.toWire(turns) : place && threads.listed(place, turns);
      if (!thread) throw threadNotLoaded(threadId);
      const message = live ? null : problemsText(problems, thread.path ?? null);
      if (message !== null) afterReply(() => connection.notify({ method: 'warning', params: { threadId, message } }));
      return { thread, readState: readStateOf(threads, store, threadId) };
    },

    'thread/turns/list'({ threadId, cursor, limit, itemsView, sortDirection }) {
      onDisk(threadId, 'thread/turns/list');
      const ascending = sortDirection === 'asc';
      const size = pageSize(limit, 50, 1000);
      const view = ascending || cursor ? viewOf(threadId) : endOf(threadId, size + 1, 0);
      const page = pageOf({
        all: view?.turns ?? [],
        idOf: ({ id }) => id,
        cursor: cursor ?? null,
        limit: size,
        ascending,
      });
      return { ...page, data: view ? threads.wireTurns(threadId, view, page.data, itemsView ?? 'summary') : [] };
    },

    'thread/items/list'({ threadId, turnId, cursor, limit, sortDirection }) {
      onDisk(threadId, 'thread/items/list');
      const ascending = sortDirection !== 'desc';
      const size = pageSize(limit, 100, 1000);
      const view = ascending || cursor || turnId ? viewOf(threadId) : endOf(threadId, 0, size + 1);
      if (!view) return { data: [], nextCursor: null, backwardsCursor: null };
      const turns = turnId ? view.turns.filter(({ id }) => id === turnId) : view.turns;
      const all = turns.flatMap((turn) => turn.items.map((ref) => ({ turnId: turn.id, ref })));
      const idOf = (entry: (typeof all)[number]): string => `${entry.turnId}/${entry.ref.id}`;
      const at = typeof cursor === 'object' && cursor ? all.find(({ ref }) => ref.id === cursor.itemId) : undefined;
      if (typeof cursor === 'object' && cursor && !at) throw badCursor(cursor);
      const page = pageOf({
        all,
        idOf,
        cursor: at ? `from:${idOf(at)}` : typeof cursor === 'string' ? cursor : null,
        limit: size,
        ascending,
      });
      const data = readLines(view, (reader) =>
        page.data.flatMap(({ turnId: of, ref }): ThreadItemEntry[] => {
          const item = loadItem(ref, reader);
          const { startedAtMs = null, completedAtMs = null } = item ?? {};
          return item ? [{ turnId: of, item, startedAtMs, completedAtMs }] : [];
        }),
      );
      return { ...page, data };
    },
  };
}
