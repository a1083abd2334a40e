import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { LONG, type Task } from '../task.ts';

const VERSION = `/** Compares versions such as "1.2.10" and "1.3": below 0, 0 or above 0. A missing part counts as 0. Throws a TypeError for what is none. */
export function compareVersions(a, b) {
  const [left, right] = [a, b].map(parts);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function parts(version) {
  if (!/^\\d+(\\.\\d+)*$/.test(version)) throw new TypeError(\`\${version} is no version\`);
  return version.split('.').map(Number);
}
`;
/** Faults that good tests find, by what they are. */
const FAULTS: readonly (readonly [string, string, string])[] = [
  ['looks at the first digit of a part only', '.map(Number)', '.map((part) => Number(part[0]))'],
  ['swaps the sides', 'return difference;', 'return -difference;'],
  ['takes what is no version', 'throw new TypeError(', 'return [0]; void ('],
  ['looks at two parts only', 'Math.max(left.length, right.length)', '2'],
  ['counts a missing part as 1', '(right[i] ?? 0)', '(right[i] ?? 1)'],
];
const GOOD = `import assert from 'node:assert/strict';
import test from 'node:test';
import { compareVersions } from '../src/version.mjs';

test('numbers, not text', () => assert.ok(compareVersions('1.10', '1.9') > 0));
test('smaller', () => assert.ok(compareVersions('1.2', '1.3') < 0));
test('equal', () => assert.equal(compareVersions('1.2.3', '1.2.3'), 0));
test('a missing part is 0', () => assert.equal(compareVersions('1.0', '1'), 0));
test('the third part', () => assert.ok(compareVersions('1.2.3', '1.2.4') < 0));
test('no version', () => assert.throws(() => compareVersions('x', '1'), TypeError));
`;

export const writeTests: Task = {
  name: 'write-tests',
  measures: 'writes tests that pass on right code and fail on five wrong ones',
  prompt:
    'Write tests for src/version.mjs in test/version.test.mjs with node:test. They should catch any fault that its doc comment rules out. Do not change the module.',
  files: { 'src/version.mjs': VERSION, 'package.json': '{ "type": "module" }\n' },
  limits: LONG,
  mayChange: [/^test\//],
  async check(work) {
    const problems = await work.tests('test/version.test.mjs');
    if (problems.length > 0) return problems;
    const place = path.join(work.folder, 'src/version.mjs');
    try {
      for (const [what, from, to] of FAULTS) {
        writeFileSync(place, VERSION.replace(from, to));
        const found = await work.tests('test/version.test.mjs');
        if (found.length === 0) problems.push(`no test fails when the module ${what}`);
      }
    } finally {
      writeFileSync(place, VERSION);
    }
    return problems;
  },
  proof: {
    solution: { write: { 'test/version.test.mjs': GOOD } },
    misses: {
      'not what is no version': {
        write: { 'test/version.test.mjs': GOOD.replace(/^test\('no version.*\n/m, '') },
      },
      'a test of its own copy': {
        write: {
          'test/version.test.mjs': GOOD.replace(/^import \{ compareVersions.*\n/m, VERSION.replace('export ', '')),
        },
      },
      'one that fails on right code': {
        write: { 'test/version.test.mjs': GOOD.replace("'1.10', '1.9') > 0", "'1.10', '1.9') < 0") },
      },
    },
  },
};
