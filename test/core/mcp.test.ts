/** MCP servers in a real core: real processes in the real sandbox, a scripted model that calls their tools. */
import assert from 'node:assert/strict';
import path from 'node:path';
import type { ClientRequestResult } from '../../agent-core/protocol/index.ts';
import type { CoreProcess } from '../support/core-process.ts';
import { World, type WorldOptions } from './world.ts';

const SERVER = path.join(import.meta.dirname, '../support/mcp/stdio.ts');

/** A table of config.toml. */
export const serverTable = (name: string, { args = [], more = '' }: { args?: string[]; more?: string } = {}): string =>
  `[mcp_servers.${name}]\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${JSON.stringify([SERVER, ...args])}\n${more}`;

type Thread = ClientRequestResult<'thread/start'>['thread'];

describe('MCP servers', function () {
  this.timeout(60_000);
  let world: World;
  let core: CoreProcess;
  let thread: Thread;

  const begin = async (options: WorldOptions & { approvalPolicy?: 'never' | 'on-request' }): Promise<void> => {
    world = await World.create(options);
    core = await world.core();
    ({ thread } = await core.request('thread/start', {
      cwd: world.workspace,
      approvalPolicy: options.approvalPolicy ?? 'on-request',
      sandbox: 'workspace-write',
    }));
  };
  const call = (tool: string, args: unknown = {}) => ({ call: `mcp__test__${tool}`, args });
  const stateOf = (name: string, status: string) =>
    core.waitFor('mcpServer/startupStatus/updated', (told) => told.name === name && told.status === status);
  const calls = () =>
    core.items('mcpToolCall').map(({ server, tool, status, arguments: args, result, error, readOnlyHint }) => ({
      server,
      tool,
      status,
      arguments: args,
      result,
      error,
      readOnlyHint,
    }));

  it('start with the thread, and their tools are called', async () => {
    await begin({
      config: serverTable('test'),
      script: [call('echo', { text: 'hi' }), call('broken'), { text: 'done' }],
    });
    assert.deepEqual(await stateOf('test', 'starting'), {
      threadId: thread.id,
      name: 'test',
      status: 'starting',
      error: null,
      failureReason: null,
    });
    await core.turn(thread.id, 'say hi');
    assert.equal((await stateOf('test', 'ready')).error, null);
    assert.deepEqual(calls(), [
      {
        server: 'test',
        tool: 'echo',
        status: 'completed',
        arguments: { text: 'hi' },
        result: { content: [{ type: 'text', text: 'echo: hi' }], structuredContent: { said: 'hi' } },
        error: null,
        readOnlyHint: true,
      },
      {
        server: 'test',
        tool: 'broken',
        status: 'failed',
        arguments: {},
        result: { content: [{ type: 'text', text: 'it is broken' }] },
        error: null,
        readOnlyHint: true,
      },
    ]);
    const [first] = world.model.requests;
    const names = (first?.body.tools as { name: string }[]).map(({ name }) => name);
    assert.ok(names.includes('mcp__test__echo') && names.includes('read_mcp_resource'), names.join());
    assert.deepEqual(await world.close(), []);
  });
});
