import assert from 'node:assert/strict';
import type { TextChange } from '../../../../extension/review/model/hunks.ts';
import { ReviewModel } from '../../../../extension/review/model/review-model.ts';
import { applied, liveOne } from './interleaving.ts';
import { liveInZones } from './zones.ts';

const typed = (line: number, character: number, text: string, removed = 0): TextChange => ({
  range: { startLine: line, startCharacter: character, endLine: line, endCharacter: character + removed },
  text,
});
const shape = (model: ReviewModel) => model.hunks.map(({ baseLines, lines }) => [baseLines, lines]);
const reviewed = (baseline: string, text: string): ReviewModel => {
  const model = new ReviewModel(baseline);
  model.agentEdit(text);
  return model;
};

describe('ReviewModel', function () {
  this.timeout(60_000);

  it('loses nothing of the user’s in 100,000 random lives', () => {
    for (let seed = 0; seed < 100_000; seed++) liveOne(seed);
  });

  it('has exactly the agent’s changes as hunks in 20,000 files that both work on', () => {
    for (let seed = 0; seed < 20_000; seed++) liveInZones(seed);
  });

  it('keeps by moving the baseline and undoes by edits of the text', () => {
    const model = reviewed('a\nb\nc\nd\ne', 'a\nB\nc\nD\ne');
    const [first, second] = model.hunks;
    assert.ok(model.keep(first!.id));
    assert.deepEqual([model.baseline, model.text], ['a\nB\nc\nd\ne', 'a\nB\nc\nD\ne']);
    assert.deepEqual(model.undo(second!.id), {
      type: 'edits',
      edits: [{ startLine: 3, endLine: 4, lines: ['d'] }],
      left: 0,
    });
    model.undone(second!.id);
    assert.deepEqual([model.text, model.baseline, model.hunks], ['a\nB\nc\nd\ne', 'a\nB\nc\nd\ne', []]);
    assert.equal(model.keep(second!.id), false);
    assert.deepEqual(model.undo(second!.id), { type: 'gone' });
  });

  it('keeps the user’s change of an agent’s line when the agent’s is undone', () => {
    const model = reviewed('const a = one(1);', 'const a = two(1);');
    model.userEdit([typed(0, 17, ' // mine')]);
    const plan = model.undone(model.hunks[0]!.id);
    assert.deepEqual(plan, {
      type: 'edits',
      edits: [{ startLine: 0, endLine: 1, lines: ['const a = one(1); // mine'] }],
      left: 0,
    });
    assert.equal(model.baseline, 'const a = one(1); // mine');
  });

  it('keeps whole lines of the user’s among those that the agent added', () => {
    const model = reviewed('top\nend', 'top\none\ntwo\nend');
    model.userEdit([typed(1, 3, '\nmine')]);
    assert.deepEqual(shape(model), [[[], ['one', 'mine', 'two']]]);
    model.undone(model.hunks[0]!.id);
    assert.equal(model.text, 'top\nmine\nend');
  });

  it('changes nothing where the user’s part cannot be told, unless that goes, too', () => {
    const model = reviewed('x\nold\ny', 'x\nnew\ny');
    model.userEdit([typed(1, 1, 'MINE', 1)]);
    const { id } = model.hunks[0]!;
    assert.deepEqual(model.undone(id), { type: 'overlap' });
    assert.equal(model.text, 'x\nnMINEw\ny');
    assert.equal(model.undone(id, { discardMine: true }).type, 'edits');
    assert.equal(model.text, 'x\nold\ny');
  });

  it('brings back the user’s line that the agent wrote over', () => {
    const model = reviewed('top\nend', 'top\none\ntwo\nend');
    model.userEdit([typed(1, 3, '\nmine')]);
    model.agentEdit('top\none\nagent\ntwo\nend');
    model.undoneAll();
    assert.equal(model.text, 'top\nmine\nend');
  });

  it('takes apart an edit across the border of a hunk', () => {
    const model = reviewed('a\nb\nc\nd', 'a\nB\nc\nd');
    // From the middle of line a to the end of the agent's line.
    model.userEdit([{ range: { startLine: 0, startCharacter: 1, endLine: 1, endCharacter: 1 }, text: 'mine' }]);
    assert.deepEqual([model.text, model.baseline], ['amine\nc\nd', 'amine\nb\nc\nd']);
    model.undoneAll();
    assert.equal(model.text, 'amine\nb\nc\nd');
  });

  it('brings hunks back with the editor’s own undo and redo, and leaves kept ones kept', () => {
    const model = reviewed('a\nb\nc', 'a\nB\nc');
    const { id } = model.hunks[0]!;
    const undo = [typed(1, 0, 'b', 1)];
    const redo = [typed(1, 0, 'B', 1)];
    model.userEdit(undo, 'undoRedo');
    assert.deepEqual([model.hunks, model.baseline], [[], 'a\nb\nc']);
    model.userEdit(redo, 'undoRedo');
    assert.deepEqual([model.hunks.map((hunk) => hunk.id), model.baseline], [[id], 'a\nb\nc']);
    model.undone(id);
    model.userEdit(redo, 'undoRedo');
    assert.deepEqual(shape(model), [[['b'], ['B']]]);
    model.keepAll();
    model.userEdit(undo, 'undoRedo');
    assert.deepEqual([model.hunks, model.baseline], [[], 'a\nb\nc']);
    model.userEdit(redo, 'undoRedo');
    assert.deepEqual([model.hunks, model.baseline], [[], 'a\nB\nc']);
  });

  it('has removed lines once, however often they go and come back by the editor’s undo and redo', () => {
    const model = reviewed('a\n\nb\n', 'a\n');
    const { id } = model.hunks[0]!;
    model.undone(id);
    const lines = (startLine: number, endLine: number, text: string): TextChange => ({
      range: { startLine, startCharacter: 0, endLine, endCharacter: 0 },
      text,
    });
    for (let time = 0; time < 2; time++) {
      model.userEdit([lines(1, 3, '')], 'undoRedo');
      assert.deepEqual([model.text, model.baseline, model.hunks.length], ['a\n', 'a\n\nb\n', 1]);
      model.userEdit([lines(1, 1, '\nb\n')], 'undoRedo');
      assert.deepEqual([model.text, model.baseline, model.hunks], ['a\n\nb\n', 'a\n\nb\n', []]);
    }
  });

  it('keeps the id of a hunk whatever happens around it', () => {
    const model = reviewed('a\nb\nc\nd\ne\nb\nc', 'a\nB\nc\nd\ne\nB\nc');
    const [first, second] = model.hunks.map(({ id }) => id);
    assert.notEqual(first, second);
    model.userEdit([typed(0, 0, 'x\n'), typed(2, 0, 'y')]);
    model.agentEdit(`new\n${model.text}`);
    assert.deepEqual(
      model.hunks.slice(1).map(({ id }) => id),
      [first, second],
    );
    assert.deepEqual(ReviewModel.restore(model.save()).hunks.length, 3);
  });

  const pairs: [string, string, string][] = [
    ['a final line break that comes', 'a\nb', 'a\nb\n'],
    ['a final line break that goes', 'a\nb\n', 'a\nb'],
    ['a file that was empty', '', 'a\n'],
    ['a file that is emptied', 'a\nb\n', ''],
    ['one line', 'a', 'b'],
    ['a lone carriage return, which is no line break here', 'a\rb\nc', 'a\rB\nc'],
    ['separators that are no line breaks for an editor', 'a\u2028b\u2029c\u0085d\n', 'a\u2028b\u2029C\u0085d\n'],
    ['spaces alone', 'a\n  b\n', 'a\n\tb \n'],
    ['a minified line', 'x'.repeat(1_000_000), `${'x'.repeat(999_999)}y`],
    ['dollars', '$1\n$&', '$$\n$&\n$`'],
  ];
  for (const [what, before, after] of pairs) {
    it(`undoes and keeps ${what}`, () => {
      const undone = reviewed(before, after);
      const plan = undone.undoAll();
      assert.ok(plan.type === 'edits');
      assert.equal(applied(after, plan.edits), before);
      undone.undoneAll();
      assert.deepEqual([undone.text, undone.baseline, undone.hunks], [before, before, []]);
      const kept = reviewed(before, after);
      kept.keepAll();
      assert.deepEqual([kept.text, kept.baseline, kept.hunks], [after, after, []]);
    });
  }

  it('gives up on hunks, not on the review, where the differences are too many', () => {
    const lines = (word: string) => Array.from({ length: 120_000 }, (_, index) => `${word} ${index}`).join('\n');
    const model = reviewed(`top\n${lines('old')}`, `top\n${lines('new')}`);
    assert.deepEqual(
      model.hunks.map(({ start, isWhole, lines: { length } }) => ({ start, isWhole, length })),
      [{ start: 1, isWhole: true, length: 120_000 }],
    );
    model.userEdit([typed(0, 3, '!')]);
    assert.ok(model.baseline.startsWith('top!\nold'));
    model.undoneAll();
    assert.equal(model.text, `top!\n${lines('old')}`);
  });

  it('lets a formatter that writes the whole text anew change only what it changed', () => {
    const model = reviewed('a\nb\nc\nd\ne', 'a\nb\nC\nd\ne');
    model.userEdit([
      { range: { startLine: 0, startCharacter: 0, endLine: 4, endCharacter: 1 }, text: '  a\n  b\n  C\n  d\n  e' },
    ]);
    assert.deepEqual([model.text, model.baseline], ['  a\n  b\n  C\n  d\n  e', '  a\n  b\nc\n  d\n  e']);
  });
});
