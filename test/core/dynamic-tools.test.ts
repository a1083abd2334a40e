/** Tools of the client's own outlive a restart. */
import assert from 'node:assert/strict';
import { World } from './world.ts';

describe("the client's own tools", function () {
  this.timeout(30_000);

  it('are there again when the thread is resumed', async () => {
    const world = await World.create({
      script: [{ text: 'hi' }, { call: 'lookup', args: { id: 2 } }, { text: 'done' }],
    });
    let core = await world.core({ experimentalApi: true });
    const { thread } = await core.request('thread/start', {
      cwd: world.workspace,
      approvalPolicy: 'never',
      dynamicTools: [{ type: 'function', name: 'lookup', description: 'Looks up.', inputSchema: { type: 'object' } }],
    });
    await core.turn(thread.id, 'hello');
    await core.stop();
    core = await world.core({ experimentalApi: true });
    core.onRequest = ({ method, params }) =>
      method === 'item/tool/call'
        ? { result: { contentItems: [{ type: 'inputText', text: JSON.stringify(params) }], success: true } }
        : undefined;
    await core.request('thread/resume', { threadId: thread.id });
    const turn = await core.turn(thread.id, 'look it up');
    const [item] = core.items('dynamicToolCall');
    assert.deepEqual([item?.tool, item?.arguments, item?.status], ['lookup', { id: 2 }, 'completed']);
    const [content] = item?.contentItems ?? [];
    assert.deepEqual(content?.type === 'inputText' && JSON.parse(content.text), {
      threadId: thread.id,
      turnId: turn.id,
      callId: item?.id,
      namespace: null,
      tool: 'lookup',
      arguments: { id: 2 },
    });
    assert.deepEqual(await world.close(), []);
  });
});
