import { AgentError, noRollout, type ServerNotification, type Turn } from '../protocol/index.ts';
import { wireTurn } from '../threads/thread-history.ts';
import type { ThreadStore } from '../threads/thread-store.ts';
import type { Connection, HandlerContext, Handlers } from './connection.ts';
import type { LiveThread } from './live-thread.ts';
import { checkThreadId, type ThreadRegistry } from './thread-registry.ts';
import { wireSettings } from './wire-thread.ts';

type Methods =
  | 'thread/start'
  | 'thread/resume'
  | 'thread/fork'
  | 'thread/revert'
  | 'thread/archive'
  | 'thread/unarchive'
  | 'thread/delete'
  | 'thread/name/set'
  | 'thread/unsubscribe';

export type ThreadHandlerOptions = {
  threads: ThreadRegistry;
  store: ThreadStore;
  now: () => number;
  /** Sends to every client. */
  announce: (notification: ServerNotification) => void;
};

const started = (thread: LiveThread, connection: Connection): void =>
  connection.notify({ method: 'thread/started', params: { thread: thread.toWire() } });

/** Many clients show all of it at once; newer ones page with `thread/turns/list`. */
function turnsPage(
  turns: Turn[],
  params: {
    itemsView?: 'notLoaded' | 'summary' | 'full' | null;
    limit?: number | null;
    sortDirection?: 'asc' | 'desc' | null;
  },
) {
  const ordered = params.sortDirection === 'asc' ? turns : turns.toReversed();
  const data = ordered.slice(0, params.limit ?? 50);
  const last = data.at(-1);
  const first = data[0];
  return {
    data,
    nextCursor: last && data.length < ordered.length ? `after:${last.id}` : null,
    backwardsCursor: first ? `from:${first.id}` : null,
  };
}

/** Where paging back from the end begins. */
function backwardsCursors(turns: Turn[]) {
  const last = turns.at(-1);
  const item = turns.findLast(({ items }) => items.length > 0);
  const lastItem = item?.items.at(-1);
  return {
    turnsBackwardsCursor: last ? `from:${last.id}` : null,
    itemsBackwardsCursor: item && lastItem ? `from:${item.id}/${lastItem.id}` : null,
  };
}

export function threadHandlers({ threads, store, now, announce }: ThreadHandlerOptions): Pick<Handlers, Methods> {
  const warn = (connection: Connection, thread: LiveThread, message: string): void =>
    connection.notify({ method: 'warning', params: { threadId: thread.id, message } });

  const turnsFor = (thread: LiveThread, excluded: boolean | undefined): Turn[] =>
    excluded ? [] : threads.turns(thread);

  const leave = async (threadId: string, then: () => void): Promise<void> => {
    const live = threads.get(threadId);
    if (live && !live.isOnDisk) throw noRollout(threadId);
    await threads.unload(threadId, then);
  };

  return {
    async 'thread/start'(params, { connection, afterReply }) {
      const thread = await threads.start(params, connection);
      thread.subscribe(connection);
      afterReply(() => started(thread, connection));
      const isDefault = !params.sandbox && thread.settings.sandboxPolicy.type === 'readOnly';
      return {
        thread: thread.toWire(),
        ...wireSettings(thread.settings),
        activePermissionProfile: isDefault ? { id: ':read-only', extends: null } : null,
      };
    },

    async 'thread/resume'(params, { connection, afterReply }: HandlerContext) {
      if (params.history || params.path) {
        throw new AgentError(
          'notSupported',
          'thread/resume with history or path is not built into this version of Gantry yet; pass threadId.',
        );
      }
      const isNew = threads.get(params.threadId) === undefined;
      const { thread, problems } = await threads.resume(params, connection);
      thread.subscribe(connection);
      afterReply(() => thread.askOpen(connection));
      if (isNew) {
        connection.notify({ method: 'thread/status/changed', params: { threadId: thread.id, status: thread.status } });
      }
      const lost = problems.filter(({ kind }) => kind !== 'unknownType');
      if (lost.length > 0) {
        const where = lost.map(({ line, message }) => `line ${line}: ${message}`).join('; ');
        afterReply(() =>
          warn(
            connection,
            thread,
            `Parts of this thread's file could not be read (${where}). ${thread.file?.path ?? ''}`,
          ),
        );
      }
      const turns = threads.turns(thread);
      const { model, effort, developerInstructions } = thread.settings;
      const modeSettings = {
        model: model.model,
        reasoning_effort: effort,
        developer_instructions: developerInstructions,
      };
      return {
        thread: thread.toWire(params.excludeTurns ? [] : turns),
        ...wireSettings(thread.settings),
        collaborationMode: { mode: 'default', settings: modeSettings },
        initialTurnsPage: params.initialTurnsPage ? turnsPage(turns, params.initialTurnsPage) : null,
        ...backwardsCursors(turns),
      };
    },

    async 'thread/fork'(params, { connection, afterReply }) {
      if (params.path)
        throw new AgentError(
          'notSupported',
          'thread/fork with path is not built into this version of Gantry yet; pass threadId.',
        );
      const thread = await threads.fork(params, connection);
      thread.subscribe(connection);
      afterReply(() => started(thread, connection));
      return { thread: thread.toWire(turnsFor(thread, params.excludeTurns)), ...wireSettings(thread.settings) };
    },

    async 'thread/revert'(params, { afterReply }) {
      const thread = await threads.revert(params.threadId, params.beforeTurnId);
      thread.broadcast({ method: 'thread/status/changed', params: { threadId: thread.id, status: thread.status } });
      afterReply(() => thread.broadcast({ method: 'thread/reverted', params: { threadId: thread.id } }));
      return { thread: thread.toWire(), ...backwardsCursors(threads.turns(thread)) };
    },

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
      threads.place(threadId);
      await threads.unload(threadId, () => store.delete(threads.place(threadId)));
      afterReply(() => announce({ method: 'thread/deleted', params: { threadId } }));
      return {};
    },

    async 'thread/name/set'({ threadId, name }, { afterReply }) {
      const threadName = name.trim();
      if (threadName === '') throw new AgentError('invalidRequest', 'thread name must not be empty');
      await threads.settled(threadId);
      const line = { type: 'name', at: now(), name: threadName } as const;
      const live = threads.get(threadId);
      if (live) {
        live.record(line);
        live.name = threadName;
      } else {
        store.amend(threads.place(threadId), line);
      }
      afterReply(() => announce({ method: 'thread/name/updated', params: { threadId, threadName } }));
      return {};
    },

    'thread/unsubscribe'({ threadId }, { connection }) {
      checkThreadId(threadId);
      const thread = threads.get(threadId);
      if (!thread) return { status: 'notLoaded' };
      return { status: thread.unsubscribe(connection) ? 'unsubscribed' : 'notSubscribed' };
    },
  };
}

/** Turns of a record in the asked view. */
export const turnsOf = (threads: ThreadRegistry, threadId: string, view: 'notLoaded' | 'summary' | 'full'): Turn[] =>
  threads.record(threadId).turns.map((turn) => wireTurn(turn, view));
