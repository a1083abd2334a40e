/** MCP servers that hang, flood and print what they should not: the turn goes on, and the core is there for others. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { call, McpWorld } from './mcp-world.ts';

const HOSTILE = path.join(import.meta.dirname, '../support/mcp/hostile.ts');

describe('an MCP server that misbehaves', function () {
  this.timeout(60_000);
  let mcp: McpWorld;
  const begin = async (way: string, script: Parameters<typeof McpWorld.begin>[0]['script'] = [{ text: 'done' }]) => {
    const table = [
      '[mcp_servers.test]',
      `command = ${JSON.stringify(process.execPath)}`,
      `args = ${JSON.stringify([HOSTILE, way])}`,
      `startup_timeout_sec = ${['no-newline', 'lines'].includes(way) ? 60 : 3}`,
      'default_tools_approval_mode = "approve"',
    ];
    mcp = await McpWorld.begin({ config: table.join('\n'), script });
  };
  afterEach(async () => assert.deepEqual(await mcp.close(), []));

  for (const [way, said] of [
    ['hang', /did not start within 3 s/],
    ['no-newline', /it was ended, as it sent what is no MCP: .*exceeded maximum size/],
    ['lines', /it was ended, as it sent what is no MCP: 1000 lines that are no messages/],
    ['notices', /did not start within 3 s/],
  ] as const) {
    it(`does not hold up a turn, and is told of: ${way}`, async () => {
      await begin(way);
      assert.equal((await mcp.turn('go')).status, 'completed');
      assert.match((await mcp.state('test', 'failed')).error ?? '', said);
      // The core answers, and has not kept what it was sent.
      await mcp.core.request('mcpServerStatus/list', {});
    });
  }

  for (const way of ['garbage', 'stderr']) {
    it(`is understood all the same: ${way}`, async () => {
      await begin(way, [call('small', { text: 'x' }), { text: 'done' }]);
      await mcp.turn('go');
      assert.equal(mcp.lastText(), 'hi');
    });
  }

  it('that offers tools of megabytes is not sent to the model with them', async () => {
    await begin('big-tools', [
      { call: 'tool_search', args: { query: 'needle small' } },
      { text: 'found' },
      { text: 'done' },
    ]);
    await mcp.turn('go');
    await mcp.turn('again');
    const sizes = mcp.world.model.requests.map(({ body }) => JSON.stringify(body).length);
    assert.ok(Math.max(...sizes) < 400_000, sizes.join());
    const warned = mcp.core.notifications('warning').map(({ message }) => message);
    assert.ok(
      warned.some((message) => /too large/.test(message)),
      warned.join('\n'),
    );
  });

  it('that says without end that its tools changed is asked for them now and then', async () => {
    await begin('changes', [call('small'), call('small'), { text: 'done' }]);
    assert.equal((await mcp.turn('go')).status, 'completed');
    assert.equal(mcp.lastText(), 'hi');
  });

  it('does not bury the user in questions', async () => {
    await begin('asks', [call('small'), { text: 'done' }]);
    let open = 0;
    let most = 0;
    let asked = 0;
    mcp.core.onRequest = async ({ method }) => {
      if (method !== 'mcpServer/elicitation/request') return undefined;
      asked++;
      most = Math.max(most, ++open);
      await new Promise((resolve) => setImmediate(resolve));
      open--;
      return { result: { action: 'decline' } };
    };
    await mcp.turn('go');
    assert.equal(most, 1);
    assert.ok(asked >= 1 && asked <= 8, String(asked));
  });

  it('that answers with an image no provider takes is told about in words', async () => {
    await begin('image', [call('small'), { text: 'done' }]);
    assert.equal((await mcp.turn('go')).status, 'completed');
    const output = JSON.stringify(mcp.world.model.requests.at(-1)?.body.input.at(-1)?.output);
    assert.match(output, /image\/png, 6000000 bytes, too large to be shown/);
  });
});
