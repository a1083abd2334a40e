/** A real MCP server behind the panel: what it asks, what is allowed, and what it may do. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { PanelState } from '../../webview/bridge/panel-state.ts';
import type { ModelServerOptions } from '../support/model-server/index.ts';
import { cleanUp, gantry, type Parts, restartCore, startModel, stateWhere } from './support.ts';

describe('MCP servers', function () {
  this.timeout(60_000);
  let parts: Parts;
  let model: Awaited<ReturnType<typeof startModel>>;

  before(async () => {
    parts = await gantry();
  });
  afterEach(async () => {
    await cleanUp(parts);
    await parts.controller.setMode('ask');
    await model.stop();
  });

  const begin = async (script: ModelServerOptions['script']): Promise<void> => {
    const program = parts.extension.asAbsolutePath('test/support/mcp/stdio.ts');
    // A desktop editor's own runtime runs programs only when it is told to.
    const server = `[mcp_servers.test]\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${JSON.stringify([program])}\nenv = { ELECTRON_RUN_AS_NODE = "1" }`;
    model = await startModel(parts, { script }, server);
  };
  const call = (tool: string, args: unknown = {}) => ({ call: `mcp__test__${tool}`, args });
  const end = (turns = 1) =>
    stateWhere(
      parts,
      'the end of the turn',
      ({ thread }) => thread?.turns.length === turns && thread.turns.every(({ status }) => status !== 'inProgress'),
    );
  const calls = ({ thread }: PanelState) =>
    (thread?.items ?? []).flatMap(({ item }) =>
      item.type === 'mcpToolCall' ? [[item.tool, item.status, item.result?.content, item.error?.message ?? null]] : [],
    );
  const asked = () => stateWhere(parts, 'the approval', ({ thread }) => thread?.approvals.length === 1);

  it('are asked about in the call’s card, allowed for the session, and answer', async () => {
    await begin([call('change', { what: 'it' }), call('change', { what: 'more' }), { text: 'Done.' }]);
    await parts.controller.send('change it', []);
    const { thread } = await asked();
    const [approval] = thread?.approvals ?? [];
    const item = thread?.items.at(-1)?.item;
    assert.ok(approval && item);
    assert.deepEqual(approval, {
      id: approval.id,
      itemId: item.id,
      turnId: thread?.turns[0]?.id,
      kind: 'mcpTool',
      reason: null,
      command: null,
      cwd: null,
      unsandboxed: false,
      files: [],
      decisions: ['accept', 'acceptForSession', 'acceptAlways', 'decline'],
      tool: {
        server: 'test',
        name: 'change',
        title: null,
        description: 'Changes something.',
        message: 'Allow the test MCP server to run tool "change"?',
        arguments: { what: 'it' },
      },
    });
    parts.controller.handle({ type: 'decide', approvalId: approval.id, decision: 'acceptForSession' });
    assert.deepEqual(calls(await end()), [
      ['change', 'completed', [{ type: 'text', text: 'changed it' }], null],
      ['change', 'completed', [{ type: 'text', text: 'changed more' }], null],
    ]);
  });

  it('are told no, and the turn goes on', async () => {
    await begin([call('change', { what: 'it' }), { text: 'Then not.' }]);
    await parts.controller.send('change it', []);
    const [approval] = (await asked()).thread?.approvals ?? [];
    parts.controller.handle({ type: 'decide', approvalId: approval?.id ?? '', decision: 'decline' });
    const state = await end();
    assert.deepEqual(calls(state), [['change', 'failed', undefined, 'user rejected MCP tool call']]);
    assert.deepEqual(
      state.thread?.turns.map(({ status }) => status),
      ['completed'],
    );
  });

  it('ask the person themselves, in a form', async () => {
    await begin([call('ask'), { text: 'Green.' }]);
    await parts.controller.send('ask me', []);
    const state = await stateWhere(parts, 'the form', ({ thread }) => thread?.extras.elicitations.length === 1);
    const [form] = state.thread?.extras.elicitations ?? [];
    assert.deepEqual(form, {
      id: form?.id,
      turnId: state.thread?.turns[0]?.id,
      server: 'test',
      message: 'Which colour?',
      kind: 'form',
      fields: [
        {
          name: 'colour',
          label: 'Colour',
          description: null,
          required: true,
          kind: 'text',
          format: null,
          minLength: null,
          maxLength: null,
          initial: '',
        },
      ],
    });
    const id = form?.id ?? '';
    parts.controller.handle({ type: 'submitElicitation', id, values: { colour: '' } });
    assert.equal(parts.elicitations.size, 1, 'an answer that does not fit is not sent');
    parts.controller.handle({ type: 'submitElicitation', id, values: { colour: 'green' } });
    const ended = await end();
    assert.deepEqual(ended.thread?.extras.elicitations, []);
    const said = JSON.stringify({ action: 'accept', content: { colour: 'green' } });
    assert.deepEqual(calls(ended), [['ask', 'completed', [{ type: 'text', text: said }], null]]);
  });

  it('wait for nobody once the turn is stopped', async () => {
    await begin([call('ask')]);
    await parts.controller.send('ask me', []);
    await stateWhere(parts, 'the form', ({ thread }) => thread?.extras.elicitations.length === 1);
    await parts.threads.interrupt();
    const state = await end();
    assert.deepEqual([state.thread?.extras.elicitations, parts.elicitations.size], [[], 0]);
  });

  it('are listed with what they may do, given more, and switched off', async () => {
    await begin([{ text: 'Hello.' }]);
    await parts.controller.send('hello', []);
    await end();
    const read = async () => {
      const [server] = (await parts.mcp.read()).servers;
      assert.ok(server);
      return server;
    };
    const first = await read();
    assert.deepEqual([first.name, first.state, first.sandbox, first.fixedBecause], ['test', 'ready', {}, null]);
    assert.ok(first.tools.includes('change'));
    assert.match(first.profile ?? '', /no network/i);

    assert.match(await parts.mcp.allow(first, { type: 'hosts', hosts: ['a.example.com'] }), /a\.example\.com/);
    const wider = await read();
    assert.deepEqual(wider.sandbox, { network: ['a.example.com'] });
    await parts.mcp.confine(wider);
    assert.deepEqual((await read()).sandbox, {});

    await parts.mcp.setEnabled('test', false);
    await restartCore(parts);
    assert.equal((await read()).state, 'disabled');
    assert.ok((await vscode.commands.getCommands(true)).includes('gantry.mcpServers'));
  });
});
