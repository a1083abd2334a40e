import assert from 'node:assert/strict';
import { PanelStore } from '../../../../extension/panel/panel-store.ts';
import type { PanelPatch, ThreadView } from '../../../../webview/bridge/panel-state.ts';
import { noExtras } from '../../../../webview/bridge/thread-extras.ts';

const thread: ThreadView = {
  id: 't',
  name: null,
  cwd: '/w',
  turns: [],
  approvals: [],
  plan: null,
  usage: null,
  retry: null,
  extras: noExtras,
  items: [{ turnId: 'u', done: false, item: { type: 'agentMessage', id: 'i', text: '' } }],
};
const delta = (text: string): PanelPatch => ({
  op: 'delta',
  threadId: 't',
  itemId: 'i',
  field: 'text',
  index: 0,
  text,
});

function storeByHand() {
  const frames: (() => void)[] = [];
  const store = new PanelStore((run) => frames.push(run));
  const sent: PanelPatch[][] = [];
  store.onPatches((patches) => sent.push(patches));
  return { store, sent, frame: () => frames.shift()?.(), frames };
}

describe('PanelStore', () => {
  it('sends what came within a frame as one message, deltas of one text as one patch', () => {
    const { store, sent, frame, frames } = storeByHand();
    store.apply({ op: 'thread', thread });
    for (const text of ['a', 'b', 'c']) store.apply(delta(text));
    store.set({ mode: 'auto' });
    store.apply(delta('d'));
    assert.equal(frames.length, 1);
    frame();
    assert.deepEqual(sent, [
      [{ op: 'thread', thread }, delta('abc'), { op: 'set', values: { mode: 'auto' } }, delta('d')],
    ]);
    assert.deepEqual(store.state.thread?.items[0]?.item, { type: 'agentMessage', id: 'i', text: 'abcd' });
  });

  it('has every patch in its state at once', () => {
    const { store } = storeByHand();
    store.apply({ op: 'thread', thread }, delta('a'));
    assert.deepEqual(store.withoutDeltas.thread?.items[0]?.item, { type: 'agentMessage', id: 'i', text: '' });
    assert.deepEqual(store.state.thread?.items[0]?.item, { type: 'agentMessage', id: 'i', text: 'a' });
  });

  it('sends nothing twice: a snapshot holds what waited', () => {
    const { store, sent, frame } = storeByHand();
    store.set({ workspace: 'w' });
    assert.equal(store.snapshot().workspace, 'w');
    assert.equal(sent.length, 1);
    frame();
    assert.equal(sent.length, 1);
  });
});
