/** The ways to a loaded thread, and back. */
import { imported } from '../../late.ts';
import { AgentError, type Turn, type TurnItemsView } from '../../protocol/index.ts';
import type { RolloutProblem } from '../../threads/line-heads.ts';
import type { ThreadView, TurnView } from '../../threads/thread-view.ts';
import type { Connection, HandlerContext, Handlers } from '../wire/connection.ts';
import { pageOf, pageSize } from '../wire/pages.ts';
import type { LiveThread } from './live-thread.ts';
import { withOpenItems } from './open-items.ts';
import { checkThreadId, type ThreadRegistry } from './thread-registry.ts';
import type { ResumeParams } from './thread-start.ts';
import { wireSettings } from './wire-thread.ts';

type Methods = 'thread/start' | 'thread/resume' | 'thread/fork' | 'thread/revert' | 'thread/unsubscribe';

const started = (thread: LiveThread, connection: Connection): void =>
  connection.notify({ method: 'thread/started', params: { thread: thread.toWire() } });

/** Where paging back from the end begins. */
function backwardsCursors(turns: readonly TurnView[]) {
  const last = turns.at(-1);
  const turn = turns.findLast(({ items }) => items.length > 0);
  const lastItem = turn?.items.at(-1);
  return {
    turnsBackwardsCursor: last ? `from:${last.id}` : null,
    itemsBackwardsCursor: turn && lastItem ? `from:${turn.id}/${lastItem.id}` : null,
  };
}

/** What a person should know of a file that was not read whole; null when it was. */
export function problemsText(problems: readonly RolloutProblem[], file: string | null): string | null {
  const lost = problems.filter(({ kind }) => kind !== 'unknownType');
  if (lost.length === 0) return null;
  const where = lost.map(({ line, message }) => (line > 0 ? `line ${line}: ${message}` : message)).join('; ');
  return `Parts of this thread's file could not be read (${where}). ${file ?? ''}`;
}

type InitialPage = {
  itemsView?: TurnItemsView | null | undefined;
  limit?: number | null | undefined;
  sortDirection?: 'asc' | 'desc' | null | undefined;
};

const NOTHING: ThreadView['turns'] = [];

export function threadHandlers(threads: ThreadRegistry): Pick<Handlers, Methods> {
  const viewOf = (thread: LiveThread): ThreadView | null => (thread.isOnDisk ? threads.view(thread.id) : null);

  /** In full also with what is open at this moment, so that a client can go on from there. */
  const withOpen = (thread: LiveThread, turns: Turn[], itemsView: TurnItemsView): Turn[] =>
    itemsView === 'full' ? withOpenItems(turns, thread.openItems) : turns;

  const wireTurns = (
    thread: LiveThread,
    view: ThreadView | null,
    onProblems?: (problems: readonly RolloutProblem[]) => void,
  ): Turn[] =>
    view ? withOpen(thread, threads.wireTurns(thread.id, view, view.turns, 'full', onProblems), 'full') : [];

  const firstPage = (thread: LiveThread, view: ThreadView | null, { itemsView, limit, sortDirection }: InitialPage) => {
    const page = pageOf({
      all: view?.turns ?? NOTHING,
      idOf: ({ id }) => id,
      cursor: null,
      limit: pageSize(limit, 50, 1000),
      ascending: sortDirection === 'asc',
    });
    const asked = itemsView ?? 'summary';
    const data = view ? threads.wireTurns(thread.id, view, page.data, asked) : [];
    return { ...page, data: withOpen(thread, data, asked) };
  };

  /** A new thread in which the model sees these items, as the reference does it; the id that was given is not used. */
  const fromHistory = async (params: ResumeParams, history: unknown[], connection: Connection): Promise<LiveThread> => {
    if (history.length === 0) throw new AgentError('invalidRequest', 'history must not be empty');
    if (threads.get(params.threadId)) {
      throw new AgentError(
        'invalidRequest',
        `cannot resume thread ${params.threadId} with history while it is already running`,
      );
    }
    const { historyItems } = await imported(import('./thread-inject.ts'));
    // Before there is a thread: what cannot be taken makes none.
    historyItems(history, params.modelProvider ?? '');
    const thread = await threads.start(params, connection);
    thread.inject(historyItems(history, thread.settings.model.provider));
    return thread;
  };

  return {
    async 'thread/start'(params, { connection, afterReply }) {
      const thread = await threads.start(params, connection);
      thread.subscribe(connection);
      afterReply(() => {
        started(thread, connection);
        threads.lookAhead(thread);
      });
      return {
        thread: thread.toWire(),
        ...wireSettings(thread.settings),
      };
    },

    async 'thread/resume'(params, { connection, afterReply, answerFirst }: HandlerContext) {
      const threadId = params.path ? threads.idOfFile(params.path) : params.threadId;
      const isNew = threads.get(threadId) === undefined;
      const { thread, problems } = params.history
        ? { thread: await fromHistory(params, params.history, connection), problems: [] }
        : await threads.resume({ ...params, threadId }, connection);
      thread.subscribe(connection);
      afterReply(() => thread.askOpen(connection));
      if (isNew) {
        connection.notify({ method: 'thread/status/changed', params: { threadId: thread.id, status: thread.status } });
      }
      // What happens from here on is not in the answer, so it must not come before it.
      answerFirst();
      const view = viewOf(thread);
      const turns = params.excludeTurns ? [] : wireTurns(thread, view, (more) => problems.push(...more));
      const message = isNew ? problemsText(problems, thread.file?.path ?? null) : null;
      if (message !== null) {
        afterReply(() => connection.notify({ method: 'warning', params: { threadId: thread.id, message } }));
      }
      const { model, effort, developerInstructions } = thread.settings;
      const modeSettings = {
        model: model.model,
        reasoning_effort: effort,
        developer_instructions: developerInstructions,
      };
      return {
        thread: thread.toWire(turns),
        ...wireSettings(thread.settings),
        collaborationMode: { mode: thread.settings.mode?.kind ?? 'default', settings: modeSettings },
        initialTurnsPage: params.initialTurnsPage ? firstPage(thread, view, params.initialTurnsPage) : null,
        ...backwardsCursors(view?.turns ?? []),
      };
    },

    async 'thread/fork'(params, { connection, afterReply }) {
      const threadId = params.path ? threads.idOfFile(params.path) : params.threadId;
      const thread = await threads.fork({ ...params, threadId }, connection);
      thread.subscribe(connection);
      afterReply(() => started(thread, connection));
      return {
        thread: thread.toWire(params.excludeTurns ? [] : wireTurns(thread, viewOf(thread))),
        ...wireSettings(thread.settings),
      };
    },

    async 'thread/revert'(params, { afterReply }) {
      const thread = await threads.revert(params.threadId, params.beforeTurnId);
      thread.broadcast({ method: 'thread/status/changed', params: { threadId: thread.id, status: thread.status } });
      afterReply(() => thread.broadcast({ method: 'thread/reverted', params: { threadId: thread.id } }));
      return { thread: thread.toWire(), ...backwardsCursors(threads.turnViews(thread)) };
    },

    'thread/unsubscribe'({ threadId }, { connection }) {
      checkThreadId(threadId);
      const thread = threads.get(threadId);
      if (!thread) return { status: 'notLoaded' };
      return { status: thread.unsubscribe(connection) ? 'unsubscribed' : 'notSubscribed' };
    },
  };
}
