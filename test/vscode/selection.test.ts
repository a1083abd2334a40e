import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { cleanUp, file, gantry, type Parts, startModel, stateWhere } from './support.ts';

describe('asking about a selection', () => {
  let parts: Parts;
  before(async () => {
    parts = await gantry();
  });
  afterEach(() => cleanUp(parts));

  async function select(): Promise<void> {
    const editor = await vscode.window.showTextDocument(vscode.Uri.file(file('src/greet.ts')));
    // To the start of the line after: that line is not part of it.
    editor.selection = new vscode.Selection(0, 0, 2, 0);
  }

  it('puts a chip with file and lines on the composer and sends nothing', async () => {
    await select();
    await vscode.commands.executeCommand('gantry.askSelection');
    const [chip, ...others] = parts.store.state.attachments;
    assert.deepEqual(
      { ...chip, id: '' },
      { id: '', kind: 'selection', label: 'src/greet.ts', path: 'src/greet.ts', startLine: 1, endLine: 2 },
    );
    assert.deepEqual(others, []);
    assert.equal(parts.store.state.thread, null);
    await select();
    await vscode.commands.executeCommand('gantry.askSelection');
    assert.equal(parts.store.state.attachments.length, 1, 'the same place is attached once');
  });

  it('sends the selection with the words, and takes the chip off', async () => {
    const { server, stop } = await startModel(parts, { script: [{ text: 'It greets.' }] });
    await select();
    await vscode.commands.executeCommand('gantry.askSelection');
    const ids = parts.store.state.attachments.map(({ id }) => id);
    parts.controller.handle({ type: 'send', text: 'What does it do?', attachmentIds: ids });
    await stateWhere(parts, 'the answer', ({ thread }) => thread?.turns[0]?.status === 'completed');
    const sent = JSON.stringify(server.requests[0]?.body.input.at(-1));
    assert.match(sent, /src\/greet\.ts:1-2/);
    assert.match(sent, /export function greet/);
    assert.match(sent, /What does it do\?/);
    assert.deepEqual(parts.store.state.attachments, []);
    await stop();
  });

  it('explains, fixes and tests at once', async () => {
    const { server, stop } = await startModel(parts, { script: [{ text: 'a' }, { text: 'b' }, { text: 'c' }] });
    for (const command of ['gantry.explainSelection', 'gantry.fixSelection', 'gantry.writeTests']) {
      parts.threads.newThread();
      await select();
      await vscode.commands.executeCommand(command);
      await stateWhere(parts, command, ({ thread }) => thread?.turns[0]?.status === 'completed');
    }
    const asked = server.requests.map(({ body }) => JSON.stringify(body.input.at(-1)));
    assert.deepEqual(
      asked.map((text) => /Explain the selected|wrong with the selected|Write tests for the selected/.exec(text)?.[0]),
      ['Explain the selected', 'wrong with the selected', 'Write tests for the selected'],
    );
    assert.equal(
      asked.every((text) => text.includes('export function greet')),
      true,
    );
    await stop();
  });
});
