/** Folds what the core says into patches of the panel's state. Pure: no editor, no clock. */
import type { AnyThreadItem, ServerNotification, Thread, Turn } from '../../agent-core/protocol/index.ts';
import type {
  DeltaField,
  ItemView,
  PanelPatch,
  ThreadSummary,
  ThreadView,
  TurnView,
} from '../../webview/bridge/panel-state.ts';
import { noExtras } from '../../webview/bridge/thread-extras.ts';

/** The view of a thread that was just started or resumed. Approvals that still wait are the caller's to add. */
export function threadViewOf(thread: Thread, turns: readonly Turn[] = thread.turns): ThreadView {
  return {
    id: thread.id,
    name: thread.name ?? null,
    cwd: thread.cwd,
    turns: turns.map(turnViewOf),
    items: turns.flatMap((turn) => turn.items.map((item) => itemViewOf(turn, item))),
    approvals: [],
    plan: null,
    usage: null,
    retry: null,
    extras: noExtras,
  };
}

export function turnViewOf(turn: Turn): TurnView {
  return {
    id: turn.id,
    status: turn.status,
    error: turn.error ?? null,
    startedAtMs: typeof turn.startedAt === 'number' ? turn.startedAt * 1000 : null,
    durationMs: turn.durationMs ?? null,
  };
}

function itemViewOf(turn: Turn, item: AnyThreadItem): ItemView {
  const running = turn.status === 'inProgress' && 'status' in item && item.status === 'inProgress';
  return { turnId: turn.id, item, done: !running };
}

export function threadSummaryOf(thread: Thread): ThreadSummary {
  return {
    id: thread.id,
    name: thread.name ?? null,
    preview: thread.preview,
    updatedAt: thread.updatedAt,
    cwd: thread.cwd,
    running: thread.status.type === 'active',
    snippet: null,
  };
}

/** The turn that is running in `thread`, if any. */
export function runningTurn(thread: ThreadView | null): TurnView | undefined {
  return thread?.turns.findLast((turn) => turn.status === 'inProgress');
}

/**
 * The patches that one notification means for `thread`, the one that is shown. Notifications of other threads, and
 * those that do not concern the view of a thread, mean nothing.
 */
export function foldNotification(thread: ThreadView | null, notification: ServerNotification): PanelPatch[] {
  const { params } = notification;
  if (!thread || !params || !('threadId' in params) || params.threadId !== thread.id) return [];
  const patches = foldOwn(thread, notification);
  // Whatever comes after "Reconnecting..." shows that the connection is back.
  const progress = notification.method.startsWith('item/') || notification.method === 'turn/completed';
  if (progress && thread.retry !== null)
    patches.push({ op: 'threadSet', threadId: thread.id, values: { retry: null } });
  return patches;
}

function foldOwn(thread: ThreadView, notification: ServerNotification): PanelPatch[] {
  const threadId = thread.id;
  switch (notification.method) {
    case 'turn/started':
      return [
        { op: 'turn', threadId, turn: turnViewOf(notification.params.turn) },
        { op: 'threadSet', threadId, values: { plan: null, retry: null } },
      ];
    case 'turn/completed':
      return foldTurnCompleted(thread, notification.params.turn);
    case 'turn/plan/updated': {
      const { explanation, plan } = notification.params;
      return [{ op: 'threadSet', threadId, values: { plan: { explanation: explanation ?? null, steps: plan } } }];
    }
    case 'item/started':
    case 'item/completed': {
      const { turnId, item } = notification.params;
      return [{ op: 'item', threadId, item: { turnId, item, done: notification.method === 'item/completed' } }];
    }
    case 'item/fileChange/patchUpdated': {
      const { itemId, changes } = notification.params;
      const view = thread.items.findLast(({ item }) => item.id === itemId);
      if (view?.item.type !== 'fileChange') return [];
      return [{ op: 'item', threadId, item: { ...view, item: { ...view.item, changes } } }];
    }
    case 'item/agentMessage/delta':
    case 'item/plan/delta':
      return [delta(notification.params, 'text', 0)];
    case 'item/commandExecution/outputDelta':
      return [delta(notification.params, 'aggregatedOutput', 0)];
    case 'item/reasoning/summaryPartAdded':
      return [delta({ ...notification.params, delta: '' }, 'summary', notification.params.summaryIndex)];
    case 'item/reasoning/summaryTextDelta':
      return [delta(notification.params, 'summary', notification.params.summaryIndex)];
    case 'item/reasoning/textDelta':
      return [delta(notification.params, 'content', notification.params.contentIndex)];
    case 'item/mcpToolCall/progress': {
      const { itemId, message } = notification.params;
      const toolProgress = { ...thread.extras.toolProgress, [itemId]: message };
      return [{ op: 'extras', threadId, values: { toolProgress } }];
    }
    case 'thread/name/updated':
      return [{ op: 'threadSet', threadId, values: { name: notification.params.threadName ?? null } }];
    case 'thread/tokenUsage/updated': {
      const { total, last, modelContextWindow } = notification.params.tokenUsage;
      const usage = {
        totalTokens: total.totalTokens,
        lastTokens: last.totalTokens,
        contextWindow: modelContextWindow ?? null,
      };
      return [{ op: 'threadSet', threadId, values: { usage } }];
    }
    case 'error': {
      const { willRetry, error, turnId } = notification.params;
      if (willRetry) return [{ op: 'threadSet', threadId, values: { retry: error.message } }];
      const turn = thread.turns.find(({ id }) => id === turnId);
      return turn ? [{ op: 'turn', threadId, turn: { ...turn, error } }] : [];
    }
    default:
      return [];
  }
}

type DeltaParams = { threadId: string; itemId: string; delta: string };

function delta(params: DeltaParams, field: DeltaField, index: number): PanelPatch {
  return { op: 'delta', threadId: params.threadId, itemId: params.itemId, field, index, text: params.delta };
}

/** A turn that has ended leaves nothing running, whatever the peer forgot to complete; but for commands that go on behind it. */
function foldTurnCompleted(thread: ThreadView, turn: Turn): PanelPatch[] {
  const before = thread.turns.find(({ id }) => id === turn.id);
  const view = turnViewOf(turn);
  const ended: TurnView = { ...view, startedAtMs: view.startedAtMs ?? before?.startedAtMs ?? null };
  return [
    { op: 'turn', threadId: thread.id, turn: ended },
    ...closeItems(thread, turn.id, turn.status === 'completed'),
  ];
}

function closeItems(thread: ThreadView, turnId: string, keepsCommands: boolean): PanelPatch[] {
  const goesOn = ({ item }: ItemView) => item.type === 'commandExecution' && (item.processId ?? null) !== null;
  return thread.items
    .filter((view) => view.turnId === turnId && !view.done && !(keepsCommands && goesOn(view)))
    .map((view) => ({ op: 'item', threadId: thread.id, item: { ...view, done: true } }));
}

/** The core is gone: what ran in it was interrupted, and nobody waits for an approval any more. */
export function foldLost(thread: ThreadView | null): PanelPatch[] {
  if (!thread) return [];
  const threadId = thread.id;
  const running = thread.turns.filter((turn) => turn.status === 'inProgress');
  return [
    ...running.map((turn): PanelPatch => ({ op: 'turn', threadId, turn: { ...turn, status: 'interrupted' } })),
    ...thread.turns.flatMap(({ id }) => closeItems(thread, id, false)),
    { op: 'extras', threadId, values: { waiting: [], terminals: [], questions: [], elicitations: [], saves: [] } },
    ...thread.approvals.map((approval): PanelPatch => ({ op: 'approvalGone', threadId, id: approval.id })),
    ...(thread.retry === null ? [] : [{ op: 'threadSet', threadId, values: { retry: null } } as const]),
  ];
}
