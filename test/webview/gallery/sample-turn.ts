/** One whole turn: a failing test is found, mended and explained. */
import { agent, CWD, change, command, files, reasoning, user, view } from './items.ts';

export const TEST_OUTPUT = `
\u001b[36m> harbor@0.3.0 test\u001b[0m
> node --test

\u001b[32m✔\u001b[39m parses a plain price \u001b[90m(1.2ms)\u001b[39m
\u001b[32m✔\u001b[39m rounds half a cent up \u001b[90m(0.4ms)\u001b[39m
\u001b[31m✖\u001b[39m adds tax per line, not per order \u001b[90m(2.1ms)\u001b[39m
  \u001b[31mAssertionError [ERR_ASSERTION]\u001b[39m: Expected values to be strictly equal:
  \u001b[32m1190\u001b[39m !== \u001b[31m1189\u001b[39m
      at TestContext.<anonymous> (src/price.test.ts:31:10)

ℹ tests 3
ℹ pass 2
ℹ fail 1
`.trimStart();

export const DIFF = `@@ -9,9 +9,11 @@ export type Line = { cents: number; taxRate: number };
 
 /** The whole order, tax included, in cents. */
 export function total(lines: readonly Line[]): number {
-  const net = lines.reduce((sum, line) => sum + line.cents, 0);
-  return Math.floor(net * (1 + lines[0].taxRate));
+  return lines.reduce((sum, line) => sum + line.cents + tax(line), 0);
+}
+
+function tax(line: Line): number {
+  return Math.round(line.cents * line.taxRate);
 }
@@ -31,4 +33,4 @@
 export function format(cents: number): string {
-  return (cents / 100).toFixed(2) + ' EUR';
+  return (cents / 100).toFixed(2) + ' €';
 }
`;

export const TEST_DIFF = `@@ -28,6 +28,6 @@ test('adds tax per line, not per order', () => {
   const lines = [{ cents: 333, taxRate: 0.19 }, { cents: 666, taxRate: 0.19 }];
-  assert.equal(total(lines), 1190);
+  assert.equal(total(lines), 1189 + 1);
 });
`;

const ANSWER = `The rounding was done **once for the whole order**, so a cent got lost. It is now done per line, as the test and your invoice rules ask for.

### What changed
- \`src/price.ts:12\` computes tax in a helper of its own, rounded to whole cents
- \`format\` writes the currency sign
- nothing else uses \`total\`, I looked in src/cart/checkout.ts:88 too

\`\`\`ts
// Rounds each line, so that the sum of the parts is the whole.
function tax(line: Line): number {
  return Math.round(line.cents * line.taxRate);
}
\`\`\`

| Case | before | now |
|---|---|---|
| one line | 1190 | 1190 |
| two lines | 1189 | **1190** |

All 3 tests pass. See [the rounding rules](https://example.com/rounding) if you also sell outside the EU.`;

export const firstTurn = [
  view(
    'u1',
    user('m1', 'The price test fails. Find out why and fix it.', {
      type: 'mention',
      name: 'src/price.ts:9-14',
      path: `${CWD}/src/price.ts`,
    }),
  ),
  view(
    'u1',
    reasoning(
      'r1',
      '**Looking for the failing test**\n\nThe message names a price test. I run the suite first, and read only what its output points to.',
    ),
  ),
  view(
    'u1',
    command('c1', 'npm test', { exitCode: 1, status: 'failed', durationMs: 2310, aggregatedOutput: TEST_OUTPUT }),
  ),
  view(
    'u1',
    command('c2', 'cat src/price.ts', {
      commandActions: [{ type: 'read', command: 'cat src/price.ts', name: 'price.ts', path: `${CWD}/src/price.ts` }],
      aggregatedOutput: 'export type Line = …\n',
      durationMs: 40,
    }),
  ),
  view(
    'u1',
    command('c3', 'rg -n "total(" src', {
      commandActions: [{ type: 'search', command: 'rg', query: 'total(', path: 'src' }],
      aggregatedOutput: 'src/cart/checkout.ts:88: total(lines)\n',
      durationMs: 60,
    }),
  ),
  view(
    'u1',
    agent(
      'a1',
      'Tax is rounded once for the order; the test wants it per line. I change `total` and keep its signature.',
    ),
  ),
  view(
    'u1',
    files('f1', [
      change('src/price.ts', DIFF),
      change('CHANGELOG.md', '# Changes\n\n- Tax is rounded per line.\n', 'add'),
    ]),
  ),
  view('u1', command('c4', 'npm test', { durationMs: 2120, aggregatedOutput: '✔ 3 tests passed\n' })),
  view('u1', agent('a2', ANSWER, 'final_answer')),
];
