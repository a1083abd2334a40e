import assert from 'node:assert/strict';
import { answer, calls, callsOnly, createWorld, input, type Step, type World } from './fake-ports.ts';
import { brief, completedItem, historyFaults, resultOf, unfinishedItems } from './sequences.ts';

const exec = (callId: string, cmd: string) => calls(callId, 'exec_command', { cmd });
const interrupt = (world: World) => world.thread.submit({ type: 'interrupt', turnId: 'turn-1' });
const steer = (world: World, text: string) =>
  world.thread.submit({ type: 'steer', turnId: 'turn-1', input: input(text), clientId: 'cm-1' });

const half = (more: Step): Step[] => [
  { type: 'textStart', itemId: 'm1' },
  { type: 'textDelta', itemId: 'm1', delta: 'Half' },
  more,
  'hang',
];

describe('interrupt', () => {
  it('in a stream keeps what was said, and tells the next call', async () => {
    const world: World = createWorld({ script: [half(() => interrupt(world)), answer('m2', 'after')] });
    await world.run('go');
    assert.deepEqual(brief(world.events).slice(4), [
      'item/started m1 ""',
      'delta m1 "Half"',
      'item/completed m1 "Half"',
      'status idle',
      'turn/completed interrupted',
    ]);
    const end = world.events.at(-1);
    assert.deepEqual(end?.method === 'turn/completed' && [end.params.turn.items, end.params.turn.itemsView], [
      [],
      'notLoaded',
    ]);
    await world.run('next');
    assert.match(JSON.stringify(world.requests[1]?.items.slice(-3)), /"Half".*<turn_aborted>.*next/);
    assert.deepEqual(historyFaults(world.requests), []);
  });

  it('kills a command with everything it started', async () => {
    const world: World = createWorld({
      script: [callsOnly(exec('c1', 'sleep 99')), answer('m2', 'after')],
      command: (command) => {
        command.print('started\n');
        interrupt(world);
      },
    });
    await world.run('go');
    assert.equal(world.commands[0]?.killed, true);
    assert.deepEqual(brief(world.events).slice(4), [
      'item/started command c1 inProgress pid 5000',
      'delta c1 "started\\n"',
      'item/completed command c1 failed pid 5000',
      'thread/tokenUsage/updated',
      'status idle',
      'turn/completed interrupted',
    ]);
    assert.match(resultOf(world, 'c1'), /The user interrupted; the command was killed\.[\s\S]*started/);
    await world.run('next');
    assert.deepEqual(historyFaults(world.requests), []);
  });

  it('kills a command of the turn that had gone to the background', async () => {
    const world: World = createWorld({
      yields: true,
      script: [callsOnly(exec('c1', 'server')), half(() => interrupt(world))],
    });
    await world.run('go');
    assert.equal(world.commands[0]?.killed, true);
    assert.deepEqual(unfinishedItems(world.events), []);
  });

  for (const [what, call] of [
    ['a command', exec('c1', 'touch x')],
    ['a patch', calls('c1', 'apply_patch', '*** Begin Patch\n*** Add File: x\n+x\n*** End Patch', 'freeform')],
  ] as const) {
    it(`ends an open approval of ${what}`, async () => {
      const world: World = createWorld({
        script: [callsOnly(call), answer('m2', 'after')],
        approveCommand: () => {
          interrupt(world);
          return 'wait';
        },
        approveFiles: () => {
          interrupt(world);
          return 'wait';
        },
      });
      await world.run('go', { approvalPolicy: 'untrusted' });
      assert.deepEqual(unfinishedItems(world.events), []);
      assert.deepEqual([world.commands.length, world.files.size], [0, 0]);
      assert.match(
        brief(world.events).join('\n'),
        /item\/completed \w+ c1 declined\n(.*tokenUsage.*\n)?status idle\nturn\/completed interrupted$/,
      );
      await world.run('next');
      assert.deepEqual(historyFaults(world.requests), []);
    });
  }

  it('does nothing for another turn, and closes once and for all', async () => {
    const world: World = createWorld({ yields: true, script: [callsOnly(exec('c1', 'server')), answer('m', 'up')] });
    world.thread.submit({ type: 'interrupt', turnId: 'turn-1' });
    await world.run('go');
    assert.equal(brief(world.events).at(-1), 'turn/completed completed');
    await Promise.all([world.thread.close(), world.thread.close()]);
    assert.deepEqual([world.commands[0]?.killed, unfinishedItems(world.events)], [true, []]);
  });

  it('during a wait before a retry ends the turn', async () => {
    const world: World = createWorld({
      script: [
        [
          {
            type: 'failed',
            error: { code: 'rateLimited', message: 'slow', details: null, httpStatus: 429, retryAfterMs: 60_000 },
          },
        ],
      ],
    });
    const retrying = world.next((event) => event.method === 'error');
    const end = world.turnEnd();
    world.start('go');
    await retrying;
    interrupt(world);
    await end;
    assert.equal(brief(world.events).at(-1), 'turn/completed interrupted');
  });
});

describe('steer', () => {
  it('cuts a stream at once, keeps what was said and goes on', async () => {
    const world: World = createWorld({ script: [half(() => steer(world, 'rather this')), answer('m2', 'steered')] });
    await world.run('go');
    assert.deepEqual(brief(world.events).slice(4, -2), [
      'item/started m1 ""',
      'delta m1 "Half"',
      'item/completed m1 "Half"',
      'item/started user rather this',
      'item/completed user rather this',
      'item/started m2 ""',
      'delta m2 "steered"',
      'item/completed m2 "steered" final_answer',
      'thread/tokenUsage/updated',
    ]);
    assert.equal(completedItem(world, 'id-2')?.clientId, 'cm-1');
    assert.deepEqual(historyFaults(world.requests), []);
    assert.match(JSON.stringify(world.requests[1]?.items.slice(-2)), /"Half".*rather this/);
  });

  it('waits for a running command', async () => {
    const world: World = createWorld({
      script: [callsOnly(exec('c1', 'sleep 1')), answer('m2', 'final')],
      command: (command) => {
        steer(world, 'mid command');
        command.print('ok\n');
        command.exit(0);
      },
    });
    await world.run('go');
    assert.deepEqual(brief(world.events).slice(4, 10), [
      'item/started command c1 inProgress pid 5000',
      'delta c1 "ok\\n"',
      'item/completed command c1 completed pid 5000',
      'thread/tokenUsage/updated',
      'item/started user mid command',
      'item/completed user mid command',
    ]);
  });

  it('that comes with an interrupt is not lost', async () => {
    const world: World = createWorld({
      script: [
        half(() => {
          interrupt(world);
          steer(world, 'wait, no');
        }),
        answer('m2', 'after'),
      ],
    });
    await world.run('go');
    assert.ok(brief(world.events).includes('item/completed user wait, no'));
    await world.run('next');
    assert.match(JSON.stringify(world.requests[1]?.items), /wait, no.*next/);
  });

  it('interrupts while the model is looked for', async () => {
    const world = createWorld({ script: [answer('m', 'after')] });
    const { resolve } = world.ports.models;
    world.ports.models.resolve = (_, signal) =>
      new Promise((settle) => {
        signal?.addEventListener('abort', () => settle({ ok: false, problem: 'It did not answer.' }));
        world.thread.submit({ type: 'interrupt', turnId: 'turn-1' });
      });
    await world.run('go');
    assert.match(brief(world.events).at(-1) ?? '', /turn\/completed interrupted/);
    world.ports.models.resolve = resolve;
    await world.run('again');
    assert.match(brief(world.events).at(-1) ?? '', /turn\/completed completed/);
    assert.deepEqual(historyFaults(world.requests), []);
  });
});
