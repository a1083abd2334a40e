import assert from 'node:assert/strict';
import { drawingOf, sameHunks } from '../../../../../extension/review/surfaces/hunk-drawing.ts';
import {
  hunksOfChange,
  lineOf,
  neighbour,
  pendingText,
  removedCode,
  removedText,
} from '../../../../../extension/review/surfaces/hunk-text.ts';

const hunk = (id: string, baseStart: number, baseLines: string[], start: number, lines: string[]) => {
  return { id, baseStart, baseLines, start, lines };
};
/** One line changed, two added, two removed. */
const HUNKS = [
  hunk('changed', 1, ['old'], 1, ['new']),
  hunk('added', 5, [], 5, ['a', 'b']),
  hunk('removed', 7, ['c', 'd'], 9, []),
];
const ids = (hunks: readonly { id: string }[]) => hunks.map(({ id }) => id);
const change = (from: number, to: number, baseFrom: number, baseTo: number) => ({
  ...{ modifiedStartLineNumber: from, modifiedEndLineNumber: to },
  ...{ originalStartLineNumber: baseFrom, originalEndLineNumber: baseTo },
});

describe('the words for what waits', () => {
  it('count files and changes, a file without hunks as one change', () => {
    assert.equal(pendingText([{ hunks: [1, 2] }, { hunks: [] }]), '2 files, 3 changes to review');
    assert.equal(pendingText([{ hunks: [1] }]), '1 file, 1 change to review');
    assert.deepEqual([removedText(1), removedText(3)], ['− 1 line', '− 3 lines']);
  });
});

describe('the removed lines in a hover', () => {
  it('are a code block that no line of theirs ends', () => {
    assert.equal(removedCode(['a', 'b'], 'typescript'), '```typescript\na\nb\n```');
    assert.equal(removedCode(['x ```` y'], 'markdown'), '`````markdown\nx ```` y\n`````');
    assert.equal(removedCode(['a'], 'no "language'), '```\na\n```');
  });

  it('are cut when there are many, and the rest is counted', () => {
    const lines = Array.from({ length: 41 }, (_, index) => String(index));
    assert.equal(removedCode(lines, ''), `\`\`\`\n${lines.slice(0, 40).join('\n')}\n\`\`\`\n\n… and 1 more line`);
  });
});

describe('a change of the editor’s own diff', () => {
  it('is about the hunk of the same lines, of either side', () => {
    assert.deepEqual(ids(hunksOfChange(HUNKS, change(2, 2, 2, 2))), ['changed']);
    assert.deepEqual(ids(hunksOfChange(HUNKS, change(6, 7, 5, 0))), ['added']);
    assert.deepEqual(ids(hunksOfChange(HUNKS, change(9, 0, 8, 9))), ['removed']);
  });

  it('is about all hunks that it joins, and none that only lie beside it', () => {
    assert.deepEqual(ids(hunksOfChange(HUNKS, change(2, 7, 2, 5))), ['changed', 'added']);
    assert.deepEqual(ids(hunksOfChange(HUNKS, change(3, 5, 3, 5))), []);
    assert.deepEqual(ids(hunksOfChange(HUNKS, change(5, 0, 3, 3))), []);
  });
});

describe('going from hunk to hunk', () => {
  it('finds the next and the one before, and nothing beyond the ends', () => {
    const go = (line: number, direction: 'next' | 'previous') => neighbour(HUNKS, line, direction, 20)?.id;
    assert.deepEqual(
      [0, 1, 5, 9].map((line) => [go(line, 'previous'), go(line, 'next')]),
      [
        [undefined, 'changed'],
        [undefined, 'added'],
        ['changed', 'removed'],
        ['added', undefined],
      ],
    );
  });

  it('stays in the document when lines went at its end', () => {
    assert.equal(lineOf(hunk('x', 9, ['last'], 9, []), 9), 8);
    assert.equal(lineOf(hunk('x', 0, ['all'], 0, []), 1), 0);
  });
});

describe('the drawing of hunks', () => {
  it('marks added lines, and the line at which others went', () => {
    assert.deepEqual(drawingOf(HUNKS, 20), {
      added: [
        [1, 1],
        [5, 6],
      ],
      removed: [
        { line: 1, hunk: HUNKS[0] },
        { line: 8, hunk: HUNKS[2] },
      ],
    });
    assert.deepEqual(drawingOf([hunk('x', 0, ['first'], 0, [])], 3).removed[0]?.line, 0);
  });

  it('is the same as long as the hunks are, wherever they stand', () => {
    assert.equal(
      sameHunks(
        HUNKS,
        HUNKS.map((one) => ({ ...one, start: one.start + 4 })),
      ),
      true,
    );
    assert.equal(sameHunks(HUNKS, HUNKS.slice(1)), false);
    assert.equal(sameHunks(HUNKS, [...HUNKS.slice(0, 2), { ...HUNKS[2]!, id: 'other' }]), false);
  });
});
