/** Three-way merges: of cases, and of whatever two people may do to a text. */
import assert from 'node:assert/strict';
import { mergeTexts } from '../../../agent-core/tools/merge-texts.ts';

const BASE = 'a\nb\nc\nd\ne\nf\n';

/** The same numbers for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('a three-way merge', () => {
  const cases: [string, string, string, string | null][] = [
    ['changes apart', 'A\nb\nc\nd\ne\nf\n', 'a\nb\nc\nd\nE\nf\n', 'A\nb\nc\nd\nE\nf\n'],
    ['the same change', 'A\nb\nc\nd\ne\nf\n', 'A\nb\nc\nd\ne\nf\n', 'A\nb\nc\nd\ne\nf\n'],
    ['the same change beside another', 'A\nb\nc\nd\ne\nf\n', 'A\nb\nc\nd\nE\nf\n', 'A\nb\nc\nd\nE\nf\n'],
    ['another change of the same line', 'A\nb\nc\nd\ne\nf\n', 'x\nb\nc\nd\ne\nf\n', null],
    ['changes of lines next to each other', 'A\nb\nc\nd\ne\nf\n', 'a\nB\nc\nd\ne\nf\n', null],
    ['two insertions at one place', 'a\n1\nb\nc\nd\ne\nf\n', 'a\n2\nb\nc\nd\ne\nf\n', null],
    ['a removal around a change', 'a\nf\n', 'a\nb\nC\nd\ne\nf\n', null],
    ['a removal and an addition apart', 'a\nc\nd\ne\nf\n', 'a\nb\nc\nd\ne\nf\ng\n', 'a\nc\nd\ne\nf\ng\n'],
    ['a last line without its end', 'A\nb\nc\nd\ne\nf\n', 'a\nb\nc\nd\ne\nf', 'A\nb\nc\nd\ne\nf'],
    ['everything removed against a change', '', 'a\nb\nC\nd\ne\nf\n', null],
  ];
  for (const [name, mine, theirs, merged] of cases) {
    it(`of ${name}`, () => {
      assert.equal(mergeTexts(BASE, mine, theirs), merged);
      assert.equal(mergeTexts(BASE, theirs, mine), merged);
    });
  }

  it('holds what both did, whichever comes first, or is refused', () => {
    let merges = 0;
    for (let seed = 1; seed <= 3000; seed++) {
      const next = numbers(seed);
      const isPlain = seed % 2 === 0;
      const base = Array.from({ length: next(30) }, (_, index) => (isPlain ? `${index}` : `${next(6)}`));
      const edited = (name: string): { text: string; added: string[] } => {
        const lines = [...base];
        const added: string[] = [];
        for (let count = next(4); count > 0; count--) {
          const line = `${name}${next(1000)}`;
          added.push(line);
          lines.splice(next(lines.length + 1), next(3), line);
        }
        return { text: lines.join('\n'), added: added.filter((line) => lines.includes(line)) };
      };
      const [text, mine, theirs] = [base.join('\n'), edited('m'), edited('t')];
      const merged = mergeTexts(text, mine.text, theirs.text);
      assert.equal(mergeTexts(text, theirs.text, mine.text), merged, `seed ${seed}`);
      assert.equal(mergeTexts(text, mine.text, text), mine.text);
      assert.equal(mergeTexts(text, text, theirs.text), theirs.text);
      assert.equal(mergeTexts(text, mine.text, mine.text), mine.text);
      if (merged === null) continue;
      merges += 1;
      const lines = merged.split('\n');
      for (const line of [...mine.added, ...theirs.added]) assert.ok(lines.includes(line), `seed ${seed}: ${line}`);
      // Where each line stands once, it is there if neither took it away.
      const both = (line: string) => mine.text.split('\n').includes(line) && theirs.text.split('\n').includes(line);
      if (isPlain) for (const line of base) assert.equal(lines.includes(line), both(line), `seed ${seed}: ${line}`);
    }
    assert.ok(merges > 500, `${merges} merges`);
  });
});
