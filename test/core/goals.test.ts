/** Goals of a real core process: set, pursued, kept over a restart, cleared. */
import assert from 'node:assert/strict';
import type { CoreProcess } from '../support/core-process.ts';
import { World } from './world.ts';

describe('goals of a thread', function () {
  this.timeout(30_000);
  let world: World;
  let core: CoreProcess;

  const start = async (more: Record<string, unknown> = {}): Promise<string> => {
    const { thread } = await core.request('thread/start', { cwd: world.workspace, approvalPolicy: 'never', ...more });
    return thread.id;
  };

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('is pursued at once, reached by the model, and told', async () => {
    world = await World.create({
      script: [{ call: 'update_goal', args: { status: 'complete' } }, { text: 'reached' }],
    });
    core = await world.core();
    const threadId = await start();
    assert.deepEqual(await core.request('thread/goal/get', { threadId }), { goal: null });
    const { goal } = await core.request('thread/goal/set', { threadId, objective: 'ship it', tokenBudget: 100_000 });
    assert.deepEqual(
      [goal.objective, goal.status, goal.tokenBudget, goal.tokensUsed],
      ['ship it', 'active', 100_000, 0],
    );
    const { turn } = await core.waitFor('turn/completed');
    assert.equal(turn.status, 'completed');
    const last = (await core.request('thread/goal/get', { threadId })).goal;
    assert.equal(last?.status, 'complete');
    assert.ok((last?.tokensUsed ?? 0) > 0);
    assert.deepEqual(core.items('userMessage'), []);
  });

  it('outlives a restart, is not taken by a fork, and is changed without loading the thread', async () => {
    world = await World.create({ script: [{ text: 'hi' }] });
    core = await world.core();
    const threadId = await start();
    await core.turn(threadId, 'hello');
    await core.request('thread/goal/set', { threadId, objective: 'later', status: 'paused' });
    const fork = await core.request('thread/fork', { threadId });
    assert.deepEqual(await core.request('thread/goal/get', { threadId: fork.thread.id }), { goal: null });
    await core.stop();
    core = await world.core();
    const { goal } = await core.request('thread/goal/set', { threadId, tokenBudget: 7 });
    assert.deepEqual([goal.objective, goal.status, goal.tokenBudget], ['later', 'paused', 7]);
    await core.request('thread/resume', { threadId });
    assert.deepEqual((await core.request('thread/goal/get', { threadId })).goal?.tokenBudget, 7);
    assert.deepEqual(await core.request('thread/goal/clear', { threadId }), { cleared: true });
    assert.deepEqual(await core.waitFor('thread/goal/cleared'), { threadId });
    assert.deepEqual(await core.request('thread/goal/clear', { threadId }), { cleared: false });
  });

  it('is refused in words', async () => {
    world = await World.create({ script: [] });
    core = await world.core();
    const threadId = await start();
    assert.match((await core.refusal('thread/goal/set', { threadId, status: 'paused' })).message, /no goal exists/);
    const ephemeral = await start({ ephemeral: true });
    const refusal = await core.refusal('thread/goal/set', { threadId: ephemeral, objective: 'x' });
    assert.equal(refusal.message, `ephemeral thread does not support goals: ${ephemeral}`);
  });
});
