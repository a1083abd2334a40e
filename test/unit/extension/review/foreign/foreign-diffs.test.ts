import assert from 'node:assert/strict';
import { createTwoFilesPatch } from 'diff';
import {
  hasHappened,
  type Looks,
  type TurnWord,
  writtenBy,
} from '../../../../../extension/review/foreign/item-baseline.ts';
import { beforeTurn, blobOf, filesIn, placesOf } from '../../../../../extension/review/foreign/turn-diff.ts';
import { hunksIn, withHunks, without } from '../../../../../extension/review/foreign/unified-hunks.ts';
import { Random } from '../interleaving.ts';

const update = (diff: string, path = '/w/a.txt') => ({ path, diff, kind: { type: 'update' as const } });
const looks = (seen: Record<string, string | null>, now: Record<string, string | null>): Looks => ({
  seen: (path) => seen[path],
  now: (path) => now[path] ?? null,
});

describe('hunks of a diff', () => {
  it('are put in and taken out exactly, whatever the texts', () => {
    const chance = new Random(7);
    const random = () => chance.next();
    const word = () =>
      ['a', 'b', '', '@@ -1 +1 @@', '--- x', '+++ y', '\\ No newline', 'x\r'][Math.floor(random() * 8)];
    const text = () => Array.from({ length: Math.floor(random() * 9) }, word).join('\n');
    for (let round = 0; round < 3_000; round++) {
      const [before, after] = [text(), text()];
      const hunks = hunksIn(
        createTwoFilesPatch('a', 'a', before, after, '', '', { context: Math.floor(random() * 3) }),
      );
      assert.ok(hunks, JSON.stringify({ before, after }));
      assert.deepEqual([without(after, hunks), withHunks(before, hunks)], [before, after]);
    }
  });

  it('are found where the file has moved on, if there is one place only', () => {
    const hunks = hunksIn('@@ -1,2 +1,2 @@\n one\n-two\n+TWO\n') ?? [];
    assert.equal(without('new\none\nTWO\n', hunks), 'new\none\ntwo\n');
    assert.equal(without('new\none\nTWO\none\nTWO\n', hunks), null);
    assert.equal(without('one\nother\n', hunks), null);
  });

  it('are none where the counts do not fit', () => {
    assert.equal(hunksIn('@@ -1,3 +1,2 @@\n one\n-two\n+TWO\n'), null);
    assert.equal(hunksIn('@@ -1 +1 @@\nanything\n'), null);
    assert.deepEqual(hunksIn('\n\nMoved to: /w/b.txt'), []);
  });
});

describe('what a file held before an item of another agent', () => {
  const diff = '@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n';
  const file = { movedFrom: null, whyNoUndo: null };

  it('is the diff taken out of the disk', () => {
    const written = writtenBy(update(diff), looks({}, { '/w/a.txt': 'one\n2\nthree\n' }), null);
    assert.deepEqual(written, [{ ...file, path: '/w/a.txt', before: 'one\ntwo\nthree\n', after: 'one\n2\nthree\n' }]);
    const crlf = writtenBy(update(diff.replaceAll('\n', '\r\n')), looks({}, { '/w/a.txt': 'one\n2\nthree\n' }), null);
    assert.deepEqual(crlf, written);
    const bom = writtenBy(
      update(diff.replace(' one', ' \uFEFFone')),
      looks({}, { '/w/a.txt': 'one\n2\nthree\n' }),
      null,
    );
    assert.deepEqual(bom, written);
  });

  it('is what the window saw where more was changed on top; else it is not known', () => {
    const now = { '/w/a.txt': 'one\nII\nthree\n' };
    const seen = { '/w/a.txt': 'one\ntwo\nthree\n' };
    const known = { ...file, path: '/w/a.txt', after: 'one\nII\nthree\n' };
    assert.deepEqual(writtenBy(update(diff), looks(seen, now), null), [
      { ...known, before: 'one\ntwo\nthree\n', after: 'one\n2\nthree\n' },
    ]);
    const [unknown, ...more] = writtenBy(update(diff), looks({}, now), null);
    assert.equal(more.length, 0);
    assert.match((unknown as { whyNoUndo: string }).whyNoUndo, /has changed since/);
  });

  it('is the text of a deleted file, and nothing for one that is there again', () => {
    const change = { path: '/w/b.txt', diff: 'bee\r\n', kind: { type: 'delete' as const } };
    const gone = { ...file, path: '/w/b.txt', before: 'bee\n', after: null };
    assert.deepEqual(writtenBy(change, looks({}, {}), null), [gone]);
    assert.deepEqual(writtenBy(change, looks({}, { '/w/b.txt': 'x\n' }), null), []);
  });

  it('is nothing for a file that was not there, and what was covered for one that was', () => {
    const change = { path: '/w/n.txt', diff: 'n\n', kind: { type: 'add' as const } };
    const now = { '/w/n.txt': 'n\n' };
    const made = { ...file, path: '/w/n.txt', after: 'n\n' };
    assert.deepEqual(writtenBy(change, looks({ '/w/n.txt': null }, now), null), [{ ...made, before: null }]);
    assert.deepEqual(writtenBy(change, looks({ '/w/n.txt': 'old\n' }, now), null), [{ ...made, before: 'old\n' }]);
    assert.equal(writtenBy(change, looks({ '/w/n.txt': 'n\n' }, now), null), 'unclear');
    assert.equal(writtenBy(change, looks({}, now), null), 'unclear');
    const word = (old: string | null): TurnWord => ({ file: turnFile('n.txt', old, 'n\n'), raw: 'n\n' });
    assert.deepEqual(writtenBy(change, looks({}, now), word(null)), [{ ...made, before: null }]);
    assert.deepEqual(writtenBy(change, looks({}, now), word('old\n')), [{ ...made, before: 'old\n' }]);
    const [unknown] = writtenBy(change, looks({}, now), { file: null, raw: 'n\n' });
    assert.match((unknown as { whyNoUndo: string }).whyNoUndo, /not known/);
  });

  it('follows a move, and is two files where it covered another', () => {
    const change = {
      ...update(`${diff}\n\nMoved to: /w/m.txt`),
      kind: { type: 'update' as const, move_path: '/w/m.txt' },
    };
    const now = { '/w/m.txt': 'one\n2\nthree\n' };
    const moved = { ...file, path: '/w/m.txt', before: 'one\ntwo\nthree\n', after: 'one\n2\nthree\n' };
    assert.deepEqual(writtenBy(change, looks({ '/w/m.txt': null }, now), null), [{ ...moved, movedFrom: '/w/a.txt' }]);
    assert.deepEqual(writtenBy(change, looks({ '/w/m.txt': 'other\n' }, now), null), [
      { ...moved, path: '/w/a.txt', after: null },
      { ...moved, before: 'other\n' },
    ]);
    assert.equal(writtenBy(change, looks({}, now), null), 'unclear');
  });

  it('tells what a failed change did all the same', () => {
    const seen = { '/w/a.txt': 'one\ntwo\nthree\n' };
    assert.equal(hasHappened(update(diff), looks(seen, { '/w/a.txt': 'one\n2\nthree\n' })), true);
    assert.equal(hasHappened(update(diff), looks(seen, seen)), false);
    assert.equal(hasHappened(update(diff), looks(seen, { '/w/a.txt': 'one\nII\nthree\n' })), false);
    assert.equal(hasHappened(update(diff), looks({}, { '/w/a.txt': 'one\n2\nthree\n' })), false);
  });
});

describe('the diff of a turn', () => {
  it('says of which bytes it speaks', () => {
    const [file, made, gone] = filesIn(
      turnDiff('a b.txt', 'one\r\ntwo', 'one\r\n2') + turnDiff('n.txt', null, 'n\n') + turnDiff('d.txt', 'd\n', null),
    );
    assert.ok(file && made && gone);
    assert.deepEqual([file.oldPath, made.oldPath, gone.newPath], ['a b.txt', null, null]);
    assert.equal(beforeTurn(file, 'one\r\n2'), 'one\r\ntwo');
    assert.equal(beforeTurn(file, 'one\n2'), undefined);
    assert.equal(beforeTurn(made, 'n\n'), null);
    assert.equal(beforeTurn(gone, null), 'd\n');
    assert.equal(beforeTurn(gone, 'd\n'), undefined);
    assert.equal(blobOf('bee\n'), 'af9c6fd168ea28cf99aa2c2dd9057a8b720e2262');
  });

  it('names files from the folder of the agent, of its repository or of the window', () => {
    assert.deepEqual(placesOf('a.txt', ['/w/x', '/o']), ['/w/x/a.txt', '/w/a.txt', '/a.txt', '/o/a.txt']);
    assert.deepEqual(placesOf('/else/a.txt', ['/w']), ['/else/a.txt']);
  });
});

const turnFile = (path: string, before: string | null, after: string | null) =>
  filesIn(turnDiff(path, before, after))[0]!;

function turnDiff(path: string, before: string | null, after: string | null): string {
  const blob = (text: string | null) => (text === null ? '0'.repeat(40) : blobOf(text));
  const patch = createTwoFilesPatch('x', 'x', before ?? '', after ?? '').replace(/^[\s\S]*?(?=@@)/, '');
  return [
    `diff --git a/${path} b/${path}`,
    `index ${blob(before)}..${blob(after)}`,
    `--- ${before === null ? '/dev/null' : `a/${path}`}`,
    `+++ ${after === null ? '/dev/null' : `b/${path}`}`,
    patch,
  ].join('\n');
}
