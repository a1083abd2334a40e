import assert from 'node:assert/strict';
import { parsePrices, priceText } from '../../../agent-core/models/price-file.ts';
import { addSpent, createSpendingBook, noSpending } from '../../../agent-core/models/spending.ts';

describe('a list of prices', () => {
  const read = (value: unknown) => {
    const parsed = parsePrices(typeof value === 'string' ? value : JSON.stringify(value));
    return parsed.ok ? Object.fromEntries(parsed.prices) : parsed.problem;
  };

  it('is read in both forms, by plain names', () => {
    const expected = {
      'gpt-5-5': { input: 5, output: 30, cacheRead: 0.5, cacheWrite: 5 },
      'claude-x': { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
    };
    const given = {
      'openai/gpt-5.5': { input: 5, output: 30, cache_read: 0.5 },
      'gpt-5.5': { input: 1, output: 1 },
      'claude-x': {
        input_cost_per_token: 3e-6,
        output_cost_per_token: 1.5e-5,
        cache_read_input_token_cost: 3e-7,
        cache_creation_input_token_cost: 3.75e-6,
      },
      'dall-e': { input_cost_per_pixel: 1 },
      negative: { input: -1, output: 1 },
    };
    assert.deepEqual(read(given), expected);
    const parsed = parsePrices(JSON.stringify(given));
    assert.deepEqual(parsed.ok && read(priceText(parsed.prices)), expected);
  });

  it('says what is wrong with it', () => {
    assert.match(String(read('no json')), /^it is no JSON: /);
    assert.equal(read([1]), 'it is no JSON object with a model in each key');
    assert.match(String(read({ a: {} })), /^no model in it has a price/);
  });
});

describe('a book of spending', () => {
  const usage = { input: 10, cachedInput: 4, cacheWriteInput: 0, output: 3, reasoningOutput: 1 };

  it('keeps what is known apart from what is not', () => {
    const book = createSpendingBook([{ turnId: 'a', usage, costUsd: 0.5 }]);
    book.add({ turnId: 'a', usage, costUsd: null });
    book.add({ turnId: 'b', usage, costUsd: 0.25 });
    const one = { inputTokens: 10, cachedInputTokens: 4, outputTokens: 3 };
    assert.deepEqual(
      { total: book.total, turns: book.turns },
      {
        total: { calls: 3, unpricedCalls: 1, inputTokens: 30, cachedInputTokens: 12, outputTokens: 9, costUsd: 0.75 },
        turns: [
          {
            turnId: 'a',
            spending: {
              calls: 2,
              unpricedCalls: 1,
              inputTokens: 20,
              cachedInputTokens: 8,
              outputTokens: 6,
              costUsd: 0.5,
            },
          },
          { turnId: 'b', spending: { calls: 1, unpricedCalls: 0, ...one, costUsd: 0.25 } },
        ],
      },
    );
    assert.equal(addSpent(noSpending, { turnId: 'x', usage, costUsd: null }).costUsd, null);
  });
});
