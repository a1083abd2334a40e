/** What `gantry exec` and its core say to each other inside one process is held to the protocol like any other line. */
import assert from 'node:assert/strict';
import { createCore } from '../../agent-core/server/core.ts';
import { parseExecArguments } from '../../agent-core/surfaces/exec/arguments.ts';
import { connectInProcess, UNHEARD } from '../../agent-core/surfaces/exec/client.ts';
import { openThread } from '../../agent-core/surfaces/exec/thread.ts';
import { checkedCore } from '../support/checked-core.ts';
import { World } from './world.ts';

describe('the lines inside exec', function () {
  this.timeout(30_000);

  it('fit the published schema, in a new thread and in one that goes on', async () => {
    const run = { call: 'exec_command', args: { cmd: 'echo hi' } };
    const input = '*** Begin Patch\n*** Add File: a.txt\n+a\n*** End Patch';
    const world = await World.create({
      script: [run, { freeform: 'apply_patch', input }, [{ reasoning: 'Hm.' }, { text: 'one' }], { text: 'two' }],
    });
    const inner = createCore({
      version: '0.0.0',
      env: { PATH: process.env.PATH, HOME: world.home, GANTRY_HOME: world.home, SCRIPTED_KEY: 'scripted-key' },
      cwd: world.workspace,
      log: () => {},
      source: 'exec',
    });
    const { core, problems } = checkedCore(inner);
    try {
      const heard: string[] = [];
      let ended: () => void = () => {};
      const client = connectInProcess(core, ({ method }) => {
        heard.push(method);
        if (method === 'turn/completed') ended();
      });
      const capabilities = { experimentalApi: true, optOutNotificationMethods: UNHEARD };
      await client.request('initialize', { clientInfo: { name: 'gantry_exec', version: '0.0.0' }, capabilities });
      let threadId: string | null = null;
      for (const text of ['first', 'second']) {
        const bypass = '--dangerously-bypass-approvals-and-sandbox';
        const parsed = parseExecArguments([bypass, ...(threadId === null ? [text] : ['resume', threadId, text])]);
        assert.ok(parsed.type === 'run');
        threadId = await openThread(client, parsed.options, world.workspace);
        const over = new Promise<void>((resolve) => {
          ended = resolve;
        });
        await client.request('turn/start', { threadId, input: [{ type: 'text', text }] });
        await over;
      }
      assert.equal(heard.filter((method) => method === 'turn/completed').length, 2);
      assert.ok(heard.includes('item/completed'));
    } finally {
      await core.close();
      assert.deepEqual(await world.close(), []);
    }
    assert.deepEqual(problems, []);
  });
});
