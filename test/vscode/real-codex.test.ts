/** A real `codex app-server`, from npm and unmodified, behind the panel, with a scripted model behind it. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { PanelState } from '../../webview/bridge/panel-state.ts';
import { loadReferenceProgram } from '../conformance/reference-schema.ts';
import { gate, type ModelServer, type Script, startModelServer } from '../support/model-server/index.ts';
import {
  cleanUp,
  file,
  gantry,
  openProposals,
  type Parts,
  patch,
  stateWhere,
  textOf,
  updateFile,
  waitFor,
} from './support.ts';

const command = { call: 'exec_command', args: { cmd: 'touch made-by-codex.txt && echo made' } };

describe('a real codex app-server behind the panel', function () {
  this.timeout(60_000);
  let parts: Parts;
  let program: string;
  let home: string;
  let server: ModelServer;
  let environment: NodeJS.ProcessEnv;

  before(async function () {
    this.timeout(300_000);
    parts = await gantry();
    const root = vscode.extensions.getExtension('gantry.gantry')?.extensionPath ?? '';
    program = await loadReferenceProgram(root);
    // Codex refuses a home below the system's temporary folder.
    const cache = path.join(root, 'node_modules/.cache/conformance');
    await mkdir(cache, { recursive: true });
    home = await mkdtemp(path.join(cache, 'codex-home-'));
    environment = { ...process.env };
    Object.assign(process.env, { CODEX_HOME: home, SCRIPTED_KEY: 'scripted-key' });
    await use([process.execPath, program, 'app-server']);
  });

  after(async () => {
    for (const name of ['CODEX_HOME', 'SCRIPTED_KEY']) {
      if (environment[name] === undefined) delete process.env[name];
      else process.env[name] = environment[name];
    }
    await use(undefined);
    await stateWhere(parts, 'the core', ({ core }) => core.status === 'ready');
    await cleanUp(parts);
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });

  afterEach(async () => {
    await cleanUp(parts);
    await server.close();
    await vscode.workspace.fs.delete(vscode.Uri.file(file('made-by-codex.txt'))).then(undefined, () => {});
  });

  async function use(agent: string[] | undefined): Promise<void> {
    const target = vscode.ConfigurationTarget.Global;
    await vscode.workspace.getConfiguration('gantry').update('agent.command', agent, target);
    await parts.core.restart();
  }

  /** Codex reads its config when it starts. */
  async function begin(script: Script, more: readonly string[] = []): Promise<void> {
    // What codex sends is not ours to judge.
    server = await startModelServer({ script, strict: false });
    const config = [
      'model = "gpt-5.5"',
      'model_provider = "scripted"',
      'check_for_update_on_startup = false',
      '[analytics]',
      'enabled = false',
      '[features]',
      'plugins = false',
      'apps = false',
      'remote_plugin = false',
      '[model_providers.scripted]',
      'name = "Scripted"',
      `base_url = "${server.baseUrl}"`,
      'wire_api = "responses"',
      'env_key = "SCRIPTED_KEY"',
      'requires_openai_auth = false',
      'supports_websockets = false',
      ...more,
    ];
    await writeFile(path.join(home, 'config.toml'), `${config.join('\n')}\n`);
    await parts.core.restart();
    await stateWhere(parts, 'codex', ({ core }) => core.status === 'ready');
    await parts.controller.setMode('ask');
  }

  const turnIs = (status: string) => (state: PanelState) => state.thread?.turns.at(-1)?.status === status;
  const asked = () => stateWhere(parts, 'the approval', ({ thread }) => (thread?.approvals.length ?? 0) > 0);
  const proposed = async () => {
    await asked();
    await waitFor(() => openProposals().join() === 'a.txt' && parts.review.pendingFiles.length === 1, {
      what: 'the diff',
    });
  };
  const itemsOf = (state: PanelState, type: string) =>
    state.thread?.items.map(({ item }) => item).filter((item) => item.type === type) ?? [];

  it('answers, and the panel says what it cannot do', async () => {
    await begin([{ text: ['Hello ', 'from codex'] }]);
    await parts.controller.send('say hello', []);
    const state = await stateWhere(parts, 'the answer', turnIs('completed'));
    const [answer] = itemsOf(state, 'agentMessage');
    assert.equal(answer?.type === 'agentMessage' && answer.text, 'Hello from codex');
    const said = state.notices.find(({ id }) => id === 'other-agent')?.text ?? '';
    assert.match(said, /takes a change whole or not at all, writes files itself/);
  });

  it('asks before an MCP tool is called, and lists its server with what codex offers', async () => {
    const program = parts.extension.asAbsolutePath('test/support/mcp/stdio.ts');
    await begin(
      [{ call: 'change', namespace: 'mcp__test', args: { what: 'it' } }, { text: 'changed' }],
      [
        '[mcp_servers.test]',
        `command = ${JSON.stringify(process.execPath)}`,
        `args = ${JSON.stringify([program])}`,
        'env = { ELECTRON_RUN_AS_NODE = "1" }',
      ],
    );
    await parts.controller.send('change it', []);
    const [approval] = (await asked()).thread?.approvals ?? [];
    assert.deepEqual(
      [approval?.kind, approval?.tool?.server, approval?.tool?.name, approval?.tool?.arguments],
      ['mcpTool', 'test', 'change', { what: 'it' }],
    );
    await waitDecided(approval?.id, 'accept');
    const [called] = itemsOf(await stateWhere(parts, 'the end', turnIs('completed')), 'mcpToolCall');
    assert.deepEqual(called?.type === 'mcpToolCall' && [called.status, called.result?.content], [
      'completed',
      [{ type: 'text', text: 'changed it' }],
    ]);
    const [server] = (await parts.mcp.read()).servers;
    assert.deepEqual([server?.name, server?.state, server?.profile, server?.sandbox], ['test', 'ready', null, null]);
  });

  it('asks before a command, runs it after a yes, and not after a no', async () => {
    await begin([command, { text: 'made it' }, command, { text: 'did not' }]);
    await parts.controller.send('make it', []);
    const [approval] = (await asked()).thread?.approvals ?? [];
    await waitDecided(approval?.id, 'accept');
    let state = await stateWhere(parts, 'the end', turnIs('completed'));
    const [ran] = itemsOf(state, 'commandExecution');
    assert.deepEqual(ran?.type === 'commandExecution' && [ran.status, ran.exitCode, ran.aggregatedOutput], [
      'completed',
      0,
      'made\n',
    ]);
    assert.equal(await textOf('made-by-codex.txt'), '');
    await parts.controller.send('make it again', []);
    const [second] = (await asked()).thread?.approvals ?? [];
    await waitDecided(second?.id, 'decline');
    state = await stateWhere(
      parts,
      'the second end',
      (now) => now.thread?.turns.length === 2 && turnIs('completed')(now),
    );
    const declined = itemsOf(state, 'commandExecution').at(-1);
    assert.equal(declined?.type === 'commandExecution' && declined.status, 'declined');
  });

  it('proposes a patch, which is written when it is accepted and not when it is declined', async () => {
    const original = await textOf('a.txt');
    const change = (to: string) => ({ freeform: 'apply_patch', input: patch(updateFile('a.txt', 'two', to)) });
    await begin([change('TWO'), { text: 'written' }, change('2'), { text: 'not written' }]);
    try {
      await writeFile(file('a.txt'), original);
      await parts.controller.send('change it', []);
      await proposed();
      assert.equal(await textOf('a.txt'), original);
      await vscode.commands.executeCommand('gantry.rejectProposal', parts.review.pendingFiles[0]?.proposal);
      const state = await stateWhere(parts, 'the end', turnIs('completed'));
      const [declined] = itemsOf(state, 'fileChange');
      assert.equal(declined?.type === 'fileChange' && declined.status, 'declined');
      await waitFor(() => openProposals().length === 0, { what: 'the closing of the diff' });
      assert.equal(await textOf('a.txt'), original);

      await parts.controller.send('change it once more', []);
      await proposed();
      await vscode.commands.executeCommand('gantry.acceptProposal', parts.review.pendingFiles[0]?.proposal);
      await stateWhere(parts, 'the end', (now) => now.thread?.turns.length === 2 && turnIs('completed')(now));
      assert.equal(await textOf('a.txt'), original.replace('two', '2'));
    } finally {
      await writeFile(file('a.txt'), original);
    }
  });

  it('is interrupted, listed and taken up again', async () => {
    const hold = gate();
    await begin([[{ text: ['half ', hold] }], { text: 'whole' }]);
    await parts.controller.send('count slowly', []);
    await hold.reached;
    await parts.threads.interrupt();
    await stateWhere(parts, 'the interrupt', turnIs('interrupted'));
    hold.open();
    const threadId = parts.threads.threadId ?? '';
    await parts.controller.send('and once more', []);
    await stateWhere(parts, 'the second turn', turnIs('completed'));
    parts.threads.newThread();
    await parts.history.list(null, null);
    const listed = parts.store.state.history?.threads.find(({ id }) => id === threadId);
    assert.equal(listed?.preview, 'count slowly');
    await parts.controller.resume(threadId);
    const state = await stateWhere(parts, 'the thread', ({ thread }) => thread?.id === threadId);
    assert.deepEqual(
      state.thread?.turns.map(({ status }) => status),
      ['interrupted', 'completed'],
    );
  });

  async function waitDecided(approvalId: string | undefined, decision: 'accept' | 'decline'): Promise<void> {
    assert.ok(approvalId);
    parts.controller.handle({ type: 'decide', approvalId, decision });
    await stateWhere(parts, 'the decision', ({ thread }) => !thread?.approvals.some(({ id }) => id === approvalId));
  }
});
