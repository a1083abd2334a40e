import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as z from 'zod';
import { parseArguments } from '../../../agent-core/tools/arguments.ts';

const schema = z.object({
  path: z.string(),
  content: z.string(),
  start_line: z.number().nullish(),
  replace_all: z.boolean().nullish(),
});
const read = (input: string) => parseArguments(schema, 'write_file', input);

describe("a tool's arguments", () => {
  for (const [what, input, expected] of [
    ['as they should be', '{"path":"a","content":"b"}', { path: 'a', content: 'b' }],
    ['with other names', '{"filePath":"a","contents":"b"}', { path: 'a', content: 'b' }],
    ['with more than is known', '{"path":"a","content":"b","mode":7}', { path: 'a', content: 'b' }],
    [
      'of another type',
      '{"path":5,"content":true,"start_line":"12","replace_all":"true"}',
      { path: '5', content: 'true', start_line: 12, replace_all: true },
    ],
    ['in a code fence', '```json\n{"path":"a","content":"b"}\n```', { path: 'a', content: 'b' }],
    ['with single quotes', "{'path': 'a', 'content': 'it is'}", { path: 'a', content: 'it is' }],
    ['with a comma too much', '{"path":"a","content":"b",}', { path: 'a', content: 'b' }],
    ['with bare keys', '{path:"a",content:"b"}', { path: 'a', content: 'b' }],
    ['with line ends in a text', '{"path":"a","content":"one\n  two\n"}', { path: 'a', content: 'one\n  two\n' }],
    [
      "in Python's words",
      '{"path":"a","content":"b","replace_all":True,"start_line":None}',
      { path: 'a', content: 'b', replace_all: true, start_line: null },
    ],
    ['in a text that holds them', JSON.stringify('{"path":"a","content":"b"}'), { path: 'a', content: 'b' }],
  ] as const) {
    it(`are taken ${what}`, async () => {
      assert.deepEqual(await read(input), { ok: true, value: expected });
    });
  }

  for (const [what, input, problem] of [
    ['what is cut in a text', '{"path":"a","content":"one\\ntw', /end in the middle, after 30 characters/],
    ['what is cut after a text', '{"path":"a","content":"one"', /end in the middle/],
    ['what has lost a part', '{"path":"a" "b", content:}', /not valid JSON/],
    ['no object', 'hello', /not valid JSON|do not fit/],
    ['what is missing', '{"path":"a"}', /content: Invalid input.* Nothing was done/],
    ['a number that is none', '{"path":"a","content":"b","start_line":"12 or 13"}', /start_line/],
    ['two names for one', '{"file":"a","filename":"b","content":"c"}', /path/],
    ['a list', '[1]', /do not fit/],
  ] as const) {
    it(`are refused for ${what}`, async () => {
      const parsed = await read(input);
      assert.equal(parsed.ok, false);
      assert.match(parsed.ok ? '' : parsed.problem, problem);
    });
  }

  it('are never taken from a cut: no prefix of them is, but the whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.string(), fc.nat(), async (path, content, at) => {
        const whole = JSON.stringify({ path, content });
        assert.deepEqual(await read(whole), { ok: true, value: { path, content } });
        const cut = whole.slice(0, at % whole.length);
        assert.equal((await read(cut)).ok, false, cut);
      }),
    );
  });

  it('keep every character when what is wrong is only line ends within a text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.stringMatching(/^[ -!#-[\]-~]{0,20}$/)), async (lines) => {
        const content = lines.join('\n');
        assert.deepEqual(await read(`{"path":"a","content":"${content}"}`), {
          ok: true,
          value: { path: 'a', content },
        });
      }),
    );
  });
});
