import { SHORT, type Task } from '../task.ts';

const DISCOUNT = `/** Cents after a discount in percent, rounded to the cent, half up. */
export function discounted(cents, percent) {
  return Math.floor(cents * (1 - percent / 100));
}
`;
const TAX = `/** Cents with tax in percent, rounded to the cent. */
export function taxed(cents, percent) {
  return Math.round(cents * (1 + percent / 100));
}
`;
const ORDER = `import { discounted } from './discount.mjs';
import { taxed } from './tax.mjs';

export const total = ({ cents, discount, tax }) => taxed(discounted(cents, discount), tax);
`;
const TEST = `import assert from 'node:assert/strict';
import test from 'node:test';
import { total } from '../src/order.mjs';
import { taxed } from '../src/tax.mjs';

test('plain tax', () => assert.equal(taxed(100, 19), 119));
test('tax is computed wrongly for odd amounts', () => {
  assert.equal(total({ cents: 199, discount: 10, tax: 0 }), 179);
  assert.equal(total({ cents: 333, discount: 25, tax: 20 }), 300);
});
`;

export const misleadingTestName: Task = {
  name: 'misleading-test-name',
  measures: 'looks at what a test does and not at what it is called',
  prompt:
    'The test "tax is computed wrongly for odd amounts" in test/order.test.mjs fails. Its numbers are right. Fix the cause.',
  files: {
    'src/discount.mjs': DISCOUNT,
    'src/tax.mjs': TAX,
    'src/order.mjs': ORDER,
    'test/order.test.mjs': TEST,
    'package.json': '{ "type": "module" }\n',
  },
  limits: SHORT,
  mayChange: [/^src\//],
  async check(work) {
    const script = `const { discounted } = await import('./src/discount.mjs');
      const { taxed } = await import('./src/tax.mjs');
      report([discounted(199, 10), discounted(333, 25), discounted(100, 0), discounted(101, 10), taxed(333, 20), taxed(101, 19), taxed(103, 19)]);`;
    return [
      ...(await work.tests('test/order.test.mjs')),
      ...(await work.probe('discount and tax', script, [179, 250, 100, 91, 400, 120, 123])),
    ];
  },
  proof: {
    solution: { replace: [['src/discount.mjs', 'Math.floor', 'Math.round']] },
    misses: {
      'the tax bent until the test passes': {
        replace: [['src/tax.mjs', 'Math.round(cents', 'Math.round((cents + 0.6)']],
      },
      'rounded up always': { replace: [['src/discount.mjs', 'Math.floor', 'Math.ceil']] },
    },
  },
};
