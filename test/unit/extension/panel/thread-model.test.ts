import assert from 'node:assert/strict';
import type { ServerNotification, Thread, Turn } from '../../../../agent-core/protocol/index.ts';
import { commandApprovalView } from '../../../../extension/panel/approval-views.ts';
import { foldLost, foldNotification, runningTurn, threadViewOf } from '../../../../extension/panel/thread-model.ts';
import {
  applyPatch,
  initialPanelState,
  type PanelState,
  type ThreadView,
} from '../../../../webview/bridge/panel-state.ts';
import { noExtras } from '../../../../webview/bridge/thread-extras.ts';

const turn = (over: Partial<Turn> = {}): Turn => ({
  id: 'u1',
  items: [],
  status: 'inProgress',
  itemsView: 'full',
  startedAt: 100,
  ...over,
});
const stored = (turns: Turn[] = []): Thread => ({
  id: 't1',
  cliVersion: '1.0.0',
  createdAt: 1,
  cwd: '/w',
  ephemeral: false,
  historyMode: 'legacy',
  modelProvider: 'mock',
  preview: '',
  projectId: null,
  sessionId: 's',
  source: 'vscode',
  status: { type: 'idle' },
  turns,
  updatedAt: 2,
});
const empty = threadViewOf(stored());
const place = { threadId: 't1', turnId: 'u1' };
const message = (text: string) => ({ type: 'agentMessage' as const, id: 'm1', text });
const command = {
  type: 'commandExecution' as const,
  id: 'c1',
  command: 'npm test',
  commandActions: [],
  cwd: '/w',
  source: 'agent' as const,
  status: 'inProgress' as const,
};

/** The thread after `notifications`, as host and page both have it. */
function folded(notifications: ServerNotification[], thread: ThreadView = empty): ThreadView {
  let state: PanelState = { ...initialPanelState, thread };
  for (const notification of notifications) {
    for (const patch of foldNotification(state.thread, notification)) state = applyPatch(state, patch);
  }
  return state.thread as ThreadView;
}

describe('foldNotification', () => {
  it('follows a turn with text from start to end', () => {
    const sequence: ServerNotification[] = [
      { method: 'thread/status/changed', params: { threadId: 't1', status: { type: 'active', activeFlags: [] } } },
      { method: 'turn/started', params: { threadId: 't1', turn: turn() } },
      { method: 'item/started', params: { ...place, startedAtMs: 1, item: message('') } },
      { method: 'item/agentMessage/delta', params: { ...place, itemId: 'm1', delta: 'Hel' } },
      { method: 'item/agentMessage/delta', params: { ...place, itemId: 'm1', delta: 'lo' } },
    ];
    const streaming = folded(sequence);
    assert.deepEqual(streaming.items, [{ turnId: 'u1', item: message('Hello'), done: false }]);
    assert.equal(runningTurn(streaming)?.id, 'u1');
    const breakdown = {
      cachedInputTokens: 0,
      inputTokens: 5,
      outputTokens: 2,
      reasoningOutputTokens: 0,
      cacheWriteInputTokens: 0,
    };
    const ended = folded(
      [
        { method: 'item/completed', params: { ...place, completedAtMs: 2, item: message('Hello!') } },
        {
          method: 'thread/tokenUsage/updated',
          params: {
            ...place,
            tokenUsage: {
              last: { ...breakdown, totalTokens: 7 },
              total: { ...breakdown, totalTokens: 70 },
              modelContextWindow: 1000,
            },
          },
        },
        {
          method: 'turn/completed',
          params: { threadId: 't1', turn: turn({ status: 'completed', startedAt: null, durationMs: 59 }) },
        },
      ],
      streaming,
    );
    assert.deepEqual(ended, {
      ...empty,
      turns: [{ id: 'u1', status: 'completed', error: null, startedAtMs: 100_000, durationMs: 59 }],
      items: [{ turnId: 'u1', item: message('Hello!'), done: true }],
      usage: { totalTokens: 70, lastTokens: 7, contextWindow: 1000 },
    });
  });

  it('puts output, reasoning and plans where they belong', () => {
    const reasoning = { type: 'reasoning' as const, id: 'r1', summary: [], content: [] };
    const thread = folded([
      { method: 'turn/started', params: { threadId: 't1', turn: turn() } },
      { method: 'item/started', params: { ...place, startedAtMs: 1, item: reasoning } },
      { method: 'item/reasoning/summaryPartAdded', params: { ...place, itemId: 'r1', summaryIndex: 0 } },
      {
        method: 'item/reasoning/summaryTextDelta',
        params: { ...place, itemId: 'r1', summaryIndex: 0, delta: 'First' },
      },
      {
        method: 'item/reasoning/summaryTextDelta',
        params: { ...place, itemId: 'r1', summaryIndex: 1, delta: 'Second' },
      },
      { method: 'item/reasoning/textDelta', params: { ...place, itemId: 'r1', contentIndex: 0, delta: 'raw' } },
      { method: 'item/started', params: { ...place, startedAtMs: 1, item: command } },
      { method: 'item/commandExecution/outputDelta', params: { ...place, itemId: 'c1', delta: 'a\n' } },
      { method: 'item/commandExecution/outputDelta', params: { ...place, itemId: 'c1', delta: 'b\n' } },
      { method: 'turn/plan/updated', params: { ...place, plan: [{ step: 'Test', status: 'pending' }] } },
    ]);
    assert.deepEqual(
      thread.items.map(({ item }) => item),
      [
        { ...reasoning, summary: ['First', 'Second'], content: ['raw'] },
        { ...command, aggregatedOutput: 'a\nb\n' },
      ],
    );
    assert.deepEqual(thread.plan, { explanation: null, steps: [{ step: 'Test', status: 'pending' }] });
  });

  it('leaves nothing running when a turn ends, whatever was not completed', () => {
    const thread = folded([
      { method: 'turn/started', params: { threadId: 't1', turn: turn() } },
      { method: 'item/started', params: { ...place, startedAtMs: 1, item: command } },
      { method: 'turn/completed', params: { threadId: 't1', turn: turn({ status: 'interrupted' }) } },
    ]);
    assert.deepEqual(thread.items, [{ turnId: 'u1', item: command, done: true }]);
    assert.equal(runningTurn(thread), undefined);
  });

  it('shows a retry until something comes again', () => {
    const retrying = folded([
      { method: 'turn/started', params: { threadId: 't1', turn: turn() } },
      { method: 'error', params: { ...place, willRetry: true, error: { message: 'Reconnecting... 1/2' } } },
    ]);
    assert.equal(retrying.retry, 'Reconnecting... 1/2');
    const back = folded(
      [{ method: 'item/started', params: { ...place, startedAtMs: 1, item: message('') } }],
      retrying,
    );
    assert.equal(back.retry, null);
    const error = { message: 'Unauthorized' };
    const failed = folded([{ method: 'error', params: { ...place, willRetry: false, error } }], retrying);
    assert.deepEqual(failed.turns[0]?.error, error);
  });

  it('keeps items of types that it does not know', () => {
    const item = { type: 'hologram', id: 'h1', light: 5 } as unknown as ThreadView['items'][number]['item'];
    const thread = folded([{ method: 'item/completed', params: { ...place, completedAtMs: 1, item } }]);
    assert.deepEqual(thread.items, [{ turnId: 'u1', item, done: true }]);
  });

  it('ignores other threads and deltas of items that it never saw', () => {
    const other = { ...place, threadId: 't2' };
    assert.deepEqual(
      foldNotification(empty, { method: 'item/started', params: { ...other, startedAtMs: 1, item: command } }),
      [],
    );
    assert.equal(folded([{ method: 'item/agentMessage/delta', params: { ...place, itemId: 'x', delta: 'a' } }]), empty);
    assert.deepEqual(foldNotification(null, { method: 'thread/name/updated', params: { threadId: 't1' } }), []);
  });
});

describe('threadViewOf', () => {
  it('shows a stored thread as it ended, and what is running as running', () => {
    const done = turn({ id: 'u0', status: 'completed', durationMs: 5, items: [message('Hi')] });
    const running = turn({ items: [{ ...message('Wait'), id: 'm2' }, command] });
    const view = threadViewOf({ ...stored([done, running]), name: 'Name' });
    assert.deepEqual(view, {
      ...empty,
      name: 'Name',
      turns: [
        { id: 'u0', status: 'completed', error: null, startedAtMs: 100_000, durationMs: 5 },
        { id: 'u1', status: 'inProgress', error: null, startedAtMs: 100_000, durationMs: null },
      ],
      items: [
        { turnId: 'u0', item: message('Hi'), done: true },
        { turnId: 'u1', item: { ...message('Wait'), id: 'm2' }, done: true },
        { turnId: 'u1', item: command, done: false },
      ],
    });
  });
});

describe('foldLost', () => {
  it('marks what ran as interrupted and takes the approvals away', () => {
    const view = threadViewOf(stored([turn({ items: [command] })]));
    const approval = commandApprovalView('a1', { ...place, itemId: 'c1', startedAtMs: 1, kind: 'command' }, true);
    let state: PanelState = { ...initialPanelState, thread: { ...view, approvals: [approval], retry: 'again' } };
    for (const patch of foldLost(state.thread)) state = applyPatch(state, patch);
    assert.deepEqual(state.thread, {
      ...view,
      turns: [{ ...view.turns[0], status: 'interrupted' }],
      items: [{ turnId: 'u1', item: command, done: true }],
      approvals: [],
      retry: null,
      extras: noExtras,
    });
    assert.deepEqual(foldLost(null), []);
  });
});
