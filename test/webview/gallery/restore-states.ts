/** States of going back to before a message. */
import type { PanelState } from '../../../webview/bridge/panel-state.ts';
import type { RestoreView } from '../../../webview/bridge/restore.ts';
import { noExtras } from '../../../webview/bridge/thread-extras.ts';
import { CWD, thread, turn } from './items.ts';
import { READY } from './ready.ts';
import { firstTurn } from './sample-turn.ts';

const checkpoint = {
  id: 'c1',
  turnId: 'u1',
  label: 'The price test fails. Find out why and fix it.',
  createdAt: 1_790_000_000,
};

const preview: RestoreView = {
  checkpoint,
  status: 'ready',
  withThread: true,
  problem: null,
  outcome: null,
  files: [
    {
      ...{ path: `${CWD}/src/price.ts`, label: 'src/price.ts', change: 'update', added: 3, removed: 6 },
      ...{ canOpen: true, conflict: null },
    },
    {
      ...{ path: `${CWD}/CHANGELOG.md`, label: 'CHANGELOG.md', change: 'delete', added: 0, removed: 3 },
      ...{ canOpen: true, conflict: null },
    },
    {
      ...{ path: `${CWD}/src/cart/checkout.ts`, label: 'src/cart/checkout.ts', change: 'update', added: 1, removed: 1 },
      ...{ canOpen: true, conflict: 'changed since by somebody else' },
    },
    {
      ...{ path: `${CWD}/media/logo.png`, label: 'media/logo.png', change: 'add', added: 0, removed: 0 },
      ...{ canOpen: false, conflict: null },
    },
  ],
};

const withRestore = (restore: RestoreView | null): PanelState => ({
  ...READY,
  restore,
  thread: thread({
    name: 'Fix the failing price test',
    turns: [turn('u1', 'completed', { durationMs: 48_300 })],
    items: firstTurn.slice(0, 6),
    extras: { ...noExtras, checkpoints: [checkpoint] },
  }),
});

export const restorable = withRestore(null);
export const restore = withRestore(preview);
export const restored = withRestore({
  ...preview,
  status: 'done',
  outcome: {
    scope: 'both',
    restored: 3,
    left: [{ label: 'src/cart/checkout.ts', why: 'changed since by somebody else' }],
    canUndo: true,
  },
});
