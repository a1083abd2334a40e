import assert from 'node:assert/strict';
import { changedGoal } from '../../../agent-core/loop/goal-change.ts';
import type { ThreadGoal } from '../../../agent-core/protocol/index.ts';
import { answer, calls, callsOnly, createWorld, isTurnEnd, NOW, settingsWith, type World } from './fake-ports.ts';

const at = Math.floor(NOW / 1000);
const goal = (over: Partial<ThreadGoal> = {}): ThreadGoal => ({
  threadId: 'thread',
  objective: 'ship it',
  status: 'active',
  tokenBudget: null,
  tokensUsed: 0,
  timeUsedSeconds: 0,
  createdAt: at,
  updatedAt: at,
  ...over,
});

const statuses = (world: World) =>
  world.events.flatMap((event) => (event.method === 'thread/goal/updated' ? [event.params.goal.status] : []));
const lastWords = (world: World, at: number): string => {
  const item = world.requests[at]?.items.at(-1);
  const part = item?.type === 'message' ? item.content[0] : undefined;
  return part?.type === 'text' ? part.text : '';
};
const pursue = (world: World) => world.thread.submit({ type: 'goal', turnId: 'goal-1', settings: settingsWith() });

describe("a thread's goal", () => {
  it('is made, changed and replaced', () => {
    const made = changedGoal('thread', null, { objective: ' ship it ' }, NOW);
    assert.deepEqual(made, goal());
    const spent = goal({ tokensUsed: 50, timeUsedSeconds: 3 });
    const cases: [Parameters<typeof changedGoal>[2], Partial<ThreadGoal>][] = [
      [{ status: 'paused' }, { status: 'paused', tokensUsed: 50, timeUsedSeconds: 3 }],
      [{ objective: 'ship it' }, { tokensUsed: 50, timeUsedSeconds: 3 }],
      [{ objective: 'rest' }, { objective: 'rest' }],
      [{ tokenBudget: 40 }, { tokenBudget: 40, status: 'budgetLimited', tokensUsed: 50, timeUsedSeconds: 3 }],
      [{ tokenBudget: 90 }, { tokenBudget: 90, tokensUsed: 50, timeUsedSeconds: 3 }],
    ];
    for (const [change, over] of cases) assert.deepEqual(changedGoal('thread', spent, change, NOW), goal(over));
  });

  for (const [change, message] of [
    [{ status: 'paused' as const }, /no goal exists/],
    [{ objective: '  ' }, /must not be empty/],
    [{ objective: 'x'.repeat(4001) }, /at most 4000 characters/],
    [{ objective: 'x', tokenBudget: 0 }, /must be positive/],
  ] as const) {
    it(`refuses ${JSON.stringify(change).slice(0, 40)}`, () => {
      assert.throws(() => changedGoal('thread', null, change, NOW), message);
    });
  }

  it('is gone on with by itself until the model says that it is reached', async () => {
    const world = createWorld({
      script: [
        answer('m1', 'hello'),
        callsOnly(calls('p', 'update_plan', { plan: [] })),
        answer('m2', 'a step'),
        callsOnly(calls('g', 'update_goal', { status: 'complete' })),
        answer('m3', 'reached'),
      ],
    });
    world.thread.goals.set({ objective: 'ship it' });
    const done = world.next(
      (event) => isTurnEnd(event) && event.method === 'turn/completed' && world.requests.length === 5,
    );
    world.start('hi');
    await done;
    assert.deepEqual(statuses(world).at(-1), 'complete');
    assert.match(lastWords(world, 1), /^<goal_continuation>[\s\S]*Goal: ship it/);
    assert.deepEqual(
      world.requests[0]?.tools.map(({ name }) => name).filter((name) => name.endsWith('goal')),
      ['get_goal', 'update_goal'],
    );
    assert.equal(world.thread.activeTurnId, null);
    assert.equal(world.thread.goals.goal?.tokensUsed, 5 * 120);
  });

  it('stops after a step that did nothing', async () => {
    const world = createWorld({ script: [answer('m', 'nothing to do')] });
    world.thread.goals.set({ objective: 'ship it' });
    const end = world.turnEnd();
    pursue(world);
    await end;
    assert.equal(world.thread.activeTurnId, null);
    assert.equal(world.requests.length, 1);
  });

  it('ends at its budget, and the model is told', async () => {
    const world = createWorld({
      script: [callsOnly(calls('p', 'update_plan', { plan: [] })), answer('m', 'wrapping up')],
    });
    world.thread.goals.set({ objective: 'ship it', tokenBudget: 100 });
    const end = world.turnEnd();
    pursue(world);
    await end;
    assert.equal(world.thread.goals.goal?.status, 'budgetLimited');
    assert.match(lastWords(world, 1), /budget of the goal is spent/);
    assert.equal(world.thread.activeTurnId, null);
  });

  it('is paused by an interrupt', async () => {
    const world = createWorld({ script: [['hang']] });
    world.thread.goals.set({ objective: 'ship it' });
    const begun = world.next((event) => event.method === 'turn/started');
    pursue(world);
    await begun;
    const end = world.turnEnd();
    world.thread.submit({ type: 'interrupt', turnId: 'goal-1' });
    await end;
    assert.equal(world.thread.goals.goal?.status, 'paused');
  });

  it('is taken from the thread file, but not from that of another thread', () => {
    const seed = (threadId: string) =>
      createWorld({ script: [], seed: { goal: goal({ threadId }) } }).thread.goals.goal;
    assert.deepEqual([seed('thread'), seed('parent')], [goal(), null]);
  });
});
