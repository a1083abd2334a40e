import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LineBuffer } from '../../../../agent-core/protocol/index.ts';

type Event = { line: string } | 'tooLong';

function read(chunks: readonly Uint8Array[], maxLineBytes = 1024): Event[] {
  const events: Event[] = [];
  const buffer = new LineBuffer({
    maxLineBytes,
    onLine: (line) => events.push({ line }),
    onTooLong: () => events.push('tooLong'),
  });
  for (const chunk of chunks) {
    const reused = chunk.slice();
    buffer.push(reused);
    reused.fill(0x78); // The caller may reuse its buffer.
  }
  buffer.end();
  return events;
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...ends].map((start, index) => bytes.slice(start, ends[index] ?? bytes.length));
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const lineText = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replace(/[\r\n\ufeff]/g, ''));

describe('LineBuffer', () => {
  it('gives the same lines however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ text: lineText, end: fc.constantFrom('\n', '\r\n') })),
        fc.array(fc.nat()),
        (lines, places) => {
          const bytes = bytesOf(lines.map(({ text, end }) => text + end).join(''));
          const expected = lines.filter(({ text }) => text !== '').map(({ text }) => ({ line: text }));
          assert.deepEqual(read(cut(bytes, places)), expected);
        },
      ),
    );
  });

  it('reports lines over the limit once each and gives all others, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ length: fc.nat(24), end: fc.constantFrom('\n', '\r\n') })),
        fc.array(fc.nat()),
        (lines, places) => {
          const bytes = bytesOf(lines.map(({ length, end }) => 'a'.repeat(length) + end).join(''));
          const expected = lines
            .filter(({ length }) => length > 0)
            .map(({ length }): Event => (length > 10 ? 'tooLong' : { line: 'a'.repeat(length) }));
          assert.deepEqual(read(cut(bytes, places), 10), expected);
        },
      ),
    );
  });

  it('joins characters that are split over chunks', () => {
    const bytes = bytesOf('«€𝄞»\n');
    assert.deepEqual(read([...bytes].map((byte) => Uint8Array.of(byte))), [{ line: '«€𝄞»' }]);
  });

  it('replaces bytes that are no UTF-8 and goes on', () => {
    assert.deepEqual(read([Uint8Array.of(0x61, 0xff, 0x62, 0x0a), bytesOf('c\n')]), [
      { line: 'a\ufffdb' },
      { line: 'c' },
    ]);
  });

  it('holds no more than the limit of a line that does not end', () => {
    const events = read(
      Array.from({ length: 100 }, () => bytesOf('x'.repeat(100))),
      50,
    );
    assert.deepEqual(events, ['tooLong']);
  });

  it('keeps both ends of a line over the limit, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.nat(10_000), (places, more) => {
        const text = Array.from({ length: 5000 + more }, (_, index) => String.fromCharCode(97 + (index % 23))).join('');
        const ends: [string, string][] = [];
        const buffer = new LineBuffer({
          maxLineBytes: 50,
          onLine: () => assert.fail(),
          onTooLong: (head, tail) => ends.push([head, tail]),
        });
        const bytes = bytesOf(`${text}\n`);
        for (const chunk of cut(bytes, places)) buffer.push(chunk);
        const [[head, tail] = ['', ''], ...others] = ends;
        assert.ok(head.length >= 50 && head.length <= 4096 && text.startsWith(head));
        assert.ok(tail.length >= Math.min(4096, text.length - 50) && text.endsWith(tail));
        assert.deepEqual(others, []);
      }),
    );
  });
});
