/** Who is asked before a tool of a server runs, and what servers ask themselves. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'smol-toml';
import { call, McpWorld, type McpWorldOptions, serverTable } from './mcp-world.ts';

const change = (what: string) => call('change', { what });

describe('MCP approvals', function () {
  this.timeout(60_000);
  let mcp: McpWorld;
  const begin = async (options: McpWorldOptions): Promise<void> => {
    mcp = await McpWorld.begin({ config: serverTable('test'), ...options });
  };
  const outcomes = () => mcp.calls().map(({ status, error }) => [status, error?.message ?? null]);
  afterEach(async () => assert.deepEqual(await mcp.close(), []));

  it('are asked for as the reference asks, and hold once', async () => {
    await begin({ script: [change('a'), change('b'), { text: 'ok' }] });
    mcp.answer({ action: 'accept' }, { action: 'decline' });
    await mcp.turn('change');
    assert.deepEqual(outcomes(), [
      ['completed', null],
      ['failed', 'user rejected MCP tool call'],
    ]);
    const [asked] = mcp.asked;
    assert.deepEqual(asked, {
      threadId: mcp.thread.id,
      turnId: asked?.turnId,
      serverName: 'test',
      mode: 'form',
      message: 'Allow the test MCP server to run tool "change"?',
      requestedSchema: { type: 'object', properties: {} },
      _meta: {
        codex_approval_kind: 'mcp_tool_call',
        persist: ['session', 'always'],
        tool_description: 'Changes something.',
        tool_params: { what: 'a' },
        tool_params_display: [{ name: 'what', value: 'a', display_name: 'what' }],
      },
    });
  });

  it('are answered by the user’s hooks, who know the tool by its name; questions of a server are not', async () => {
    await begin({ script: [change('a'), { text: 'ok' }] });
    const command = `cat > asked.json; printf '{"hookSpecificOutput":{"decision":{"behavior":"allow"}}}'`;
    const hooks = { PermissionRequest: [{ matcher: 'mcp__test__.*', hooks: [{ type: 'command', command }] }] };
    writeFileSync(path.join(mcp.world.home, 'hooks.json'), JSON.stringify({ hooks }));
    await mcp.turn('change');
    const { tool_name, tool_input } = JSON.parse(readFileSync(mcp.world.at('asked.json'), 'utf8'));
    assert.deepEqual(
      [tool_name, tool_input, mcp.asked, outcomes()],
      ['mcp__test__change', { what: 'a' }, [], [['completed', null]]],
    );
  });

  it('hold for the session when that was said', async () => {
    await begin({ script: [change('a'), change('b'), { text: 'ok' }, change('c'), { text: 'ok' }] });
    mcp.answer({ action: 'accept', _meta: { persist: 'session' } });
    await mcp.turn('change');
    await mcp.turn('and again');
    assert.deepEqual([mcp.asked.length, outcomes()], [1, Array(3).fill(['completed', null])]);
  });

  it('that hold for good are written down', async () => {
    await begin({ script: [change('a'), { text: 'ok' }, change('b'), { text: 'ok' }] });
    mcp.answer({ action: 'accept', _meta: { persist: 'always' } });
    await mcp.turn('change');
    await mcp.turn('and again');
    const config = parse(readFileSync(path.join(mcp.world.home, 'config.toml'), 'utf8')) as {
      mcp_servers: { test: { tools: unknown } };
    };
    assert.deepEqual(structuredClone(config.mcp_servers.test.tools), { change: { approval_mode: 'approve' } });
    assert.equal(mcp.asked.length, 1);
  });

  it('that nobody may be asked for are refused', async () => {
    await begin({ approvalPolicy: 'never', script: [change('a'), call('echo', { text: 'b' }), { text: 'ok' }] });
    await mcp.turn('change');
    assert.deepEqual(outcomes(), [
      [
        'failed',
        `Not run: change of test needs the user's approval, and the approval policy does not allow asking. To allow its tools, the user sets default_tools_approval_mode = "approve" in [mcp_servers.test] of config.toml.`,
      ],
      ['completed', null],
    ]);
  });

  it('are not asked for under full access, nor where the configuration says so', async () => {
    await begin({ approvalPolicy: 'never', sandbox: 'danger-full-access', script: [change('a'), { text: 'ok' }] });
    await mcp.turn('change');
    assert.deepEqual(outcomes(), [['completed', null]]);
    await mcp.close();
    const more =
      '[mcp_servers.test.tools.change]\napproval_mode = "approve"\n[mcp_servers.test.tools.echo]\napproval_mode = "prompt"';
    await begin({
      config: serverTable('test', { more }),
      script: [change('a'), call('echo', { text: 'b' }), { text: 'ok' }],
    });
    mcp.answer({ action: 'cancel' });
    await mcp.turn('change');
    assert.deepEqual(outcomes(), [
      ['completed', null],
      ['failed', 'user cancelled MCP tool call'],
    ]);
  });

  it('are not the only questions: a server asks the user itself, however long the answer takes', async () => {
    await begin({
      config: serverTable('test', { more: 'tool_timeout_sec = 5' }),
      script: [call('ask'), call('ask'), { text: 'ok' }],
    });
    mcp.answer({ action: 'accept', content: { colour: 'blue' } }, { action: 'decline' });
    await mcp.turn('ask');
    const [asked] = mcp.asked;
    assert.deepEqual(asked, {
      threadId: mcp.thread.id,
      turnId: asked?.turnId,
      serverName: 'test',
      mode: 'form',
      message: 'Which colour?',
      requestedSchema: {
        type: 'object',
        properties: { colour: { type: 'string', title: 'Colour' } },
        required: ['colour'],
      },
    });
    assert.ok(asked?.turnId);
    const texts = mcp.core.items('mcpToolCall').map(({ result }) => JSON.stringify(result?.content));
    assert.match(texts[0] ?? '', /blue/);
    assert.match(texts[1] ?? '', /decline/);
  });

  it('end with the turn that asked', async () => {
    await begin({ script: [change('a')] });
    mcp.answer();
    const { turn } = await mcp.core.request('turn/start', {
      threadId: mcp.thread.id,
      input: [{ type: 'text', text: 'change' }],
    });
    await mcp.core.waitForMessage(({ method }) => method === 'mcpServer/elicitation/request');
    await mcp.core.request('turn/interrupt', { threadId: mcp.thread.id, turnId: turn.id });
    assert.equal((await mcp.core.waitFor('turn/completed')).turn.status, 'interrupted');
    await mcp.core.waitFor('serverRequest/resolved');
    assert.deepEqual(outcomes(), [['failed', 'user cancelled MCP tool call']]);
  });
});
