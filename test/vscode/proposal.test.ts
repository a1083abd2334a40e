import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import * as vscode from 'vscode';
import { noExtras } from '../../webview/bridge/thread-extras.ts';
import type { ModelServer } from '../support/model-server/index.ts';
import {
  cleanUp,
  file,
  folder,
  gantry,
  nextEvent,
  openProposals,
  type Parts,
  patch,
  startModel,
  stateWhere,
  textOf,
  updateFile,
  waitFor,
} from './support.ts';

const exists = (name: string) =>
  access(file(name)).then(
    () => true,
    () => false,
  );

describe('a proposed change', () => {
  let parts: Parts;
  let server: ModelServer;
  let stop: () => Promise<void>;
  let texts: Record<string, string>;

  before(async () => {
    parts = await gantry();
  });
  beforeEach(async () => {
    texts = { 'a.txt': await textOf('a.txt'), 'b.txt': await textOf('b.txt') };
  });
  afterEach(async () => {
    await cleanUp(parts);
    await stop();
    for (const [name, text] of Object.entries(texts)) {
      await vscode.workspace.fs.writeFile(vscode.Uri.file(file(name)), Buffer.from(text));
    }
    await vscode.workspace.fs.delete(vscode.Uri.file(file('new.txt'))).then(undefined, () => {});
  });

  /** Sends a message whose answer is this patch, and waits until it waits for approval. */
  async function propose(text: string): Promise<void> {
    const scripted = await startModel(parts, {
      script: [{ freeform: 'apply_patch', input: text }, { text: 'I see.' }],
    });
    server = scripted.server;
    stop = scripted.stop;
    await parts.controller.send('change it', []);
    await stateWhere(parts, 'the approval', ({ thread }) => (thread?.approvals.length ?? 0) > 0);
  }

  async function ended(): Promise<void> {
    const state = await stateWhere(parts, 'the end', ({ thread }) => thread?.turns[0]?.status === 'completed');
    assert.deepEqual(state.thread?.approvals, []);
    await waitFor(() => openProposals().length === 0, { what: 'the closing of our tabs' });
    assert.deepEqual(server.problems, []);
  }

  const toldToModel = () => JSON.stringify(server.requests[1]?.body.input.at(-1));
  const oneHunk = patch(updateFile('a.txt', 'two', 'TWO'));
  const twoFiles = patch(updateFile('a.txt', 'two', 'TWO'), updateFile('b.txt', 'bee', 'BEE'));

  it('opens as a diff and is written when it is accepted from the editor title', async () => {
    await propose(oneHunk);
    await waitFor(() => openProposals().join() === 'a.txt', { what: 'the diff' });
    assert.equal(await textOf('a.txt'), texts['a.txt'], 'nothing is written before');
    const [pending] = parts.review.pendingFiles;
    const document = await vscode.workspace.openTextDocument(pending?.proposal as vscode.Uri);
    assert.equal(document.getText(), texts['a.txt']?.replace('two', 'TWO'));
    await vscode.commands.executeCommand('gantry.acceptProposal', pending?.proposal);
    await ended();
    assert.equal(await textOf('a.txt'), texts['a.txt']?.replace('two', 'TWO'));
  });

  it('is not written when it is rejected, and the model is told', async () => {
    await propose(oneHunk);
    await vscode.commands.executeCommand('gantry.rejectProposal', parts.review.pendingFiles[0]?.proposal);
    await ended();
    assert.equal(await textOf('a.txt'), texts['a.txt']);
    assert.match(toldToModel(), /reject|declin/i);
  });

  it('has lenses on the real file, which decide the same change', async () => {
    await propose(oneHunk);
    const real = vscode.Uri.file(file('a.txt'));
    await vscode.window.showTextDocument(real);
    const lenses = await waitFor(
      async () => {
        const found = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', real);
        return found.length > 0 ? found : null;
      },
      { what: 'the lenses' },
    );
    assert.deepEqual(
      lenses.map(({ range, command }) => [range.start.line, command?.title]),
      [
        [1, '$(check) Accept proposed change'],
        [1, '$(close) Reject'],
        [1, '$(diff) Show'],
      ],
    );
    const accept = lenses[0]?.command;
    await vscode.commands.executeCommand(accept?.command ?? '', ...(accept?.arguments ?? []));
    await ended();
    assert.equal(await textOf('a.txt'), texts['a.txt']?.replace('two', 'TWO'));
  });

  it('is written as the person edited it, saved or not', async () => {
    await propose(oneHunk);
    const pending = parts.review.pendingFiles[0];
    const document = await vscode.workspace.openTextDocument(pending?.proposal as vscode.Uri);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), 'mine\n');
    assert.equal(await vscode.workspace.applyEdit(edit), true);
    assert.equal(document.isDirty, true);
    parts.controller.handle({ type: 'decide', approvalId: pending?.approvalId ?? '', decision: 'accept' });
    await ended();
    assert.equal(await textOf('a.txt'), `mine\n${texts['a.txt']?.replace('two', 'TWO')}`);
    assert.match(toldToModel(), /mine/);
  });

  it('of two files is answered once, when both are decided', async () => {
    await propose(twoFiles);
    await waitFor(() => openProposals().length === 2, { what: 'both diffs' });
    const [first, second] = parts.review.pendingFiles;
    await vscode.commands.executeCommand('gantry.acceptProposal', first?.proposal);
    assert.equal(parts.approvals.all.length, 1);
    await waitFor(() => openProposals().join() === 'b.txt', { what: 'one diff left' });
    await vscode.commands.executeCommand('gantry.rejectProposal', second?.proposal);
    await ended();
    assert.equal(await textOf('a.txt'), texts['a.txt']?.replace('two', 'TWO'));
    assert.equal(await textOf('b.txt'), texts['b.txt']);
  });

  it('of a new file shows against nothing, and leaves nothing when it is rejected', async () => {
    await propose(patch('*** Add File: new.txt\n+hello'));
    const shown = await waitFor(
      () =>
        vscode.window.tabGroups.all
          .flatMap(({ tabs }) => tabs)
          .find(({ input }) => input instanceof vscode.TabInputTextDiff),
      { what: 'the diff' },
    );
    assert.equal((shown.input as vscode.TabInputTextDiff).original.scheme, 'gantry-base');
    assert.equal(await exists('new.txt'), false);
    await vscode.commands.executeCommand('gantry.rejectAllProposals');
    await ended();
    assert.equal(await exists('new.txt'), false);
  });

  it('is taken away with the turn, and with it only the tabs of ours', async () => {
    await vscode.window.showTextDocument(vscode.Uri.file(file('b.txt')), { preview: false });
    await propose(oneHunk);
    await waitFor(() => openProposals().length === 1, { what: 'the diff' });
    const done = nextEvent(parts.approvals.onGone);
    await parts.threads.interrupt();
    await done;
    await stateWhere(parts, 'the end', ({ thread }) => thread?.turns[0]?.status === 'interrupted');
    await waitFor(() => openProposals().length === 0, { what: 'the closing of our tabs' });
    const left = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
    assert.deepEqual(left, ['b.txt']);
    assert.equal(await textOf('a.txt'), texts['a.txt']);
  });

  it('goes into the document of a file that has unsaved changes, which stay', async () => {
    await propose(oneHunk);
    const document = await vscode.workspace.openTextDocument(file('a.txt'));
    await waitFor(() => document.getText() === texts['a.txt'], { what: 'the file as it is on the disk again' });
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, document.lineAt(document.lineCount - 1).range.end, 'typed\n');
    assert.equal(await vscode.workspace.applyEdit(edit), true);
    await vscode.commands.executeCommand('gantry.acceptAllProposals');
    await ended();
    const both = `${texts['a.txt']?.replace('two', 'TWO')}typed\n`;
    assert.equal(document.getText(), both);
    // The editor may be saving it by itself already.
    await document.save();
    await waitFor(async () => (await textOf('a.txt')) === both, { what: 'the saved file' });
  });

  it('can be looked at again after it was accepted', async () => {
    await propose(oneHunk);
    const itemId = parts.approvals.all[0]?.view.itemId ?? '';
    const path = parts.review.pendingFiles[0]?.file.path ?? '';
    await vscode.commands.executeCommand('gantry.acceptAllProposals');
    await ended();
    parts.controller.handle({ type: 'openDiff', itemId, path });
    const real = vscode.Uri.file(file('a.txt')).toString();
    const { original } = await waitFor(
      () =>
        vscode.window.tabGroups.all
          .flatMap(({ tabs }) => tabs)
          .flatMap(({ input }) => (input instanceof vscode.TabInputTextDiff ? [input] : []))
          .find(({ modified }) => modified.toString() === real),
      { what: 'the diff of before and now' },
    );
    assert.equal((await vscode.workspace.openTextDocument(original)).getText(), texts['a.txt']);
  });

  it('of a peer that sends diffs only is shown from them, and taken or left as one', async () => {
    const scripted = await startModel(parts, { script: [] });
    stop = scripted.stop;
    const place = { threadId: 'peer', turnId: 'turn', itemId: 'item' };
    const kind = { type: 'update' as const };
    const change = (name: string, from: string, to: string) => {
      return { path: file(name), kind, diff: `@@ -1,1 +1,1 @@\n-${from}\n+${to}\n` };
    };
    const item = {
      type: 'fileChange' as const,
      id: 'item',
      status: 'inProgress' as const,
      changes: [change('a.txt', 'one', 'ONE'), change('b.txt', 'bee', 'BEE')],
    };
    const items = [{ turnId: 'turn', item, done: false }];
    const thread = { id: 'peer', name: null, cwd: folder(), turns: [], items, approvals: [], plan: null };
    parts.store.apply({ op: 'thread', thread: { ...thread, usage: null, retry: null, extras: noExtras } });
    const view = {
      id: parts.approvals.nextId(),
      ...{ itemId: 'item', turnId: 'turn', kind: 'fileChange' as const, reason: null, command: null, cwd: null },
      ...{ unsandboxed: false, files: [], decisions: [] },
    };
    const fileChange = { ...place, startedAtMs: 1 };
    const answer = parts.approvals.ask({ view, threadId: 'peer', requestId: 0, fileChange });
    await waitFor(() => openProposals().length === 2, { what: 'both diffs' });
    const [first] = parts.review.pendingFiles;
    const shown = await vscode.workspace.openTextDocument(first?.proposal as vscode.Uri);
    assert.equal(shown.getText(), texts['a.txt']?.replace('one', 'ONE'));
    await vscode.commands.executeCommand('gantry.acceptProposal', first?.proposal);
    assert.equal(await answer, 'accept');
    await waitFor(() => openProposals().length === 0, { what: 'the closing of our tabs' });
    assert.equal(await textOf('a.txt'), texts['a.txt'], 'the peer writes, not the editor');
  });
});
