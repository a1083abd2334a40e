/** The running extension's store on real documents: whose edit is whose, and what keeping and undoing leave. */
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { hashOf } from '../../extension/host-fs/plain-text.ts';
import { cleanUp, file, gantry, type Parts } from './support.ts';

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

  before(async () => {
    parts = await gantry();
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
  after(() => cleanUp(parts));

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
});
