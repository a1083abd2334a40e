import assert from 'node:assert/strict';
import { traitsOf } from '../../../agent-core/models/capabilities.ts';
import { costOf } from '../../../agent-core/models/cost.ts';
import { factsOf, plainName } from '../../../agent-core/models/model-table.ts';

const usage = { input: 0, cachedInput: 0, cacheWriteInput: 0, output: 0, reasoningOutput: 0 };

describe('what is known of models', () => {
  it('finds a model under the names that providers give it', () => {
    assert.deepEqual(
      [
        'anthropic/claude-sonnet-4.6',
        'us.anthropic.claude-sonnet-4-6-v1:0',
        'claude-sonnet-4-6-20260217',
        'Claude-Sonnet-4.6:thinking',
      ].map((name) => [plainName(name).slice(0, 17), factsOf(name).contextWindow, factsOf(name).thinking]),
      Array(4).fill(['claude-sonnet-4-6', 1_000_000, 'adaptive']),
    );
    assert.deepEqual(
      [
        'claude-haiku-4-5',
        'claude-opus-4-20250514',
        'claude-3-5-haiku-20241022',
        'claude-opus-5-5',
        'claude-new-9',
      ].map((name) => [factsOf(name).thinking, factsOf(name).maxOutput]),
      [
        ['budget', 64_000],
        ['budget', 32_000],
        ['none', 8_192],
        ['adaptive', 128_000],
        ['adaptive', 128_000],
      ],
    );
    assert.deepEqual(factsOf('nobody-knows'), {
      contextWindow: null,
      maxOutput: null,
      images: null,
      tools: null,
      efforts: [],
      thinking: 'none',
      price: null,
    });
  });

  it('believes the user, then the server, then the name', () => {
    const found = {
      model: 'gpt-5.5',
      contextWindow: 1,
      maxOutput: 2,
      supportsTools: false,
      supportsImages: false,
      supportsEffort: true,
      price: { input: 1, output: 1, cacheRead: 1, cacheWrite: 1 },
      note: null,
    };
    assert.deepEqual(
      traitsOf('openai', 'responses', 'gpt-5.5', found, { context_window: 7, price: { input: 3, output: 4 } }),
      {
        contextWindow: 7,
        maxOutput: 2,
        supportsTools: false,
        supportsFreeformTools: true,
        supportsParallelToolCalls: true,
        supportsImages: false,
        reasoningEfforts: ['none', 'low', 'medium', 'high', 'xhigh'],
        price: { input: 3, output: 4, cacheRead: 3, cacheWrite: 3 },
        toolFamily: null,
        thinking: 'none',
        mayReason: true,
      },
    );
  });

  it('counts money by what was fresh, read and written', () => {
    const { price } = factsOf('claude-opus-4-7');
    assert.ok(price);
    const counted = { ...usage, input: 1_000_000, cachedInput: 600_000, cacheWriteInput: 100_000, output: 10_000 };
    assert.equal(costOf(counted, price), 0.3 * 5 + 0.6 * 0.5 + 0.1 * 6.25 + 0.01 * 25);
    const { price: gemini } = factsOf('gemini-3.1-pro-preview');
    assert.ok(gemini);
    assert.equal(costOf({ ...usage, input: 200_000, output: 1_000 }, gemini), 0.412);
    assert.equal(costOf({ ...usage, input: 200_001, output: 0 }, gemini), 0.800004);
  });
});
