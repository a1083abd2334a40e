/** MCP servers in a real core: real processes in the real sandbox, a scripted model that calls their tools. */
import assert from 'node:assert/strict';
import { call, McpWorld, type McpWorldOptions, serverTable } from './mcp-world.ts';

describe('MCP servers', function () {
  this.timeout(60_000);
  let mcp: McpWorld;
  const begin = async (options: McpWorldOptions): Promise<void> => {
    mcp = await McpWorld.begin(options);
  };
  afterEach(async () => assert.deepEqual(await mcp.close(), []));

  it('start with the thread, and their tools are called', async () => {
    await begin({
      config: serverTable('test'),
      script: [call('echo', { text: 'hi' }), call('broken'), { text: 'done' }],
    });
    assert.deepEqual(await mcp.state('test', 'starting'), {
      threadId: mcp.thread.id,
      name: 'test',
      status: 'starting',
      error: null,
      failureReason: null,
    });
    await mcp.turn('say hi');
    assert.equal((await mcp.state('test', 'ready')).error, null);
    assert.deepEqual(mcp.calls(), [
      {
        server: 'test',
        tool: 'echo',
        status: 'completed',
        arguments: { text: 'hi' },
        result: { content: [{ type: 'text', text: 'echo: hi' }], structuredContent: { said: 'hi' } },
        error: null,
      },
      {
        server: 'test',
        tool: 'broken',
        status: 'failed',
        arguments: {},
        result: { content: [{ type: 'text', text: 'it is broken' }] },
        error: null,
      },
    ]);
    const offered = mcp.offered(0);
    assert.ok(offered.includes('mcp__test__echo') && offered.includes('read_mcp_resource'), offered.join());
  });

  it('give images to the model, and links as what they are', async () => {
    await begin({ config: serverTable('test'), script: [call('picture'), { text: 'nice' }] });
    await mcp.turn('look');
    const output = mcp.world.model.requests[1]?.body.input.at(-1)?.output as { type: string }[];
    assert.deepEqual(
      output.map(({ type }) => type),
      ['input_text', 'input_image'],
    );
    assert.match(JSON.stringify(output[0]), /resource one: memo:\/\/one/);
  });

  it('offer resources, which the model lists and reads', async () => {
    await begin({
      config: serverTable('test'),
      script: [
        { call: 'list_mcp_resources', args: {} },
        { call: 'list_mcp_resource_templates', args: { server: 'test' } },
        { call: 'read_mcp_resource', args: { server: 'test', uri: 'memo://by-id/7' } },
        { call: 'read_mcp_resource', args: { server: 'nobody', uri: 'memo://one' } },
        { text: 'done' },
      ],
    });
    await mcp.turn('read');
    const [list, templates, memo, refused] = mcp.calls();
    assert.match(JSON.stringify(list?.result), /memo:\/\/one/);
    assert.match(JSON.stringify(templates?.result), /memo:\/\/by-id\/\{id\}/);
    assert.deepEqual(memo, {
      server: 'test',
      tool: 'read_mcp_resource',
      status: 'completed',
      arguments: { server: 'test', uri: 'memo://by-id/7' },
      result: { content: [{ type: 'text', text: '[resource memo://by-id/7]\nmemo 7' }] },
      error: null,
    });
    assert.deepEqual(refused?.error, { message: 'There is no MCP server "nobody". There are: test.' });
  });

  it('get new tools only with the next turn, at the end of the list', async () => {
    await begin({
      config: serverTable('test'),
      script: [call('grow'), { text: 'grown' }, call('grown'), { text: 'ok' }],
    });
    await mcp.turn('grow');
    assert.deepEqual(mcp.offered(1), mcp.offered(0));
    await mcp.turn('use it');
    assert.deepEqual(mcp.offered(2), [...mcp.offered(0), 'mcp__test__grown']);
    assert.equal(mcp.lastText(), 'I am new');
  });

  it('are started again after a crash', async () => {
    await begin({
      config: serverTable('test'),
      script: [call('crash'), call('echo', { text: 'again' }), { text: 'done' }],
    });
    await mcp.turn('crash');
    const failed = await mcp.state('test', 'failed');
    assert.match(failed.error ?? '', /^The server ended unexpectedly\. It said: about to crash$/);
    assert.deepEqual(
      mcp.calls().map(({ tool, status }) => [tool, status]),
      [
        ['crash', 'failed'],
        ['echo', 'completed'],
      ],
    );
  });

  it('are interrupted with the turn, after they said how far they are', async () => {
    await begin({
      config: serverTable('test'),
      script: [call('slow'), call('echo', { text: 'still there' }), { text: 'ok' }],
    });
    const { turn } = await mcp.core.request('turn/start', {
      threadId: mcp.thread.id,
      input: [{ type: 'text', text: 'wait' }],
    });
    const { message } = await mcp.core.waitFor('item/mcpToolCall/progress');
    assert.equal(message, 'one of three');
    await mcp.core.request('turn/interrupt', { threadId: mcp.thread.id, turnId: turn.id });
    const { turn: ended } = await mcp.core.waitFor('turn/completed');
    assert.equal(ended.status, 'interrupted');
    assert.deepEqual(mcp.calls(), [
      {
        server: 'test',
        tool: 'slow',
        status: 'failed',
        arguments: {},
        result: null,
        error: { message: 'The call was stopped.' },
      },
    ]);
    mcp.core.mark();
    await mcp.turn('and now');
    assert.equal(mcp.lastText(), 'echo: still there');
  });

  it('that do not answer in time fail the call, not the turn', async () => {
    await begin({
      config: serverTable('test', { more: 'tool_timeout_sec = 0.2' }),
      script: [call('slow'), { text: 'ok' }],
    });
    assert.equal((await mcp.turn('wait')).status, 'completed');
    assert.deepEqual(mcp.calls()[0]?.error, {
      message: 'test did not answer within 0.2 s. The user can set tool_timeout_sec in [mcp_servers.test].',
    });
  });

  it('that cannot be started say why, and hold nothing up', async () => {
    const more = 'startup_timeout_sec = 1';
    await begin({
      config: [
        serverTable('hangs', { args: ['--hang'], more }),
        serverTable('dies', { args: ['--die'] }),
        '[mcp_servers.absent]\ncommand = "no-such-program-anywhere"',
        serverTable('off', { more: 'enabled = false' }),
        serverTable('test'),
      ].join('\n'),
      script: [call('echo', { text: 'hi' }), { text: 'ok' }],
    });
    await mcp.turn('go');
    assert.equal(mcp.lastText(), 'echo: hi');
    const errors = ['hangs', 'dies', 'absent'].map(async (name) => (await mcp.state(name, 'failed')).error ?? '');
    const [hangs = '', dies = '', absent = ''] = await Promise.all(errors);
    assert.equal(
      hangs,
      'It did not start within 1 s. Set startup_timeout_sec in [mcp_servers.hangs] if it needs longer.',
    );
    assert.match(dies, /^it ended with exit code 2\nIt said: no configuration found/);
    assert.match(absent, /no-such-program-anywhere/);
  });

  it('lose the tools that the configuration takes from them', async () => {
    await begin({
      config: serverTable('test', { more: 'enabled_tools = ["echo", "change"]\ndisabled_tools = ["change"]' }),
      script: [{ text: 'ok' }],
    });
    await mcp.turn('go');
    assert.deepEqual(
      mcp.offered(0).filter((name) => name.startsWith('mcp__')),
      ['mcp__test__echo'],
    );
  });

  it('with more tools than fit are searched', async () => {
    await begin({
      config: serverTable('test', { args: ['--extra', '200'] }),
      script: [{ call: 'tool_search', args: { query: 'extra_42' } }, call('extra_42'), { text: 'ok' }],
    });
    await mcp.turn('find it');
    const names = (index: number) => mcp.offered(index).filter((name) => /^mcp__|tool_search/.test(name));
    assert.deepEqual(names(0), ['tool_search']);
    assert.ok(names(1).includes('mcp__test__extra_42'), names(1).join());
    assert.equal(mcp.lastText(), 'extra 42');
    const { message } = await mcp.core.waitFor('warning');
    assert.match(message, /tools of your MCP servers take \d+ KB of each request, more than 64 KB/);
  });
});
