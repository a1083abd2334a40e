import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { EditorReviews } from '../../extension/review/store/editor-reviews.ts';
import {
  agent,
  diskText,
  endReviews,
  givenFiles,
  hunkId,
  pendingFiles,
  untilPending,
  uriOf,
  withoutAutoSave,
} from './review-support.ts';
import { cleanUp, gantry, type Parts, waitFor } from './support.ts';

const TEXT = 'one\ntwo\nthree\nfour\nfive\n';

describe('a review that the window was reloaded over', () => {
  let parts: Parts;
  let reset: () => Promise<void>;
  let copies = 0;
  const uri = uriOf('reload.txt');

  before(async () => {
    parts = await gantry();
    reset = await withoutAutoSave();
  });
  after(() => reset());
  beforeEach(async () => {
    await givenFiles({ 'reload.txt': TEXT });
    await agent(parts).edit(uri, (text) => text.replace('two', 'TWO').replace('four', 'FOUR'));
    await untilPending(parts, uri, [
      [1, ['two'], ['TWO']],
      [3, ['four'], ['FOUR']],
    ]);
  });
  afterEach(async () => {
    await endReviews(parts, 'reload.txt', 'reload-new.txt');
    await cleanUp(parts);
  });

  /** What is saved now. A copy, so that two stores do not write over each other. */
  async function saved(): Promise<vscode.Uri> {
    const storage = parts.extension.storageUri;
    assert.ok(storage);
    await parts.reviews.save();
    const copy = vscode.Uri.joinPath(storage, `copy-${++copies}`);
    const [from, to] = [storage, copy].map((at) => vscode.Uri.joinPath(at, 'reviews')) as [vscode.Uri, vscode.Uri];
    // What has changed just now is saved once more, and a file is not there while it is replaced.
    const copied = async () => {
      try {
        await vscode.workspace.fs.copy(from, to, { overwrite: true });
        return true;
      } catch {
        return false;
      }
    };
    await waitFor(copied, { what: 'a whole copy' });
    return copy;
  }

  /** A second store from that, as the next window would have it. */
  async function reloaded(copy: vscode.Uri, look: (again: EditorReviews) => Promise<void>): Promise<void> {
    const again = new EditorReviews({
      writer: parts.writer,
      report: () => {},
      notice: () => {},
      storage: copy,
      log: parts.log,
    });
    try {
      await again.ready;
      await look(again);
    } finally {
      again.dispose();
      await vscode.workspace.fs.delete(copy, { recursive: true });
    }
  }
  const hunks = (reviews: EditorReviews) =>
    (reviews.store.find(uri)?.hunks ?? []).map(({ start, baseLines, lines }) => [start, [...baseLines], [...lines]]);

  it('waits as before, also for what was decided already, and nothing is written', async () => {
    await parts.reviews.store.keepHunk(uri, hunkId(parts, uri, 0));
    const copy = await saved();
    const before = await vscode.workspace.fs.stat(uri);
    await reloaded(copy, async (again) => {
      assert.deepEqual(hunks(again), [[3, ['four'], ['FOUR']]]);
      assert.equal((await vscode.workspace.fs.stat(uri)).mtime, before.mtime);
    });
  });

  it('is there although the window ended while it was being saved', async () => {
    const copy = await saved();
    const at = (name: string) => vscode.Uri.joinPath(copy, 'reviews', name);
    await vscode.workspace.fs.rename(at('reviews.json'), at('reviews.json.7.new'), { overwrite: true });
    await reloaded(copy, async (again) => {
      assert.deepEqual(hunks(again), [
        [1, ['two'], ['TWO']],
        [3, ['four'], ['FOUR']],
      ]);
      await again.save();
      const names = (await vscode.workspace.fs.readDirectory(at('.'))).map(([name]) => name);
      assert.deepEqual(
        names.filter((name) => name.startsWith('reviews.json')),
        ['reviews.json'],
      );
    });
  });

  it('knows what was written meanwhile for the person’s', async () => {
    const copy = await saved();
    await givenFiles({ 'reload.txt': `zero\n${TEXT.replace('two', 'TWO').replace('four', 'FOUR')}` });
    await reloaded(copy, async (again) => {
      assert.deepEqual(hunks(again), [
        [2, ['two'], ['TWO']],
        [4, ['four'], ['FOUR']],
      ]);
      assert.equal(await diskText('reload.txt'), `zero\n${TEXT.replace('two', 'TWO').replace('four', 'FOUR')}`);
    });
  });

  it('is over where the file has its old text again', async () => {
    const copy = await saved();
    await givenFiles({ 'reload.txt': TEXT });
    await reloaded(copy, async (again) => {
      assert.deepEqual(hunks(again), []);
    });
  });

  it('brings back a new file as new', async () => {
    await agent(parts).write(uriOf('reload-new.txt'), 'hello\n');
    await waitFor(() => pendingFiles(parts).includes('add reload-new.txt'), { what: 'the new file' });
    const copy = await saved();
    await reloaded(copy, async (again) => {
      assert.deepEqual(
        again.store.files.map(({ kind, uri: at }) => `${kind} ${vscode.workspace.asRelativePath(at)}`).sort(),
        ['add reload-new.txt', 'update reload.txt'],
      );
    });
  });
});
