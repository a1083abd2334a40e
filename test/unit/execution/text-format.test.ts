import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeText, encodeText, hashText } from '../../../agent-core/execution/text-format.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8');
const rewrite = (before: string, change: (text: string) => string): string => {
  const decoded = decodeText(bytes(before));
  assert.ok(decoded);
  return encodeText(change(decoded.text), decoded).toString('utf8');
};

describe('text format', () => {
  it('is LF without BOM in memory, and the file’s own on disk', () => {
    assert.equal(decodeText(bytes('\uFEFFa\r\nb\r\n'))?.text, 'a\nb\n');
    assert.equal(
      rewrite('\uFEFFa\r\nb\r\n', (text) => text.replace('b', 'B\nC')),
      '\uFEFFa\r\nB\r\nC\r\n',
    );
    assert.equal(
      rewrite('a\nb', (text) => `${text}\n`),
      'a\nb\n',
    );
  });

  it('keeps mixed line ends where nothing changed', () => {
    assert.equal(
      rewrite('a\r\nb\nc\r\nd\n', (text) => text.replace('b', 'B')),
      'a\r\nB\nc\r\nd\n',
    );
    assert.equal(
      rewrite('a\r\nb\r\nc\r\nd\n', (text) => text.replace('c', 'C\nD')),
      'a\r\nb\r\nC\r\nD\r\nd\n',
    );
  });

  it('gives back every text that was not changed, byte by byte', () => {
    const end = fc.constantFrom('\n', '\r\n');
    const text = fc.array(fc.tuple(fc.constantFrom('', 'a', 'ü'), end), { maxLength: 12 });
    fc.assert(
      fc.property(text, fc.boolean(), fc.constantFrom('', 'last'), (lines, bom, last) => {
        const file = (bom ? '\uFEFF' : '') + lines.flat().join('') + last;
        assert.equal(
          rewrite(file, (same) => same),
          file,
        );
      }),
    );
  });

  it('takes nothing for text that is none', () => {
    assert.equal(decodeText(Buffer.from([0x61, 0x00, 0x62])), null);
    assert.equal(decodeText(Buffer.from([0x61, 0xff, 0xfe])), null);
  });

  it('hashes what it says', () => {
    assert.equal(hashText('a\n'), '87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7');
  });
});
