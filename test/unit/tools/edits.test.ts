import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeText, encodeText } from '../../../agent-core/execution/text-format.ts';
import { applyHunks } from '../../../agent-core/tools/apply-hunks.ts';
import { parsePatch } from '../../../agent-core/tools/patch-parser.ts';
import { replaceText } from '../../../agent-core/tools/replace-text.ts';

const replace = (text: string, oldText: string, newText: string, all = false) =>
  replaceText(text, { oldText, newText, all }, 'p');

const patched = (text: string, ...body: string[]) => {
  const parsed = parsePatch(['*** Begin Patch', '*** Update File: p', ...body, '*** End Patch'].join('\n'));
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.problem);
  const [operation] = parsed.operations;
  assert.equal(operation?.type, 'update');
  return applyHunks(text, operation.type === 'update' ? operation.hunks : [], 'p');
};

describe('an edit by text', () => {
  for (const [what, text, oldText, newText, expected] of [
    ['a part of a line', 'let a = 1;\n', 'a = 1', 'b = 2', 'let b = 2;\n'],
    ['with line ends of Windows', 'a\nb\nc\n', 'a\r\nb', 'A\r\nB', 'A\nB\nc\n'],
    ['with other quotes', 'say “hi” — now\n', 'say "hi" -', 'say "ho" -', 'say "ho" - now\n'],
    ['with white space behind', 'a  \nb\n', 'a\nb', 'a\nB', 'a  \nB\n'],
    [
      'with less indentation',
      'x\n    if a:\n        b\n',
      'if a:\n    b',
      'if a:\n    b\n    c',
      'x\n    if a:\n        b\n        c\n',
    ],
    ['with more indentation', 'if a:\n  b\n', '    if a:\n      b', '    if c:\n      b', 'if c:\n  b\n'],
    ['with spaces for tabs', '\tif a\n\t\tb\n', '  if a\n    b', '  if a\n    b\n    c', '\tif a\n\t\tb\n\t\tc\n'],
    ['with other steps of indentation', '  a\n    b\n', '    a\n        b', '    a\n        c', '  a\n    c\n'],
    ['with line numbers', 'a\nb\nc\n', '2\tb\n3\tc', '2\tB\n3\tc', 'a\nB\nc\n'],
    ['escaped once too often', 'a\nb\n', 'a\\nb', 'c\\nd', 'c\nd\n'],
    ['that takes lines away', 'a\nb\nc\n', 'b\n', '', 'a\nc\n'],
    ['with a dollar', 'a\n', 'a', '$&$1', '$&$1\n'],
    ['of an empty file', '', '', 'a\n', 'a\n'],
  ] as const) {
    it(`is made ${what}`, () => {
      assert.deepEqual(replace(text, oldText, newText), { ok: true, text: expected });
    });
  }

  it('is made everywhere when that is asked', () => {
    assert.deepEqual(replace('a b a\n', 'a', 'c', true), { ok: true, text: 'c b c\n' });
  });

  for (const [what, text, oldText, newText, problem] of [
    ['more places than one', 'a\nb\na\n', 'a', 'c', /stands 2 times in p \(in line 1 and 3\)/],
    ['more places that are nearly right', '  a\n b\n  a\n b\n', 'a\nb', 'c', /more than once \(from line 1 and 3\)/],
    ['nothing like it', 'a\n', 'zzz', 'c', /Nothing like it is in the file/],
    [
      'another text',
      'one two three\nfour\n',
      'one two four',
      'c',
      /nearest lines in the file, with their numbers:\n1\tone two three\n2\tfour/,
    ],
    ['nothing to change', 'a\n', 'a', 'a', /nothing to change/],
    ['no text', 'a\n', '', 'b', /text to replace is empty/],
    [
      'an indentation that cannot be told',
      '\ta\n  b\n',
      ' a\n   b',
      ' a\n        c\n   b',
      /cannot be told from it[\s\S]*1\t\ta\n2\t {2}b/,
    ],
  ] as const) {
    it(`is refused for ${what}`, () => {
      const applied = replace(text, oldText, newText);
      assert.match(applied.ok ? applied.text : applied.problem, problem);
      assert.equal(applied.ok, false);
    });
  }
});

describe('a patch that is nearly right', () => {
  it('leaves lines that it only names as they are', () => {
    assert.deepEqual(patched('a  \n“b”\nc\n', '@@', ' a', ' "b"', '-c', '+C'), { ok: true, text: 'a  \n“b”\nC\n' });
  });

  it('is taken with the counts of other diffs, lines without a mark, a code fence and words around it', () => {
    assert.deepEqual(patched('f\na\nb\n', '@@ -1,2 +1,2 @@ f', ' a', '-b', '+B'), { ok: true, text: 'f\na\nB\n' });
    assert.deepEqual(patched('a\nb\n', '@@', 'a', '-b', '+B'), { ok: true, text: 'a\nB\n' });
    const whole = '*** Begin Patch\n*** Delete File: a\n*** End Patch';
    const expected = { ok: true, operations: [{ type: 'delete', path: 'a' }] };
    assert.deepEqual(parsePatch(`Here it is:\n\`\`\`\n${whole}\n\`\`\`\nDone.`), expected);
    assert.deepEqual(parsePatch('*** Delete File: a\n*** End Patch'), expected);
  });

  it('is never taken by half: without its end it is refused', () => {
    const parsed = parsePatch('*** Begin Patch\n*** Add File: a\n+one\n+tw');
    assert.deepEqual(parsed, {
      ok: false,
      problem: "invalid patch: The last line of the patch must be '*** End Patch'",
    });
  });

  it('may have hunks out of order where each has one place only', () => {
    assert.deepEqual(patched('a\nb\nc\n', '@@', '-c', '+C', '@@', '-a', '+A'), { ok: true, text: 'A\nb\nC\n' });
  });

  for (const [what, text, body, problem] of [
    [
      'lines that stand there twice',
      'a\nx\na\n',
      ['@@', '-a', '+b'],
      /more than once \(from line 1 and 3\), and nothing tells which/,
    ],
    ['added lines under a line in the middle', 'f\ng\n', ['@@ f', '+x'], /goes to the end of p, but 'f' is line 1/],
    [
      'hunks that change the same lines',
      'a\nb\nc\n',
      ['@@', '-a', '-b', '@@', '-b', '-c'],
      /change the same lines of p \(line 2\)/,
    ],
  ] as const) {
    it(`is refused for ${what}`, () => {
      const applied = patched(text, ...body);
      assert.match(applied.ok ? applied.text : applied.problem, problem);
      assert.equal(applied.ok, false);
    });
  }
});

describe('whatever edit is made', () => {
  const line = fc.constantFrom('a', 'b', '  a', '\ta', 'a ', '', '}', '  }', '“q”', '"q"', 'x = 1', '    x = 1');
  const end = fc.constantFrom('\n', '\r\n');

  it('lines around it, the byte order mark and the line ends stay, to the byte', () => {
    fc.assert(
      fc.property(
        // Of a single line without an end nobody can tell which ends it would have.
        fc.array(line, { minLength: 2, maxLength: 10 }),
        fc.boolean(),
        end,
        fc.boolean(),
        fc.nat(),
        fc.nat(),
        fc.array(line, { maxLength: 3 }),
        fc.constantFrom(
          (one: string) => one,
          (one: string) => `${one} `,
          (one: string) => one.trim(),
          (one: string) => `  ${one}`,
        ),
        (lines, hasBom, lineEnd, hasEnd, from, count, fresh, spoil) => {
          const bytes = Buffer.from(`${hasBom ? '\uFEFF' : ''}${lines.join(lineEnd)}${hasEnd ? lineEnd : ''}`);
          const decoded = decodeText(bytes);
          assert.ok(decoded);
          const at = from % lines.length;
          const old = lines.slice(at, at + 1 + (count % 3));
          const hunk = {
            context: null,
            endOfFile: false,
            lines: [
              ...old.map((text) => ({ sign: '-' as const, text: spoil(text) })),
              ...fresh.map((text) => ({ sign: '+' as const, text })),
            ],
          };
          const applied = applyHunks(decoded.text, [hunk], 'p');
          // What is refused changes nothing.
          if (!applied.ok) return;
          const after = encodeText(applied.text, decoded).toString();
          assert.equal(after.startsWith('\uFEFF'), hasBom);
          assert.equal(after.replaceAll(lineEnd, '').includes('\n'), false, 'a line end of another kind');
          const isEnded = bytes.toString().endsWith(lineEnd);
          const wholes = (text: string) => {
            const body = text.replace('\uFEFF', '');
            if (body === '') return [];
            if (isEnded) assert.ok(body.endsWith(lineEnd), 'the last end is gone');
            return (
              isEnded || body.endsWith(`${lineEnd}${lineEnd}`) || body === lineEnd
                ? body.slice(0, -lineEnd.length)
                : body
            ).split(lineEnd);
          };
          const [was, is] = [wholes(bytes.toString()), wholes(after)];
          // There is one place where taking the old lines away and putting the new ones there gives the result.
          // An empty last line of a hunk may stand for the end of the file.
          const removed = old.at(-1) === '' ? [old.length, old.length - 1] : [old.length];
          const fits = was.some((_, place) =>
            removed.some((gone) => {
              const [head, tail] = [was.slice(0, place), was.slice(place + gone)];
              const isTail = tail.every((text, index) => is[is.length - tail.length + index] === text);
              return (
                head.every((text, index) => is[index] === text) &&
                isTail &&
                is.length - head.length - tail.length <= fresh.length
              );
            }),
          );
          assert.ok(fits, JSON.stringify({ was, is, old, fresh }));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('a text that is replaced is the only thing that changes', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), fc.string(), fc.string(), (head, old, fresh, tail) => {
        const text = (head + old + tail).replaceAll('\r\n', '\n');
        const applied = replace(text, old, fresh);
        if (!applied.ok || text.split(old).length !== 2) return;
        const at = text.indexOf(old);
        assert.equal(applied.text, text.slice(0, at) + fresh.replaceAll('\r\n', '\n') + text.slice(at + old.length));
      }),
    );
  });
});
