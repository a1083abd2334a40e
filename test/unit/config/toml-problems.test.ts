import assert from 'node:assert/strict';
import { parseToml } from '../../../agent-core/config/toml-text.ts';

describe('a value over several lines that is wrong', () => {
  const unclosed = (line: number, column: number, bracket = '[') => ({
    line,
    column,
    message: `what begins here with ${bracket} is not closed; this key is left out`,
  });
  const cases: [string, string, ReturnType<typeof parseToml>][] = [
    [
      'is told where it begins, once, and the rest counts',
      'foo = [1,\nmodel = "m"\n[model_providers.a]\nargs = ["a", "b"]\n',
      { value: { model: 'm', model_providers: { a: { args: ['a', 'b'] } } }, problems: [unclosed(1, 5)] },
    ],
    [
      'goes whole when something inside of it is wrong',
      'b = [\n "x"\n "y"\n]\nc = 2\n',
      { value: { c: 2 }, problems: [{ line: 3, column: 2, message: 'expected comma or end of structure' }] },
    ],
    ['may be an inline table', 'a = {x = 1\nb = 2\n', { value: { b: 2 }, problems: [unclosed(1, 3, '{')] }],
    ['may end the file', 'c = 2\nx = [1, 2\n', { value: { c: 2 }, problems: [unclosed(2, 3)] }],
    [
      'does not take a line of its own along that is right',
      'a = [\n  [1],\n]\nb = = 2\nc = "]"\n',
      { value: { a: [[1]], c: ']' }, problems: [{ line: 4, column: 5, message: 'invalid value' }] },
    ],
  ];
  for (const [name, text, expected] of cases)
    it(name, () => assert.deepEqual(structuredClone(parseToml(text)), expected));
});
