import assert from 'node:assert/strict';
import {
  changedLines,
  type DecidedFile,
  decisionOf,
  fromDiff,
  fromProposal,
  textBefore,
  type Verdict,
} from '../../../../../extension/review/ask-first/proposed-change.ts';

const update = { type: 'update' as const, move_path: null };
const file = (path: string, verdict: Verdict, finalText: string | null = 'new\n'): DecidedFile => ({
  file: fromProposal({ path, kind: update, oldText: 'old\n', newText: 'new\n', baseHash: `hash of ${path}` }),
  verdict,
  finalText,
});

describe('decisionOf', () => {
  it('waits for every file', () => assert.equal(decisionOf([file('a', 'accepted'), file('b', 'pending')]), null));

  it('is a plain word where all is taken or left as it was proposed', () => {
    assert.equal(decisionOf([file('a', 'accepted'), file('b', 'accepted')]), 'accept');
    assert.equal(decisionOf([file('a', 'rejected'), file('b', 'rejected')]), 'decline');
  });

  it('takes another line ending or a byte order mark for no edit', () => {
    assert.equal(decisionOf([file('a', 'accepted', '\uFEFFnew\r\n')]), 'accept');
  });

  it('names the accepted files with their final text where something was edited or left out', () => {
    assert.deepEqual(decisionOf([file('a', 'accepted', 'mine\r\n'), file('b', 'rejected'), file('c', 'accepted')]), {
      acceptPartial: {
        files: [
          { path: 'a', baseHash: 'hash of a', finalText: 'mine\n' },
          { path: 'c', baseHash: 'hash of c', finalText: 'new\n' },
        ],
      },
    });
  });

  it('leaves a file out of which nothing is left', () => {
    assert.equal(decisionOf([file('a', 'accepted', 'old\n')]), 'decline');
    assert.deepEqual(decisionOf([file('a', 'accepted', 'old\n'), file('b', 'accepted')]), {
      acceptPartial: { files: [{ path: 'b', baseHash: 'hash of b', finalText: 'new\n' }] },
    });
  });

  it('says which text it is for where the file has changed since', () => {
    const { file: proposed, ...rest } = file('a', 'accepted');
    const rebased: DecidedFile = { ...rest, file: { ...proposed, baseHash: 'of now', isRebased: true } };
    assert.deepEqual(decisionOf([rebased]), {
      acceptPartial: { files: [{ path: 'a', baseHash: 'of now', finalText: 'new\n' }] },
    });
  });

  it('keeps a deletion a deletion', () => {
    const deletion: DecidedFile = {
      file: fromProposal({ path: 'd', kind: { type: 'delete' }, oldText: 'x', newText: null, baseHash: 'h' }),
      verdict: 'accepted',
      finalText: null,
    };
    assert.deepEqual(decisionOf([deletion, file('a', 'rejected')]), {
      acceptPartial: { files: [{ path: 'd', baseHash: 'h', finalText: null }] },
    });
  });
});

describe('a published file change', () => {
  const diff = '@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n';

  it('gives the new text from the diff', () => {
    assert.deepEqual(fromDiff({ path: '/a', kind: update, diff }, 'one\r\ntwo\r\nthree\r\n'), {
      path: '/a',
      targetPath: '/a',
      kind: 'update',
      baseHash: null,
      oldText: 'one\ntwo\nthree\n',
      newText: 'one\nTWO\nthree\n',
    });
  });

  it('knows moves, additions and deletions', () => {
    const moved = { type: 'update' as const, move_path: '/b' };
    const change = fromDiff({ path: '/a', kind: moved, diff: `${diff}\n\nMoved to: /b` }, 'one\ntwo\nthree\n');
    assert.equal(change?.targetPath, '/b');
    assert.equal(change?.newText, 'one\nTWO\nthree\n');
    assert.deepEqual(fromDiff({ path: '/n', kind: { type: 'add' }, diff: 'text\n' }, null), {
      path: '/n',
      targetPath: '/n',
      kind: 'add',
      baseHash: null,
      oldText: null,
      newText: 'text\n',
    });
    assert.deepEqual(fromDiff({ path: '/n', kind: { type: 'delete' }, diff: 'text\n' }, 'text\n'), {
      path: '/n',
      targetPath: '/n',
      kind: 'delete',
      baseHash: null,
      oldText: 'text\n',
      newText: null,
    });
  });

  it('says when the diff does not fit', () => {
    assert.equal(fromDiff({ path: '/a', kind: update, diff }, 'something\nelse\n'), null);
    assert.equal(fromDiff({ path: '/a', kind: update, diff: '@@ nonsense' }, 'one\n'), null);
    assert.equal(fromDiff({ path: '/a', kind: update, diff }, null), null);
  });

  it('gives back the text from before', () => {
    assert.equal(textBefore({ path: '/a', kind: update, diff }, 'one\nTWO\nthree\n'), 'one\ntwo\nthree\n');
    assert.equal(textBefore({ path: '/a', kind: update, diff }, 'changed since\n'), null);
    assert.equal(textBefore({ path: '/a', kind: { type: 'add' }, diff: 'x' }, 'x'), '');
    assert.equal(textBefore({ path: '/a', kind: { type: 'delete' }, diff: 'x' }, null), 'x');
  });
});

describe('changedLines', () => {
  it('names the line of each place, also where lines are only added', () => {
    assert.deepEqual(changedLines('a\nb\nc\nd\n', 'a\nB\nc\nd\ne\n'), [1, 4]);
    assert.deepEqual(changedLines('a\nb\n', 'b\n'), [0]);
    assert.deepEqual(changedLines('', 'x\n'), [0]);
    assert.deepEqual(changedLines('same\n', 'same\n'), []);
  });
});
