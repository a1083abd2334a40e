/** States of the review: a proposal hunk by hunk, and what was written and waits to be kept. */
import type { ApprovalFile, PanelState } from '../../../webview/bridge/panel-state.ts';
import type { ReviewFile } from '../../../webview/bridge/review.ts';
import { approval, CWD, change, files, thread, turn, view } from './items.ts';
import { READY } from './ready.ts';
import { DIFF, firstTurn, TEST_DIFF } from './sample-turn.ts';

const hunks: NonNullable<ApprovalFile['hunks']> = [
  {
    id: 'h1',
    state: 'taken',
    diff: '@@ -11,5 +11,8 @@\n export function total(lines: readonly Line[]): number {\n-  const net = lines.reduce((sum, line) => sum + line.cents, 0);\n-  return Math.floor(net * (1 + lines[0].taxRate));\n+  return lines.reduce((sum, line) => sum + line.cents + tax(line), 0);\n+}\n+\n+function tax(line: Line): number {\n+  return Math.round(line.cents * line.taxRate);\n }\n',
  },
  {
    id: 'h2',
    state: 'dropped',
    diff: "@@ -31,3 +33,3 @@\n export function format(cents: number): string {\n-  return (cents / 100).toFixed(2) + ' EUR';\n+  return (cents / 100).toFixed(2) + ' €';\n }\n",
  },
  {
    id: 'h3',
    state: 'edited',
    diff: '@@ -40,2 +42,2 @@\n-export const VAT = 0.19;\n+export const VAT = 0.2;\n export const EMPTY = [];\n',
  },
];

const inPart: ApprovalFile[] = [
  { path: `${CWD}/src/price.ts`, label: 'src/price.ts', kind: 'update', hunks },
  {
    path: `${CWD}/src/price.test.ts`,
    label: 'src/price.test.ts',
    kind: 'update',
    hunks: [{ id: 'h4', state: 'taken', diff: TEST_DIFF }],
    since: 'rebased',
  },
  {
    path: `${CWD}/CHANGELOG.md`,
    label: 'CHANGELOG.md',
    kind: 'add',
    hunks: [{ id: 'file', state: 'taken', diff: '' }],
  },
];

const asking = (asked: ApprovalFile[], more = {}): PanelState => ({
  ...READY,
  thread: thread({
    name: 'Fix the failing price test',
    turns: [turn('u1', 'inProgress', { startedAtMs: Date.now() - 21_000 })],
    items: [
      ...firstTurn.slice(0, 1),
      view(
        'u1',
        files(
          'f1',
          [
            change('src/price.ts', DIFF),
            change('src/price.test.ts', TEST_DIFF),
            change('CHANGELOG.md', '# Changes\n\n- Tax is rounded per line.\n', 'add'),
          ],
          'inProgress',
        ),
        false,
      ),
    ],
    approvals: [approval('f1', { kind: 'fileChange', files: asked, ...more })],
  }),
});

export const askHunks = asking(inPart);

export const askConflict = asking(
  inPart.map((file, index) => (index === 0 ? { ...file, hunks: hunks.slice(0, 1), since: 'conflict' as const } : file)),
);

export const askAsOne = asking(
  inPart.map(({ path, label, kind }) => ({ path, label, kind })),
  { asOne: true },
);

const written = (
  path: string,
  kind: ReviewFile['kind'],
  [hunkCount, added, removed]: [number, number, number],
  more: Partial<ReviewFile> = {},
): ReviewFile => ({
  uri: `file://${CWD}/${path}`,
  path: `${CWD}/${path}`,
  label: path,
  kind,
  movedFrom: null,
  itemIds: ['f1'],
  hunks: hunkCount,
  added,
  removed,
  kept: 0,
  undone: 0,
  whyNoUndo: null,
  isTooLarge: false,
  ...more,
});

/** What git and a deletion took away, beside what waits. */
export const ended = (): PanelState => ({
  ...pending,
  reviews: pending.reviews.slice(0, 1),
  ended: [
    {
      ...{ uri: `file://${CWD}/src/cart/discount.ts`, label: 'src/cart/discount.ts' },
      ...{ why: 'its changes were stashed', canBringBack: true },
    },
    { uri: `file://${CWD}/NOTES.md`, label: 'NOTES.md', why: 'the deleted file is there again', canBringBack: false },
  ],
});

export const pending: PanelState = {
  ...READY,
  mode: 'auto',
  reviews: [
    written('src/price.ts', 'update', [3, 6, 3]),
    written('CHANGELOG.md', 'add', [1, 3, 0]),
    written('src/cart/checkout.ts', 'rename', [2, 2, 2], { movedFrom: 'src/checkout.ts', itemIds: ['c1'] }),
    written('package-lock.json', 'update', [1, 4120, 3980], {
      itemIds: ['c1'],
      isTooLarge: true,
      whyNoUndo: 'a command changed it, and its text before is not known',
    }),
  ],
  thread: thread({
    name: 'Fix the failing price test',
    turns: [turn('u1', 'completed', { durationMs: 48_300 })],
    items: firstTurn,
  }),
};
