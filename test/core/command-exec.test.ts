/** Commands of the client's own, through the real core, in the real sandbox. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { CoreProcess } from '../support/core-process.ts';
import { World } from './world.ts';

const b64 = (text: string): string => Buffer.from(text).toString('base64');
const bytes = (parts: { deltaBase64: string }[]): Buffer =>
  Buffer.concat(parts.map(({ deltaBase64 }) => Buffer.from(deltaBase64, 'base64')));

const isAlive = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
};

describe('command/exec', function () {
  this.timeout(60_000);
  if (process.platform !== 'linux') return;
  let world: World;
  let core: CoreProcess;

  beforeEach(async () => {
    world = await World.create({ config: 'sandbox_mode = "workspace-write"' });
    core = await world.core({ experimentalApi: true }, { AN_API_KEY: 'secret', LC_ALL: 'C.UTF-8' });
  });
  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  const sh = (script: string): string[] => ['bash', '-c', script];
  const deltas = (processId: string, stream: 'stdout' | 'stderr' = 'stdout') =>
    core
      .notifications('command/exec/outputDelta')
      .filter((one) => one.processId === processId && one.stream === stream);
  const shown = (processId: string) => bytes(deltas(processId)).toString('utf8');
  const untilShown = (processId: string, text: string) =>
    core.waitFor('command/exec/outputDelta', () => shown(processId).includes(text));

  it('keeps both streams for the answer, with the exit code', async () => {
    assert.deepEqual(await core.request('command/exec', { command: sh('echo out; echo ä >&2; exit 3') }), {
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'ä\n',
    });
    assert.deepEqual(core.notifications('command/exec/outputDelta'), []);
  });

  it('runs in the configured sandbox, and in the one that it is given', async () => {
    const target = `${world.root}/outside`;
    const command = sh(`echo x > ${target}`);
    await core.request('command/exec', { command }); // it has a /tmp of its own
    assert.equal(existsSync(target), false);
    assert.notEqual(
      (await core.request('command/exec', { command: sh('echo x > f'), sandboxPolicy: { type: 'readOnly' } })).exitCode,
      0,
    );
    assert.equal(existsSync(world.at('f')), false);
    const open = { type: 'dangerFullAccess' } as const;
    assert.equal((await core.request('command/exec', { command, sandboxPolicy: open })).exitCode, 0);
    assert.equal(readFileSync(target, 'utf8'), 'x\n');
    const permissionProfile = ':read-only';
    assert.notEqual((await core.request('command/exec', { command: sh('echo x > f'), permissionProfile })).exitCode, 0);
  });

  it('has the environment that commands have, with what the client sets and takes away', async () => {
    const command = sh('echo "$AN_API_KEY|$MINE|$HOME"; pwd');
    const { stdout } = await core.request('command/exec', {
      command,
      env: { MINE: 'yes', HOME: null },
      cwd: world.root,
    });
    assert.equal(stdout, `|yes|\n${world.root}\n`);
  });

  it('streams bytes as they come, and then does not repeat them', async () => {
    const command = sh(`printf 'a\\377b'; echo e >&2`);
    const answer = await core.request('command/exec', { command, processId: 'p', streamStdoutStderr: true });
    assert.deepEqual(answer, { exitCode: 0, stdout: '', stderr: '' });
    assert.deepEqual(bytes(deltas('p')), Buffer.from([0x61, 0xff, 0x62]));
    assert.equal(bytes(deltas('p', 'stderr')).toString(), 'e\n');
    assert.deepEqual(
      [...deltas('p'), ...deltas('p', 'stderr')].filter(({ capReached }) => capReached),
      [],
    );
    const [last, reply] = core.messages.slice(-2);
    assert.deepEqual([last?.method, typeof reply?.id], ['command/exec/outputDelta', 'number']);
  });

  it('writes to stdin and closes it', async () => {
    const answer = core.request('command/exec', { command: ['cat'], processId: 'cat', streamStdin: true });
    await core.request('command/exec/write', { processId: 'cat', deltaBase64: b64('hel') });
    await core.request('command/exec/write', { processId: 'cat', deltaBase64: b64('lo'), closeStdin: true });
    assert.deepEqual(await answer, { exitCode: 0, stdout: 'hello', stderr: '' });
  });

  it('gives a terminal: size, new size, Ctrl+C, and all output on stdout', async () => {
    const command = sh(
      `tty | cut -c1-9; stty size; echo err >&2; trap 'stty size' WINCH; trap 'echo bye; exit 9' INT; echo ready; while :; do sleep 0.05; done`,
    );
    const answer = core.request('command/exec', {
      command,
      processId: 't',
      tty: true,
      size: { cols: 100, rows: 30 },
      disableTimeout: true,
    });
    await untilShown('t', 'ready\r\n');
    await core.request('command/exec/resize', { processId: 't', size: { cols: 70, rows: 20 } });
    await untilShown('t', '20 70');
    await core.request('command/exec/write', { processId: 't', deltaBase64: b64('\u0003') });
    assert.deepEqual(await answer, { exitCode: 9, stdout: '', stderr: '' });
    assert.equal(shown('t'), '/dev/pts/\r\n30 100\r\nerr\r\nready\r\n20 70\r\n^Cbye\r\n');
    assert.deepEqual(deltas('t', 'stderr'), []);
  });

  it('ends at its time with 124 and with everything that it started, whatever that ignores', async () => {
    const command = sh(`trap '' TERM INT HUP; (sleep 1000; echo no) & echo on; sleep 1000`);
    const open = { type: 'dangerFullAccess' } as const;
    assert.deepEqual(await core.request('command/exec', { command, timeoutMs: 300, sandboxPolicy: open }), {
      exitCode: 124,
      stdout: 'on\n',
      stderr: '',
    });
  });

  it('ends when it is told to', async () => {
    const answer = core.request('command/exec', { command: ['sleep', '1000'], processId: 's', disableTimeout: true });
    await core.request('command/exec/terminate', { processId: 's' });
    assert.equal((await answer).exitCode, 137);
    assert.match(
      (await core.refusal('command/exec/terminate', { processId: 's' })).message,
      /^no active command\/exec for process id "s"$/,
    );
  });

  it('cuts each stream at the cap, says so once, and lets the command go on', async () => {
    const command = sh('head -c 3000000 /dev/zero | tr "\\0" x; echo end >&2');
    const kept = await core.request('command/exec', { command, outputBytesCap: 5 });
    assert.deepEqual(kept, { exitCode: 0, stdout: 'xxxxx', stderr: 'end\n' });
    const usual = await core.request('command/exec', { command });
    assert.deepEqual([usual.stdout.length, usual.stderr], [1024 * 1024, 'end\n']);
    const whole = await core.request('command/exec', { command, disableOutputCap: true });
    assert.equal(whole.stdout.length, 3_000_000);
    await core.request('command/exec', { command, processId: 'c', streamStdoutStderr: true, outputBytesCap: 100_000 });
    assert.equal(bytes(deltas('c')).length, 100_000);
    assert.deepEqual(
      deltas('c')
        .map(({ capReached }) => capReached)
        .filter(Boolean),
      [true],
    );
    assert.equal(deltas('c').at(-1)?.capReached, true);
    await core.request('command/exec', {
      command: ['echo', 'four'],
      processId: 'd',
      streamStdoutStderr: true,
      outputBytesCap: 5,
    });
    assert.deepEqual(
      deltas('d').map(({ capReached }) => capReached),
      [false],
    );
  });

  it('does not cut a character in two', async () => {
    const { stdout } = await core.request('command/exec', { command: ['printf', 'ääää'], outputBytesCap: 5 });
    assert.equal(stdout, 'ää');
  });

  it('prints half a gigabyte in bounded memory', async () => {
    const command = sh('yes 0123456789012345678901234567890123456789012345678901234567890 | head -c 500000000');
    const limits = { disableTimeout: true, outputBytesCap: 1000 };
    assert.equal((await core.request('command/exec', { command, ...limits })).stdout.length, 1000);
    const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${core.pid}/status`, 'utf8'))?.[1]);
    assert.ok(peak < 400_000, `the core took ${peak} kB`);
  });

  it('runs a hundred at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        core.request('command/exec', { command: sh(`echo ${i}`), processId: `n${i}`, disableTimeout: true }),
      ),
    );
    assert.deepEqual(
      answers,
      answers.map((_, i) => ({ exitCode: 0, stdout: `${i}\n`, stderr: '' })),
    );
  });

  it('dies with its connection', async () => {
    const open = { type: 'dangerFullAccess' } as const;
    const limits = { disableTimeout: true, sandboxPolicy: open };
    void core
      .requestRaw('command/exec', {
        command: sh('echo $$; exec sleep 1000'),
        processId: 'x',
        streamStdoutStderr: true,
        ...limits,
      })
      .catch(() => {});
    await untilShown('x', '\n');
    const pid = Number(shown('x'));
    assert.equal(isAlive(pid), true);
    assert.deepEqual(await core.stop(), { code: 0, signal: null });
    assert.equal(isAlive(pid), false);
  });

  it('says what is wrong with a call', async () => {
    const refused = async (params: Record<string, unknown>) => {
      const { code, message } = await core.refusal('command/exec', params);
      return `${code} ${message}`;
    };
    const command = ['true'];
    assert.deepEqual(
      [
        await refused({ command: [] }),
        await refused({ command, tty: true }),
        await refused({ command, streamStdin: true }),
        await refused({ command, size: { cols: 80, rows: 24 } }),
        await refused({ command, processId: 'a', tty: true, size: { cols: 0, rows: 24 } }),
        await refused({ command, outputBytesCap: 1, disableOutputCap: true }),
        await refused({ command, timeoutMs: 1, disableTimeout: true }),
        await refused({ command, timeoutMs: -1 }),
        await refused({ command, sandboxPolicy: { type: 'readOnly' }, permissionProfile: ':workspace' }),
        await refused({ command, permissionProfile: 'mine' }),
      ],
      [
        '-32600 command must not be empty',
        '-32600 command/exec tty or streaming requires a client-supplied processId',
        '-32600 command/exec tty or streaming requires a client-supplied processId',
        '-32602 command/exec size requires tty: true',
        '-32602 command/exec size rows and cols must be greater than 0',
        '-32602 command/exec cannot set both outputBytesCap and disableOutputCap',
        '-32602 command/exec cannot set both timeoutMs and disableTimeout',
        '-32602 command/exec timeoutMs must be non-negative, got -1',
        '-32602 command/exec cannot set both sandboxPolicy and permissionProfile',
        '-32602 There is no permission profile "mine" for command/exec: use one of :read-only, :workspace, :danger-full-access, or sandboxPolicy.',
      ],
    );
    const answer = core.request('command/exec', { command: ['sleep', '1000'], processId: 'a', disableTimeout: true });
    assert.match(await refused({ command, processId: 'a' }), /^-32600 duplicate active command\/exec process id: "a"$/);
    const write = (params: object) => core.refusal('command/exec/write', { processId: 'a', ...params });
    assert.match((await write({})).message, /requires deltaBase64 or closeStdin/);
    assert.match((await write({ deltaBase64: '***' })).message, /not base64/);
    assert.match((await write({ deltaBase64: b64('x') })).message, /stdin streaming is not enabled/);
    const size = { cols: 80, rows: 24 };
    assert.match((await core.refusal('command/exec/resize', { processId: 'a', size })).message, /no terminal/);
    await core.request('command/exec/terminate', { processId: 'a' });
    await answer;
    assert.match((await core.refusal('command/exec/write', { processId: 'a', closeStdin: true })).message, /no active/);
    assert.equal((await core.request('command/exec', { command: ['no-such-program'] })).exitCode, 127);
  });

  it('may have no more than the requirements allow', async () => {
    writeFileSync(`${world.home}/requirements.toml`, 'allowed_sandbox_modes = ["read-only"]\n');
    const command = ['true'];
    const open = { sandboxPolicy: { type: 'dangerFullAccess' }, command };
    assert.match((await core.refusal('command/exec', open)).message, /not allowed by requirements\.toml/);
    const spawn = { command, processHandle: 'r', cwd: world.workspace };
    assert.match((await core.refusal('process/spawn', spawn)).message, /not allowed by requirements\.toml/);
    const closed = { sandboxPolicy: { type: 'readOnly' } as const, command };
    assert.equal((await core.request('command/exec', closed)).exitCode, 0);
  });

  it('spawns processes outside of the sandbox, that say how they ended', async () => {
    const cwd = world.workspace;
    const command = sh(`echo x > ${world.root}/spawned; read -r line; echo "got $line"; exit 4`);
    const streams = { streamStdin: true, streamStdoutStderr: true };
    assert.deepEqual(
      await core.request('process/spawn', { command, processHandle: 'h', cwd, timeoutMs: null, ...streams }),
      {},
    );
    await core.request('process/writeStdin', { processHandle: 'h', deltaBase64: b64('it\n') });
    assert.deepEqual(await core.waitFor('process/exited'), {
      processHandle: 'h',
      exitCode: 4,
      stdout: '',
      stdoutCapReached: false,
      stderr: '',
      stderrCapReached: false,
    });
    assert.equal(bytes(core.notifications('process/outputDelta')).toString(), 'got it\n');
    assert.equal(readFileSync(`${world.root}/spawned`, 'utf8'), 'x\n');

    core.mark();
    await core.request('process/spawn', { command: sh('stty size; sleep 1000'), processHandle: 'k', cwd, tty: true });
    await core.waitFor('process/outputDelta');
    await core.request('process/resizePty', { processHandle: 'k', size: { cols: 10, rows: 10 } });
    await core.request('process/kill', { processHandle: 'k' });
    assert.equal((await core.waitFor('process/exited')).exitCode, 137);
  });
});
