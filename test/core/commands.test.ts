/** Long, interactive and background commands of a turn, and the user's own beside it, in the real sandbox. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import type { CommandExecutionThreadItem } from '../../agent-core/protocol/index.ts';
import type { CoreProcess } from '../support/core-process.ts';
import { gate } from '../support/model-server/index.ts';
import { World, type WorldOptions } from './world.ts';

const isAlive = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
};

describe('commands', function () {
  this.timeout(60_000);
  if (process.platform !== 'linux') return;
  let world: World;
  let core: CoreProcess;
  let threadId: string;

  const begin = async (options: WorldOptions): Promise<void> => {
    world = await World.create(options);
    core = await world.core({ experimentalApi: true }, { LC_ALL: 'C.UTF-8' });
    const params = { cwd: world.workspace, approvalPolicy: 'never', sandbox: 'workspace-write' } as const;
    threadId = (await core.request('thread/start', params)).thread.id;
  };
  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  const exec = (cmd: string, args: object = {}, callId = 'c1') => ({
    call: 'exec_command',
    callId,
    args: { cmd, ...args },
  });
  const write = (callId: string, args: object = {}) => ({
    call: 'write_stdin',
    callId,
    args: { session_id: 1001, ...args },
  });
  const told = (callId: string): string => {
    const items = world.model.requests.at(-1)?.body.input ?? [];
    return String(items.find((item) => item.type === 'function_call_output' && item.call_id === callId)?.output ?? '');
  };
  const deltasOf = (itemId: string): string =>
    core
      .notifications('item/commandExecution/outputDelta')
      .filter((one) => one.itemId === itemId)
      .map(({ delta }) => delta)
      .join('');
  const item = (id: string): CommandExecutionThreadItem | undefined =>
    core.items('commandExecution').find((one) => one.id === id);

  it('talks to a program in a terminal', async () => {
    const program = `printf '\\033[1mname?\\033[0m '; read -r name; tty | cut -c1-9; for i in 1 2 3; do printf '\\r%s0%%' $i; done; echo; echo "hi $name"; trap 'echo stopped; exit 5' INT; while :; do sleep 0.05; done`;
    await begin({
      script: [
        [exec(program, { tty: true, yield_time_ms: 250 })],
        [write('c2', { chars: 'Zoë\n', yield_time_ms: 1000 })],
        [write('c3', { chars: '\u0003', yield_time_ms: 5000 })],
        { text: 'done' },
      ],
    });
    await core.turn(threadId, 'go');
    assert.match(told('c1'), /Process running with session ID 1001\nOutput:\nname\?$/);
    assert.match(told('c2'), /Output:\nZoë\n\/dev\/pts\/\n30%\nhi Zoë\n$/);
    assert.match(told('c3'), /Process exited with code 5\nOutput:\n\^Cstopped\n$/);
    const { aggregatedOutput, exitCode, status, source, processId } = item('c1') ?? {};
    assert.equal(aggregatedOutput, deltasOf('c1'));
    assert.equal(
      aggregatedOutput,
      '\u001b[1mname?\u001b[0m Zoë\r\n/dev/pts/\r\n\r10%\r20%\r30%\r\nhi Zoë\r\n^Cstopped\r\n',
    );
    assert.deepEqual([exitCode, status, source], [5, 'failed', 'unifiedExecStartup']);
    assert.match(String(processId), /^\d+$/);
    assert.deepEqual(
      core.notifications('item/commandExecution/terminalInteraction').map(({ turnId: _, ...rest }) => rest),
      ['Zoë\n', '\u0003'].map((stdin) => ({ threadId, itemId: 'c1', processId, stdin })),
    );
  });

  it('does not open a pager in a terminal', async () => {
    await begin({
      script: [
        [exec('git init -q $TMPDIR/r && cd $TMPDIR/r && git help -a | head -3 | wc -l', { tty: true })],
        { text: 'x' },
      ],
    });
    await core.turn(threadId, 'go');
    assert.match(told('c1'), /Output:\n3\n$/);
  });

  it('leaves nothing of a command that has ended: background jobs, those that ignore signals, those with closed streams', async () => {
    const script = `trap '' HUP INT TERM; sleep 1001 & (setsid sleep 1001 > /dev/null 2>&1 < /dev/null &); exec > /dev/null 2>&1 < /dev/null; sleep 0.1`;
    await begin({ script: [[exec(script, { yield_time_ms: 20_000 })], { text: 'x' }] });
    await core.turn(threadId, 'go');
    assert.match(told('c1'), /Process exited with code 0/);
    assert.deepEqual([item('c1')?.exitCode, item('c1')?.aggregatedOutput], [0, null]);
  });

  it('shows what is no text as text, and deltas make up the whole', async () => {
    await begin({
      script: [
        [exec(`printf 'a\\000\\377\\033[31mb'; head -c 100000 /dev/zero | tr '\\\\000' '\\\\377'`)],
        { text: 'x' },
      ],
    });
    await core.turn(threadId, 'go');
    assert.equal(deltasOf('c1'), item('c1')?.aggregatedOutput);
    assert.equal(deltasOf('c1').startsWith('a\u0000\ufffd\u001b[31mb'), true);
    assert.match(told('c1'), /Output:\na\ufffdb/);
  });

  it('prints half a gigabyte in bounded memory, and says how much is not shown', async () => {
    const script =
      'yes 0123456789012345678901234567890123456789012345678901234567890 | head -c 500000000; echo; echo the end';
    await begin({
      script: [[exec(script, { yield_time_ms: 30_000 })], [write('c2', { yield_time_ms: 60_000 })], { text: 'x' }],
    });
    await core.turn(threadId, 'go');
    await core.waitFor('item/completed', (done) => done.item.id === 'c1');
    const output = item('c1')?.aggregatedOutput ?? '';
    assert.equal(deltasOf('c1'), output);
    assert.match(output, /\n\[\d+ characters are not shown\]\n/);
    assert.equal(output.endsWith('the end\n'), true);
    assert.ok(output.length < 1024 * 1024 + 100);
    const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${core.pid}/status`, 'utf8'))?.[1]);
    assert.ok(peak < 400_000, `the core took ${peak} kB`);
  });

  it('lists what goes on in the background, ends one, and ends all', async () => {
    await begin({
      script: [
        [
          exec('echo a; sleep 1000', { yield_time_ms: 250 }, 'c1'),
          exec('sleep 1000', { yield_time_ms: 250, tty: true }, 'c2'),
        ],
        { text: 'both run' },
      ],
    });
    await core.turn(threadId, 'go');
    const list = async () => (await core.request('thread/backgroundTerminals/list', { threadId })).data;
    const rows = await list();
    assert.deepEqual(
      rows.map(({ itemId, command, cwd }) => ({ itemId, command, cwd })),
      [
        { itemId: 'c1', command: 'echo a; sleep 1000', cwd: world.workspace },
        { itemId: 'c2', command: 'sleep 1000', cwd: world.workspace },
      ],
    );
    for (const row of rows) {
      assert.equal(String(row.osPid), row.processId);
      assert.equal(isAlive(Number(row.osPid)), true);
      assert.ok((row.rssKb ?? 0) > 100 && typeof row.cpuPercent === 'number');
    }
    const first = await core.request('thread/backgroundTerminals/list', { threadId, limit: 1 });
    const second = await core.request('thread/backgroundTerminals/list', {
      threadId,
      cursor: first.nextCursor ?? null,
    });
    assert.deepEqual(
      [...first.data, ...second.data].map(({ itemId }) => itemId),
      ['c1', 'c2'],
    );

    const terminate = (processId: string) =>
      core.request('thread/backgroundTerminals/terminate', { threadId, processId });
    assert.deepEqual(await terminate('1'), { terminated: false });
    assert.deepEqual(await terminate(rows[0]?.processId ?? ''), { terminated: true });
    await core.waitFor('item/completed', ({ item: { id } }) => id === 'c1');
    assert.deepEqual(
      (await list()).map(({ itemId }) => itemId),
      ['c2'],
    );
    assert.deepEqual(await core.request('thread/backgroundTerminals/clean', { threadId }), {});
    await core.waitFor('item/completed', ({ item: { id } }) => id === 'c2');
    assert.deepEqual(await list(), []);
    assert.deepEqual(
      rows.map(({ osPid }) => isAlive(Number(osPid))),
      [false, false],
    );
  });

  it('is for clients that asked for what is experimental', async () => {
    await begin({});
    const plain = await world.core();
    const refusal = await plain.refusal('thread/backgroundTerminals/list', { threadId });
    assert.match(refusal.message, /requires experimentalApi capability/);
  });

  describe('of the user', () => {
    const outside = () => `${world.root}/outside`;

    it('run outside the sandbox in a turn of their own, and the model is told with its next call', async () => {
      await begin({ script: [{ text: 'first' }, { text: 'second' }] });
      await core.turn(threadId, 'hello');
      core.mark();
      const from = core.messages.length;
      const command = `echo mine; echo x > ${outside()}; exit 3`;
      assert.deepEqual(await core.request('thread/shellCommand', { threadId, command }), {});
      const { turn } = await core.waitFor('turn/completed');
      assert.equal(readFileSync(outside(), 'utf8'), 'x\n');
      const methods = core.messages.slice(from).flatMap(({ method }) => (method === undefined ? [] : [method]));
      assert.deepEqual(methods, [
        'thread/status/changed',
        'turn/started',
        'item/started',
        'item/commandExecution/outputDelta',
        'item/completed',
        'thread/status/changed',
        'turn/completed',
      ]);
      const shown = core.items('commandExecution')[0];
      assert.deepEqual(
        [shown?.source, shown?.status, shown?.exitCode, shown?.aggregatedOutput, shown?.command],
        ['userShell', 'failed', 3, 'mine\n', `/bin/bash -lc '${command}'`],
      );
      assert.deepEqual([turn.status, turn.items], ['completed', []]);

      core.mark();
      await core.turn(threadId, 'again');
      const input = JSON.stringify(world.model.requests[1]?.body.input);
      assert.match(input, /<user_shell_command>.*outside the sandbox: echo mine.*Exit code: 3.*Output:.*mine/);
      const { thread } = await core.request('thread/read', { threadId, includeTurns: true });
      assert.deepEqual(
        thread.turns.map(({ items }) => items.map(({ type }) => type)),
        [['userMessage', 'agentMessage'], ['commandExecution'], ['userMessage', 'agentMessage']],
      );
    });

    it('come before anything was said, and are told after the beginning', async () => {
      await begin({ script: [{ text: 'ok' }] });
      await core.request('thread/shellCommand', { threadId, command: 'echo early' });
      await core.waitFor('turn/completed');
      core.mark();
      await core.turn(threadId, 'hello');
      const roles = world.model.requests[0]?.body.input.map(({ role, content }) =>
        JSON.stringify(content).includes('user_shell_command') ? 'shell' : role,
      );
      assert.equal(roles?.[0], 'developer');
      assert.deepEqual(roles?.slice(-2), ['shell', 'user']);
    });

    it('leave the thread what it was started with', async () => {
      await begin({ script: [] });
      await core.request('thread/shellCommand', { threadId, command: 'echo early' });
      await core.waitFor('turn/completed');
      await core.stop();
      core = await world.core();
      const { approvalPolicy, sandbox } = await core.request('thread/resume', { threadId });
      assert.deepEqual([approvalPolicy, sandbox.type], ['never', 'workspaceWrite']);
    });

    it('run in the turn that goes on, and are told with its next call', async () => {
      const held = gate();
      await begin({ script: [[{ hold: held }, exec('echo agent')], { text: 'done' }] });
      const answer = core.turn(threadId, 'go');
      const { turn } = await core.waitFor('turn/started');
      await core.request('thread/shellCommand', { threadId, command: 'echo beside' });
      const done = await core.waitFor('item/completed', (one) => one.item.type === 'commandExecution');
      assert.equal(done.turnId, turn.id);
      held.open();
      await answer;
      const last = JSON.stringify(world.model.requests[1]?.body.input);
      assert.match(last, /user_shell_command.*echo beside/);
      assert.deepEqual(core.notifications('turn/completed').length, 1);
    });

    it('is in the file when it was told, also when its thread is closed while it starts', async () => {
      await begin({ script: [{ text: 'x' }] });
      await core.turn(threadId, 'go');
      const command = core.request('thread/shellCommand', { threadId, command: 'sleep 1000' });
      await Promise.all([command, core.request('thread/archive', { threadId })]);
      const { thread } = await core.request('thread/read', { threadId, includeTurns: true });
      const kept = thread.turns.flatMap(({ items }) => items.filter(({ type }) => type === 'commandExecution'));
      assert.deepEqual(kept, core.items('commandExecution'));
      assert.equal(kept.length, 1);
    });

    it('are stopped with the turn that they run in, and while they are being started', async () => {
      const held = gate();
      await begin({ script: [[{ text: 'thinking', unfinished: true }, { hold: held }]] });
      const answer = core.turn(threadId, 'go');
      const { turn } = await core.waitFor('turn/started');
      await core.request('thread/shellCommand', { threadId, command: 'sleep 1000' });
      await core.waitFor('item/started', ({ item: { type } }) => type === 'commandExecution');
      await core.request('turn/interrupt', { threadId, turnId: turn.id });
      assert.equal((await answer).status, 'interrupted');
      await core.waitFor('item/completed', ({ item: { type } }) => type === 'commandExecution');
      held.open();

      core.mark();
      // Both lines are there before the first is answered.
      const command = core.request('thread/shellCommand', { threadId, command: 'sleep 1000' });
      const begun = await core.waitFor('turn/started');
      await core.request('turn/interrupt', { threadId, turnId: begun.turn.id });
      await command;
      assert.equal((await core.waitFor('turn/completed')).turn.status, 'interrupted');
      const [first, second] = core.items('commandExecution');
      assert.deepEqual([first?.status, second?.status], ['failed', 'failed']);
    });

    it('are stopped by their turn, by the list, by their time, and with the core', async () => {
      await begin({});
      const start = async (timeoutMs: number | null = null): Promise<{ turnId: string; processId: string }> => {
        core.mark();
        await core.request('thread/shellCommand', { threadId, command: 'sleep 1000', timeoutMs });
        const { turnId, item: started } = await core.waitFor('item/started');
        assert.equal(started.type, 'commandExecution');
        return { turnId, processId: (started as CommandExecutionThreadItem).processId ?? '' };
      };
      const one = await start();
      await core.request('turn/interrupt', { threadId, turnId: one.turnId });
      assert.equal((await core.waitFor('turn/completed')).turn.status, 'interrupted');
      const two = await start();
      const { processId } = two;
      assert.deepEqual(await core.request('thread/backgroundTerminals/terminate', { threadId, processId }), {
        terminated: true,
      });
      await core.waitFor('turn/completed');
      const three = await start(200);
      await core.waitFor('turn/completed');
      const four = await start();
      assert.equal(isAlive(Number(four.processId)), true);
      await core.stop();
      for (const { processId: pid } of [one, two, three, four]) assert.equal(isAlive(Number(pid)), false);
    });

    it('are refused when there is nothing to run', async () => {
      await begin({});
      const refused = async (params: object) =>
        (await core.refusal('thread/shellCommand', { threadId, command: 'true', ...params })).message;
      assert.equal(await refused({ command: ' ' }), 'command must not be empty');
      assert.match(await refused({ timeoutMs: -1 }), /must be non-negative/);
      assert.match(await refused({ threadId: 'nope' }), /thread/);
      assert.equal(existsSync(outside()), false);
    });
  });
});
