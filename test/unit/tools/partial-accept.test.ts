/** What the model is told of a proposal that the user decided in parts. */
import assert from 'node:assert/strict';
import { settleFile } from '../../../agent-core/tools/partial-accept.ts';
import { type PlannedFile, shownDiff } from '../../../agent-core/tools/patch-plan.ts';

const planned = (
  kind: PlannedFile['kind'],
  oldText: string | null,
  newText: string | null,
  target: PlannedFile['target'] = null,
): PlannedFile => ({
  path: '/w/a',
  kind,
  oldText,
  newText,
  diff: shownDiff(kind, oldText, newText),
  baseHash: oldText === null ? null : 'base',
  target,
});
const update = planned({ type: 'update', move_path: null }, 'one\ntwo\nthree\nfour\n', 'ONE\ntwo\nthree\nFOUR\n');
const add = planned({ type: 'add' }, null, 'new\n');
const remove = planned({ type: 'delete' }, 'one\n', null);
const target = { path: '/w/b', text: null, hash: null };
const move = planned({ type: 'update', move_path: '/w/b' }, 'one\n', 'ONE\n', target);

const settle = (file: PlannedFile, finalText: string) => {
  const { told, final } = settleFile(file, { baseHash: file.baseHash, finalText }, null);
  return [told, final && { text: final.newText, target: final.target?.path ?? null }];
};

describe('a proposal that is decided in parts', () => {
  it('is told as it was meant: a file that is left out', () => {
    assert.deepEqual(
      [update, add, remove, move].map((file) => settleFile(file, undefined, null)),
      ['unchanged', 'not created', 'not deleted', 'not moved'].map((what) => ({
        told: `/w/a: rejected, ${what}.`,
        final: null,
      })),
    );
  });

  it('a new file', () => {
    assert.deepEqual(settle(add, 'new\n'), ['/w/a: created as proposed.', { text: 'new\n', target: null }]);
    assert.deepEqual(settle(add, ''), [
      "/w/a: created, with the user's changes. From your proposal to what is in the file now:\n@@ -1 +0,0 @@\n-new",
      { text: '', target: null },
    ]);
  });

  it('a deletion', () => {
    assert.deepEqual(settle(remove, ''), ['/w/a: deleted as proposed.', { text: null, target: null }]);
    assert.deepEqual(settle(remove, 'one\n'), ['/w/a: not deleted, unchanged.', null]);
    assert.deepEqual(settle(remove, 'uno\n'), [
      '/w/a: not deleted, but changed by the user:\n@@ -1 +1 @@\n-one\n+uno',
      { text: 'uno\n', target: null },
    ]);
  });

  it('a move', () => {
    assert.deepEqual(settle(move, 'ONE\n'), ['/w/a: moved to /w/b as proposed.', { text: 'ONE\n', target: '/w/b' }]);
    assert.deepEqual(settle(move, 'one\n'), [
      '/w/a: moved to /w/b; your changes of its text were dropped.',
      { text: 'one\n', target: '/w/b' },
    ]);
  });

  it('an update', () => {
    assert.deepEqual(settle(update, update.oldText ?? ''), ['/w/a: rejected, unchanged.', null]);
    assert.deepEqual(settle(update, update.newText ?? ''), [
      '/w/a: kept as proposed.',
      { text: update.newText, target: null },
    ]);
  });

  it('an answer to the file as it became while it waited', () => {
    const now = { text: 'one\ntwo\n3\nfour\n', hash: 'now' };
    const { told, final } = settleFile(update, { baseHash: 'now', finalText: 'ONE\ntwo\n3\nfour\n' }, now);
    assert.match(told, /^\/w\/a: 0 of 1 hunks kept|^\/w\/a: 1 of 2 hunks kept as proposed/);
    assert.match(told, /had changed since you saw it; the user decided on that\.\)$/);
    assert.deepEqual([final?.baseHash, final?.oldText, final?.newText], ['now', now.text, 'ONE\ntwo\n3\nfour\n']);
  });

  it('an answer to a text that is not there any more', () => {
    const now = { text: 'else\n', hash: 'now' };
    assert.deepEqual(settleFile(update, { baseHash: 'other', finalText: 'x' }, now), {
      told: '/w/a: not written, because it changed while the user decided. Start from what is there now.\n/w/a is now:\nelse',
      final: null,
    });
  });
});
