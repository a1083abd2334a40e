import assert from 'node:assert/strict';
import type { RolloutLine, ThreadLine } from '../../../agent-core/threads/rollout.ts';
import { parseRollout } from '../../../agent-core/threads/rollout-reader.ts';
import {
  closeOpenTurn,
  foldThread,
  forkLines,
  previewOf,
  wireTurn,
} from '../../../agent-core/threads/thread-history.ts';

const settings = {
  cwd: '/w',
  roots: ['/w'],
  model: { provider: 'p', model: 'm' },
  effort: null,
  approvalPolicy: 'never' as const,
  sandboxPolicy: {
    type: 'workspaceWrite' as const,
    writableRoots: ['/x'],
    networkAccess: true,
    excludeTmpdirEnvVar: false,
    excludeSlashTmp: true,
  },
  editApproval: 'askFirst' as const,
  developerInstructions: 'Be kind.',
  outputSchema: null,
};
const usage = { input: 10, cachedInput: 4, cacheWriteInput: 0, output: 3, reasoningOutput: 1 };
const first: ThreadLine = {
  type: 'thread',
  version: 1,
  at: 1000,
  threadId: 't',
  cwd: '/w',
  source: 'vscode',
  originator: 'test',
  cliVersion: '1.0.0',
  provider: 'p',
  model: 'm',
  forkedFromId: null,
  gitInfo: null,
};
const text = (value: string) => [{ type: 'text' as const, text: value }];

function turn(id: string, at: number, end: 'completed' | null = 'completed'): RolloutLine[] {
  const lines: RolloutLine[] = [
    { type: 'turnStarted', at, turnId: id },
    { type: 'settings', at, settings },
    { type: 'item', at, turnId: id, item: { type: 'userMessage', id: `${id}u`, content: text(`ask ${id}`) } },
    {
      type: 'history',
      at,
      turnId: id,
      items: [{ type: 'message', role: 'user', content: text(`ask ${id}`) }],
    },
    { type: 'item', at, turnId: id, item: { type: 'agentMessage', id: `${id}a`, text: `answer ${id}` } },
    { type: 'usage', at, turnId: id, usage, contextWindow: 1000 },
  ];
  if (end) lines.push({ type: 'turnCompleted', at: at + 500, turnId: id, status: end, error: null, durationMs: 500 });
  return lines;
}

describe('foldThread', () => {
  it('gathers everything that the lines say', () => {
    const record = foldThread([first, ...turn('a', 2000), { type: 'name', at: 9000, name: 'Named' }]);
    assert.deepEqual(record, {
      meta: first,
      name: 'Named',
      turns: [
        {
          id: 'a',
          status: 'completed',
          error: null,
          items: [
            { type: 'userMessage', id: 'au', content: text('ask a') },
            { type: 'agentMessage', id: 'aa', text: 'answer a' },
          ],
          startedAtMs: 2000,
          completedAtMs: 2500,
          durationMs: 500,
          diff: null,
        },
      ],
      settings,
      history: [{ type: 'message', role: 'user', content: text('ask a') }],
      usageTotal: usage,
      usageLast: usage,
      contextWindow: 1000,
      updatedAtMs: 9000,
      openTurnId: null,
    });
    assert.equal(previewOf(record), 'ask a');
  });

  it('takes the last word on an item', () => {
    const again: RolloutLine = {
      type: 'item',
      at: 3000,
      turnId: 'a',
      item: { type: 'agentMessage', id: 'aa', text: 'new' },
    };
    const [record] = foldThread([first, ...turn('a', 2000), again]).turns;
    assert.deepEqual(
      record?.items.map(({ id }) => id),
      ['au', 'aa'],
    );
    assert.deepEqual(record?.items[1], again.item);
  });

  it('tells the turn that was running from those that were cut off before', () => {
    const record = foldThread([first, ...turn('a', 2000, null), ...turn('b', 3000, null)]);
    assert.deepEqual(
      [record.turns.map(({ status }) => status), record.openTurnId],
      [['interrupted', 'inProgress'], 'b'],
    );
    closeOpenTurn(record);
    assert.deepEqual([record.turns[1]?.status, record.openTurnId], ['interrupted', null]);
  });

  it('goes back', () => {
    const record = foldThread([
      first,
      ...turn('a', 2000),
      ...turn('b', 3000),
      { type: 'revert', at: 4000, beforeTurnId: 'b' },
      ...turn('c', 5000),
    ]);
    assert.deepEqual(
      [record.turns.map(({ id }) => id), record.history.map((item) => JSON.stringify(item).includes('ask b'))],
      [
        ['a', 'c'],
        [false, false],
      ],
    );
  });

  it('leaves out history and settings that have no form', () => {
    const record = foldThread([
      first,
      { type: 'settings', at: 1, settings: { cwd: 5 } },
      { type: 'history', at: 1, turnId: null, items: [{ type: 'message' }, { type: 'fromTheFuture' }] },
    ]);
    assert.deepEqual([record.settings, record.history], [null, []]);
  });
});

describe('wireTurn', () => {
  it('has a summary of the question and the last answer', () => {
    const lines = turn('a', 2000);
    lines.splice(5, 0, {
      type: 'item',
      at: 2100,
      turnId: 'a',
      item: { type: 'agentMessage', id: 'last', text: 'last' },
    });
    const [record] = foldThread([first, ...lines]).turns;
    assert.ok(record);
    assert.deepEqual(
      wireTurn(record, 'summary').items.map(({ id }) => id),
      ['au', 'last'],
    );
    assert.deepEqual(wireTurn(record, 'notLoaded'), {
      id: 'a',
      rootTurnId: 'a',
      items: [],
      itemsView: 'notLoaded',
      status: 'completed',
      error: null,
      startedAt: 2,
      completedAt: 2,
      durationMs: 500,
    });
  });
});

describe('forkLines', () => {
  const lines = [first, ...turn('a', 2000), ...turn('b', 3000), { type: 'name' as const, at: 8000, name: 'Named' }];
  const fork = { ...first, threadId: 'f', forkedFromId: 't' };

  it('copies up to the end of a turn, with the settings of then', () => {
    const changed: RolloutLine = { type: 'settings', at: 3000, settings: { ...settings, cwd: '/later' } };
    const copy = forkLines([...lines, changed], fork, 'a');
    const record = foldThread(copy ?? []);
    assert.deepEqual(
      [record.meta, record.turns.map(({ id }) => id), record.settings?.cwd, record.name],
      [fork, ['a'], '/w', 'Named'],
    );
  });

  it('copies everything, and ends a turn that runs', () => {
    const record = foldThread(forkLines([...lines, ...turn('c', 4000, null)], fork, null) ?? []);
    assert.deepEqual(
      record.turns.map(({ id, status }) => [id, status]),
      [
        ['a', 'completed'],
        ['b', 'completed'],
        ['c', 'interrupted'],
      ],
    );
  });

  it('knows no turn that is not there', () => {
    assert.equal(forkLines(lines, fork, 'nope'), null);
  });
});

describe('parseRollout', () => {
  it('keeps what can be read and says what cannot', () => {
    const good = JSON.stringify(first);
    const { lines, problems } = parseRollout(
      [good, '{"type":"item","at":1}', '{"type":"weather","at":1}', 'garbage', '', '{"type":"turnSta'].join('\n'),
    );
    assert.deepEqual(lines, [first]);
    assert.deepEqual(
      problems.map(({ line, kind }) => [line, kind]),
      [
        [2, 'corrupt'],
        [3, 'unknownType'],
        [4, 'corrupt'],
        [6, 'torn'],
      ],
    );
  });

  it('reads a newer file, and says that it is one', () => {
    const { lines, problems } = parseRollout(`${JSON.stringify({ ...first, version: 99 })}\n`);
    assert.equal(lines.length, 1);
    assert.deepEqual(
      problems.map(({ kind }) => kind),
      ['newerVersion'],
    );
  });
});
