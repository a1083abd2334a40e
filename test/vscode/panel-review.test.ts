import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { cleanUp, file, gantry, type Parts, patch, startModel, stateWhere, textOf, updateFile } from './support.ts';

describe('what was written, in the panel', () => {
  let parts: Parts;
  let stop: () => Promise<void>;
  let before: string;

  beforeEach(async () => {
    parts = await gantry();
    before = await textOf('a.txt');
    await parts.controller.setMode('auto');
    const input = patch(updateFile('a.txt', 'two', 'TWO'));
    ({ stop } = await startModel(parts, { script: [{ freeform: 'apply_patch', input }, { text: 'Done.' }] }));
    await parts.controller.send('change it', []);
    await stateWhere(parts, 'the end', ({ thread }) => thread?.turns[0]?.status === 'completed');
  });
  afterEach(async () => {
    await parts.reviews.store.keepAll();
    await cleanUp(parts);
    await stop();
    await parts.controller.setMode('ask');
    await vscode.workspace.fs.writeFile(vscode.Uri.file(file('a.txt')), Buffer.from(before));
  });

  it('waits to be kept or undone, and says what became of it', async () => {
    const waiting = await stateWhere(parts, 'the review', ({ reviews }) => reviews.length === 1);
    const [{ uri, label, hunks, added, removed } = { uri: '' }] = waiting.reviews;
    assert.deepEqual({ label, hunks, added, removed }, { label: 'a.txt', hunks: 1, added: 1, removed: 1 });
    assert.equal(await textOf('a.txt'), before.replace('two', 'TWO'));
    parts.controller.handle({ type: 'review', action: 'undo', uri });
    const done = await stateWhere(
      parts,
      'the result',
      ({ reviews, reviewed }) => reviews.length === 0 && reviewed.some((one) => one.path === file('a.txt')),
    );
    const { path, result } = done.reviewed.findLast((one) => one.path === file('a.txt')) ?? {};
    assert.deepEqual({ path, result }, { path: file('a.txt'), result: 'undone' });
    assert.deepEqual(parts.remembered.reviewed.at(-1), done.reviewed.at(-1), 'the next window shows it');
    assert.equal(await textOf('a.txt'), before);
  });

  const restoredResult = () => parts.store.state.reviewed.findLast(({ path }) => path === file('a.txt'))?.result;

  it('can go back to before the message, and forth again', async () => {
    const { thread } = await stateWhere(
      parts,
      'the checkpoint',
      (state) => (state.thread?.extras.checkpoints.length ?? 0) > 0,
    );
    const checkpoint = thread?.extras.checkpoints.find(({ turnId }) => turnId === thread.turns[0]?.id);
    assert.ok(checkpoint);
    parts.controller.handle({ type: 'previewRestore', checkpointId: checkpoint.id });
    const { restore } = await stateWhere(parts, 'the preview', (state) => state.restore?.status === 'ready');
    assert.deepEqual(
      restore?.files.map(({ label, change, conflict }) => ({ label, change, conflict })),
      [{ label: 'a.txt', change: 'update', conflict: null }],
    );
    parts.controller.handle({ type: 'openRestoreDiff', path: restore?.files[0]?.path ?? '' });
    parts.controller.handle({ type: 'restore', scope: 'code', overwrite: [] });
    const restored = await stateWhere(parts, 'the end of it', (state) => state.restore?.status === 'done');
    assert.deepEqual(restored.restore?.outcome, { scope: 'code', restored: 1, left: [], canUndo: true });
    assert.equal(await textOf('a.txt'), before);
    await stateWhere(parts, 'the end of the review', ({ reviews }) => reviews.length === 0);
    assert.equal(restoredResult(), 'undone');
    parts.controller.handle({ type: 'undoRestore' });
    await stateWhere(parts, 'the way back', ({ restore: now }) => now?.status === 'done' && now !== restored.restore);
    assert.equal(await textOf('a.txt'), before.replace('two', 'TWO'));
    const again = await stateWhere(parts, 'the review', ({ reviews }) => reviews.length === 1);
    assert.deepEqual(
      again.reviews.map(({ label, hunks, added, removed }) => ({ label, hunks, added, removed })),
      [{ label: 'a.txt', hunks: 1, added: 1, removed: 1 }],
    );
    parts.controller.handle({ type: 'closeRestore' });
    assert.equal(parts.store.state.restore, null);
  });
});
