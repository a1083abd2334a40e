import assert from 'node:assert/strict';
import { formatNumber, formatSummary, median, ratio, summarize } from '../../bench/statistics.ts';
import { serverTable } from '../../bench/table.ts';

describe('statistics of the bench', () => {
  it('takes the middle, or the mean of the two in the middle', () => {
    assert.equal(median([5]), 5);
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([10, 2, 4, 1]), 3);
    assert.throws(() => median([]), RangeError);
  });

  it('summarizes, and has nothing to say of nothing', () => {
    assert.deepEqual(summarize([3, 1, 2]), { n: 3, median: 2, min: 1, max: 3 });
    assert.equal(summarize([]), null);
  });

  it('compares only what both have', () => {
    const [half, whole, none] = [summarize([2]), summarize([4]), summarize([0])];
    assert.deepEqual(
      [ratio(half, whole), ratio(half, null), ratio(null, whole), ratio(half, none)],
      [0.5, null, null, null],
    );
  });

  it('writes numbers as long as they are worth', () => {
    assert.deepEqual([0.1234, 7, 12.345, 123.456, 38217].map(formatNumber), ['0.12', '7', '12.3', '123', '38,217']);
    assert.equal(formatSummary(summarize([60, 55.5, 50]), 'ms'), '55.5 ms (50)');
    assert.equal(formatSummary(null, 'MB'), '-');
  });

  it('leaves the other program out of the table when it was not there', () => {
    const gantry = summarize([50, 60]);
    const row = { measurement: 'start', key: 'wall', label: 'start', unit: 'ms' as const, gantry };
    const samples = { gantry: [50, 60], codex: [] };
    assert.equal(
      serverTable([{ ...row, codex: null, ratio: null, samples }], null),
      '|  | Gantry | n |\n| --- | --: | --: |\n| start | 55 ms (50) | 2 |',
    );
    const codex = summarize([110]);
    assert.equal(
      serverTable([{ ...row, codex, ratio: ratio(gantry, codex), samples: { ...samples, codex: [110] } }], '1.2.3'),
      '|  | Gantry | codex 1.2.3 | Gantry ÷ codex | n |\n| --- | --: | --: | --: | --: |\n| start | 55 ms (50) | 110 ms (110) | 0.50 | 2 |',
    );
  });
});
