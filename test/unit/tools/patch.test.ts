import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyHunks } from '../../../agent-core/tools/apply-hunks.ts';
import { embeddedPatch } from '../../../agent-core/tools/embedded-patch.ts';
import { type Hunk, type HunkLine, type PatchOperation, parsePatch } from '../../../agent-core/tools/patch-parser.ts';
import { hunksOf } from '../../../agent-core/tools/unified-diff.ts';

const line = fc.string({ maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, '~'));
const path = fc.stringMatching(/^[a-z]{1,6}(\/[a-z]{1,6}){0,2}\.txt$/);

const linesOf = (...lines: string[]): HunkLine[] =>
  lines.map((one) => ({ sign: one[0] as HunkLine['sign'], text: one.slice(1) }));

const render = (operations: PatchOperation[]): string =>
  ['*** Begin Patch', ...operations.flatMap(renderOperation), '*** End Patch'].join('\n');

function renderOperation(operation: PatchOperation): string[] {
  switch (operation.type) {
    case 'add':
      return [
        `*** Add File: ${operation.path}`,
        ...(operation.text
          ? operation.text
              .slice(0, -1)
              .split('\n')
              .map((one) => `+${one}`)
          : []),
      ];
    case 'delete':
      return [`*** Delete File: ${operation.path}`];
    case 'update':
      return [
        `*** Update File: ${operation.path}`,
        ...(operation.movePath ? [`*** Move to: ${operation.movePath}`] : []),
        ...operation.hunks.flatMap((hunk) => [
          hunk.context === null ? '@@' : `@@ ${hunk.context}`,
          ...hunk.lines.map(({ sign, text }) => sign + text),
          ...(hunk.endOfFile ? ['*** End of File'] : []),
        ]),
      ];
  }
}

const hunk: fc.Arbitrary<Hunk> = fc.record({
  context: fc.option(fc.stringMatching(/^[a-z]{1,8}$/)),
  lines: fc.array(fc.record({ sign: fc.constantFrom(' ' as const, '-' as const, '+' as const), text: line }), {
    minLength: 1,
    maxLength: 5,
  }),
  endOfFile: fc.boolean(),
});

const operation: fc.Arbitrary<PatchOperation> = fc.oneof(
  fc.record({
    type: fc.constant('add' as const),
    path,
    text: fc.array(line).map((lines) => lines.map((one) => `${one}\n`).join('')),
  }),
  fc.record({ type: fc.constant('delete' as const), path }),
  fc.record({
    type: fc.constant('update' as const),
    path,
    movePath: fc.option(path),
    hunks: fc.array(hunk, { minLength: 1, maxLength: 3 }),
  }),
);

describe('the patch parser', () => {
  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 4 }), (operations) => {
        assert.deepEqual(parsePatch(render(operations)), structuredClone({ ok: true, operations }));
      }),
    );
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            line,
            fc.constantFrom('*** Begin Patch', '*** End Patch', '*** Update File: a', '@@', '+x', '-x', ' x'),
          ),
        ),
        (lines) => {
          parsePatch(lines.join('\n'));
        },
      ),
    );
  });

  it('forgives a heredoc, white space around marks, a first hunk without @@ and empty context lines', () => {
    const parsed = parsePatch(
      "<<'EOF'\n  *** Begin Patch\n*** Update File: a.txt \n one\n\n-two\n+TWO\n *** End Patch\nEOF\n",
    );
    assert.deepEqual(parsed, {
      ok: true,
      operations: [
        {
          type: 'update',
          path: 'a.txt',
          movePath: null,
          hunks: [{ context: null, lines: linesOf(' one', ' ', '-two', '+TWO'), endOfFile: false }],
        },
      ],
    });
  });

  for (const [patch, problem] of [
    ['hello', "invalid patch: The first line of the patch must be '*** Begin Patch'"],
    ['*** Begin Patch\n*** Add File: a', "invalid patch: The last line of the patch must be '*** End Patch'"],
    [
      '*** Begin Patch\n*** Frobnicate File: x\n*** End Patch',
      "invalid hunk at line 2, '*** Frobnicate File: x' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'",
    ],
    [
      '*** Begin Patch\n*** Update File: a\n*** End Patch',
      "invalid hunk at line 2, Update file hunk for path 'a' is empty",
    ],
    [
      '*** Begin Patch\n*** Update File: a\n@@\n*** End Patch',
      'invalid hunk at line 4, Update hunk does not contain any lines',
    ],
  ] as const) {
    it(`says what is wrong: ${problem.slice(0, 50)}`, () => {
      assert.deepEqual(parsePatch(patch), { ok: false, problem });
    });
  }
});

describe('applying hunks', () => {
  const textOf = (lines: string[]) => lines.map((one) => `${one}\n`).join('');

  it('turns any text into any other by the hunks of their diff', () => {
    const word = fc.constantFrom('a', 'b', 'c', '', '  d');
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 12 }),
        fc.array(word, { minLength: 1, maxLength: 12 }),
        (before, after) => {
          const [from, to] = [textOf(before), textOf(after)];
          const hunks = hunksOf(from, to, 100).map(({ lines }) => ({
            context: null,
            lines: linesOf(...lines),
            endOfFile: false,
          }));
          assert.deepEqual(applyHunks(from, hunks, 'x'), { ok: true, text: to });
        },
      ),
    );
  });

  const replace = (oldLines: string[], newLines: string[], over: Partial<Hunk> = {}): Hunk => ({
    context: null,
    lines: linesOf(...oldLines.map((one) => `-${one}`), ...newLines.map((one) => `+${one}`)),
    endOfFile: false,
    ...over,
  });

  for (const [what, text, hunks, expected] of [
    ['trailing white space', 'a  \nb\n', [replace(['a', 'b'], ['A'])], 'A\n'],
    ['all white space', '\ta\n', [replace(['  a'], ['  A'])], '\tA\n'],
    ['Unicode punctuation', 'x = “y” — ‘z’\n', [replace(['x = "y" - \'z\''], ['A'])], 'A\n'],
    ['a file without a last line end', 'a\nb', [replace(['b'], ['B'])], 'a\nB'],
    ['a context line', 'f\n x\ng\n x\n', [replace([' x'], [' y'], { context: 'g' })], 'f\n x\ng\n y\n'],
    ['the end of the file', 'x\ny\nx\n', [replace(['x'], ['z'], { endOfFile: true })], 'x\ny\nz\n'],
    ['additions only', 'a\n', [replace([], ['b'])], 'a\nb\n'],
    ['an exact match before a lenient one above it', ' a\na\n', [replace(['a'], ['b'])], ' a\nb\n'],
    ['hunks in order', 'x\nx\n', [replace(['x'], ['1']), replace(['x'], ['2'])], '1\n2\n'],
    ['an empty last line that stands for the end', 'a\nb\n', [replace(['b', ''], ['c', ''])], 'a\nc\n'],
    ['everything gone', 'a\n', [replace(['a'], [])], ''],
  ] as const) {
    it(`matches ${what}`, () => {
      assert.deepEqual(applyHunks(text, hunks, 'p'), { ok: true, text: expected });
    });
  }

  it('says what is there when nothing matches', () => {
    assert.deepEqual(
      applyHunks('function total(items) {\n  return 1;\n}\n', [replace(['function total(list) {'], [])], 'p'),
      {
        ok: false,
        problem:
          'Failed to find expected lines in p:\nfunction total(list) {\nThe nearest lines in the file, with their numbers:\n1\tfunction total(items) {\n2\t  return 1;\n3\t}',
      },
    );
    assert.deepEqual(applyHunks('a\na\n', [replace(['a'], [], { context: 'zzz' })], 'p'), {
      ok: false,
      problem: "Failed to find context 'zzz' in p\nNothing like it is in the file. Read it again before you change it.",
    });
  });
});

describe('a patch in a shell command', () => {
  it('is found in its usual forms and nowhere else', () => {
    const body = '*** Begin Patch\n*** Delete File: a\n*** End Patch';
    assert.deepEqual(embeddedPatch(`apply_patch <<'EOF'\n${body}\nEOF`), { patch: body, workdir: null });
    assert.deepEqual(embeddedPatch(`cd "my dir" && applypatch <<"X"\n${body}\nX\n`), {
      patch: body,
      workdir: 'my dir',
    });
    assert.deepEqual(embeddedPatch(`apply_patch '${body}'`), { patch: body, workdir: null });
    assert.equal(embeddedPatch(`apply_patch <<'EOF'\n${body}\nEOF\nrm -rf x`), null);
    assert.equal(embeddedPatch(`echo; apply_patch <<'EOF'\n${body}\nEOF`), null);
  });
});
