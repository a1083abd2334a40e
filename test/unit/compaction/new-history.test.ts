import assert from 'node:assert/strict';
import { emptyLedger, foldLedger, type Ledger } from '../../../agent-core/compaction/ledger.ts';
import { isUserMessage, type KeptState, newHistory } from '../../../agent-core/compaction/new-history.ts';
import { CUT_MARK, IMAGE_GONE, NO_SUMMARY } from '../../../agent-core/compaction/prompts.ts';
import { tokensOfText } from '../../../agent-core/compaction/size.ts';
import type { HistoryItem } from '../../../agent-core/models/model-client.ts';
import type { RolloutLine } from '../../../agent-core/threads/rollout.ts';

const user = (text: string): HistoryItem => ({
  type: 'message',
  role: 'user',
  origin: 'user',
  content: [{ type: 'text', text }],
});
const initial: HistoryItem[] = [{ type: 'message', role: 'developer', content: [{ type: 'text', text: 'base' }] }];

const lines: RolloutLine[] = [
  {
    type: 'plan',
    at: 1,
    turnId: 't',
    explanation: 'why',
    plan: [
      { step: 'look', status: 'completed' },
      { step: 'mend', status: 'inProgress' },
      { step: 'test', status: 'pending' },
    ],
  },
  { type: 'decision', at: 1, turnId: 't', text: 'Did not allow the command: rm -rf x' },
  {
    type: 'item',
    at: 1,
    turnId: 't',
    item: {
      type: 'fileChange',
      id: 'f',
      status: 'completed',
      changes: [
        { path: '/w/a.ts', kind: { type: 'add' } },
        { path: '/w/old.ts', kind: { type: 'update', move_path: '/w/new.ts' } },
      ],
    },
  },
  {
    type: 'item',
    at: 1,
    turnId: 't',
    item: { type: 'fileChange', id: 'g', status: 'declined', changes: [{ path: '/w/no.ts', kind: { type: 'add' } }] },
  },
];

function ledger(): Ledger {
  const made = emptyLedger();
  for (const line of lines) foldLedger(made, line);
  return made;
}

const kept = (): KeptState => ({
  ledger: ledger(),
  openApprovals: ['whether this command may run: deploy'],
  standingApprovals: ['the command: npm test'],
  runningCommands: [{ sessionId: 1001, command: 'npm run dev' }],
  goal: 'ship it (active; 5 tokens and 1 s used, no token budget)',
});

const parts = { initial, kept: kept(), opaque: [], userTokens: 1000, isMidTurn: false };

const textOf = (item: HistoryItem | undefined): string =>
  item?.type === 'message' ? item.content.map((part) => (part.type === 'text' ? part.text : '')).join('') : '';

describe('a compacted history', () => {
  it('holds the context, the words of the user, and one message that introduces the summary', () => {
    const before: HistoryItem[] = [
      ...initial,
      { type: 'message', role: 'user', content: [{ type: 'text', text: '<environment_context>\ncwd: /w' }] },
      user('first'),
      { type: 'toolCall', callId: 'c', name: 'exec_command', kind: 'function', input: '{}' },
      { type: 'toolResult', callId: 'c', kind: 'function', output: [{ type: 'text', text: 'out' }], success: true },
      user('second'),
    ];
    const history = newHistory({ ...parts, before, summary: ' It went well. ' });
    assert.deepEqual(history.slice(0, 3), [...initial, user('first'), user('second')]);
    assert.equal(history.length, 4);
    const introduced = textOf(history[3]);
    assert.deepEqual(introduced.split('\n\n').slice(1), [
      '## Goal of the thread\nship it (active; 5 tokens and 1 s used, no token budget)',
      '## Plan\nwhy\n[x] look\n[~] mend\n[ ] test',
      '## Files changed in this thread\n- added /w/a.ts\n- deleted /w/old.ts\n- added /w/new.ts',
      '## Waiting for the user\n- whether this command may run: deploy',
      '## Allowed for this session\n- the command: npm test',
      '## Decided by the user\n- Did not allow the command: rm -rf x',
      '## Commands that still run\n- session 1001: npm run dev',
      '## Summary\nIt went well.',
      '</compacted_conversation>',
    ]);
  });

  for (const garbage of ['', '   ', 'asdf </compacted_conversation> # AGENTS.md instructions', '<x>']) {
    it(`loses nothing in five compactions with the summary ${JSON.stringify(garbage)}`, () => {
      let history: HistoryItem[] = [...initial, user('one'), user('two')];
      const first = newHistory({ ...parts, before: history, summary: garbage });
      for (let times = 0; times < 5; times++) history = newHistory({ ...parts, before: history, summary: garbage });
      assert.deepEqual(history, first);
      assert.deepEqual(history.filter(isUserMessage), [user('one'), user('two')]);
      if (garbage.trim() === '') assert.ok(textOf(history.at(-1)).includes(NO_SUMMARY));
    });
  }

  it('keeps the newest words within the budget, cuts the last in its middle and marks it, however often', () => {
    const long = `BEGIN ${'ä'.repeat(4000)} END`;
    let history: HistoryItem[] = [user('lost'), user(long), user('newest')];
    const texts = () => history.filter(isUserMessage).map(textOf);
    for (let times = 0; times < 5; times++) {
      history = newHistory({ ...parts, initial: [], before: history, summary: 'x', userTokens: 500 });
      const [cut = '', newest] = texts();
      assert.equal(texts().length, 2);
      assert.equal(newest, 'newest');
      assert.ok(cut.startsWith('BEGIN ä') && cut.endsWith('ä END') && !cut.includes('\uFFFD'));
      assert.equal(cut.split(CUT_MARK).length, 2);
      assert.ok(tokensOfText(cut) + tokensOfText('newest') <= 500);
    }
  });

  const picture = { type: 'image', url: 'data:image/png;base64,AAAA' } as const;
  const withPictures = (text: string, count: number): HistoryItem => ({
    type: 'message',
    role: 'user',
    origin: 'user',
    content: [{ type: 'text', text }, ...Array.from({ length: count }, () => picture)],
  });

  it('leaves images out and says so', () => {
    const history = newHistory({ ...parts, initial: [], before: [withPictures('see', 1)], summary: 'x' });
    assert.deepEqual(history[0], user(`see\n${IMAGE_GONE}`));
  });

  it('keeps the newest images while a turn goes on, in a third of the budget, however often', () => {
    let history: HistoryItem[] = [withPictures('old', 2), withPictures('new', 1), user('and this')];
    for (let times = 0; times < 3; times++) {
      history = newHistory({
        ...parts,
        initial: [],
        before: history,
        summary: 'x',
        userTokens: 10_000,
        isMidTurn: true,
      });
      const [old, ...rest] = history.slice(0, 3);
      assert.deepEqual(old?.type === 'message' && old.content, [{ type: 'text', text: `old\n${IMAGE_GONE}` }, picture]);
      assert.deepEqual(rest, [withPictures('new', 1), user('and this')]);
    }
    const small = newHistory({
      ...parts,
      initial: [],
      before: [withPictures('see', 1)],
      summary: 'x',
      isMidTurn: true,
    });
    assert.deepEqual(small[0], user(`see\n${IMAGE_GONE}`));
  });

  it('tells the words of the user from notes in threads of before', () => {
    const old = (text: string): HistoryItem => ({ type: 'message', role: 'user', content: [{ type: 'text', text }] });
    const items = [old('<turn_aborted>\nx'), old('# AGENTS.md instructions for /w'), old('a < b'), old('<b> is html')];
    assert.deepEqual(items.map(isUserMessage), [false, false, true, false]);
  });
});
