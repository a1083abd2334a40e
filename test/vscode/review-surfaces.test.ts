import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import {
  agent,
  diskText,
  documentOf,
  endReviews,
  givenFiles,
  hunkId,
  nextAnnouncement,
  pendingFiles,
  pendingIn,
  tabs,
  type,
  untilPending,
  uriOf,
  withoutAutoSave,
  withSetting,
} from './review-support.ts';
import { cleanUp, gantry, nextEvent, type Parts, waitFor } from './support.ts';

const TEN = Array.from({ length: 10 }, (_, index) => `line ${index}`).join('\n') + '\n';
/** Three hunks: a changed line, two new ones, two that went. */
const changed = (text: string) =>
  text.replace('line 1\n', 'LINE 1\n').replace('line 4\n', 'line 4\nnew a\nnew b\n').replace('line 7\nline 8\n', '');
const HUNKS: [number, string[], string[]][] = [
  [1, ['line 1'], ['LINE 1']],
  [5, [], ['new a', 'new b']],
  [9, ['line 7', 'line 8'], []],
];

describe('the review in the editor', () => {
  let parts: Parts;
  let reset: () => Promise<void>;
  const uri = uriOf('review.txt');
  const other = uriOf('review-other.txt');

  before(async () => {
    parts = await gantry();
    reset = await withoutAutoSave();
  });
  after(() => reset());
  beforeEach(async () => {
    await givenFiles({ 'review.txt': TEN, 'review-other.txt': TEN });
  });
  afterEach(async () => {
    await endReviews(parts, 'review.txt', 'review-other.txt');
    await cleanUp(parts);
  });

  async function pending(): Promise<void> {
    await agent(parts).edit(uri, changed);
    await untilPending(parts, uri, HUNKS);
  }

  const lensesOf = async (at: vscode.Uri) => {
    const found = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', at);
    return found.filter(({ command }) => command?.command.startsWith('gantry.review.'));
  };
  const runLens = async (at: vscode.Uri, title: string, nth: number) => {
    const lens = (await lensesOf(at)).filter(({ command }) => command?.title.includes(title))[nth];
    assert.ok(lens?.command, `no lens ${title} ${nth}`);
    await vscode.commands.executeCommand(lens.command.command, ...(lens.command.arguments ?? []));
  };

  it('opens no editor and takes no focus when the agent writes', async () => {
    await vscode.window.showTextDocument(other);
    await pending();
    assert.deepEqual(tabs(), ['text file review-other.txt']);
    assert.equal(vscode.window.activeTextEditor?.document.uri.toString(), other.toString());
  });

  it('has lenses above each hunk, which keep and undo that hunk', async () => {
    await vscode.window.showTextDocument(uri);
    await pending();
    assert.deepEqual(
      (await lensesOf(uri)).map(({ range, command }) => [range.start.line, command?.title]),
      [1, 5, 9].flatMap((line, index) => [
        [line, '$(check) Keep'],
        [line, '$(discard) Undo'],
        [line, `${index + 1} of 3`],
      ]),
    );
    await runLens(uri, 'Keep', 0);
    assert.deepEqual(pendingIn(parts, uri), HUNKS.slice(1));
    await runLens(uri, 'Undo', 0);
    await untilPending(parts, uri, [[7, ['line 7', 'line 8'], []]]);
    await runLens(uri, 'Undo', 0);
    await untilPending(parts, uri, []);
    const document = await documentOf(uri);
    assert.equal(document.getText(), TEN.replace('line 1\n', 'LINE 1\n'));
    assert.deepEqual(await lensesOf(uri), []);
  });

  it('has no lenses when the setting says so', async () => {
    await vscode.window.showTextDocument(uri);
    await pending();
    const reset = await withSetting('gantry.review.codeLens', false);
    try {
      assert.deepEqual(await lensesOf(uri), []);
    } finally {
      await reset();
    }
  });

  it('keeps and undoes what the buttons of the peek are about, by the lines of the editor’s own diff', async () => {
    await vscode.window.showTextDocument(uri);
    await pending();
    // As the peek calls it: lines from 1, the end of a side without lines is 0.
    const change = (from: number, to: number, baseFrom: number, baseTo: number) => ({
      ...{ modifiedStartLineNumber: from, modifiedEndLineNumber: to },
      ...{ originalStartLineNumber: baseFrom, originalEndLineNumber: baseTo },
    });
    const changes = [change(2, 2, 2, 2), change(6, 7, 5, 0), change(9, 0, 8, 9)];
    await vscode.commands.executeCommand('gantry.review.keepHunk', uri, changes, 2);
    assert.deepEqual(pendingIn(parts, uri), HUNKS.slice(0, 2));
    await vscode.commands.executeCommand('gantry.review.undoHunk', uri, changes.slice(0, 2), 1);
    await untilPending(parts, uri, HUNKS.slice(0, 1));
  });

  it('serves the baseline, which moves as hunks are kept', async () => {
    await pending();
    await vscode.commands.executeCommand('gantry.review.openChanges', uri);
    await waitFor(() => tabs().some((tab) => tab.startsWith('diff gantry-base file')), { what: 'the diff' });
    const base = vscode.workspace.textDocuments.find(
      ({ uri: at }) => at.scheme === 'gantry-base' && at.authority === 'diff',
    );
    assert.equal(base?.getText(), TEN);
    const moved = nextEvent(vscode.workspace.onDidChangeTextDocument, (event) => event.document === base);
    await parts.surfaces.actions.keepHunk(uri, hunkId(parts, uri, 0));
    await moved;
    assert.equal(base?.getText(), TEN.replace('line 1\n', 'LINE 1\n'));
  });

  it('shows one file as a diff whose right side is the file, editable', async () => {
    await pending();
    await vscode.commands.executeCommand('gantry.review.openChanges', uri);
    await waitFor(() => tabs().join() === 'diff gantry-base file review.txt (changes to review)', { what: 'the diff' });
    await type(uri, 0, 0, 'mine ');
    await waitFor(() => documentOf(uri).then((document) => document.getText().startsWith('mine line 0')), {
      what: 'the edit',
    });
    assert.deepEqual(pendingIn(parts, uri), HUNKS, 'what the person writes is not the agent’s');
  });

  it('shows all files at once', async () => {
    await pending();
    await agent(parts).edit(other, (text) => text.replace('line 0', 'LINE 0'));
    await vscode.commands.executeCommand('gantry.review.openAllChanges');
    await waitFor(() => tabs().some((tab) => tab.includes('2 files to review')), { what: 'the editor of all changes' });
  });

  it('shows only the files of the turn that it is asked for', async () => {
    await pending();
    await agent(parts, 'second').edit(other, (text) => text.replace('line 0', 'LINE 0'));
    await vscode.commands.executeCommand('gantry.review.openAllChanges', { threadId: 'second', turnId: 'turn' });
    await waitFor(() => tabs().join() === 'diff gantry-base file review-other.txt (changes to review)', {
      what: 'the diff of the one file',
    });
  });

  it('goes from hunk to hunk and from file to file, both ways, opening what it needs', async () => {
    await pending();
    await agent(parts).edit(other, (text) => text.replace('line 0', 'LINE 0'));
    const at = () => {
      const editor = vscode.window.activeTextEditor;
      return editor && [path.basename(editor.document.uri.path), editor.selection.active.line];
    };
    const steps: unknown[] = [];
    for (const command of ['next', 'next', 'next', 'next', 'next', 'previous', 'previous']) {
      await vscode.commands.executeCommand(`gantry.review.${command}Hunk`);
      steps.push(at());
    }
    assert.deepEqual(steps, [
      ['review.txt', 1],
      ['review.txt', 5],
      ['review.txt', 9],
      ['review-other.txt', 0],
      ['review.txt', 1],
      ['review-other.txt', 0],
      ['review.txt', 9],
    ]);
  });

  it('moves on to the next hunk after a key, not after a click', async () => {
    const editor = await vscode.window.showTextDocument(uri);
    await pending();
    editor.selection = new vscode.Selection(1, 2, 1, 2);
    await vscode.commands.executeCommand('gantry.review.keepHunk');
    assert.deepEqual(pendingIn(parts, uri), HUNKS.slice(1));
    assert.equal(editor.selection.active.line, 5);
    await runLens(uri, 'Keep', 0);
    assert.equal(editor.selection.active.line, 5);
    await vscode.commands.executeCommand('gantry.review.undoHunk');
    assert.deepEqual(pendingIn(parts, uri), HUNKS.slice(2), 'no hunk is at the cursor, so none is undone');
  });

  it('keeps or undoes a whole file, and all', async () => {
    await pending();
    await agent(parts).edit(other, (text) => text.replace('line 0', 'LINE 0'));
    await vscode.commands.executeCommand('gantry.review.undoFile', { resourceUri: uri });
    await untilPending(parts, uri, []);
    assert.equal(await diskText('review.txt'), TEN);
    await vscode.commands.executeCommand('gantry.review.keepFile', other);
    assert.deepEqual(pendingFiles(parts), []);
    await pending();
    await agent(parts).edit(other, (text) => text.replace('line 9', 'LINE 9'));
    await vscode.commands.executeCommand('gantry.review.undoAll');
    await waitFor(() => pendingFiles(parts).length === 0, { what: 'the end of the review' });
    assert.deepEqual(
      [await diskText('review.txt'), await diskText('review-other.txt')],
      [TEN, TEN.replace('line 0', 'LINE 0')],
    );
    await pending();
    await vscode.commands.executeCommand('gantry.review.keepAll');
    assert.deepEqual(pendingFiles(parts), []);
    assert.equal(await diskText('review.txt'), changed(TEN));
  });

  it('says what was decided and what is left', async () => {
    await pending();
    const first = nextAnnouncement(parts);
    await vscode.commands.executeCommand('gantry.review.keepHunk', uri, hunkId(parts, uri, 0));
    assert.equal(await first, 'Kept 1 change in review.txt. 2 changes left to review.');
    const second = nextAnnouncement(parts);
    await vscode.commands.executeCommand('gantry.review.undoFile', uri);
    assert.equal(await second, 'Undid 2 changes in review.txt. Nothing is left to review.');
    const third = nextAnnouncement(parts);
    await vscode.commands.executeCommand('gantry.review.keepHunk', other, 'no such hunk');
    await parts.surfaces.actions.keepHunk(other, 'no such hunk');
    assert.equal(await third, 'This change is no longer in review-other.txt.');
  });

  it('formats a file once its last change is kept, when the setting says so', async () => {
    const formatter = vscode.languages.registerDocumentFormattingEditProvider(
      { scheme: 'file', pattern: '**/review.txt' },
      { provideDocumentFormattingEdits: () => [vscode.TextEdit.replace(new vscode.Range(0, 0, 0, 4), 'Line')] },
    );
    const reset = await withSetting('gantry.review.formatOnKeep', true);
    try {
      await vscode.window.showTextDocument(uri);
      await pending();
      await parts.surfaces.actions.keepHunk(uri, hunkId(parts, uri, 0));
      assert.equal(await diskText('review.txt'), changed(TEN), 'more is to be reviewed');
      await parts.surfaces.actions.keepFile(uri);
      assert.equal(await diskText('review.txt'), changed(TEN).replace('line 0', 'Line 0'));
      assert.deepEqual(pendingFiles(parts), []);
    } finally {
      formatter.dispose();
      await reset();
    }
  });

  it('closes no tab of the person’s, and none of its own while they may look at it', async () => {
    await vscode.window.showTextDocument(other, { preview: false });
    await pending();
    await vscode.commands.executeCommand('gantry.review.openChanges', uri);
    await waitFor(() => tabs().length === 2, { what: 'the diff' });
    await vscode.commands.executeCommand('gantry.review.keepAll');
    assert.deepEqual(tabs(), ['text file review-other.txt', 'diff gantry-base file review.txt (changes to review)']);
  });
});
