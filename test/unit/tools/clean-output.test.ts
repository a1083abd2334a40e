import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cleanOutput } from '../../../agent-core/tools/clean-output.ts';

const ESC = '\u001b';

describe('output for the model', () => {
  for (const [name, printed, expected] of [
    ['plain text', 'a\n  b\n', 'a\n  b\n'],
    ['trailing blanks of plain text', 'a  \n', 'a  \n'],
    ['a terminal’s line ends', 'a\r\nb\r\n', 'a\nb\n'],
    ['a progress bar', ' 10%\r 50%\r100%\ndone\n', '100%\ndone\n'],
    ['a shorter line over a longer one', 'longer\rab\n', 'abnger\n'],
    ['a line that is erased first', `longer\r${ESC}[Kab\n`, 'ab\n'],
    ['colours', `${ESC}[1;31mred${ESC}[0m ${ESC}[38;5;12mblue${ESC}[m\n`, 'red blue\n'],
    ['a title and a link', `${ESC}]0;title\u0007x ${ESC}]8;;http://a${ESC}\\y${ESC}]8;;${ESC}\\\n`, 'x y\n'],
    ['backspaces', 'abx\b \bc\n', 'abc\n'],
    ['several bars at once', `a 1\nb 1\n${ESC}[2Aa 2\n${ESC}[1Bc\n`, 'a 2\nb 1\nc\n'],
    ['a cleared screen keeps what was there', `one\n${ESC}[2J${ESC}[Htwo\n`, 'one\ntwo\n'],
    ['modes of a shell', `${ESC}[?2004h$ ls${ESC}[?2004l\r\nfile\r\n`, '$ ls\nfile\n'],
    ['a sequence that was cut off', `done${ESC}[3`, 'done'],
    ['bells and other bytes', 'a\u0007b\u0000c\u009bd\n', 'abcd\n'],
    ['characters of two units', `😀😀\r${ESC}[1Cx\n`, '😀x\n'],
    ['tabs', 'a\tb\r\n', 'a\tb\n'],
  ] as const) {
    it(name, () => assert.equal(cleanOutput(printed), expected));
  }

  it('holds no control character, whatever was printed, and is left as it is when cleaned again', () => {
    const piece = fc.constantFrom(
      'a',
      'bc ',
      '\r',
      '\n',
      '\b',
      '\t',
      ESC,
      `${ESC}[2A`,
      `${ESC}[3C`,
      `${ESC}[K`,
      `${ESC}[1K`,
      '😀',
      '[',
      ';',
      '1',
      'm',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const clean = cleanOutput(pieces.join(''));
        assert.doesNotMatch(clean, /[\u0000-\u0008\u000b-\u001f]/);
        assert.equal(cleanOutput(clean), clean);
      }),
    );
  });
});
