import assert from 'node:assert/strict';
import { answer, calls, callsOnly, createWorld, NOW } from './fake-ports.ts';
import { brief, completedItem, historyFaults, resultOf, unfinishedItems } from './sequences.ts';

const exec = (callId: string, cmd: string, over = {}) => calls(callId, 'exec_command', { cmd, ...over });

const about = (lines: string[]) => lines.filter((line) => !/user |turn\/|tokenUsage|active\[\]/.test(line));

describe('a turn with commands', () => {
  it('runs a command as the reference shows it', async () => {
    const world = createWorld({
      script: [callsOnly(exec('c1', 'echo hello && cat a.txt')), answer('m', 'done')],
      command: (command) => {
        command.print('hello\n');
        command.print('alpha\n');
        command.exit(0);
      },
    });
    await world.run('go');
    const item = {
      type: 'commandExecution',
      id: 'c1',
      pluginId: null,
      scriptPath: null,
      command: "/bin/bash -lc 'echo hello && cat a.txt'",
      cwd: '/work/project',
      processId: '5000',
      source: 'unifiedExecStartup',
      status: 'inProgress',
      commandActions: [{ type: 'read', command: 'cat a.txt', name: 'a.txt', path: '/work/project/a.txt' }],
      aggregatedOutput: null,
      exitCode: null,
      durationMs: null,
      startedAtMs: NOW,
      completedAtMs: null,
    };
    const ids = { threadId: 'thread', turnId: 'turn-1' };
    const end = {
      ...item,
      status: 'completed',
      aggregatedOutput: 'hello\nalpha\n',
      exitCode: 0,
      durationMs: 0,
      completedAtMs: NOW,
    };
    assert.deepEqual(world.events.slice(4, 8), [
      { method: 'item/started', params: { ...ids, item, startedAtMs: NOW } },
      { method: 'item/commandExecution/outputDelta', params: { ...ids, itemId: 'c1', delta: 'hello\n' } },
      { method: 'item/commandExecution/outputDelta', params: { ...ids, itemId: 'c1', delta: 'alpha\n' } },
      { method: 'item/completed', params: { ...ids, item: end, contentTokenCount: null, completedAtMs: NOW } },
    ]);
    assert.equal(resultOf(world, 'c1'), 'Wall time: 0.0 seconds\nProcess exited with code 0\nOutput:\nhello\nalpha\n');
    assert.deepEqual(world.commands[0]?.spec.argv, ['/bin/bash', '-c', 'echo hello && cat a.txt']);
    assert.deepEqual(historyFaults(world.requests), []);
  });

  it('runs calls of one answer side by side and answers in their order', async () => {
    const world = createWorld({
      script: [callsOnly(exec('c1', 'one'), exec('c2', 'two')), answer('m', 'done')],
      command: () => {
        world.commands[1]?.exit(0);
        world.commands[0]?.exit(3);
      },
    });
    await world.run('go');
    assert.deepEqual(about(brief(world.events)).slice(0, 4), [
      'item/started command c1 inProgress pid 5000',
      'item/started command c2 inProgress pid 5001',
      'item/completed command c2 completed pid 5001',
      'item/completed command c1 failed pid 5000',
    ]);
    assert.deepEqual(
      world.requests[1]?.items.slice(-2).map((item) => item.type === 'toolResult' && [item.callId, item.success]),
      [
        ['c1', false],
        ['c2', true],
      ],
    );
  });

  it('says what the sandbox blocked', async () => {
    const world = createWorld({
      script: [callsOnly(exec('c1', 'touch /x')), answer('m', 'done')],
      command: (command) => {
        command.print('Read-only file system\n');
        command.exit(1);
      },
    });
    await world.run('go');
    assert.match(resultOf(world, 'c1'), /exited with code 1\nThe sandbox blocked a write\.\nOutput:/);
  });

  it('goes on with a long command in the background, feeds it and leaves it', async () => {
    const world = createWorld({
      yields: true,
      script: [
        callsOnly(exec('c1', 'read x')),
        callsOnly(calls('c2', 'write_stdin', { session_id: 1001, chars: 'abc\n' })),
        answer('m', 'left it'),
        [() => world.commands[0]?.exit(0), ...callsOnly(calls('c3', 'write_stdin', { session_id: '1001' }))],
        answer('m2', 'ended'),
      ],
      command: (command) => command.print('? '),
    });
    await world.run('go');
    assert.deepEqual(world.commands[0]?.written, ['abc\n']);
    assert.match(resultOf(world, 'c1'), /Process running with session ID 1001\nOutput:\n\? $/);
    assert.deepEqual(world.thread.runningCommands, [
      { itemId: 'c1', sessionId: 1001, processId: '5000', command: 'read x', cwd: '/work/project' },
    ]);
    assert.deepEqual(unfinishedItems(world.events), ['c1']);
    await world.run('next');
    assert.match(resultOf(world, 'c3'), /exited with code 0/);
    assert.deepEqual(unfinishedItems(world.events), []);
    const end = world.events.find((event) => event.method === 'item/completed' && event.params.item.id === 'c1');
    assert.equal(end?.method === 'item/completed' && end.params.turnId, 'turn-1');
    await world.thread.close();
  });

  it('shows one MiB with its end and counts the rest; deltas make up the whole output', async () => {
    const world = createWorld({
      script: [callsOnly(exec('c1', 'flood')), answer('m', 'done')],
      command: (command) => {
        for (let i = 0; i < 40; i++) command.print('x'.repeat(50_000));
        command.print('the end');
        command.exit(0);
      },
    });
    await world.run('go');
    const deltas = world.events.flatMap((event) =>
      event.method === 'item/commandExecution/outputDelta' ? [event.params.delta] : [],
    );
    const whole = String(completedItem(world, 'c1')?.aggregatedOutput);
    assert.equal(deltas.join(''), whole);
    assert.match(whole, /x\n\[951430 characters are not shown\]\nx+the end$/);
    assert.ok(whole.length < 1024 * 1024 + 100);
    const told = resultOf(world, 'c1');
    assert.match(told, /…\d+ chars truncated…/);
    assert.ok(told.length < 50_000);
  });

  it('tells the model no more at once than its window may hold, whatever it asks for', async () => {
    const world = createWorld({
      script: [callsOnly(exec('c1', 'flood', { max_output_tokens: 1_000_000 })), answer('m', 'done')],
      command: (command) => {
        for (let i = 0; i < 20; i++) command.print('x'.repeat(50_000));
        command.exit(0);
      },
    });
    await world.run('go');
    assert.ok(resultOf(world, 'c1').length < 201_000);
  });

  it('stops one command for the user, and the turn goes on', async () => {
    const world = createWorld({
      script: [callsOnly(exec('c1', 'sleep 99')), answer('m', 'ok')],
      command: () => world.thread.submit({ type: 'stopCommand', itemId: 'c1' }),
    });
    await world.run('go');
    assert.equal(world.commands[0]?.killed, true);
    assert.deepEqual(about(brief(world.events)).slice(0, 2), [
      'item/started command c1 inProgress pid 5000',
      'item/completed command c1 failed pid 5000',
    ]);
    assert.match(resultOf(world, 'c1'), /The user stopped this command/);
    assert.match(brief(world.events).at(-1) ?? '', /completed/);
  });

  it('tells the model of a background command that the user stopped', async () => {
    const world = createWorld({
      yields: true,
      script: [callsOnly(exec('c1', 'server')), answer('m', 'up'), answer('m2', 'ok')],
    });
    await world.run('go');
    world.thread.submit({ type: 'stopCommand', itemId: 'c1' });
    await world.run('next');
    assert.match(
      JSON.stringify(world.requests[2]?.items.slice(-2)),
      /The user stopped the command with session ID 1001: server/,
    );
  });
});

describe('approval of commands', () => {
  it('asks under untrusted, in the order of the reference', async () => {
    const world = createWorld({
      script: [callsOnly(exec('c1', 'touch made.txt')), answer('m', 'done')],
      command: (command) => command.exit(0),
    });
    await world.run('go', { approvalPolicy: 'untrusted' });
    assert.deepEqual(brief(world.events).slice(4, 8), [
      'status active[waitingOnApproval]',
      'item/started command c1 inProgress',
      'status active[]',
      'item/completed command c1 completed pid 5000',
    ]);
    assert.deepEqual(world.commandApprovals, [
      {
        turnId: 'turn-1',
        itemId: 'c1',
        command: ['/bin/bash', '-lc', 'touch made.txt'],
        cwd: '/work/project',
        commandActions: [{ type: 'unknown', command: 'touch made.txt' }],
        reason: null,
        proposedRule: ['touch', 'made.txt'],
        unsandboxed: false,
      },
    ]);
    assert.equal(world.commands[0]?.spec.unsandboxed, false);
  });

  it('goes on after a decline, and the model knows', async () => {
    const world = createWorld({
      script: [callsOnly(exec('c1', 'touch x')), answer('m', 'ok')],
      approveCommand: () => 'decline',
    });
    await world.run('go', { approvalPolicy: 'untrusted' });
    assert.equal(world.commands.length, 0);
    assert.ok(brief(world.events).includes('item/completed command c1 declined'));
    assert.match(resultOf(world, 'c1'), /rejected the command/);
    assert.match(brief(world.events).at(-1) ?? '', /completed/);
  });

  it('ends the turn on cancel', async () => {
    const world = createWorld({
      script: [callsOnly(exec('c1', 'touch x'), exec('c2', 'touch y')), answer('m', 'next')],
      approveCommand: ({ itemId }) => (itemId === 'c1' ? 'cancel' : 'wait'),
    });
    await world.run('go', { approvalPolicy: 'untrusted' });
    const lines = brief(world.events);
    assert.ok(
      lines.includes('item/completed command c1 declined') && lines.includes('item/completed command c2 declined'),
    );
    assert.deepEqual(lines.slice(-2), ['status idle', 'turn/completed interrupted']);
    await world.run('again');
    assert.deepEqual(historyFaults(world.requests), []);
  });

  it('runs nothing when the client fails to answer', async () => {
    const world = createWorld({
      script: [callsOnly(exec('c1', 'touch x')), answer('m', 'ok')],
      approveCommand: () => 'failed',
    });
    await world.run('go', { approvalPolicy: 'untrusted' });
    assert.equal(world.commands.length, 0);
    assert.ok(brief(world.events).includes('item/completed command c1 failed'));
  });

  it('remembers the exact command for the session', async () => {
    const world = createWorld({
      script: [
        callsOnly(exec('c1', 'touch x')),
        callsOnly(exec('c2', 'touch x')),
        callsOnly(exec('c3', 'touch y')),
        answer('m', 'ok'),
      ],
      approveCommand: () => 'acceptForSession',
      command: (command) => command.exit(0),
    });
    await world.run('go', { approvalPolicy: 'untrusted' });
    assert.deepEqual(
      world.commandApprovals.map((request) => request.itemId),
      ['c1', 'c3'],
    );
  });

  it('takes a yes to a confined command for none to the same one unconfined', async () => {
    const escalated = { sandbox_permissions: 'require_escalated' };
    const world = createWorld({
      script: [
        callsOnly(exec('c1', 'npm i')),
        callsOnly(exec('c2', 'npm i', escalated)),
        callsOnly(exec('c3', 'npm i', escalated)),
        answer('m', 'ok'),
      ],
      approveCommand: () => 'acceptForSession',
      command: (command) => command.exit(0),
    });
    await world.run('go', { approvalPolicy: 'untrusted' });
    assert.deepEqual(
      world.commandApprovals.map(({ itemId, unsandboxed }) => [itemId, unsandboxed]),
      [
        ['c1', false],
        ['c2', true],
      ],
    );
    assert.deepEqual(
      world.commands.map((command) => command.spec.unsandboxed),
      [false, true, true],
    );
  });

  it('takes a yes for none once the sandbox is off, or the model has its hand on the input', async () => {
    const world = createWorld({
      script: [
        callsOnly(exec('c1', 'bash')),
        callsOnly(exec('c2', 'bash', { tty: true })),
        answer('m', 'ok'),
        callsOnly(exec('c3', 'bash')),
        answer('m2', 'ok'),
      ],
      approveCommand: () => 'acceptForSession',
      command: (command) => command.exit(0),
    });
    await world.run('go', { approvalPolicy: 'untrusted' });
    await world.run('go', { approvalPolicy: 'untrusted', sandboxPolicy: { type: 'dangerFullAccess' } });
    assert.deepEqual(
      world.commandApprovals.map(({ itemId, unsandboxed }) => [itemId, unsandboxed]),
      [
        ['c1', false],
        ['c2', false],
        ['c3', true],
      ],
    );
  });

  it('asks for an escalation with its reason, and then runs it unsandboxed', async () => {
    const world = createWorld({
      script: [
        callsOnly(exec('c1', 'npm i', { sandbox_permissions: 'require_escalated', justification: 'Install?' })),
        answer('m', 'ok'),
      ],
      command: (command) => command.exit(0),
    });
    await world.run('go');
    assert.deepEqual([world.commandApprovals[0]?.reason, world.commandApprovals[0]?.unsandboxed], ['Install?', true]);
    assert.equal(world.commands[0]?.spec.unsandboxed, true);
  });

  it('refuses an escalation under never, visibly', async () => {
    const world = createWorld({
      script: [callsOnly(exec('c1', 'npm i', { sandbox_permissions: 'require_escalated' })), answer('m', 'ok')],
    });
    await world.run('go', { approvalPolicy: 'never' });
    assert.ok(brief(world.events).includes('item/completed tool c1 exec_command failed'));
    assert.match(resultOf(world, 'c1'), /does not allow asking/);
  });

  it('asks for every command where there is no sandbox, whatever the policy', async () => {
    const world = createWorld({
      unconfinedReason: 'No sandbox here.',
      script: [callsOnly(exec('c1', 'ls')), answer('m', 'ok')],
      command: (command) => command.exit(0),
    });
    await world.run('go', { approvalPolicy: 'never' });
    assert.deepEqual(
      [world.commandApprovals[0]?.reason, world.commandApprovals[0]?.unsandboxed],
      ['No sandbox here.', true],
    );
  });
});

describe('calls that cannot be run', () => {
  for (const [name, call, expected] of [
    ['unknown tools', calls('c1', 'frobnicate', { a: 1 }), /There is no tool "frobnicate"\. .*Nothing was done/],
    ['wrong arguments', calls('c1', 'exec_command', { cmd: { run: 'ls' } }), /cmd: .*expected string/],
    ['arguments that are not JSON', calls('c1', 'exec_command', '{"cmd": ls; "x"}'), /not valid JSON/],
    ['unknown sessions', calls('c1', 'write_stdin', { session_id: 7 }), /no running command with session ID 7/],
  ] as const) {
    it(`shows ${name} as a failed item and tells the model`, async () => {
      const world = createWorld({ script: [callsOnly(call), answer('m', 'ok')] });
      await world.run('go');
      assert.match(resultOf(world, 'c1'), expected);
      const tool =
        name === 'unknown tools' ? 'frobnicate' : name === 'unknown sessions' ? 'write_stdin' : 'exec_command';
      assert.deepEqual(brief(world.events).slice(4, 6), [
        `item/started tool c1 ${tool} inProgress`,
        `item/completed tool c1 ${tool} failed`,
      ]);
      assert.match(brief(world.events).at(-1) ?? '', /completed/);
    });
  }

  it('shows the plan', async () => {
    const plan = [{ step: 'look', status: 'in_progress' }];
    const world = createWorld({ script: [callsOnly(calls('c1', 'update_plan', { plan })), answer('m', 'ok')] });
    await world.run('go');
    assert.deepEqual(world.events[4], {
      method: 'turn/plan/updated',
      params: {
        threadId: 'thread',
        turnId: 'turn-1',
        explanation: null,
        plan: [{ step: 'look', status: 'inProgress' }],
      },
    });
  });

  it('runs five hundred rounds', async () => {
    const rounds = Array.from({ length: 500 }, (_, i) => callsOnly(exec(`c${i}`, `echo ${i}`)));
    const world = createWorld({
      script: [...rounds, answer('m', 'done')],
      command: (command) => {
        command.print('x');
        command.exit(0);
      },
    });
    await world.run('go');
    assert.equal(world.requests.length, 501);
    assert.deepEqual(world.thread.runningCommands, []);
    assert.equal(brief(world.events).at(-1), 'turn/completed completed');
  });
});
