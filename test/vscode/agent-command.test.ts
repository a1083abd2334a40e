import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { HostMessage } from '../../webview/bridge/messages.ts';
import { cleanUp, file, gantry, type Parts, stateWhere } from './support.ts';

/** Answers the first line as some other server would. */
const OTHER_SERVER = `process.stdin.once('data', (line) => {
  console.log(JSON.stringify({ id: JSON.parse(line).id, result: { capabilities: {} } }));
});`;

describe('an agent command that does not work', () => {
  let parts: Parts;
  before(async () => {
    parts = await gantry();
  });
  after(async () => {
    await use(undefined);
    await stateWhere(parts, 'the core', ({ core }) => core.status === 'ready');
    await cleanUp(parts);
  });

  async function use(command: unknown): Promise<void> {
    const target = vscode.ConfigurationTarget.Global;
    await vscode.workspace.getConfiguration('gantry').update('agent.command', command, target);
    await parts.core.restart();
  }

  async function failure(command: string[]): Promise<string> {
    await use(command);
    const { core, notices } = await stateWhere(parts, 'the failure', (state) => state.core.status === 'failed');
    const { text, action } = notices.find(({ id }) => id === 'agent-command') ?? {};
    assert.match(text ?? '', /the setting gantry\.agent\.command/);
    assert.deepEqual(action, { label: 'Open Settings', command: 'gantry.openSettings' });
    assert.equal(parts.core.badSetting, 'gantry.agent.command');
    return core.message ?? '';
  }

  it('is said to be missing, at once, and what was typed comes back', async () => {
    const message = await failure(['no-such-program-anywhere', 'app-server']);
    assert.match(message, /the setting gantry\.agent\.command names \(no-such-program-anywhere\)/);
    assert.match(message, /there is no program no-such-program-anywhere/);
    const sent: HostMessage[] = [];
    const { send } = parts.panel;
    parts.panel.send = (said) => sent.push(said);
    try {
      await parts.controller.send('precious words', []);
    } finally {
      parts.panel.send = send;
    }
    assert.deepEqual(sent, [{ type: 'sendFailed', text: 'precious words', message }]);
  });

  it('is said to end at once, with its last words', async () => {
    const message = await failure([process.execPath, '-e', 'console.error("No such option"); process.exit(3)']);
    assert.match(message, /exit code 3: No such option/);
  });

  it('is said to be something else', async () => {
    assert.match(await failure([process.execPath, '-e', OTHER_SERVER]), /answer to initialize does not fit/);
    assert.match(await failure([process.execPath, '-e', '\0']), /no agent that Gantry can use/);
  });

  it('is passed over when it is no list, and that is said', async () => {
    await use('codex app-server');
    const { notices } = await stateWhere(parts, 'the core', ({ core }) => core.status === 'ready');
    assert.match(notices.find(({ id }) => id === 'agent-command')?.text ?? '', /must be a list of texts/);
  });

  it('of the workspace counts for nothing, trusted or not', async () => {
    // As a repository brings it along; the editor itself writes the setting nowhere but into the user's own.
    const json = JSON.stringify({ 'gantry.agent.command': ['no-such-program-anywhere'] });
    const settings = vscode.Uri.file(file('.vscode/settings.json'));
    await vscode.workspace.fs.writeFile(settings, Buffer.from(json));
    try {
      await use([]);
      const { notices } = await stateWhere(parts, 'the core', ({ core }) => core.status === 'ready');
      assert.deepEqual([vscode.workspace.isTrusted, notices.filter(({ id }) => id === 'agent-command')], [true, []]);
    } finally {
      await vscode.workspace.fs.delete(vscode.Uri.joinPath(settings, '..'), { recursive: true });
    }
  });

  it('is forgotten once it is corrected', async () => {
    await use([]);
    const { notices } = await stateWhere(parts, 'the core', ({ core }) => core.status === 'ready');
    assert.deepEqual(
      notices.filter(({ id }) => id === 'agent-command'),
      [],
    );
  });
});
