import assert from 'node:assert/strict';
import { answer, calls, callsOnly, createWorld } from './fake-ports.ts';
import { completedItem, resultOf, unfinishedItems } from './sequences.ts';

const exec = (callId: string, cmd: string, over = {}) => calls(callId, 'exec_command', { cmd, ...over });

describe('approval of what is written to a command', () => {
  const write = (callId: string, chars?: string) => calls(callId, 'write_stdin', { session_id: 1001, chars });
  const escalated = { sandbox_permissions: 'require_escalated', tty: true };
  const asked = (world: ReturnType<typeof createWorld>) => world.commandApprovals.slice(1).map(({ itemId }) => itemId);

  it('asks beyond the sandbox, with the text as the command, but not for waiting or for a stop', async () => {
    const world = createWorld({
      yields: true,
      script: [
        callsOnly(exec('c1', 'bash', escalated)),
        callsOnly(write('c2')),
        callsOnly(write('c3', 'rm x\n')),
        callsOnly(write('c4', '\u0003')),
        answer('m', 'ok'),
      ],
    });
    await world.run('go');
    const command = 'write to session 1001: "rm x\\n"';
    assert.deepEqual(world.commandApprovals.slice(1), [
      {
        turnId: 'turn-1',
        itemId: 'c3',
        command: [command],
        cwd: '/work/project',
        commandActions: [{ type: 'unknown', command }],
        reason: 'It is read by a command that still runs: bash',
        unsandboxed: true,
      },
    ]);
    const item = completedItem(world, 'c3');
    assert.deepEqual([item?.command, item?.status, item?.source], [command, 'completed', 'unifiedExecInteraction']);
    assert.deepEqual(world.commands[0]?.written, ['rm x\n', '\u0003']);
    assert.deepEqual(unfinishedItems(world.events), []);
  });

  it('writes nothing after a no, and the command goes on', async () => {
    const world = createWorld({
      yields: true,
      script: [callsOnly(exec('c1', 'bash', escalated)), callsOnly(write('c2', 'x')), answer('m', 'ok')],
      approveCommand: ({ itemId }) => (itemId === 'c1' ? 'accept' : 'decline'),
    });
    await world.run('go');
    assert.deepEqual([world.commands[0]?.written, world.thread.runningCommands.length], [[], 1]);
    assert.match(resultOf(world, 'c2'), /rejected the text/);
    assert.equal(completedItem(world, 'c2')?.status, 'declined');
    await world.thread.close();
  });

  for (const [name, first] of [
    ['the command', 'c1'],
    ['its input', 'c2'],
  ] as const) {
    it(`asks no more once ${name} was accepted for the session`, async () => {
      const world = createWorld({
        yields: true,
        script: [
          callsOnly(exec('c1', 'bash', escalated)),
          callsOnly(write('c2', 'x')),
          callsOnly(write('c3', 'y')),
          answer('m', 'ok'),
        ],
        approveCommand: ({ itemId }) => (itemId === first ? 'acceptForSession' : 'accept'),
      });
      await world.run('go');
      assert.deepEqual(asked(world), first === 'c1' ? [] : ['c2']);
      assert.deepEqual(world.commands[0]?.written, ['x', 'y']);
      await world.thread.close();
    });
  }

  for (const [name, over, options, questions, written] of [
    ['in the sandbox', {}, {}, 0, ['x']],
    ['in the sandbox under untrusted', { approvalPolicy: 'untrusted' }, {}, 2, ['x']],
    ['where there is no sandbox', {}, { unconfinedReason: 'No sandbox here.' }, 2, ['x']],
    [
      'under full access, which asks nothing',
      { approvalPolicy: 'never', sandboxPolicy: { type: 'dangerFullAccess' } },
      {},
      0,
      ['x'],
    ],
  ] as const) {
    it(`asks as for commands ${name}`, async () => {
      const world = createWorld({
        yields: true,
        script: [callsOnly(exec('c1', 'cat', { tty: true })), callsOnly(write('c2', 'x')), answer('m', 'ok')],
        ...options,
      });
      await world.run('go', over);
      assert.deepEqual([world.commandApprovals.length, world.commands[0]?.written], [questions, written]);
      await world.thread.close();
    });
  }

  it('writes nothing under never to what got out before', async () => {
    const world = createWorld({
      yields: true,
      script: [
        callsOnly(exec('c1', 'bash', escalated)),
        answer('m', 'ok'),
        callsOnly(write('c2', 'x')),
        answer('m2', 'ok'),
      ],
    });
    await world.run('go');
    await world.run('go on', { approvalPolicy: 'never' });
    assert.deepEqual([asked(world), world.commands[0]?.written], [[], []]);
    assert.match(resultOf(world, 'c2'), /does not allow asking: nothing was written/);
    await world.thread.close();
  });
});
