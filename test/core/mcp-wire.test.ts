/** MCP servers as clients ask for them: their state, calls without a turn, changes of the configuration. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { McpWorld, type McpWorldOptions, SERVER, serverTable } from './mcp-world.ts';

const alive = (pid: string): boolean => existsSync(`/proc/${pid}`);

describe('MCP on the wire', function () {
  this.timeout(60_000);
  let mcp: McpWorld;
  const begin = async (options: McpWorldOptions): Promise<void> => {
    mcp = await McpWorld.begin(options);
  };
  afterEach(async () => assert.deepEqual(await mcp.close(), []));

  it('the state of servers is listed, of a thread and of none, page by page', async () => {
    await begin({ config: [serverTable('test'), serverTable('off', { more: 'enabled = false' })].join('\n') });
    await mcp.state('test', 'ready');
    const threadId = mcp.thread.id;
    const first = await mcp.core.request('mcpServerStatus/list', { threadId, limit: 1 });
    const second = await mcp.core.request('mcpServerStatus/list', { threadId, cursor: first.nextCursor ?? null });
    const [row] = first.data;
    assert.deepEqual(
      { ...row, tools: Object.keys(row?.tools ?? {}).length, serverCapabilities: null },
      {
        name: 'test',
        authStatus: 'unsupported',
        runtimeStatus: 'connected',
        tools: 16,
        toolsError: null,
        resources: [{ uri: 'memo://one', name: 'one', description: 'The first memo.', mimeType: 'text/plain' }],
        resourceTemplates: [{ uriTemplate: 'memo://by-id/{id}', name: 'memo', description: 'A memo.' }],
        serverInfo: { name: 'test-server', version: '1.2.3', title: 'Test' },
        serverCapabilities: null,
        httpOrigin: null,
        pluginId: null,
      },
    );
    assert.equal(row?.tools.echo?.title, 'Echo');
    assert.deepEqual(
      [second.data.map(({ name, runtimeStatus }) => [name, runtimeStatus]), second.nextCursor],
      [[['off', 'disabled']], null],
    );
    const { data } = await mcp.core.request('mcpServerStatus/list', { detail: 'toolsAndAuthOnly', serverName: 'test' });
    assert.deepEqual(
      data.map(({ name, runtimeStatus, resources, tools }) => [name, runtimeStatus, resources, 'echo' in tools]),
      [['test', null, [], true]],
    );
  });

  it('clients call tools and read resources, and hear of what is not there', async () => {
    await begin({ config: serverTable('test') });
    const threadId = mcp.thread.id;
    const asked = { threadId, server: 'test', tool: 'echo', arguments: { text: 'x' } };
    assert.deepEqual(await mcp.core.request('mcpServer/tool/call', asked), {
      content: [{ type: 'text', text: 'echo: x' }],
      structuredContent: { said: 'x' },
    });
    const memo = { contents: [{ uri: 'memo://one', mimeType: 'text/plain', text: 'memo number one' }] };
    const resource = { server: 'test', uri: 'memo://one' };
    assert.deepEqual(await mcp.core.request('mcpServer/resource/read', { threadId, ...resource }), memo);
    assert.deepEqual(await mcp.core.request('mcpServer/resource/read', resource), memo);
    const unknown = { code: -32603, message: "unknown MCP server 'nobody'" };
    const refusals = [
      await mcp.core.refusal('mcpServer/tool/call', { ...asked, server: 'nobody' }),
      await mcp.core.refusal('mcpServer/resource/read', { server: 'nobody', uri: 'x' }),
      await mcp.core.refusal('mcpServer/tool/call', { ...asked, tool: 'none' }),
      await mcp.core.refusal('mcpServer/oauth/login', { name: 'test' }),
      await mcp.core.refusal('mcpServer/oauth/login', { name: 'nobody' }),
    ];
    assert.deepEqual(refusals, [
      unknown,
      unknown,
      { code: -32603, message: "The MCP server test has no tool 'none' that may be used." },
      {
        code: -32600,
        message: 'OAuth login is only for servers with a url and without bearer_token_env_var; test is none.',
      },
      { code: -32600, message: "No MCP server named 'nobody' found." },
    ]);
  });

  it('a reload ends what is configured no more and starts what is new', async () => {
    await begin({ config: serverTable('test', { more: '[mcp_servers.test.sandbox]\nmode = "off"' }) });
    const asked = { threadId: mcp.thread.id, server: 'test', tool: 'pid' };
    const { content } = await mcp.core.request('mcpServer/tool/call', asked);
    const [{ text: pid }] = content as [{ text: string }];
    assert.ok(alive(pid));
    mcp.world.writeConfig({ config: serverTable('other') });
    await mcp.core.request('config/mcpServer/reload', undefined);
    await mcp.state('other', 'ready');
    assert.equal(alive(pid), false);
    const { data } = await mcp.core.request('mcpServerStatus/list', { threadId: mcp.thread.id });
    assert.deepEqual(
      data.map(({ name, runtimeStatus }) => [name, runtimeStatus]),
      [['other', 'connected']],
    );
  });

  it('a thread does not begin without a server that it requires', async () => {
    await begin({});
    mcp.world.writeConfig({ config: serverTable('needed', { args: ['--die'], more: 'required = true' }) });
    const { code, message } = await mcp.core.refusal('thread/start', { cwd: mcp.world.workspace });
    assert.equal(code, -32603);
    assert.match(message, /^required MCP servers failed to initialize: needed: it ended with exit code 2/);
    const { data } = await mcp.core.request('thread/loaded/list', {});
    assert.deepEqual(data, [mcp.thread.id]);
  });

  it("a project's servers run only where it is trusted, and get no more than the project may give", async () => {
    await begin({ script: [{ text: 'ok' }, { text: 'ok' }] });
    const { workspace } = mcp.world;
    mkdirSync(path.join(workspace, '.gantry'));
    const more = 'env_vars = ["SCRIPTED_KEY"]\n[mcp_servers.test.sandbox]\nmode = "off"';
    // Whole, in the workspace: of what lies elsewhere a project's server sees nothing.
    const outfile = path.join(workspace, 'server.mjs');
    await build({ entryPoints: [SERVER], bundle: true, platform: 'node', format: 'esm', outfile, logLevel: 'silent' });
    const table = serverTable('test', { more }).replace(JSON.stringify(SERVER), '"server.mjs"');
    writeFileSync(path.join(workspace, '.gantry/config.toml'), table);
    const states = async (trust: string) => {
      const projects = { [workspace]: { trust_level: trust } };
      const { thread } = await mcp.core.request('thread/start', { cwd: workspace, config: { projects } });
      const { data } = await mcp.core.request('mcpServerStatus/list', { threadId: thread.id });
      return { thread, names: data.map(({ name }) => name) };
    };
    assert.deepEqual((await states('untrusted')).names, []);
    const { thread, names } = await states('trusted');
    assert.deepEqual(names, ['test']);
    const ask = (tool: string, args: unknown = {}) =>
      mcp.core.request('mcpServer/tool/call', { threadId: thread.id, server: 'test', tool, arguments: args });
    assert.doesNotMatch(JSON.stringify(await ask('environment')), /SCRIPTED_KEY/);
    const file = mcp.world.at('new.txt');
    assert.equal((await ask('write', { path: file })).isError, true);
    assert.equal(existsSync(file), false);
  });

  it('nothing is left when the core ends', async () => {
    await begin({ config: serverTable('test', { more: '[mcp_servers.test.sandbox]\nmode = "off"' }) });
    const asked = { threadId: mcp.thread.id, server: 'test', tool: 'pid' };
    const { content } = await mcp.core.request('mcpServer/tool/call', asked);
    const [{ text: pid }] = content as [{ text: string }];
    assert.ok(alive(pid));
    await mcp.core.stop();
    assert.equal(alive(pid), false);
  });
});
