/** What the model is told of decisions and of texts that are not saved. */
import assert from 'node:assert/strict';
import { decisionText, shownDiff, unsavedText } from '../../../agent-core/loop/editor-words.ts';

const decision = (kind: 'kept' | 'undone' | 'edited', more: Record<string, unknown> = {}) => ({
  turnId: 't',
  path: '/w/a',
  decision: kind,
  ...more,
});
const change = { before: 'one\ntwo\n', after: 'ONE\nTWO\n' };

describe('a decision on what is written', () => {
  const cases: [string, string, ...Parameters<typeof decisionText>][] = [
    ['kept', '/w/a: kept as you wrote it.', '/w/a', [decision('kept', { hunkCount: 2 })], change, change.after],
    [
      'kept, with more to come',
      '/w/a: kept as you wrote it. 1 hunk still to be decided.',
      '/w/a',
      [decision('kept', { hunkCount: 1, pendingCount: 1 })],
      change,
      change.after,
    ],
    ['undone', '/w/a: the user undid all that you changed.', '/w/a', [decision('undone')], change, change.before],
    [
      'undone and done again: as it stands counts',
      '/w/a: kept as you wrote it.',
      '/w/a',
      [decision('undone', { hunkCount: 1 }), decision('kept', { hunkCount: 1 })],
      change,
      change.after,
    ],
    [
      'in part',
      '/w/a: the user kept 1 hunk and undid 2 hunks.\nFrom what you wrote to what is there now:\n@@ -1,2 +1,2 @@\n ONE\n-TWO\n+two',
      '/w/a',
      [decision('kept', { hunkCount: 1 }), decision('undone', { hunkCount: 2 })],
      change,
      'ONE\ntwo\n',
    ],
    [
      'of a new file',
      '/w/a: the user removed the file that you made.',
      '/w/a',
      [decision('undone')],
      { before: null, after: 'x' },
      null,
    ],
    [
      'of a deletion',
      '/w/a: the user took the deletion back.',
      '/w/a',
      [decision('undone')],
      { before: 'x', after: null },
      'x',
    ],
    [
      'of a change that is not known any more',
      '/w/a: the user undid 1 hunk.\n@@ -1 +1 @@\n-a\n+b\nThe user says: no',
      '/w/a',
      [decision('undone', { hunkCount: 1, diff: '@@ -1 +1 @@\n-a\n+b\n', note: 'no' })],
      null,
      'b',
    ],
  ];
  for (const [name, said, ...given] of cases) it(name, () => assert.equal(decisionText(...given), said));
});

describe('texts that are not saved', () => {
  it('are shown as far as there is room, and named beyond it', () => {
    const long = shownDiff('', 'x\n'.repeat(1900));
    const sections = Array.from({ length: 8 }, (_, index) => `/w/${index}, from the disk to the editor:\n${long}`);
    const text = unsavedText(sections);
    assert.ok(text.length < 30_000);
    assert.match(text, /\n\/w\/7 has changed in the editor too\. Read the file\.$/);
  });

  it('are only counted when there is much', () => {
    assert.equal(
      shownDiff('a\n', 'x\n'.repeat(5000)),
      '(5000 lines added, 1 removed: too much to show here. Read the file.)',
    );
  });
});
