import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { PendingFile } from '../../extension/review/ask-first/pending-file.ts';
import type { ApprovalFile } from '../../webview/bridge/panel-state.ts';
import type { ModelServer } from '../support/model-server/index.ts';
import {
  cleanUp,
  file,
  gantry,
  nextEvent,
  openProposals,
  type Parts,
  patch,
  startModel,
  stateWhere,
  textOf,
  waitFor,
} from './support.ts';

const THREE_HUNKS = patch('*** Update File: a.txt\n@@\n-two\n+TWO\n@@\n-five\n+FIVE\n+and a half\n@@\n-nine\n+NINE');

describe('a proposed change of several hunks', () => {
  let parts: Parts;
  let server: ModelServer;
  let stop: () => Promise<void>;
  let before: string;

  beforeEach(async () => {
    parts = await gantry();
    before = await textOf('a.txt');
  });
  afterEach(async () => {
    await cleanUp(parts);
    await stop();
    await vscode.workspace.fs.writeFile(vscode.Uri.file(file('a.txt')), Buffer.from(before));
  });

  /** Proposes the three hunks and waits until the card shows them. */
  async function propose(): Promise<{ pending: PendingFile; document: vscode.TextDocument }> {
    const scripted = await startModel(parts, {
      script: [{ freeform: 'apply_patch', input: THREE_HUNKS }, { text: 'I see.' }],
    });
    server = scripted.server;
    stop = scripted.stop;
    await parts.controller.send('change it', []);
    await cardWhere('the hunks', ({ hunks }) => hunks?.length === 3);
    await waitFor(() => openProposals().join() === 'a.txt', { what: 'the diff' });
    const [pending] = parts.review.pendingFiles;
    assert.ok(pending);
    return { pending, document: await vscode.workspace.openTextDocument(pending.proposal) };
  }

  async function cardWhere(what: string, fits: (shown: ApprovalFile) => boolean): Promise<ApprovalFile> {
    const shown = ({ thread }: Parts['store']['state']) => thread?.approvals[0]?.files[0];
    const state = await stateWhere(parts, what, (one) => {
      const found = shown(one);
      return found !== undefined && fits(found);
    });
    return shown(state) as ApprovalFile;
  }

  const statesAre = (...states: string[]) =>
    cardWhere(`the hunks ${states}`, ({ hunks }) => hunks?.map(({ state }) => state).join() === states.join());

  const choose = ({ approvalId, file: { path } }: PendingFile, hunkId: string | null, take: boolean) =>
    parts.controller.handle({ type: 'chooseHunk', approvalId, path, hunkId, take });

  const accept = ({ approvalId }: PendingFile) =>
    parts.controller.handle({ type: 'decide', approvalId, decision: 'accept' });

  async function ended(): Promise<string> {
    const state = await stateWhere(parts, 'the end', ({ thread }) => thread?.turns[0]?.status === 'completed');
    assert.deepEqual(state.thread?.approvals, []);
    await waitFor(() => openProposals().length === 0, { what: 'the closing of our tabs' });
    assert.deepEqual(server.problems, []);
    return JSON.stringify(server.requests[1]?.body.input.at(-1));
  }

  async function show(document: vscode.TextDocument, line: number): Promise<void> {
    const at = new vscode.Selection(line, 0, line, 0);
    await vscode.window.showTextDocument(document, { selection: at });
  }

  it('is written without the hunk that the card leaves out, and the model is told', async () => {
    const { pending, document } = await propose();
    const { hunks } = await statesAre('taken', 'taken', 'taken');
    choose(pending, hunks?.[1]?.id ?? '', false);
    await statesAre('taken', 'dropped', 'taken');
    const kept = before.replace('two', 'TWO').replace('nine', 'NINE');
    assert.equal(document.getText(), kept, 'what the editor shows is what will be written');
    accept(pending);
    const told = await ended();
    assert.equal(await textOf('a.txt'), kept);
    assert.match(told, /2 of 3 hunks kept as proposed, 1 dropped/);
  });

  it('lets the editor take a choice back, and follows what is typed there', async () => {
    const { pending, document } = await propose();
    const { hunks } = await statesAre('taken', 'taken', 'taken');
    choose(pending, hunks?.[0]?.id ?? '', false);
    await statesAre('dropped', 'taken', 'taken');
    await show(document, 0);
    const undone = nextEvent(vscode.workspace.onDidChangeTextDocument, (event) => event.document === document);
    await vscode.commands.executeCommand('undo');
    await undone;
    await statesAre('taken', 'taken', 'taken');
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, document.lineAt(9).range, 'Nine');
    edit.insert(document.uri, new vscode.Position(3, 0), 'mine\n');
    await vscode.workspace.applyEdit(edit);
    await statesAre('taken', 'own', 'taken', 'edited');
    const text = document.getText();
    accept(pending);
    const told = await ended();
    assert.equal(await textOf('a.txt'), text);
    assert.match(told, /the user changed the text/);
  });

  it('is decided by the keys of the hunk at the cursor, and of the file where there is none', async () => {
    const { document } = await propose();
    await show(document, 1);
    await vscode.commands.executeCommand('gantry.dropProposedHunk');
    await statesAre('dropped', 'taken', 'taken');
    await show(document, 1);
    await vscode.commands.executeCommand('gantry.takeProposedHunk');
    await statesAre('taken', 'taken', 'taken');
    await show(document, 10);
    await vscode.commands.executeCommand('gantry.takeProposedHunk');
    await ended();
    assert.equal(
      await textOf('a.txt'),
      before.replace('two', 'TWO').replace('five', 'FIVE\nand a half').replace('nine', 'NINE'),
    );
  });

  it('has lenses at each hunk', async () => {
    const { document } = await propose();
    const lenses = await waitFor(
      async () => {
        const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
          'vscode.executeCodeLensProvider',
          document.uri,
        );
        return found.length === 6 ? found : null;
      },
      { what: 'the lenses' },
    );
    assert.deepEqual(
      lenses.map(({ range, command }) => [range.start.line, command?.title]),
      [1, 4, 9].flatMap((line) => [
        [line, '$(close) Leave this hunk out'],
        [line, '$(check) Accept all 3'],
      ]),
    );
    const leaveOut = lenses[2]?.command;
    await vscode.commands.executeCommand(leaveOut?.command ?? '', ...(leaveOut?.arguments ?? []));
    await statesAre('taken', 'dropped', 'taken');
    await vscode.commands.executeCommand('gantry.rejectAllProposals');
    await ended();
    assert.equal(await textOf('a.txt'), before);
  });

  it('is nothing when nothing of it is taken', async () => {
    const { pending } = await propose();
    choose(pending, null, false);
    await statesAre('dropped', 'dropped', 'dropped');
    accept(pending);
    assert.match(await ended(), /reject|declin/i);
    assert.equal(await textOf('a.txt'), before);
  });

  it('is put on top of what its file becomes meanwhile', async () => {
    const { pending, document } = await propose();
    const { hunks } = await statesAre('taken', 'taken', 'taken');
    choose(pending, hunks?.[2]?.id ?? '', false);
    await statesAre('taken', 'taken', 'dropped');
    const elsewhere = before.replace('seven', 'seven, by somebody else');
    await vscode.workspace.fs.writeFile(vscode.Uri.file(file('a.txt')), Buffer.from(elsewhere));
    await cardWhere('the new base', ({ since }) => since === 'rebased');
    await statesAre('taken', 'taken', 'dropped');
    const both = elsewhere.replace('two', 'TWO').replace('five', 'FIVE\nand a half');
    assert.equal(document.getText(), both);
    accept(pending);
    const told = await ended();
    assert.equal(await textOf('a.txt'), both);
    assert.match(told, /had changed since/);
  });

  it('says when it does not fit any more, loses nothing, and is decided against the file as it is', async () => {
    const { pending, document } = await propose();
    const theirs = before.replace('two', 'zwei');
    await vscode.workspace.fs.writeFile(vscode.Uri.file(file('a.txt')), Buffer.from(theirs));
    await cardWhere('the conflict', ({ since }) => since === 'conflict');
    accept(pending);
    await vscode.commands.executeCommand('gantry.acceptProposal', pending.proposal);
    assert.equal(parts.approvals.all.length, 1, 'it still waits');
    assert.equal(await textOf('a.txt'), theirs);
    const { approvalId } = pending;
    parts.controller.handle({ type: 'compareWithNow', approvalId, path: pending.file.path });
    const { hunks } = await cardWhere('the comparison', ({ since }) => since === 'rebased');
    assert.match(hunks?.[0]?.diff ?? '', /^-zwei$/m);
    choose(pending, hunks?.[0]?.id ?? '', false);
    await statesAre('dropped', 'taken', 'taken');
    const mixed = theirs.replace('five', 'FIVE\nand a half').replace('nine', 'NINE');
    assert.equal(document.getText(), mixed);
    accept(pending);
    await ended();
    assert.equal(await textOf('a.txt'), mixed);
  });
});
