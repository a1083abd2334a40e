import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { gantry, type Parts, stateWhere, waitFor } from './support.ts';

type Manifest = { enabledApiProposals?: unknown; contributes: { commands: { command: string }[] } };

describe('activation', () => {
  let parts: Parts;
  before(async () => {
    parts = await gantry();
  });

  it('happens by itself once the editor is up', async () => {
    const extension = vscode.extensions.getExtension('gantry.gantry');
    await waitFor(() => extension?.isActive, { what: 'the activation' });
    await stateWhere(parts, 'the core', ({ core }) => core.status === 'ready');
  });

  it('registers every command that it declares', async () => {
    const manifest: Manifest = vscode.extensions.getExtension('gantry.gantry')?.packageJSON;
    const known = new Set(await vscode.commands.getCommands(true));
    const missing = manifest.contributes.commands.filter(({ command }) => !known.has(command));
    assert.deepEqual(missing, []);
    assert.equal(manifest.enabledApiProposals, undefined);
  });

  it('brings the panel up, which asks for the state and gets it', async () => {
    await vscode.commands.executeCommand('gantry.focusPanel');
    await waitFor(() => parts.panel.isReady, { what: 'the page of the panel' });
  });

  it('says that the demo model is no AI while there is nothing else', async () => {
    const state = await stateWhere(parts, 'the notice', ({ notices }) => notices.some(({ id }) => id === 'demo'));
    assert.deepEqual(state.model, { provider: 'demo', model: 'demo' });
    assert.match(state.notices.find(({ id }) => id === 'demo')?.text ?? '', /not an AI/);
  });
});
