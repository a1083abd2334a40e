import assert from 'node:assert/strict';
import { mergeThreeWay } from '../../../../../extension/review/ask-first/line-hunks.ts';
import {
  hunkAtLine,
  hunksOf,
  type ProposalTexts,
  placeOf,
  textWith,
  viewOf,
} from '../../../../../extension/review/ask-first/proposal-hunks.ts';
import { type ProposedFile, plainText } from '../../../../../extension/review/ask-first/proposed-change.ts';
import { hashOf, ontoNow, rebase } from '../../../../../extension/review/ask-first/rebase.ts';

const base = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\n';
const offered = 'ONE\ntwo\nthree\nfour\nnew\nfive\nsix\n';

const states = (now: string, chosen: ReadonlySet<string> | null = null) =>
  hunksOf({ base, offered, now }, chosen).map(({ state }) => state);

/** What leaving out these hunks (by place) makes of the proposal. */
function without(...places: number[]): string {
  let now = offered;
  const ids = hunksOf({ base, offered, now }, null).map(({ id }) => id);
  for (const place of places) now = textWith(base, hunksOf({ base, offered, now }, null), ids[place] ?? '', false);
  return now;
}

describe('the hunks of a proposal', () => {
  it('are all taken as long as nobody has changed it', () =>
    assert.deepEqual(states(offered), ['taken', 'taken', 'taken']));

  it('can be left out and taken again, one by one', () => {
    const now = without(1);
    assert.equal(now, 'ONE\ntwo\nthree\nfour\nfive\nsix\n');
    assert.deepEqual(states(now), ['taken', 'dropped', 'taken']);
    const hunks = hunksOf({ base, offered, now }, null);
    assert.equal(textWith(base, hunks, hunks[1]?.id ?? '', true), offered);
    assert.equal(without(0, 1, 2), base);
    assert.deepEqual(states(base), ['dropped', 'dropped', 'dropped']);
  });

  it('know what a person changed in them and beside them', () => {
    assert.deepEqual(states(offered.replace('ONE', 'One')), ['edited', 'taken', 'taken']);
    assert.deepEqual(states(offered.replace('three', 'THREE')), ['taken', 'own', 'taken', 'taken']);
    assert.deepEqual(states(base.replace('three', 'THREE')), ['dropped', 'own', 'dropped', 'dropped']);
  });

  it('leave what the person wrote elsewhere as it is', () => {
    const now = offered.replace('three', 'THREE');
    const hunks = hunksOf({ base, offered, now }, null);
    assert.equal(textWith(base, hunks, hunks[0]?.id ?? '', false), now.replace('ONE', 'one'));
    assert.equal(textWith(base, hunks, hunks[1]?.id ?? '', false), offered);
  });

  it('keep their ids, whatever becomes of the others', () => {
    const ids = (now: string) => hunksOf({ base, offered, now }, null).map(({ id }) => id);
    assert.deepEqual(ids(without(0)), ids(offered));
    assert.deepEqual(ids(offered.replace('ONE', 'One')), ids(offered));
    assert.equal(new Set(ids(offered)).size, 3);
  });

  it('of equal content differ by their number', () => {
    const many: ProposalTexts = { base: 'a\nb\na\nb\na\n', offered: 'a\nB\na\nB\na\n', now: 'a\nB\na\nB\na\n' };
    const [first, second] = hunksOf(many, null);
    assert.equal(second?.id, `${first?.id}-1`);
  });

  it('are those that were chosen where a new diff would cut the text in another way', () => {
    const texts = { base: 'x\nx\n', offered: 'x\ny\nx\nx\nz\n' };
    const all = hunksOf({ ...texts, now: texts.offered }, null);
    for (const { id } of all) {
      const chosen = new Set(all.map((one) => one.id).filter((one) => one !== id));
      const now = textWith(texts.base, all, id, false);
      const after = hunksOf({ ...texts, now }, chosen);
      assert.deepEqual(
        after.map((one) => [one.id, one.state]),
        all.map((one) => [one.id, one.id === id ? 'dropped' : 'taken']),
      );
    }
  });

  it('have a place in the text as it reads now', () => {
    const hunks = hunksOf({ base, offered, now: without(0) }, null);
    assert.deepEqual(
      hunks.map((hunk) => placeOf(hunks, hunk)),
      [
        { start: 0, end: 0 },
        { start: 4, end: 5 },
        { start: 7, end: 7 },
      ],
    );
    assert.deepEqual(
      [0, 1, 4, 5, 7].map((line) => hunkAtLine(hunks, line)?.id),
      [hunks[0]?.id, undefined, hunks[1]?.id, undefined, hunks[2]?.id],
    );
  });

  it('are shown with a little around them', () => {
    const hunks = hunksOf({ base, offered, now: offered }, null);
    assert.deepEqual(
      hunks.map((hunk) => viewOf(base, hunks, hunk).diff),
      [
        '@@ -1,3 +1,3 @@\n-one\n+ONE\n two\n three\n',
        '@@ -3,4 +3,5 @@\n three\n four\n+new\n five\n six\n',
        '@@ -5,3 +6,2 @@\n five\n six\n-seven\n',
      ],
    );
  });

  it('put together in any order give what leaving out the others gives', () => {
    const all = hunksOf({ base, offered, now: offered }, null).map(({ id }) => id);
    for (let bits = 0; bits < 8; bits++) {
      const wanted = all.filter((_, index) => bits & (1 << index));
      let now = base;
      let chosen = new Set<string>();
      for (const id of [...wanted].reverse()) {
        now = textWith(base, hunksOf({ base, offered, now }, chosen), id, true);
        chosen = new Set([...chosen, id]);
      }
      assert.equal(now, without(...all.flatMap((id, index) => (wanted.includes(id) ? [] : [index]))));
    }
  });
});

describe('a file that changed while its proposal waits', () => {
  const file: ProposedFile = {
    ...{ path: '/a', targetPath: '/a', kind: 'update', baseHash: hashOf(base) },
    ...{ oldText: base, newText: offered },
  };

  it('is left alone while it has not', () =>
    assert.deepEqual(rebase(file, offered, base.replaceAll('\n', '\r\n')), { type: 'same' }));

  it('has the proposal on top of what was changed', () => {
    const now = base.replace('three', 'THREE');
    const text = without(0).replace('three', 'THREE');
    assert.deepEqual(rebase(file, without(0), now), {
      type: 'rebased',
      file: {
        ...file,
        ...{ oldText: now, newText: offered.replace('three', 'THREE'), baseHash: hashOf(now), isRebased: true },
      },
      text,
    });
  });

  it('says when both changed the same lines, and compares with the file as it is on demand', () => {
    const now = base.replace('one', 'uno');
    assert.deepEqual(rebase(file, offered, now), { type: 'conflict' });
    assert.deepEqual(ontoNow(file, offered, now), {
      ...file,
      ...{ oldText: now, newText: offered, baseHash: hashOf(now), isRebased: true },
    });
  });

  it('says when it is gone, and when one that is to be made is there', () => {
    assert.deepEqual(rebase(file, offered, null), { type: 'gone' });
    const made: ProposedFile = { ...file, kind: 'add', oldText: null, baseHash: null };
    assert.deepEqual(rebase(made, offered, 'mine\n'), { type: 'exists' });
    assert.deepEqual(rebase(made, offered, null), { type: 'same' });
  });

  it('is not deleted when it is another than the agent saw', () => {
    const deleted: ProposedFile = { ...file, kind: 'delete', newText: null };
    assert.deepEqual(rebase(deleted, null, 'other\n'), { type: 'changed' });
    assert.deepEqual(rebase(deleted, null, base), { type: 'same' });
  });
});

describe('mergeThreeWay', () => {
  it('takes what only one side changed, and what both changed alike', () => {
    assert.equal(mergeThreeWay('a\nb\nc\n', 'A\nb\nc\n', 'a\nb\nC\n'), 'A\nb\nC\n');
    assert.equal(mergeThreeWay('a\nb\nc\n', 'A\nb\nC\n', 'a\nb\nC\n'), 'A\nb\nC\n');
    assert.equal(mergeThreeWay('a\n', 'b\n', 'b\n'), 'b\n');
  });

  it('gives nothing where both changed a line, or added at one place', () => {
    assert.equal(mergeThreeWay('a\n', 'b\n', 'c\n'), null);
    assert.equal(mergeThreeWay('a\n', 'a\nb\n', 'a\nc\n'), null);
  });

  it('never loses a line of either side', () => {
    // A small generator, so that a failure can be told by its seed.
    const random = (seed: number) => () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed / 2_147_483_648;
    };
    for (let seed = 1; seed <= 300; seed++) {
      const next = random(seed);
      const lines = Array.from({ length: 8 }, (_, index) => `line ${index}\n`);
      const edit = (who: string) =>
        lines.flatMap((line, index) =>
          next() < 0.2 ? [`${who} ${index}\n`] : next() < 0.1 ? [line, `${who}+${index}\n`] : [line],
        );
      const [mine, theirs] = [edit('mine'), edit('theirs')];
      const merged = mergeThreeWay(lines.join(''), mine.join(''), theirs.join(''));
      if (merged === null) continue;
      const has = new Set(merged.split(/(?<=\n)/));
      for (const line of [...mine, ...theirs]) if (!lines.includes(line)) assert.ok(has.has(line), `seed ${seed}`);
      assert.equal(plainText(merged), merged);
    }
  });
});
