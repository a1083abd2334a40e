/** Published MCP servers, as npm installs them, run unmodified under the profile that every server has. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { McpWorld } from '../core/mcp-world.ts';
import { cachedPackages } from './npm-packages.ts';
import { root } from './root.ts';

const PACKAGES = [
  '@modelcontextprotocol/server-everything@2026.8.31',
  '@modelcontextprotocol/server-filesystem@2026.8.31',
];

describe('published MCP servers', function () {
  this.timeout(300_000);
  let folder: string;
  before(async () => {
    folder = await cachedPackages({ root, name: 'mcp-servers', packages: PACKAGES, prepare: (work) => work });
  });
  const table = (name: string, program: string, args: string[] = [], more = ''): string =>
    [
      `[mcp_servers.${name}]`,
      `command = ${JSON.stringify(process.execPath)}`,
      `args = ${JSON.stringify([path.join(folder, 'node_modules/@modelcontextprotocol', program, 'dist/index.js'), ...args])}`,
      more,
    ].join('\n');

  it('server-everything: its tools, pictures, links and resources', async () => {
    const mcp = await McpWorld.begin({
      config: table('everything', 'server-everything', [], 'default_tools_approval_mode = "approve"'),
      script: [
        { call: 'mcp__everything__echo', args: { message: 'hello' } },
        { call: 'mcp__everything__get-sum', args: { a: 2, b: 40 } },
        { call: 'mcp__everything__get-tiny-image', args: {} },
        { call: 'mcp__everything__get-structured-content', args: { location: 'New York' } },
        { call: 'list_mcp_resources', args: { server: 'everything' } },
        { text: 'done' },
      ],
    });
    await mcp.turn('try everything');
    assert.deepEqual(
      mcp.calls().map(({ tool, status }) => [tool, status]),
      ['echo', 'get-sum', 'get-tiny-image', 'get-structured-content', 'list_mcp_resources'].map((tool) => [
        tool,
        'completed',
      ]),
    );
    assert.deepEqual(await mcp.close(), []);
  });

  it('server-filesystem: reads the workspace, and writes there only once it may', async () => {
    const run = async (more: string) => {
      const mcp = await McpWorld.begin({
        files: { 'a.txt': 'in the workspace' },
        config: table('files', 'server-filesystem', ['.'], `default_tools_approval_mode = "approve"\n${more}`),
        script: [
          { call: 'mcp__files__read_text_file', args: { path: 'a.txt' } },
          { call: 'mcp__files__write_file', args: { path: 'b.txt', content: 'new' } },
          { text: 'done' },
        ],
      });
      await mcp.turn('read and write');
      const outcome = mcp.calls().map(({ status }) => status);
      assert.deepEqual(await mcp.close(), []);
      return outcome;
    };
    assert.deepEqual(await run(''), ['completed', 'failed']);
    assert.deepEqual(await run('[mcp_servers.files.sandbox]\nwrite = ["."]'), ['completed', 'completed']);
  });
});
