import assert from 'node:assert/strict';
import {
  hashOf,
  lineEnd,
  minimalEdits,
  plain,
  type TextEdit,
  withLineEnds,
} from '../../../../extension/host-fs/plain-text.ts';

function applied(text: string, edits: readonly TextEdit[]): string {
  let made = '';
  let at = 0;
  for (const { start, end, text: put } of edits) {
    assert.ok(at <= start && start <= end, 'in order and apart');
    made += text.slice(at, start) + put;
    at = end;
  }
  return made + text.slice(at);
}

/** The same texts on every run. */
function* texts(count: number, ends: readonly string[]): Generator<string> {
  let state = 7;
  const next = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  const words = ['', 'a', 'b', 'c', '😀', '😁', '$&', 'longer line'];
  for (let index = 0; index < count; index++) {
    const lines = Array.from(
      { length: next(9) },
      () => (words[next(words.length)] ?? '') + (ends[next(ends.length)] ?? ''),
    );
    yield lines.join('') + (next(2) ? (words[next(words.length)] ?? '') : '');
  }
}

describe('plain texts', () => {
  it('have LF and no BOM, whatever the file has', () => {
    assert.equal(plain('\uFEFFa\r\nb\rc\n\r\n'), 'a\nb\nc\n\n');
    assert.equal(hashOf('a\n'), '87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7');
    assert.deepEqual([lineEnd('a\r\nb\nc\r\n'), lineEnd('a\nb'), lineEnd('')], ['crlf', 'lf', 'lf']);
  });

  it('become another by the smallest edits, and never cut a character of two units', () => {
    assert.deepEqual(minimalEdits('one\ntwo\nthree\n', 'one\ntow\nthree\n'), [{ start: 5, end: 7, text: 'ow' }]);
    assert.deepEqual(minimalEdits('a😀b\n', 'a😁b\n'), [{ start: 1, end: 3, text: '😁' }]);
    assert.deepEqual(minimalEdits('same', 'same'), []);
    assert.deepEqual(minimalEdits('a\nb\nc\nd\n', 'a\nB\nc\nD\n'), [
      { start: 2, end: 3, text: 'B' },
      { start: 6, end: 7, text: 'D' },
    ]);
  });

  it('become any other text by their edits', () => {
    const all = [...texts(400, ['\n'])];
    all.forEach((before, index) => {
      const after = all[(index * 7 + 1) % all.length] ?? '';
      assert.equal(applied(before, minimalEdits(before, after)), after);
    });
  });

  it('get line ends back: lines that stay keep theirs, new ones have those of their place', () => {
    assert.equal(withLineEnds('a\r\nb\r\n', 'a\nx\nb\n'), 'a\r\nx\r\nb\r\n');
    assert.equal(withLineEnds('a\r\nb\nc\r\n', 'a\nB\nnew\nc\n'), 'a\r\nB\nnew\nc\r\n');
    assert.equal(withLineEnds('a\rb\r', 'a\nb\nc\n'), 'a\rb\rc\r');
    assert.equal(withLineEnds('', 'a\n'), 'a\n');
    assert.equal(withLineEnds('one', 'one\ntwo'), 'one\ntwo');
  });

  it('are what was asked for under every kind of line end, and the file itself when nothing changes', () => {
    const raws = [...texts(300, ['\n', '\r\n', '\r'])];
    raws.forEach((raw, index) => {
      const wanted = plain(raws[(index * 11 + 3) % raws.length] ?? '');
      assert.equal(plain(withLineEnds(raw, wanted)), wanted);
      assert.equal(withLineEnds(raw, plain(raw)), raw);
    });
  });
});
