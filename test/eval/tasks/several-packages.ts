import { type Files, LONG, type Task } from '../task.ts';

const FILES: Files = {
  'package.json': '{ "private": true, "type": "module", "workspaces": ["packages/*"] }\n',
  'packages/core/package.json': '{ "name": "@shop/core", "version": "1.4.0", "type": "module" }\n',
  'packages/core/price.js': `/** Price in cents with tax; rate in percent. */
export function withTax(cents, rate) {
  return Math.round(cents * (1 + rate / 100));
}
`,
  'packages/cli/package.json': '{ "name": "@shop/cli", "version": "0.3.1", "type": "module" }\n',
  'packages/cli/main.js': `import { withTax } from '../core/price.js';

const [cents, rate] = process.argv.slice(2).map(Number);
console.log(withTax(cents, rate));
`,
  'packages/web/package.json': '{ "name": "@shop/web", "version": "2.0.0", "type": "module" }\n',
  'packages/web/label.js': `import { withTax } from '../core/price.js';

const RATES = { de: 19, at: 20, export: 0 };

export const label = (cents, country) => \`\${withTax(cents, RATES[country] ?? 0) / 100} EUR\`;
`,
  'packages/web/basket.js': `import * as price from '../core/price.js';

export const basket = (items) => items.reduce((sum, item) => sum + price.withTax(item.cents, item.rate), 0);
`,
};
const CORE = `/** Price in cents with tax. */
export function withTax({ cents, rate }) {
  if (rate < 0) throw new RangeError('rate must not be negative');
  return Math.round(cents * (1 + rate / 100));
}
`;
const SOLUTION = {
  'packages/core/price.js': CORE,
  'packages/cli/main.js': (FILES['packages/cli/main.js'] ?? '').replace(
    'withTax(cents, rate)',
    'withTax({ cents, rate })',
  ),
  'packages/web/label.js': (FILES['packages/web/label.js'] ?? '').replace(
    'withTax(cents, RATES[country] ?? 0)',
    'withTax({ cents, rate: RATES[country] ?? 0 })',
  ),
  'packages/web/basket.js': (FILES['packages/web/basket.js'] ?? '').replace(
    'withTax(item.cents, item.rate)',
    'withTax({ cents: item.cents, rate: item.rate })',
  ),
};
const SCRIPT = `const { withTax } = await import('./packages/core/price.js');
const { label } = await import('./packages/web/label.js');
const { basket } = await import('./packages/web/basket.js');
let thrown = null;
try { withTax({ cents: 1, rate: -1 }); } catch (error) { thrown = error instanceof RangeError; }
report([withTax({ cents: 1000, rate: 19 }), thrown, label(1000, 'at'), label(500, 'xx'), basket([{ cents: 100, rate: 10 }, { cents: 50, rate: 0 }])]);`;

export const severalPackages: Task = {
  name: 'several-packages',
  measures: 'changes an interface in one package and all who call it in others',
  prompt:
    'In packages/core/price.js, make withTax take one object { cents, rate } in place of two arguments, and throw a RangeError for a negative rate. Update everybody who calls it, in all packages.',
  files: FILES,
  limits: LONG,
  mayChange: [/^packages\/.*\.(js|md)$/],
  async check(work) {
    const { stdout } = await work.node(['packages/cli/main.js', '1000', '7']);
    return [
      ...(stdout === '1070\n' ? [] : [`the command line printed ${JSON.stringify(stdout)}`]),
      ...(await work.probe('the packages', SCRIPT, [1190, true, '12 EUR', '5 EUR', 160])),
    ];
  },
  proof: {
    solution: { write: SOLUTION },
    misses: {
      'a caller forgotten': {
        write: { ...SOLUTION, 'packages/web/basket.js': FILES['packages/web/basket.js'] ?? '' },
      },
      'the command line forgotten': {
        write: { ...SOLUTION, 'packages/cli/main.js': FILES['packages/cli/main.js'] ?? '' },
      },
      'no error': { write: { ...SOLUTION, 'packages/core/price.js': CORE.replace(/ {2}if .*\n/, '') } },
    },
  },
};
