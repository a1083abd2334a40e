import assert from 'node:assert/strict';
import type { HistoryItem } from '../../../agent-core/models/model-client.ts';
import type { RolloutLine } from '../../../agent-core/threads/rollout.ts';
import { loadFacts, loadSeed, loadTurn } from '../../../agent-core/threads/thread-history.ts';
import type { ThreadView } from '../../../agent-core/threads/thread-view.ts';
import { Files, first, said, settings, text, turn, usage } from './rollouts.ts';

describe('a thread read from its lines', () => {
  const files = new Files();
  const view = (...lines: (RolloutLine | string)[]): ThreadView => files.view('t', [first, ...lines]);
  const seed = (of: ThreadView) => loadSeed(of, files.reader(of));
  const turnOf = (of: ThreadView, index: number, active: string | null = null) => {
    const found = of.turns[index];
    assert.ok(found);
    return loadTurn(found, 'full', active, files.reader(of));
  };

  it('has everything that the lines say', () => {
    const git = { sha: null, branch: 'b1', originUrl: null };
    const found = view(
      ...turn('a', 2000),
      { type: 'name', at: 9000, name: 'Named' },
      { type: 'overrides', at: 9000, config: { model: 'x' } },
      { type: 'gitInfo', at: 9000, gitInfo: git },
    );
    assert.deepEqual(loadFacts(found, files.reader(found)), {
      meta: { ...first, gitInfo: git },
      name: 'Named',
      preview: 'ask a',
      settings,
      overrides: { model: 'x' },
    });
    assert.deepEqual(turnOf(found, 0), {
      id: 'a',
      rootTurnId: 'a',
      items: [
        { type: 'userMessage', id: 'au', content: text('ask a') },
        { type: 'agentMessage', id: 'aa', text: 'answer a' },
      ],
      itemsView: 'full',
      status: 'completed',
      error: null,
      startedAt: 2,
      completedAt: 2,
      durationMs: 500,
    });
    assert.deepEqual(seed(found), {
      history: [said('ask a')],
      settings,
      usageTotal: usage,
      spent: [{ turnId: 'a', usage, costUsd: null }],
      ledgerLines: [],
      contextTokens: 13,
      goal: null,
      dynamicTools: [],
      unsent: [],
    });
  });

  it('knows what was shown as sent and reached no model', () => {
    const shown = (id: string, turnId = 'b'): RolloutLine => {
      const item = { type: 'userMessage', id, clientId: `c-${id}`, content: text(id) };
      return { type: 'item', at: 4000, turnId, item };
    };
    const told = (...items: HistoryItem[]): RolloutLine => ({ type: 'history', at: 4000, turnId: 'b', items });
    const note: HistoryItem = { type: 'message', role: 'user', content: [{ type: 'text', text: '<note>\nx' }] };
    const unsent = (...lines: RolloutLine[]) =>
      seed(view(...turn('a', 2000), { type: 'turnStarted', at: 3000, turnId: 'b' }, ...lines)).unsent.map(
        ({ clientId }) => clientId,
      );
    const short: RolloutLine = { type: 'compacted', at: 3500, turnId: 'b', items: [said('ask a')], tokens: 5 };
    const review: RolloutLine = { type: 'item', at: 4000, turnId: 'b', item: { type: 'enteredReviewMode', id: 'r' } };
    assert.deepEqual(
      [
        unsent(shown('one'), told(said('one'))),
        unsent(shown('one'), told(note), shown('two')),
        unsent(shown('one'), shown('two'), told(said('one'), said('two')), shown('three')),
        unsent(shown('one'), short, told(note)),
        unsent(review, shown('asked')),
        unsent(review, shown('asked'), shown('late')),
      ],
      [[], ['c-one', 'c-two'], ['c-three'], ['c-one'], [], ['c-late']],
    );
    const [first] = seed(view(...turn('a', 2000), shown('one', 'a'))).unsent;
    assert.deepEqual(first, { input: [{ type: 'text', text: 'one', text_elements: [] }], clientId: 'c-one' });
  });

  it('takes the last word on an item, in its first place', () => {
    const item = { type: 'userMessage', id: 'au', content: text('other words') };
    const found = view(...turn('a', 2000), { type: 'item', at: 3000, turnId: 'a', item });
    assert.deepEqual(
      turnOf(found, 0).items.map(({ id }) => id),
      ['au', 'aa'],
    );
    assert.deepEqual(turnOf(found, 0).items[0], item);
  });

  it('tells the turn that runs from those that were cut off', () => {
    const found = view(...turn('a', 2000, { end: false }), ...turn('b', 3000, { end: false }));
    assert.deepEqual(
      [turnOf(found, 0, 'b').status, turnOf(found, 1, 'b').status, turnOf(found, 1).status],
      ['interrupted', 'inProgress', 'interrupted'],
    );
  });

  it('goes back, with what the model was told in the turns that remain', () => {
    const found = view(...turn('a', 2000), ...turn('b', 3000, { cwd: '/later' }), {
      type: 'revert',
      at: 4000,
      beforeTurnId: 'b',
    });
    const { history, settings: told } = seed(found);
    assert.deepEqual(
      [found.turns.map(({ id }) => id), history, told?.cwd, loadFacts(found, files.reader(found)).settings?.cwd],
      [['a'], [said('ask a')], '/w', '/later'],
    );
    const none = view(...turn('a', 2000), { type: 'revert', at: 4000, beforeTurnId: 'a' });
    assert.deepEqual([seed(none).history, seed(none).settings], [[], null]);
  });

  it('starts from the last compaction, and from the words before it once that was taken back', () => {
    const short = { type: 'compacted' as const, at: 3500, turnId: 'b', items: [said('short')], tokens: 5 };
    const after = turn('c', 4000);
    assert.deepEqual(seed(view(...turn('a', 2000), ...turn('b', 3000), short, ...after)).history, [
      said('short'),
      said('ask c'),
    ]);
    const back: RolloutLine = { type: 'revert', at: 5000, beforeTurnId: 'b' };
    assert.deepEqual(seed(view(...turn('a', 2000), ...turn('b', 3000), short, ...after, back)).history, [
      said('ask a'),
    ]);
  });

  it('keeps what can be read and says what cannot', () => {
    const heads = files.write('p', [
      first,
      '{"type":"item","at":1}',
      '{"type":"weather","at":1}',
      'garbage',
      '',
      '{"type":"item","at":5,"turnId":"a","item":{"type":"agentMessage","id":"x","text":"half',
      ...turn('a', 2000),
    ]);
    assert.deepEqual(
      heads.problems.map(({ line, kind }) => [line, kind]),
      [
        [2, 'corrupt'],
        [3, 'unknownType'],
        [4, 'corrupt'],
        [6, 'corrupt'],
      ],
    );
    assert.equal(heads.heads.length, 8);
  });

  it('leaves out an item and a history that only look whole', () => {
    const found = view(
      ...turn('a', 2000),
      '{"type":"item","at":5,"turnId":"a","item":{"type":"agentMessage","id":"x",,,"}',
      { type: 'history', at: 1, turnId: null, items: [{ type: 'message' }, { type: 'fromTheFuture' }] },
    );
    assert.deepEqual(
      turnOf(found, 0).items.map(({ id }) => id),
      ['au', 'aa'],
    );
    assert.deepEqual(seed(found).history, [said('ask a')]);
  });

  it('finds lines of any order of keys, and says that a file is newer', () => {
    const odd = '{"at":2100,"turnId":"a","type":"item","item":{"id":"odd","type":"agentMessage","text":"t"}}';
    const heads = files.write('n', [{ ...first, version: 99 }, ...turn('a', 2000), odd]);
    assert.deepEqual(
      [heads.problems.map(({ kind }) => kind), heads.heads.at(-1)],
      [
        ['newerVersion'],
        {
          type: 'item',
          at: 2100,
          turnId: 'a',
          itemId: 'odd',
          itemType: 'agentMessage',
          offset: heads.heads.at(-1)?.offset,
          length: Buffer.byteLength(odd),
        },
      ],
    );
  });
});
