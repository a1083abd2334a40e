import { SHORT, type Task } from '../task.ts';

const PAGES = `/** Items of one page; pages count from 1. */
export function pageOf(items, page, size) {
  const from = page * size;
  return items.slice(from, from + size);
}

export function pageCount(items, size) {
  return Math.floor(items.length / size);
}
`;

const TEST = `import assert from 'node:assert/strict';
import test from 'node:test';
import { pageCount, pageOf } from '../src/pages.mjs';

const letters = [...'abcdefg'];

test('the first page begins with the first item', () => {
  assert.deepEqual(pageOf(letters, 1, 3), ['a', 'b', 'c']);
});

test('the last page may be short', () => {
  assert.deepEqual(pageOf(letters, 3, 3), ['g']);
});

test('a short page counts', () => {
  assert.equal(pageCount(letters, 3), 3);
});
`;

export const fixFailingTest: Task = {
  name: 'fix-failing-test',
  measures: 'finds and mends a plain fault that tests show',
  prompt: 'The tests fail (`node --test`). Fix the code. The tests are right.',
  files: { 'src/pages.mjs': PAGES, 'test/pages.test.mjs': TEST, 'package.json': '{ "type": "module" }\n' },
  limits: SHORT,
  mayChange: [/^src\//],
  async check(work) {
    const script = `const { pageCount, pageOf } = await import('./src/pages.mjs');
      report([pageOf([1, 2, 3, 4], 2, 2), pageOf([1], 1, 5), pageOf([], 1, 5), pageCount([], 4), pageCount([1, 2], 2), pageCount([1, 2, 3], 2)]);`;
    return [
      ...(await work.tests('test/pages.test.mjs')),
      ...(await work.probe('other pages', script, [[3, 4], [1], [], 0, 1, 2])),
    ];
  },
  proof: {
    solution: {
      replace: [
        ['src/pages.mjs', 'page * size', '(page - 1) * size'],
        ['src/pages.mjs', 'Math.floor', 'Math.ceil'],
      ],
    },
    misses: {
      'one fault of two': { replace: [['src/pages.mjs', 'page * size', '(page - 1) * size']] },
      'the count always one more': {
        replace: [
          ['src/pages.mjs', 'page * size', '(page - 1) * size'],
          ['src/pages.mjs', 'items.length / size)', 'items.length / size) + 1'],
        ],
      },
      'the tests bent instead': {
        write: { 'test/pages.test.mjs': "import test from 'node:test';\n\ntest('nothing', () => {});\n" },
      },
    },
  },
};
