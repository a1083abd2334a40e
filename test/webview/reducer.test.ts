import assert from 'node:assert/strict';
import { applyPatch, type PanelState } from '../../webview/bridge/panel-state.ts';
import { rowsOf } from '../../webview/state/selectors.ts';
import { agent, approval, command, reasoning, thread, turn, user, view } from './gallery/items.ts';
import { READY } from './gallery/states.ts';

const base: PanelState = {
  ...READY,
  thread: thread({
    turns: [turn('u1', 'inProgress')],
    items: [view('u1', user('m1', 'Hi')), view('u1', agent('a1', 'He'), false)],
  }),
};

describe('applyPatch', () => {
  it('extends the text of an item and leaves all else as it was', () => {
    const next = applyPatch(base, { op: 'delta', threadId: 't1', itemId: 'a1', field: 'text', index: 0, text: 'llo' });
    assert.deepEqual(next, {
      ...base,
      thread: { ...base.thread, items: [base.thread?.items[0], view('u1', agent('a1', 'Hello'), false)] },
    });
    assert.equal(next.thread?.items[0], base.thread?.items[0]);
    assert.equal(next.thread?.turns, base.thread?.turns);
    assert.equal(base.thread?.items[1]?.item.type === 'agentMessage' && base.thread.items[1].item.text, 'He');
  });

  it('fills the parts of a reasoning summary that come out of order', () => {
    const state = applyPatch(base, { op: 'item', threadId: 't1', item: view('u1', reasoning('r1'), false) });
    const next = applyPatch(state, {
      op: 'delta',
      threadId: 't1',
      itemId: 'r1',
      field: 'summary',
      index: 1,
      text: 'two',
    });
    assert.deepEqual(next.thread?.items[2], view('u1', reasoning('r1', '', 'two'), false));
  });

  it('starts the output of a command from nothing', () => {
    const state = applyPatch(base, { op: 'item', threadId: 't1', item: view('u1', command('c1', 'ls'), false) });
    const next = applyPatch(state, {
      op: 'delta',
      threadId: 't1',
      itemId: 'c1',
      field: 'aggregatedOutput',
      index: 0,
      text: 'a\n',
    });
    assert.deepEqual(next.thread?.items[2]?.item, command('c1', 'ls', { aggregatedOutput: 'a\n' }));
  });

  it('replaces items, turns and approvals by id and drops an approval', () => {
    const ask = approval('c1');
    const patched = [
      { op: 'item', threadId: 't1', item: view('u1', agent('a1', 'Bye')) } as const,
      { op: 'turn', threadId: 't1', turn: turn('u1', 'completed') } as const,
      { op: 'approval', threadId: 't1', approval: ask } as const,
      { op: 'approval', threadId: 't1', approval: { ...ask, reason: 'why' } } as const,
    ].reduce(applyPatch, base);
    assert.deepEqual(patched.thread, {
      ...base.thread,
      items: [base.thread?.items[0], view('u1', agent('a1', 'Bye'))],
      turns: [turn('u1', 'completed')],
      approvals: [{ ...ask, reason: 'why' }],
    });
    assert.deepEqual(applyPatch(patched, { op: 'approvalGone', threadId: 't1', id: ask.id }).thread?.approvals, []);
  });

  it('ignores what is meant for another thread or an unknown item', () => {
    assert.equal(applyPatch(base, { op: 'threadSet', threadId: 'other', values: { name: 'x' } }), base);
    assert.equal(
      applyPatch(base, { op: 'delta', threadId: 't1', itemId: 'no', field: 'text', index: 0, text: 'x' }),
      base,
    );
  });
});

describe('rowsOf', () => {
  it('ends each turn after its last item, numbers leads and shows an approval without an item', () => {
    const rows = rowsOf(
      thread({
        turns: [turn('u1'), turn('u2', 'inProgress')],
        items: [
          view('u1', user('m1', 'a')),
          view('u1', reasoning('r1')),
          view('u1', agent('a1', 'b')),
          view('u2', user('m2', 'c')),
        ],
        approvals: [approval('nowhere')],
      }),
    );
    assert.deepEqual(
      rows.map(({ key }) => key),
      ['m1', 'a1', 'end:u1', 'm2', 'approval:approval-nowhere', 'running:u2'],
    );
    assert.deepEqual(
      rows.map((row) => row.kind === 'item' && row.lead),
      [true, false, false, true, false, false],
    );
  });
});
