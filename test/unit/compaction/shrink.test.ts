import assert from 'node:assert/strict';
import { IMAGE_GONE, OUTPUT_GONE } from '../../../agent-core/compaction/prompts.ts';
import { SHRINK_TRIES, shrink } from '../../../agent-core/compaction/shrink.ts';
import { compactLimit, contextParts, tokensOfItems } from '../../../agent-core/compaction/size.ts';
import type { HistoryItem, ModelInfo } from '../../../agent-core/models/model-client.ts';

const big = 'x'.repeat(2000);
const round = (id: string): HistoryItem[] => [
  { type: 'toolCall', callId: id, name: 'exec_command', kind: 'function', input: '{}' },
  { type: 'toolResult', callId: id, kind: 'function', output: [{ type: 'text', text: big }], success: true },
];
const history: HistoryItem[] = [
  { type: 'message', role: 'developer', content: [{ type: 'text', text: 'base' }] },
  {
    type: 'message',
    role: 'user',
    origin: 'user',
    content: [
      { type: 'text', text: 'go' },
      { type: 'image', url: 'data:image/png;base64,AAAA' },
    ],
  },
  ...round('a'),
  ...round('b'),
  ...round('c'),
  ...round('d'),
];

const gone = (items: readonly HistoryItem[]) =>
  items.flatMap((item) =>
    item.type === 'toolResult' && item.output[0]?.type === 'text' && item.output[0].text === OUTPUT_GONE
      ? [item.callId]
      : [],
  );

describe('shrinking for a summary', () => {
  it('drops the oldest outputs first, then all but the newest, then images, then old rounds', () => {
    assert.deepEqual(gone(shrink(history, 1)), ['a', 'b']);
    assert.deepEqual(gone(shrink(history, 2)), ['a', 'b', 'c']);
    const third = shrink(history, 3);
    assert.deepEqual(third[1], {
      type: 'message',
      role: 'user',
      origin: 'user',
      content: [
        { type: 'text', text: 'go' },
        { type: 'text', text: IMAGE_GONE },
      ],
    });
    const last = shrink(history, SHRINK_TRIES);
    assert.ok(last.length < history.length);
    assert.deepEqual(last.slice(0, 2), third.slice(0, 2));
  });

  it('gets smaller with each try and never parts a call from its result', () => {
    let before = tokensOfItems(history);
    for (let attempt = 1; attempt <= SHRINK_TRIES; attempt++) {
      const items = shrink(history, attempt);
      assert.ok(tokensOfItems(items) <= before);
      before = tokensOfItems(items);
      const ids = (type: string) =>
        items.flatMap((item) => (item.type === type && 'callId' in item ? [item.callId] : []));
      assert.deepEqual(ids('toolCall'), ids('toolResult'));
    }
  });
});

describe('the size of a conversation', () => {
  it('is told by what it is spent on', () => {
    const parts = contextParts(
      [...history, { type: 'message', role: 'user', content: [{ type: 'text', text: '# AGENTS.md instructions' }] }],
      [{ kind: 'function', name: 'f', description: 'd', parameters: {} }],
    );
    assert.deepEqual(parts, {
      instructions: 5,
      tools: 16,
      project: 10,
      messages: 5 + 4 * 8,
      toolOutput: 4 * 504,
      images: 1500,
    });
  });

  const info = (contextWindow: number | null, autoCompactTokens: number | null): ModelInfo =>
    ({ contextWindow, autoCompactTokens }) as ModelInfo;

  it('has its limit in nine tenths of the window less an answer, or lower where the config says so', () => {
    assert.deepEqual(
      [
        info(200_000, null),
        info(8000, null),
        info(200_000, 50_000),
        info(8000, 50_000),
        info(null, 1000),
        info(null, null),
      ].map(compactLimit),
      [171_808, 6800, 50_000, 6800, 1000, null],
    );
  });
});
