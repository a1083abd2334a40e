import { type Files, LONG, type Task } from '../task.ts';

const format = (name: string) => `function ${name}(cents) {
  const sign = cents < 0 ? '-' : '';
  const whole = Math.floor(Math.abs(cents) / 100);
  const rest = String(Math.abs(cents) % 100).padStart(2, '0');
  return \`\${sign}\${whole}.\${rest} EUR\`;
}
`;
const FILES: Files = {
  'src/invoice.mjs': `${format('formatMoney')}
export function invoiceLine(name, cents) {
  return \`\${name}: \${formatMoney(cents)}\`;
}
`,
  'src/cart.mjs': `${format('money')}
export function cartTotal(prices) {
  return money(prices.reduce((sum, price) => sum + price, 0));
}
`,
  'src/refund.mjs': `export function refundText(cents) {
  return \`We return \${euro(-cents)}\`;
}

${format('euro')}`,
  'test/all.test.mjs': `import assert from 'node:assert/strict';
import test from 'node:test';
import { cartTotal } from '../src/cart.mjs';
import { invoiceLine } from '../src/invoice.mjs';
import { refundText } from '../src/refund.mjs';

test('all three', () => {
  assert.equal(invoiceLine('Tea', 450), 'Tea: 4.50 EUR');
  assert.equal(cartTotal([199, 1]), '2.00 EUR');
  assert.equal(refundText(5), 'We return -0.05 EUR');
});
`,
};
const IMPORT = "import { formatMoney } from './money.mjs';\n\n";
const MONEY = { 'src/money.mjs': `export ${format('formatMoney')}` };
const CART = `${IMPORT}export function cartTotal(prices) {
  return formatMoney(prices.reduce((sum, price) => sum + price, 0));
}
`;
const INVOICE = `${IMPORT}export function invoiceLine(name, cents) {
  return \`\${name}: \${formatMoney(cents)}\`;
}
`;
const REFUND = `${IMPORT}export function refundText(cents) {
  return \`We return \${formatMoney(-cents)}\`;
}
`;

export const refactorAcrossFiles: Task = {
  name: 'refactor-across-files',
  measures: 'moves what three files have twice into one, and changes no behaviour',
  prompt:
    'The formatting of money stands three times under src/, each time under another name. Put it into src/money.mjs as the export formatMoney(cents), use it everywhere, and remove the copies.',
  files: FILES,
  limits: LONG,
  mayChange: [/^src\//],
  async check(work) {
    const script = `const { formatMoney } = await import('./src/money.mjs');
      report([formatMoney(0), formatMoney(-1), formatMoney(123456)]);`;
    const problems: string[] = [];
    for (const name of ['invoice', 'cart', 'refund']) {
      const text = work.text(`src/${name}.mjs`) ?? '';
      if (/padStart|Math\.floor/.test(text)) problems.push(`src/${name}.mjs still has a copy`);
      if (!/from\s+['"]\.\/money\.mjs['"]/.test(text)) problems.push(`src/${name}.mjs does not use src/money.mjs`);
    }
    return [
      ...problems,
      ...(await work.tests('test/all.test.mjs')),
      ...(await work.probe('formatMoney', script, ['0.00 EUR', '-0.01 EUR', '1234.56 EUR'])),
    ];
  },
  proof: {
    solution: {
      write: { ...MONEY, 'src/cart.mjs': CART, 'src/invoice.mjs': INVOICE, 'src/refund.mjs': REFUND },
    },
    misses: {
      'one copy left': { write: { ...MONEY, 'src/cart.mjs': CART, 'src/invoice.mjs': INVOICE } },
      'an import forgotten': {
        write: {
          ...MONEY,
          'src/cart.mjs': CART,
          'src/invoice.mjs': INVOICE,
          'src/refund.mjs': REFUND.replace(IMPORT, ''),
        },
      },
    },
  },
};
