/** The running extension's store on real documents: whose edit is whose, and what keeping and undoing leave. */
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { hashOf } from '../../extension/host-fs/plain-text.ts';
import { withoutAutoSave } from './review-support.ts';
import { cleanUp, file, gantry, type Parts, waitFor } from './support.ts';

const origin = { threadId: 't', turnId: 'u', itemId: 'i', decided: false };
const { workspace, window, commands } = vscode;

describe('pending reviews', () => {
  let parts: Parts;
  const uri = () => vscode.Uri.file(file('pending/a.txt'));
  const hunks = () => parts.reviews.store.find(uri())?.hunks.map(({ baseLines, lines }) => [baseLines, lines]) ?? [];
  const write = async (before: string, text: string) => {
    const written = await parts.writer.write(uri(), { text, baseHash: hashOf(before), origin });
    assert.equal(written.type, 'written');
  };

  let reset: () => Promise<void>;

  before(async () => {
    parts = await gantry();
    reset = await withoutAutoSave();
    await parts.reviews.ready;
  });
  beforeEach(async () => {
    await mkdir(file('pending'), { recursive: true });
    await writeFile(uri().fsPath, 'a\nb\nc\nd\ne\n');
  });
  afterEach(async () => {
    await parts.reviews.store.keepAll();
    while (window.tabGroups.all.some(({ tabs }) => tabs.length > 0)) {
      await commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
    await rm(file('pending'), { recursive: true, force: true });
  });
  after(async () => {
    await reset();
    await cleanUp(parts);
  });

  it('are hunks of a file that is not open, kept and undone one by one', async () => {
    await write('a\nb\nc\nd\ne\n', 'a\nB\nc\nD\ne\n');
    assert.deepEqual(hunks(), [
      [['b'], ['B']],
      [['d'], ['D']],
    ]);
    const { store } = parts.reviews;
    const [first, second] = store.find(uri())!.hunks;
    assert.deepEqual(await store.keepHunk(uri(), first!.id), { type: 'done' });
    assert.deepEqual(await store.undoHunk(uri(), second!.id), { type: 'done' });
    assert.equal(await readFile(uri().fsPath, 'utf8'), 'a\nB\nc\nd\ne\n');
    assert.deepEqual(hunks(), []);
  });

  it('follow what is typed, undo the agent’s part alone, and come back with the editor’s undo', async () => {
    const editor = await window.showTextDocument(uri());
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'mine '));
    await write('mine a\nb\nc\nd\ne\n', 'mine a\nB\nc\nd\ne\n');
    await editor.edit((edit) => edit.insert(new vscode.Position(4, 0), 'more '));
    assert.deepEqual(hunks(), [[['b'], ['B']]]);
    const { store } = parts.reviews;
    assert.deepEqual(await store.undoFile(uri()), { type: 'done' });
    assert.equal(editor.document.getText(), 'mine a\nb\nc\nd\nmore e\n');
    assert.deepEqual(hunks(), []);
    await commands.executeCommand('undo');
    assert.equal(editor.document.getText(), 'mine a\nB\nc\nd\nmore e\n');
    assert.deepEqual(hunks(), [[['b'], ['B']]]);
    await store.keepFile(uri());
    assert.equal(editor.document.getText(), 'mine a\nB\nc\nd\nmore e\n');
    assert.deepEqual(hunks(), []);
  });

  it('hold for a clean document that reads its file anew', async () => {
    const document = await workspace.openTextDocument(uri());
    await window.showTextDocument(document);
    await write('a\nb\nc\nd\ne\n', 'a\nB\nc\nd\ne\n');
    assert.equal(document.getText(), 'a\nB\nc\nd\ne\n');
    assert.deepEqual(hunks(), [[['b'], ['B']]]);
    assert.deepEqual(await parts.reviews.store.undoFile(uri()), { type: 'done' });
    assert.equal(await readFile(uri().fsPath, 'utf8'), 'a\nb\nc\nd\ne\n');
    assert.deepEqual(hunks(), []);
  });

  it('wait where a command wrote below unsaved text, and can be undone once the document shows the file', async () => {
    const { store } = parts.reviews;
    const editor = await window.showTextDocument(uri());
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'mine '));
    const after = 'a\nb\nC\nd\ne\n';
    await writeFile(uri().fsPath, after);
    const change = { path: uri().fsPath, source: 'command', oldText: 'a\nb\nc\nd\ne\n', isText: true } as const;
    await store.commandChanged({ ...change, threadId: 't', turnId: 'u', itemId: 'i', newHash: hashOf(after) });
    assert.deepEqual(await store.undoFile(uri()), {
      type: 'refused',
      why: 'It has unsaved text, and the file below it was changed. Save it or revert it to see what changed.',
    });
    assert.deepEqual(
      [editor.document.getText(), await readFile(uri().fsPath, 'utf8')],
      ['mine a\nb\nc\nd\ne\n', after],
    );
    await commands.executeCommand('workbench.action.files.revert');
    await waitFor(() => hunks().length > 0, { what: 'the hunks of the command' });
    assert.deepEqual(hunks(), [[['c'], ['C']]]);
    assert.deepEqual(await store.undoFile(uri()), { type: 'done' });
    assert.equal(editor.document.getText(), 'a\nb\nc\nd\ne\n');
    assert.equal(await readFile(uri().fsPath, 'utf8'), 'a\nb\nc\nd\ne\n');
  });
});
