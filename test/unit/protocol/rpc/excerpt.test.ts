import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isDeeperThan, kindOfLine, type LineKind } from '../../../../agent-core/protocol/rpc/excerpt.ts';

const EXCERPT = 4096;
const long = 'x'.repeat(3 * EXCERPT);
const unknown: LineKind = { type: 'unknown' };

describe('kindOfLine', () => {
  const cases: [string, string, LineKind][] = [
    ['an id before the params', `{"id":7,"method":"a","params":{"id":8,"t":"${long}"}}`, { type: 'request', id: 7 }],
    ['an id after the method', `{"method":"a","id":"q\\"1","params":{"t":"${long}"}}`, { type: 'request', id: 'q"1' }],
    ['an id at the end', `{"method":"a","params":{"id":8,"t":"${long}"}, "id" : -9 }\r`, { type: 'request', id: -9 }],
    ['an answer', `{"id":3,"result":{"t":"${long}"}}`, { type: 'answer', id: 3 }],
    ['an error', `{"error":{"message":"${long}"},"id":3}`, { type: 'answer', id: 3 }],
    ['a notification', `{"method":"a","params":{"id":8,"t":"${long}"}}`, unknown],
    ['an id only inside of params, at the very end', `{"method":"a","params":{"t":"${long}","id":8}}`, unknown],
    ['a batch', `[{"id":1,"method":"a","params":"${long}"}]`, unknown],
    ['a method that nobody can see', `{"params":{"t":"${long}"},"method":"a","id":4}`, unknown],
    ['an id that is none', `{"id":1.5,"method":"a","params":"${long}"}`, unknown],
    ['an id too large to be echoed', `{"id":99999999999999999,"method":"a","params":"${long}"}`, unknown],
    ['a string with quotes and braces', `{"x":"{\\"method\\":1}","id":5,"y":"${long}"}`, unknown],
    ['no JSON', long, unknown],
  ];
  for (const [name, line, kind] of cases) {
    it(`reads ${name}`, () => {
      assert.deepEqual(kindOfLine(line.slice(0, EXCERPT), line.slice(-EXCERPT)), kind);
    });
  }

  it('never takes what is nested for the id, and never throws', () => {
    fc.assert(
      fc.property(fc.json(), fc.json(), fc.integer(), fc.nat(60), (before, after, id, cut) => {
        const line = `{"a":${before},"method":"m","id":${id},"b":${after}}`;
        assert.deepEqual(kindOfLine(line, line), { type: 'request', id });
        const { type } = kindOfLine(line.slice(0, cut), '');
        assert.notEqual(type, 'answer');
      }),
    );
  });
});

describe('isDeeperThan', () => {
  it('counts what is open, and nothing in strings', () => {
    const cases: [string, number, boolean][] = [
      ['[[[]]]', 3, false],
      ['[[[]]]', 2, true],
      ['{"a":{"b":[1]}}', 2, true],
      ['[[],[],[],[],[]]', 2, false],
      [`["${'['.repeat(50)}"]`, 2, false],
      [`["\\"${'['.repeat(50)}"]`, 2, false],
      [`["a\\\\",${'['.repeat(50)}`, 2, true],
      ['['.repeat(10_000_000), 256, true],
    ];
    for (const [text, limit, isDeeper] of cases) assert.equal(isDeeperThan(text, limit), isDeeper, text.slice(0, 40));
  });
});
