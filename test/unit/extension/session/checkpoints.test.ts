import assert from 'node:assert/strict';
import type { CoreClient } from '../../../../extension/core/core-client.ts';
import { Checkpoints, listCheckpoints } from '../../../../extension/session/checkpoints.ts';
import type { RestoreView } from '../../../../webview/bridge/restore.ts';

const stored = { id: 'c1', threadId: 't', turnId: 'u1', createdAt: 9, label: 'Mend it' };
const view = { id: 'c1', turnId: 'u1', createdAt: 9, label: 'Mend it' };
const diff = '--- a\n+++ b\n@@ -1,2 +1,2 @@\n-new\n+old\n same\n';

type Answers = Partial<Record<string, unknown>>;

/** A core that gives these answers; an error is its refusal. */
function world(answers: Answers = {}, over: { running?: boolean; features?: string[] } = {}) {
  const asked: [string, unknown][] = [];
  const shown: (RestoreView | null)[] = [];
  const did: string[] = [];
  const given: Answers = {
    'checkpoint/list': { data: [stored] },
    'checkpoint/preview': {
      files: [
        { path: '/w/a', change: 'update', diff, conflict: null },
        { path: '/w/b', change: 'add', diff: null, conflict: 'changedByUser' },
      ],
    },
    'checkpoint/restore': { restored: ['/w/a'], conflicts: [{ path: '/w/b', reason: 'tooLarge' }], undoId: 'c2' },
    ...answers,
  };
  const client = {
    gantry: { version: '1', features: over.features ?? ['checkpoints'] },
    request: async (method: string, params: unknown) => {
      asked.push([method, params]);
      const answer = given[method];
      if (answer instanceof Error) throw answer;
      return answer;
    },
  } as unknown as CoreClient;
  const checkpoints = new Checkpoints({
    client: async () => client,
    threadId: () => 't',
    isRunning: () => over.running ?? false,
    reload: async (threadId) => void did.push(`reload ${threadId}`),
    labelOf: (path) => path.replace('/w/', ''),
    show: (restore) => void shown.push(restore),
    listChanged: () => void did.push('list'),
  });
  return { checkpoints, client, asked, shown, did };
}

const files = [
  { path: '/w/a', label: 'a', change: 'update', added: 1, removed: 1, canOpen: true, conflict: null },
  {
    ...{ path: '/w/b', label: 'b', change: 'add', added: 0, removed: 0, canOpen: false },
    conflict: 'changed since by somebody else',
  },
];
const ready = { checkpoint: view, status: 'ready', files, withThread: true, problem: null, outcome: null };

describe('Checkpoints', () => {
  it('are listed where the agent keeps them', async () => {
    assert.deepEqual(await listCheckpoints(world().client, 't'), [view]);
    assert.equal(await listCheckpoints(world({}, { features: [] }).client, 't'), null);
    await assert.rejects(world({}, { features: [] }).checkpoints.all(), /keeps no checkpoints/);
    await assert.rejects(world({ 'checkpoint/list': { data: [] } }).checkpoints.all(), /nothing to go back to/);
  });

  it('are shown with what restoring would do before anything is done', async () => {
    const { checkpoints, shown, asked } = world();
    await checkpoints.preview('c1');
    assert.deepEqual(shown, [{ ...ready, status: 'loading', files: [] }, ready]);
    assert.deepEqual(asked.at(-1), ['checkpoint/preview', { threadId: 't', id: 'c1' }]);
    assert.equal(checkpoints.file('/w/a')?.file.path, '/w/a');
    assert.equal(checkpoints.file('/w/other'), null);
  });

  it('restore what was chosen; only a conflict that is one is overwritten', async () => {
    const { checkpoints, shown, asked, did } = world();
    await checkpoints.preview('c1');
    await checkpoints.restore('code', ['/w/a', '/w/b', '/etc/passwd']);
    assert.deepEqual(asked.at(-1), [
      'checkpoint/restore',
      { threadId: 't', id: 'c1', scope: 'code', overwrite: ['/w/b'] },
    ]);
    const outcome = { scope: 'code', restored: 1, left: [{ label: 'b', why: 'too large to be kept' }], canUndo: true };
    assert.deepEqual(shown.slice(-2), [
      { ...ready, status: 'working' },
      { ...ready, status: 'done', outcome },
    ]);
    assert.deepEqual(did, ['list']);
    await checkpoints.undo();
    assert.deepEqual(asked.at(-1), ['checkpoint/restore', { threadId: 't', id: 'c2', scope: 'code' }]);
  });

  it('load the conversation anew that went back', async () => {
    const { checkpoints, did } = world();
    await checkpoints.preview('c1');
    await checkpoints.restore('both', []);
    assert.deepEqual(did, ['reload t', 'list']);
  });

  it('say why nothing was done, and can be tried again', async () => {
    const { checkpoints, shown } = world({ 'checkpoint/restore': new Error('The disk is full.') });
    await checkpoints.preview('c1');
    await checkpoints.restore('code', []);
    assert.deepEqual(shown.at(-1), { ...ready, problem: 'The disk is full.' });
    const running = world({}, { running: true });
    await running.checkpoints.preview('c1');
    await running.checkpoints.restore('code', []);
    assert.match(running.shown.at(-1)?.problem ?? '', /A turn is running/);
    assert.equal(
      running.asked.some(([method]) => method === 'checkpoint/restore'),
      false,
    );
  });

  it('are left with the thread', async () => {
    const { checkpoints, shown } = world();
    await checkpoints.preview('c1');
    checkpoints.leave('t');
    assert.notEqual(shown.at(-1), null);
    checkpoints.leave('other');
    assert.equal(shown.at(-1), null);
  });
});
