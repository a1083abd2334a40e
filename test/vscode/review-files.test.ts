import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import * as vscode from 'vscode';
import {
  agent,
  bytesOf,
  diskText,
  documentOf,
  endReviews,
  exists,
  givenFiles,
  hunkId,
  pendingFiles,
  pendingIn,
  type,
  untilPending,
  uriOf,
  withoutAutoSave,
  withSetting,
} from './review-support.ts';
import { cleanUp, file, gantry, nextEvent, type Parts, waitFor } from './support.ts';

const NAMES = ['r.txt', 'r2.txt', 'new.txt', 'link.txt', 'moved.txt', 'deep', 'big.txt'];

describe('the review of a file', () => {
  let parts: Parts;
  let reset: () => Promise<void>;
  const uri = uriOf('r.txt');

  before(async () => {
    parts = await gantry();
    reset = await withoutAutoSave();
  });
  after(() => reset());
  beforeEach(() => givenFiles({ 'r.txt': 'one\ntwo\nthree\nfour\nfive\n' }));
  afterEach(async () => {
    await endReviews(parts, ...NAMES);
    await cleanUp(parts);
  });

  const upper = (word: string) => (text: string) => text.replace(word, word.toUpperCase());
  const TWO: [number, string[], string[]] = [1, ['two'], ['TWO']];

  it('with unsaved changes leaves them unsaved and undoes only the agent’s', async () => {
    const document = await documentOf(uri);
    await type(uri, 4, 0, 'my ');
    await agent(parts).edit(uri, upper('two'));
    await untilPending(parts, uri, [TWO]);
    assert.deepEqual([document.isDirty, await diskText('r.txt')], [true, 'one\ntwo\nthree\nfour\nfive\n']);
    await parts.surfaces.actions.undoHunk(uri, hunkId(parts, uri, 0));
    assert.deepEqual([document.isDirty, document.getText()], [true, 'one\ntwo\nthree\nfour\nmy five\n']);
  });

  it('follows what the person types around and inside of hunks', async () => {
    await documentOf(uri);
    await agent(parts).edit(uri, upper('three'));
    await untilPending(parts, uri, [[2, ['three'], ['THREE']]]);
    await type(uri, 0, 0, 'mine\n');
    await untilPending(parts, uri, [[3, ['three'], ['THREE']]]);
    await type(uri, 3, 5, '!');
    await untilPending(parts, uri, [[3, ['three'], ['THREE!']]]);
    assert.equal(parts.reviews.store.find(uri)?.baseline, 'mine\none\ntwo\nthree\nfour\nfive\n');
  });

  it('asks before it takes the person’s typing along, and the editor’s Undo brings that back', async () => {
    const document = await documentOf(uri);
    await vscode.window.showTextDocument(document);
    await agent(parts).edit(uri, upper('two'));
    await untilPending(parts, uri, [TWO]);
    await type(uri, 1, 1, 'mine');
    await waitFor(() => pendingIn(parts, uri)[0]?.[2][0] === 'TmineWO', { what: 'the edited hunk' });
    const id = hunkId(parts, uri, 0);
    assert.deepEqual(await parts.reviews.store.undoHunk(uri, id), { type: 'overlap' });
    assert.equal(document.lineAt(1).text, 'TmineWO', 'nothing is lost unasked');
    assert.deepEqual(await parts.reviews.store.undoHunk(uri, id, { discardMine: true }), { type: 'done' });
    assert.equal(document.lineAt(1).text, 'two');
    await vscode.commands.executeCommand('undo');
    assert.equal(document.lineAt(1).text, 'TmineWO');
  });

  it('goes on over undo and redo, also across a keep', async () => {
    const document = await documentOf(uri);
    await vscode.window.showTextDocument(document);
    await agent(parts).edit(uri, (text) => upper('four')(upper('two')(text)));
    await untilPending(parts, uri, [TWO, [3, ['four'], ['FOUR']]]);
    await parts.surfaces.actions.undoHunk(uri, hunkId(parts, uri, 0));
    await untilPending(parts, uri, [[3, ['four'], ['FOUR']]]);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.lineAt(1).text, 'TWO');
    await untilPending(parts, uri, [TWO, [3, ['four'], ['FOUR']]]);
    await vscode.commands.executeCommand('redo');
    await untilPending(parts, uri, [[3, ['four'], ['FOUR']]]);
    await parts.surfaces.actions.keepHunk(uri, hunkId(parts, uri, 0));
    assert.deepEqual(pendingIn(parts, uri), []);
    assert.equal(document.getText(), 'one\ntwo\nthree\nFOUR\nfive\n');
  });

  it('keeps line ends and BOM, and a last line without an end', async () => {
    await givenFiles({ 'r.txt': '\uFEFFone\r\ntwo\r\nthree' });
    await agent(parts).edit(uri, upper('two'));
    await untilPending(parts, uri, [TWO]);
    assert.equal(await diskText('r.txt'), '\uFEFFone\r\nTWO\r\nthree');
    await parts.surfaces.actions.undoHunk(uri, hunkId(parts, uri, 0));
    assert.equal(await diskText('r.txt'), '\uFEFFone\r\ntwo\r\nthree');
    assert.deepEqual(pendingFiles(parts), []);
  });

  it('undoes in UTF-16 what was written in UTF-16', async () => {
    const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
    await givenFiles({ 'r.txt': utf16('one\ntwo\nthree\n') });
    await agent(parts).edit(uri, upper('two'));
    await untilPending(parts, uri, [TWO]);
    assert.deepEqual(await bytesOf('r.txt'), utf16('one\nTWO\nthree\n'));
    await parts.surfaces.actions.undoFile(uri);
    assert.deepEqual(await bytesOf('r.txt'), utf16('one\ntwo\nthree\n'));
  });

  it('is not confused by a formatter that runs on save', async () => {
    const formatter = vscode.languages.registerDocumentFormattingEditProvider(
      { scheme: 'file', pattern: '**/r.txt' },
      { provideDocumentFormattingEdits: () => [vscode.TextEdit.insert(new vscode.Position(0, 0), '# ')] },
    );
    const resets = [await withSetting('editor.formatOnSave', true)];
    try {
      const document = await documentOf(uri);
      await vscode.window.showTextDocument(document);
      await agent(parts).edit(uri, upper('three'));
      const hunk: [number, string[], string[]] = [2, ['three'], ['THREE']];
      await untilPending(parts, uri, [hunk]);
      assert.equal(document.getText(), 'one\ntwo\nTHREE\nfour\nfive\n', 'writing formats nothing');
      await type(uri, 4, 0, 'my ');
      await document.save();
      assert.equal(document.getText(), '# one\ntwo\nTHREE\nfour\nmy five\n');
      await untilPending(parts, uri, [hunk]);
      await parts.surfaces.actions.undoHunk(uri, hunkId(parts, uri, 0));
      assert.deepEqual(pendingFiles(parts), []);
      assert.equal(document.lineAt(2).text, 'three');
      assert.equal(document.lineAt(4).text, 'my five');
    } finally {
      formatter.dispose();
      for (const reset of resets) await reset();
    }
  });

  it('is not confused by auto save', async () => {
    const reset = await withSetting('files.autoSave', 'afterDelay');
    const resetDelay = await withSetting('files.autoSaveDelay', 50);
    try {
      const document = await documentOf(uri);
      await vscode.window.showTextDocument(document);
      await agent(parts).edit(uri, upper('two'));
      await untilPending(parts, uri, [TWO]);
      const saved = nextEvent(vscode.workspace.onDidSaveTextDocument, (one) => one === document);
      await type(uri, 4, 0, 'my ');
      await saved;
      await untilPending(parts, uri, [TWO]);
      const again = nextEvent(vscode.workspace.onDidSaveTextDocument, (one) => one === document);
      await parts.surfaces.actions.undoHunk(uri, hunkId(parts, uri, 0));
      if (document.isDirty) await again;
      assert.equal(await diskText('r.txt'), 'one\ntwo\nthree\nfour\nmy five\n');
    } finally {
      await resetDelay();
      await reset();
    }
  });

  it('that is new is taken away again by Undo, with nothing left', async () => {
    const made = uriOf('new.txt');
    await agent(parts).write(made, 'hello\n');
    await waitFor(() => pendingFiles(parts).join() === 'add new.txt', { what: 'the new file' });
    await parts.surfaces.actions.undoFile(made);
    assert.deepEqual([pendingFiles(parts), await exists(made)], [[], false]);
  });

  it('that was deleted waits as a row of its own, is shown, and comes back by Undo', async () => {
    await givenFiles({ 'r.txt': '\uFEFFone\r\ntwo' });
    await agent(parts).delete(uri);
    await waitFor(() => pendingFiles(parts).join() === 'delete r.txt', { what: 'the deletion' });
    await vscode.commands.executeCommand('gantry.review.nextHunk');
    await waitFor(
      () =>
        vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputTextDiff &&
        vscode.window.tabGroups.activeTabGroup.activeTab.label === 'r.txt (deletion to review)',
      { what: 'the diff of the deletion' },
    );
    await vscode.commands.executeCommand('gantry.review.undoFile');
    assert.deepEqual(pendingFiles(parts), []);
    assert.equal(await diskText('r.txt'), '\uFEFFone\r\ntwo');
    await agent(parts).delete(uri);
    await waitFor(() => pendingFiles(parts).length === 1, { what: 'the deletion' });
    await parts.surfaces.actions.keepFile(uri);
    assert.deepEqual([pendingFiles(parts), await exists(uri)], [[], false]);
  });

  it('that the agent renamed goes back by Undo', async () => {
    const moved = uriOf('moved.txt');
    await agent(parts).rename(uri, moved);
    await waitFor(() => pendingFiles(parts).join() === 'rename moved.txt', { what: 'the rename' });
    await parts.surfaces.actions.undoFile(moved);
    assert.deepEqual([pendingFiles(parts), await exists(moved), await exists(uri)], [[], false, true]);
  });

  it('stays with a file that the person renames, also with its folder', async () => {
    await givenFiles({ 'deep/a/r.txt': 'one\ntwo\nthree\n' });
    const inside = uriOf('deep/a/r.txt');
    await agent(parts).edit(inside, upper('two'));
    await untilPending(parts, inside, [TWO]);
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(uriOf('deep/a'), uriOf('deep/b'));
    assert.equal(await vscode.workspace.applyEdit(edit), true);
    await untilPending(parts, uriOf('deep/b/r.txt'), [TWO]);
    assert.deepEqual(pendingFiles(parts), ['update deep/b/r.txt']);
    await parts.surfaces.actions.undoFile(uriOf('deep/b/r.txt'));
    assert.equal(await diskText('deep/b/r.txt'), 'one\ntwo\nthree\n');
  });

  it('takes what another program writes as the person’s', async () => {
    await agent(parts).edit(uri, upper('two'));
    await untilPending(parts, uri, [TWO]);
    await givenFiles({ 'r.txt': 'zero\none\nTWO\nthree\nfour\nfive\n' });
    await untilPending(parts, uri, [[2, ['two'], ['TWO']]]);
    await givenFiles({ 'r.txt': 'zero\none\ntwo\nthree\nfour\nfive\n' });
    await untilPending(parts, uri, []);
  });

  it('of two threads holds the changes of both', async () => {
    await agent(parts, 'first').edit(uri, upper('two'));
    await agent(parts, 'second').edit(uri, upper('four'));
    await untilPending(parts, uri, [TWO, [3, ['four'], ['FOUR']]]);
    await parts.surfaces.actions.undoHunk(uri, hunkId(parts, uri, 0));
    assert.equal(await diskText('r.txt'), 'one\ntwo\nthree\nFOUR\nfive\n');
    assert.equal(parts.reviews.store.find(uri)?.threadId, 'second');
  });

  it('is one for a file and the link that leads to it', async () => {
    await symlink(file('r.txt'), file('link.txt'));
    const link = uriOf('link.txt');
    await agent(parts).edit(uri, upper('two'));
    await untilPending(parts, link, [TWO]);
    assert.equal(parts.reviews.store.files.length, 1);
    await parts.surfaces.actions.undoHunk(link, hunkId(parts, link, 0));
    assert.equal(await diskText('r.txt'), 'one\ntwo\nthree\nfour\nfive\n');
    assert.deepEqual(pendingFiles(parts), []);
  });

  it('works for a text that has no file yet', async () => {
    const document = await vscode.workspace.openTextDocument({ content: 'one\ntwo\nthree\n' });
    await vscode.window.showTextDocument(document);
    await agent(parts).edit(document.uri, upper('two'));
    await untilPending(parts, document.uri, [TWO]);
    await parts.surfaces.actions.undoHunk(document.uri, hunkId(parts, document.uri, 0));
    assert.equal(document.getText(), 'one\ntwo\nthree\n');
    assert.equal(document.isUntitled, true);
  });

  it('tells files of one name in two folders apart', async () => {
    await givenFiles({ 'deep/a/r.txt': 'one\ntwo\nthree\n', 'deep/b/r.txt': 'one\ntwo\nthree\n' });
    const [a, b] = [uriOf('deep/a/r.txt'), uriOf('deep/b/r.txt')];
    await agent(parts).edit(a, upper('two'));
    await agent(parts).edit(b, upper('three'));
    await untilPending(parts, b, [[2, ['three'], ['THREE']]]);
    await parts.surfaces.actions.undoFile(a);
    assert.deepEqual(pendingFiles(parts), ['update deep/b/r.txt']);
    assert.deepEqual(
      [await diskText('deep/a/r.txt'), await diskText('deep/b/r.txt')],
      ['one\ntwo\nthree\n', 'one\ntwo\nTHREE\n'],
    );
  });

  it('holds 500 hunks, each with its buttons', async () => {
    const lines = Array.from({ length: 5_000 }, (_, index) => `line ${index}`);
    await givenFiles({ 'big.txt': lines.join('\n') });
    const big = uriOf('big.txt');
    await vscode.window.showTextDocument(big);
    await agent(parts).write(big, lines.map((line, index) => (index % 10 === 5 ? `${line}!` : line)).join('\n'));
    await waitFor(() => pendingIn(parts, big).length === 500, { what: '500 hunks' });
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', big);
    assert.equal(lenses.filter(({ command }) => command?.title === '$(check) Keep').length, 500);
    await parts.surfaces.actions.undoHunk(big, hunkId(parts, big, 250));
    await waitFor(() => pendingIn(parts, big).length === 499, { what: 'one hunk less' });
    await parts.surfaces.actions.undoFile(big);
    assert.equal(await diskText('big.txt'), lines.join('\n'));
  });

  it('of two megabytes is reviewed and undone', async () => {
    const lines = Array.from({ length: 40_000 }, (_, index) => `line ${index} ${'x'.repeat(40)}`);
    const text = lines.join('\n');
    assert.ok(text.length > 2_000_000);
    await givenFiles({ 'big.txt': text });
    const big = uriOf('big.txt');
    await agent(parts).edit(big, (now) => now.replace('line 20000', 'LINE 20000').replace('line 3 ', 'LINE 3 '));
    await waitFor(() => pendingIn(parts, big).length === 2, { what: 'two hunks' });
    await parts.surfaces.actions.undoHunk(big, hunkId(parts, big, 0));
    await parts.surfaces.actions.undoHunk(big, hunkId(parts, big, 0));
    assert.equal(await diskText('big.txt'), text);
  });
});
