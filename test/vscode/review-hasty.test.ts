/** People and agents at the same file at the same time, and texts that are awkward. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { hashOf, plain } from '../../extension/host-fs/plain-text.ts';
import {
  agent,
  bytesOf,
  diskText,
  documentOf,
  endReviews,
  exists,
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
import { cleanUp, gantry, type Parts, stateWhere, waitFor } from './support.ts';

const NAMES = ['h.txt', 'h2.txt', 'h.gen.txt', 'h.ipynb'];
const TEXT = 'one\ntwo\nthree\nfour\nfive\n';
const TWO: [number, string[], string[]] = [1, ['two'], ['TWO']];
const upper = (word: string) => (text: string) => text.replace(word, word.toUpperCase());

describe('the review of a file that others are at as well', () => {
  let parts: Parts;
  let reset: () => Promise<void>;
  const uri = uriOf('h.txt');

  before(async () => {
    parts = await gantry();
    reset = await withoutAutoSave();
  });
  after(() => reset());
  beforeEach(() => givenFiles({ 'h.txt': TEXT }));
  afterEach(async () => {
    await vscode.commands.executeCommand('notifications.clearAll');
    await endReviews(parts, ...NAMES);
    await cleanUp(parts);
  });

  /** As the core does it: what was typed meanwhile is taken in, and the write tried again. */
  async function insist(document: vscode.TextDocument, change: (text: string) => string): Promise<void> {
    for (;;) {
      const seen = plain(document.getText());
      const origin = { threadId: 'thread', turnId: 'turn', itemId: 'item', decided: false };
      const result = await parts.writer.write(document.uri, { text: change(seen), baseHash: hashOf(seen), origin });
      if (result.type === 'written') return;
      assert.equal(result.type, 'conflict', JSON.stringify(result));
    }
  }

  it('loses no key of someone who types while the agent writes', async () => {
    const document = await documentOf(uri);
    await vscode.window.showTextDocument(document);
    const keys = [...'typed while the agent writes'];
    const typing = (async () => {
      for (const key of keys) await vscode.commands.executeCommand('type', { text: key });
    })();
    for (const word of ['two', 'four', 'five']) await insist(document, upper(word));
    await typing;
    const mine = `${keys.join('')}one`;
    await waitFor(() => document.getText() === `${mine}\nTWO\nthree\nFOUR\nFIVE\n`, { what: 'both texts' });
    await untilPending(parts, uri, [TWO, [3, ['four', 'five'], ['FOUR', 'FIVE']]]);
    await vscode.commands.executeCommand('gantry.review.undoAll');
    assert.equal(document.getText(), `${mine}\ntwo\nthree\nfour\nfive\n`);
  });

  it('stands a storm of undo and redo across keep and undo', async () => {
    const document = await documentOf(uri);
    await vscode.window.showTextDocument(document);
    await agent(parts).edit(uri, (text) => upper('five')(upper('three')(upper('one')(text))));
    const ONE: [number, string[], string[]] = [0, ['one'], ['ONE']];
    await untilPending(parts, uri, [ONE, [2, ['three'], ['THREE']], [4, ['five'], ['FIVE']]]);
    await parts.surfaces.actions.keepHunk(uri, hunkId(parts, uri, 0));
    await parts.surfaces.actions.undoHunk(uri, hunkId(parts, uri, 0));
    await type(uri, 1, 0, 'my ');
    const end = 'ONE\nmy two\nthree\nfour\nFIVE\n';
    assert.equal(document.getText(), end);
    // The write, the undone hunk, the typing.
    const many = 3;
    for (let round = 0; round < 3; round++) {
      for (let step = 0; step < many; step++) await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), TEXT);
      for (let step = 0; step < many; step++) await vscode.commands.executeCommand('redo');
      assert.equal(document.getText(), end);
    }
    assert.deepEqual(pendingIn(parts, uri).slice(-1), [[4, ['five'], ['FIVE']]]);
    assert.ok(!JSON.stringify(pendingIn(parts, uri)).includes('my'), 'what was typed is not the agent’s');
    await parts.surfaces.actions.keepFile(uri);
    assert.equal(document.getText(), end);
  });

  it('keeps all that is there, not what the agent writes afterwards', async () => {
    const writer = agent(parts);
    const writing = (async () => {
      for (const word of ['one', 'three', 'five']) await writer.edit(uri, upper(word));
    })();
    for (let round = 0; round < 5; round++) await parts.surfaces.actions.keepAll();
    await writing;
    await parts.surfaces.actions.keepAll();
    assert.deepEqual(pendingFiles(parts), []);
    assert.equal(await diskText('h.txt'), 'ONE\ntwo\nTHREE\nfour\nFIVE\n');
    await writer.edit(uri, upper('two'));
    await untilPending(parts, uri, [TWO]);
  });

  it('ends with a notice when the person deletes the file, which stays deleted', async () => {
    await vscode.window.showTextDocument(uri);
    await agent(parts).edit(uri, upper('two'));
    await untilPending(parts, uri, [TWO]);
    const edit = new vscode.WorkspaceEdit();
    edit.deleteFile(uri);
    assert.equal(await vscode.workspace.applyEdit(edit), true);
    await waitFor(() => pendingFiles(parts).length === 0, { what: 'the end of the review' });
    await parts.surfaces.actions.undoAll();
    assert.equal(await exists(uri), false);
    await stateWhere(parts, 'the word of it', ({ ended }) => ended.length === 1);
    parts.controller.handle({ type: 'endedReview', action: 'bringBack', uri: uri.toString() });
    await untilPending(parts, uri, [TWO]);
    assert.deepEqual([await diskText('h.txt'), parts.store.state.ended], [upper('two')(TEXT), []]);
  });

  it('goes on when the tab is closed', async () => {
    await vscode.window.showTextDocument(uri);
    await agent(parts).edit(uri, (text) => upper('four')(upper('two')(text)));
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await untilPending(parts, uri, [TWO, [3, ['four'], ['FOUR']]]);
    await parts.surfaces.actions.undoHunk(uri, hunkId(parts, uri, 0));
    await untilPending(parts, uri, [[3, ['four'], ['FOUR']]]);
    assert.deepEqual([await diskText('h.txt'), tabs()], ['one\ntwo\nthree\nFOUR\nfive\n', []]);
  });

  it('does not let the agent delete what is not saved, and goes on', async () => {
    const document = await documentOf(uri);
    await agent(parts).edit(uri, upper('two'));
    await type(uri, 4, 0, 'my ');
    const baseHash = hashOf(plain(document.getText()));
    const origin = { threadId: 'thread', turnId: 'turn', itemId: 'item', decided: false };
    const result = await parts.writer.delete(uri, { baseHash, origin });
    assert.deepEqual([result.type, await exists(uri)], ['refused', true]);
    await untilPending(parts, uri, [TWO]);
  });

  for (const [what, from, to] of [
    ['a line that ends otherwise than the rest', 'one\r\ntwo\nthree\r\n', 'one\r\nTWO\nthree\r\n'],
    ['a final newline that comes', 'one\ntwo', 'one\ntwo\n'],
    ['a final newline that goes', 'one\ntwo\n', 'one\ntwo'],
    ['white space alone', 'one\n  two\n', 'one\n\ttwo \n'],
    ['an empty file', '', 'one\n'],
    ['a file that is emptied', 'one\ntwo\n', ''],
  ] as const)
    it(`brings back to the byte: ${what}`, async () => {
      await givenFiles({ 'h.txt': from });
      for (const isOpen of [false, true]) {
        if (isOpen) await vscode.window.showTextDocument(await documentOf(uri));
        await agent(parts).write(uri, plain(to));
        await waitFor(() => pendingIn(parts, uri).length === 1, { what: 'the hunk' });
        assert.equal(await diskText('h.txt'), to);
        await parts.surfaces.actions.undoHunk(uri, hunkId(parts, uri, 0));
        assert.deepEqual([await diskText('h.txt'), pendingFiles(parts)], [from, []]);
      }
    });

  it('has one hunk for lines that the agent changed three times, and undoes to the first', async () => {
    for (const word of ['a', 'b', 'c']) await agent(parts).edit(uri, (text) => text.replace(/^(two|[ab])$/m, word));
    await untilPending(parts, uri, [[1, ['two'], ['c']]]);
    await parts.surfaces.actions.undoHunk(uri, hunkId(parts, uri, 0));
    assert.equal(await diskText('h.txt'), TEXT);
  });

  it('keeps one hunk and undoes the other one line further', async () => {
    await agent(parts).edit(uri, (text) => upper('four')(upper('two')(text)));
    await untilPending(parts, uri, [TWO, [3, ['four'], ['FOUR']]]);
    await parts.surfaces.actions.keepHunk(uri, hunkId(parts, uri, 0));
    await parts.surfaces.actions.undoHunk(uri, hunkId(parts, uri, 0));
    assert.equal(await diskText('h.txt'), TEXT.replace('two', 'TWO'));
  });

  it('never writes into a file that has become binary', async () => {
    await agent(parts).edit(uri, upper('two'));
    await untilPending(parts, uri, [TWO]);
    const bytes = Buffer.from([0x89, 0x50, 0, 1, 2, 0xff, 0, 0x0a]);
    await vscode.workspace.fs.writeFile(uri, bytes);
    await waitFor(() => JSON.stringify(pendingIn(parts, uri)) !== JSON.stringify([TWO]), { what: 'the news' });
    await parts.reviews.store.undoAll();
    assert.deepEqual(await bytesOf('h.txt'), bytes);
  });

  it('takes typing along after a click on Undo Anyway, and only then', async () => {
    const document = await documentOf(uri);
    await vscode.window.showTextDocument(document);
    await agent(parts).edit(uri, upper('two'));
    await untilPending(parts, uri, [TWO]);
    await type(uri, 1, 1, 'mine');
    await waitFor(() => pendingIn(parts, uri)[0]?.[2][0] === 'TmineWO', { what: 'the edited hunk' });
    const press = async (command: string, undo: Promise<boolean>) => {
      let isOver = false;
      void undo.finally(() => {
        isOver = true;
      });
      await waitFor(
        async () => {
          if (!isOver) await vscode.commands.executeCommand(command);
          return isOver;
        },
        { what: 'the answer' },
      );
      return undo;
    };
    const id = () => hunkId(parts, uri, 0);
    assert.equal(await press('notifications.clearAll', parts.surfaces.actions.undoHunk(uri, id())), false);
    assert.equal(document.lineAt(1).text, 'TmineWO');
    const undone = parts.surfaces.actions.undoHunk(uri, id());
    assert.equal(await press('notification.acceptPrimaryAction', undone), true);
    assert.equal(document.lineAt(1).text, 'two');
  });

  it('says why it cannot be undone when the file can only be read by now, and waits on', async () => {
    const locked = uriOf('h.gen.txt');
    await givenFiles({ 'h.gen.txt': TEXT });
    await agent(parts).edit(locked, upper('two'));
    await untilPending(parts, locked, [TWO]);
    const reset = await withSetting('files.readonlyInclude', { '**/*.gen.txt': true });
    try {
      const outcome = await parts.reviews.store.undoHunk(locked, hunkId(parts, locked, 0));
      assert.equal(outcome.type, 'refused');
      assert.match(outcome.type === 'refused' ? outcome.why : '', /readonlyInclude/);
      assert.deepEqual(pendingIn(parts, locked), [TWO]);
    } finally {
      await reset();
    }
    await parts.surfaces.actions.undoFile(locked);
    assert.equal(await diskText('h.gen.txt'), TEXT);
  });

  it('begins with no refused write: an open notebook is left alone, in words', async () => {
    const json = `${JSON.stringify({ cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 })}\n`;
    await givenFiles({ 'h.ipynb': json });
    const notebook = await vscode.workspace.openNotebookDocument(uriOf('h.ipynb'));
    await vscode.window.showNotebookDocument(notebook);
    const origin = { threadId: 'thread', turnId: 'turn', itemId: 'item', decided: false };
    const request = { text: '{}', baseHash: hashOf(json), origin };
    const result = await parts.writer.write(notebook.uri, request);
    assert.match(result.type === 'refused' ? result.message : result.type, /open as a notebook/);
    assert.deepEqual([pendingFiles(parts), await diskText('h.ipynb')], [[], json]);
  });

  it('is shown file by file where the editor cannot show all at once', async () => {
    await givenFiles({ 'h2.txt': TEXT });
    await agent(parts).edit(uri, upper('two'));
    await agent(parts).edit(uriOf('h2.txt'), upper('two'));
    await waitFor(() => pendingFiles(parts).length === 2, { what: 'both files' });
    const { getCommands } = vscode.commands;
    const commands = vscode.commands as { getCommands: typeof getCommands };
    commands.getCommands = async () => (await getCommands()).filter((command) => command !== 'vscode.changes');
    try {
      let isOver = false;
      const shown = vscode.commands.executeCommand('gantry.review.openAllChanges').then(() => {
        isOver = true;
      });
      await waitFor(
        async () => {
          if (!isOver) await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
          return isOver;
        },
        { what: 'the diff that was chosen' },
      );
      await shown;
      assert.deepEqual(tabs(), ['diff gantry-base file h.txt (changes to review)']);
    } finally {
      commands.getCommands = getCommands;
    }
  });

  it('opens nothing in a group that the person has locked', async () => {
    await givenFiles({ 'h2.txt': TEXT });
    await vscode.window.showTextDocument(uriOf('h2.txt'), { preview: false });
    await vscode.commands.executeCommand('workbench.action.lockEditorGroup');
    try {
      await agent(parts).edit(uri, upper('two'));
      await untilPending(parts, uri, [TWO]);
      await vscode.commands.executeCommand('gantry.review.nextHunk');
      await vscode.commands.executeCommand('gantry.review.openChanges', uri);
      const groups = vscode.window.tabGroups.all.map((group) => group.tabs.map(({ label }) => label));
      assert.deepEqual(groups[0], ['h2.txt']);
      assert.ok(groups.slice(1).flat().length > 0, JSON.stringify(groups));
    } finally {
      await vscode.commands.executeCommand('workbench.action.focusFirstEditorGroup');
      await vscode.commands.executeCommand('workbench.action.unlockEditorGroup');
    }
  });

  it('says aloud what it could not do', async () => {
    await agent(parts).edit(uri, upper('two'));
    await untilPending(parts, uri, [TWO]);
    const said = nextAnnouncement(parts);
    await parts.surfaces.actions.undoAll();
    assert.equal(await said, 'Undid the changes of 1 file. Nothing is left to review.');
  });
});
