/** Follow-ups that wait for the running turn to end. */
import assert from 'node:assert/strict';
import { gate } from '../support/model-server/index.ts';
import { World } from './world.ts';

const input = (text: string) => [{ type: 'text' as const, text, text_elements: [] }];

describe('messages that wait', function () {
  this.timeout(30_000);

  it('run one after the other once the turn has ended, and can be taken back', async () => {
    const held = gate();
    const world = await World.create({ script: [{ text: ['one', held] }, { text: 'two' }] });
    const core = await world.core({ gantry: {} });
    const { thread } = await core.request('thread/start', { cwd: world.workspace, approvalPolicy: 'never' });
    const threadId = thread.id;
    const queue = (text: string) =>
      core.request('turn/start', { threadId, input: input(text), gantry: { whenBusy: 'queue' } });
    const waiting = async () => (await core.request('gantry/queue/read', { threadId })).data;

    const first = await queue('first');
    await held.reached;
    const second = await queue('second');
    const third = await queue('third');
    assert.deepEqual(await waiting(), [
      { turnId: second.turn.id, clientId: null, input: input('second') },
      { turnId: third.turn.id, clientId: null, input: input('third') },
    ]);
    assert.deepEqual(await core.request('turn/interrupt', { threadId, turnId: third.turn.id }), {});
    held.open();
    await core.waitFor('turn/completed', ({ turn }) => turn.id === second.turn.id);
    assert.deepEqual(await waiting(), []);
    assert.equal(core.notifications('thread/queue/changed').length, 4);
    assert.deepEqual(
      core.notifications('turn/completed').map(({ turn }) => [turn.id, turn.status]),
      [
        [first.turn.id, 'completed'],
        [second.turn.id, 'completed'],
      ],
    );
    assert.deepEqual(
      core.items('agentMessage').map(({ text }) => text),
      ['one', 'two'],
    );
    assert.deepEqual(await world.close(), []);
  });

  it('outlive a core that ends: they are in the thread, and the model gets them with the next turn', async () => {
    const held = gate();
    const world = await World.create({ script: [{ text: ['one', held] }, { text: 'two' }] });
    let core = await world.core({ gantry: {} });
    const { thread } = await core.request('thread/start', { cwd: world.workspace, approvalPolicy: 'never' });
    const threadId = thread.id;
    const queue = (text: string) =>
      core.request('turn/start', { threadId, input: input(text), gantry: { whenBusy: 'queue' } });
    await queue('first');
    await held.reached;
    await queue('second');
    await core.stop();
    held.open();

    core = await world.core({ gantry: {} });
    const resumed = await core.request('thread/resume', { threadId });
    assert.deepEqual(
      resumed.thread.turns.map(({ status, items }) => [
        status,
        items.flatMap((item) => (item.type === 'userMessage' ? item.content : [])),
      ]),
      [['interrupted', [...input('first'), ...input('second')]]],
    );
    await core.turn(threadId, 'third');
    const sent = JSON.stringify(world.model.requests.at(-1)?.body.input);
    assert.match(sent, /"first".*turn_aborted.*"second".*"third"/s);
    assert.equal(sent.split('"second"').length, 2);
    assert.deepEqual(await world.close(), []);
  });
});
