import assert from 'node:assert/strict';
import { type Reviewed, ReviewView, resultOf, reviewFileView } from '../../../../extension/panel/review-view.ts';
import type { ReviewFile, ReviewResult } from '../../../../webview/bridge/review.ts';

const place = (path: string) => ({ fsPath: path, toString: () => `file://${path}` });
const hunk = { id: 'h', baseStart: 0, baseLines: ['a'], start: 0, lines: ['b', 'c'], isWhole: false };
const file = (path: string, more: Partial<Reviewed> = {}): Reviewed => ({
  uri: place(path),
  kind: 'update',
  movedFrom: null,
  threadId: 't',
  turnId: 'u',
  itemIds: ['i1', 'i2'],
  hunks: [hunk],
  baseline: 'a\n',
  whyNoUndo: null,
  isTooLarge: false,
  kept: 0,
  undone: 0,
  ...more,
});
const labelOf = (path: string) => path.replace('/w/', '');

describe('reviewFileView', () => {
  it('counts what is still to decide', () => {
    const view = reviewFileView(
      file('/w/b', { kind: 'rename', movedFrom: place('/w/a'), hunks: [hunk, hunk] }),
      labelOf,
    );
    assert.deepEqual(view, {
      ...{ uri: 'file:///w/b', path: '/w/b', label: 'b', kind: 'rename', movedFrom: 'a', itemIds: ['i1', 'i2'] },
      ...{ hunks: 2, added: 4, removed: 2, kept: 0, undone: 0, whyNoUndo: null, isTooLarge: false },
    });
  });
});

describe('resultOf', () => {
  it('tells keeping from undoing by the text that is left, and counts what came before', () => {
    const cases: [Partial<Reviewed>, string | null, ReviewResult['result']][] = [
      [{}, 'b\nc\n', 'kept'],
      [{}, 'a\r\n', 'undone'],
      [{ kept: 1 }, 'a\n', 'both'],
      [{ undone: 2 }, 'b\n', 'both'],
      [{ kind: 'add', baseline: '' }, null, 'undone'],
      [{ kind: 'add', baseline: '' }, 'b\n', 'kept'],
      [{ kind: 'delete' }, null, 'kept'],
      [{ kind: 'delete' }, 'a\n', 'undone'],
    ];
    assert.deepEqual(
      cases.map(([more, text]) => resultOf(file('/w/a', more), text)),
      cases.map(([, , result]) => result),
    );
  });
});

describe('ReviewView', () => {
  it('shows what waits at once, and what became of the rest', async () => {
    let files: Reviewed[] = [file('/w/a'), file('/w/b')];
    const shown: [string[], readonly ReviewResult[]][] = [];
    const view = new ReviewView({
      files: () => files,
      labelOf,
      textOf: async () => 'a\n',
      show: (reviews: readonly ReviewFile[], results) => shown.push([reviews.map(({ label }) => label), results]),
    });
    await view.update();
    files = [file('/w/b')];
    await view.update();
    const results = ['i1', 'i2'].map((itemId) => ({ itemId, path: '/w/a', result: 'undone' as const }));
    assert.deepEqual(shown, [
      [['a', 'b'], []],
      [['b'], []],
      [['b'], results],
    ]);
  });

  it('tells what ended without a decision from what was undone, also in a later window', async () => {
    let files: Reviewed[] = [file('/w/a')];
    let kept: readonly ReviewResult[] = [];
    const gone = { uri: place('/w/a'), itemIds: ['i1', 'i2'], why: 'its changes were stashed', canBringBack: true };
    let ended: (typeof gone)[] = [];
    let last: unknown[] = [];
    const view = new ReviewView({
      ...{ files: () => files, ended: () => ended, labelOf, textOf: async () => 'a\n' },
      show: (...all) => {
        last = all;
      },
      keep: (results) => {
        kept = results;
      },
    });
    await view.update();
    files = [];
    await view.update();
    ended = [gone];
    await view.update();
    await view.update();
    const results = (['undone', 'ended'] as const).flatMap((result) =>
      ['i1', 'i2'].map((itemId) => ({ itemId, path: '/w/a', result })),
    );
    const shown = { uri: 'file:///w/a', label: 'a', why: 'its changes were stashed', canBringBack: true };
    assert.deepEqual([last, kept], [[[], results, [shown]], results]);
    let again: unknown;
    const later = new ReviewView({
      ...{ files: () => [], labelOf, textOf: async () => null, results: kept },
      show: (_, reviewed) => {
        again = reviewed;
      },
    });
    await later.update();
    assert.deepEqual(again, results);
  });
});
