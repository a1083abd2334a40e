// The life of a sandboxed command: streams, exit codes, signals, and that nothing of it is left.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  detect,
  fullAccess,
  readOnly,
  type SandboxExit,
  type SandboxedProcess,
  type SandboxPolicy,
  type SandboxReport,
  SandboxUseError,
  type SpawnSpec,
  scrubEnv,
  spawnSandboxed,
  workspaceWrite,
} from '../../sandbox/index.ts';

type Ended = SandboxExit & { stdout: string; stderr: string };

async function text(stream: NodeJS.ReadableStream | null): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream ?? []) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

async function collect(child: SandboxedProcess): Promise<Ended> {
  const [exit, stdout, stderr] = await Promise.all([child.exited, text(child.stdout), text(child.stderr)]);
  return { ...exit, stdout, stderr };
}

function processesWith(mark: string): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(mark);
    } catch {
      return false;
    }
  });
}

const LEVELS = ['namespaces', 'landlock', 'unconfined'] as const;

for (const level of LEVELS) {
  describe(`a command at level ${level}`, function () {
    this.timeout(60_000);
    if (process.platform !== 'linux') return;
    let report: SandboxReport;
    let root = '';
    let marks = 0;

    before(async () => {
      report = await detect({ forceLevel: level === 'unconfined' ? 'namespaces' : level });
      if (level !== 'unconfined') assert.equal(report.level, level, report.reason ?? '');
    });
    beforeEach(() => {
      root = realpathSync(mkdtempSync(join(tmpdir(), 'sandbox-spawn-')));
    });
    afterEach(() => rmSync(root, { recursive: true, force: true }));

    const policy = (): SandboxPolicy =>
      level === 'unconfined'
        ? fullAccess()
        : workspaceWrite({ roots: [root], home: homedir(), expose: [dirname(process.execPath)] });
    const start = (command: string, more: Partial<SpawnSpec> = {}): SandboxedProcess =>
      spawnSandboxed({
        argv: ['bash', '-c', command],
        cwd: root,
        env: scrubEnv(process.env),
        policy: policy(),
        report,
        ...more,
      });
    // A duration that only this command has, to find what it left behind.
    const mark = (): string => `${900_000 + process.pid}.${++marks}${LEVELS.indexOf(level)}`;

    it('passes streams and exit codes', async () => {
      assert.deepEqual(await collect(start('echo out; echo err >&2; exit 3')), {
        code: 3,
        signal: null,
        failure: null,
        stdout: 'out\n',
        stderr: 'err\n',
      });
    });

    it('does not take an exit code of 125 for its own', async () => {
      assert.deepEqual(await start('exit 125', { stdio: { stdout: 'ignore', stderr: 'ignore' } }).exited, {
        code: 125,
        signal: null,
        failure: null,
      });
    });

    it('says which signal ended it', async () => {
      const child = start('kill -USR1 $$', { stdio: { stdout: 'ignore', stderr: 'ignore' } });
      assert.deepEqual(await child.exited, { code: null, signal: 'SIGUSR1', failure: null });
    });

    it('reads its standard input', async () => {
      const child = start('cat', { stdio: { stdin: 'pipe' } });
      child.stdin?.end('hello');
      assert.equal((await collect(child)).stdout, 'hello');
    });

    it('loses nothing of a megabyte', async () => {
      const { stdout, code } = await collect(start('head -c 1000000 /dev/zero | tr "\\0" x'));
      assert.deepEqual([code, stdout.length, /^x+$/.test(stdout)], [0, 1_000_000, true]);
    });

    it('says when there is no such program', async () => {
      const child = start('', { argv: ['/no/such/program'] });
      const exit = await collect(child);
      assert.ok(exit.code === 127 || exit.failure?.includes('could not be started'), JSON.stringify(exit));
    });

    it('leaves no process that left its session', async () => {
      const seconds = mark();
      await collect(start(`setsid nohup sleep ${seconds} >/dev/null 2>&1 </dev/null & echo started`));
      assert.deepEqual(processesWith(seconds), []);
    });

    it('leaves no process of a double fork', async () => {
      const seconds = mark();
      await collect(start(`(setsid sh -c '(sleep ${seconds} >/dev/null 2>&1 &)'); echo started`));
      assert.deepEqual(processesWith(seconds), []);
    });

    it('ends although something that it cannot find holds its output open', async () => {
      const seconds = mark();
      const child = start(`env -i setsid sleep ${seconds} & disown; sleep 0.1; echo done`);
      try {
        const { code, stdout } = await collect(child);
        assert.deepEqual({ code, stdout }, { code: 0, stdout: 'done\n' });
        await child.kill();
      } finally {
        for (const pid of processesWith(seconds)) process.kill(Number(pid), 'SIGKILL');
      }
    });

    it('is killed with everything that it started', async () => {
      const seconds = mark();
      const child = start(`trap '' TERM INT; (setsid sh -c '(sleep ${seconds} &)'); echo ready; sleep ${seconds}`);
      await once(child.stdout as NodeJS.ReadableStream, 'data');
      assert.notDeepEqual(processesWith(seconds), []);
      await child.kill();
      assert.deepEqual(processesWith(seconds), []);
      assert.deepEqual(await child.exited, { code: null, signal: 'SIGKILL', failure: null });
    });

    it('is killed by its abort signal', async () => {
      const seconds = mark();
      const controller = new AbortController();
      const child = start(`echo ready; sleep ${seconds}`, { signal: controller.signal });
      await once(child.stdout as NodeJS.ReadableStream, 'data');
      controller.abort();
      assert.equal((await child.exited).signal, 'SIGKILL');
      assert.deepEqual(processesWith(seconds), []);
    });

    it('can be interrupted, and may clean up', async () => {
      const child = start(`trap 'echo bye; exit 4' INT; echo ready; while :; do sleep 0.05; done`);
      await once(child.stdout as NodeJS.ReadableStream, 'data');
      const rest = collect(child);
      child.interrupt();
      const { code, stdout } = await rest;
      assert.deepEqual({ code, stdout }, { code: 4, stdout: 'bye\n' });
    });

    it('lets npm-like test runs work below /tmp', async () => {
      writeFileSync(join(root, 'a.test.js'), "require('node:test')('t', () => {});\n");
      const { code, stdout } = await collect(start(`${process.execPath} --test --test-reporter=tap`));
      assert.deepEqual([code, /^# pass 1$/m.test(stdout)], [0, true]);
    });

    if (level === 'unconfined') return;

    it('can open its streams by name, although they are sockets', async () => {
      const { stdout, stderr } = await collect(start('echo out > /dev/stdout; echo err > /dev/stderr'));
      assert.deepEqual({ stdout, stderr }, { stdout: 'out\n', stderr: 'err\n' });
    });

    it('has three streams and nothing else open', async () => {
      const { stdout } = await collect(start('echo /proc/self/fd/*'));
      assert.match(stdout, /^\/proc\/self\/fd\/0 \/proc\/self\/fd\/1 \/proc\/self\/fd\/2( \/proc\/self\/fd\/\d+)?\n$/);
    });

    it('ends with whoever started it', async () => {
      const seconds = mark();
      // The command holds the pipe that is read here: it closes when the last of its processes is gone.
      const script = `
        const { spawnSandboxed } = await import(${JSON.stringify(new URL('../../sandbox/index.ts', import.meta.url).href)});
        const spec = JSON.parse(process.argv[1]);
        spawnSandboxed({ ...spec, stdio: { stdout: 'inherit', stderr: 'inherit' } });`;
      const spec = {
        argv: ['bash', '-c', `(setsid sleep ${seconds} &) ; echo ready; sleep ${seconds}`],
        cwd: root,
        env: scrubEnv(process.env),
        policy: policy(),
        report,
      };
      const starter = spawn(process.execPath, ['--input-type=module', '-e', script, JSON.stringify(spec)], {
        env: { ...process.env, TMPDIR: root }, // nobody is left to remove its temp directory
      });
      await once(starter.stdout, 'data');
      starter.kill('SIGKILL');
      await once(starter, 'close');
      // The helper itself may be on its last instructions: this returns when it is gone.
      for (const pid of processesWith(seconds)) execFileSync('tail', ['--pid', pid, '-f', '/dev/null']);
      assert.deepEqual(processesWith(seconds), []);
    });

    it('has no leftovers of its own', async () => {
      const { stdout } = await collect(start('mktemp; mkdir $TMPDIR/x; echo $TMPDIR'));
      const [made = '', temp = ''] = stdout.split('\n');
      assert.ok(made.startsWith(temp));
      // At level namespaces the name is that of the host's directory too, which must not have what the command made.
      assert.deepEqual([existsSync(made), existsSync(join(temp, 'x'))], [false, false]);
    });

    it('has a temp directory that nobody else sees', async () => {
      const { stdout } = await collect(start('cd $TMPDIR && echo secret > sandbox-private && pwd && ls'));
      const names = stdout.split('\n').slice(1, -1);
      // A workspace and a Node below /tmp are there too, and nothing else.
      const shown = [root, process.execPath].flatMap((file) => file.split('/'));
      assert.deepEqual(
        names.filter((name) => !shown.includes(name)),
        ['sandbox-private'],
      );
      assert.ok(!readdirSync(tmpdir()).includes('sandbox-private'));
    });

    it('finds what an earlier command left in the temp directory that both were given', async () => {
      const tempFrom = mkdtempSync(join(tmpdir(), 'shared-temp-'));
      try {
        const shared = { policy: workspaceWrite({ roots: [root], home: homedir(), tempFrom }) };
        await collect(start('echo kept > "$TMPDIR/note"', shared));
        const { stdout, code } = await collect(start('cat "$TMPDIR/note"', shared));
        assert.deepEqual(
          { stdout, code, onDisk: readFileSync(join(tempFrom, 'note'), 'utf8') },
          { stdout: 'kept\n', code: 0, onDisk: 'kept\n' },
        );
      } finally {
        rmSync(tempFrom, { recursive: true, force: true });
      }
    });

    it('sees a read-only workspace below /tmp', async () => {
      writeFileSync(join(root, 'file'), 'here\n');
      const readOnlyPolicy = readOnly({ roots: [root], home: homedir() });
      const result = await collect(start('cat file; echo x > file', { policy: readOnlyPolicy }));
      assert.deepEqual([result.stdout, result.code], ['here\n', 1]);
    });

    it('works, and is held to its rules, in a workspace below /dev/shm', async () => {
      const shared = realpathSync(mkdtempSync('/dev/shm/sandbox-spawn-'));
      try {
        execFileSync('mkdir', [join(shared, 'ws'), join(shared, 'beside')]);
        execFileSync('git', ['init', '-q', join(shared, 'ws')]);
        writeFileSync(join(shared, 'ws/old'), 'old\n');
        const spec = {
          cwd: join(shared, 'ws'),
          policy: workspaceWrite({ roots: [join(shared, 'ws')], home: homedir() }),
        };
        const tries = [
          'echo new >> old && cat old',
          'mkdir d && echo x > d/f && mv d/f d/g && ls d',
          'echo x > .git/hooks/post-commit || echo no hook',
          'mkdir .gantry || echo no settings',
          'echo x > ../beside/f || echo not beside',
        ];
        const written = await collect(start(`exec 2>&-; ${tries.join('; ')}`, spec));
        const readOnlyPolicy = readOnly({ roots: [join(shared, 'ws')], home: homedir() });
        const read = await collect(
          start('exec 2>&-; cat old; echo x > fresh || echo read-only', { ...spec, policy: readOnlyPolicy }),
        );
        assert.deepEqual(
          [written.stdout, read.stdout, readdirSync(join(shared, 'beside'))],
          ['old\nnew\ng\nno hook\nno settings\nnot beside\n', 'old\nnew\nread-only\n', []],
        );
      } finally {
        rmSync(shared, { recursive: true, force: true });
      }
    });

    it('has shared memory, with directories of its own in it', async () => {
      const name = `sandbox-own-${process.pid}`;
      const { stdout } = await collect(
        start(
          `cd /dev/shm && mkdir ${name} && echo x > ${name}/f && test -s ${name}/f && rm ${name}/f && rmdir ${name} && echo done`,
        ),
      );
      assert.equal(stdout, 'done\n');
    });

    it('leaves a command the processors that it had, whatever it opened', async () => {
      const allowed = readFileSync('/proc/self/status', 'utf8').match(/^Cpus_allowed_list:.*$/m)?.[0];
      const { stdout } = await collect(
        start('for i in 1 2 3 4 5 6 7 8; do echo $i > f$i; done; grep Cpus_allowed_list /proc/$$/status'),
      );
      assert.equal(stdout, `${allowed}\n`);
    });

    it('works in a worktree that lies in a hidden directory', async () => {
      const inside = join(root, 'hidden/worktrees/one');
      execFileSync('mkdir', ['-p', inside, join(root, 'hidden/keys')]);
      writeFileSync(join(root, 'hidden/keys/key'), 'SECRET');
      const hidden = workspaceWrite({ roots: [inside], home: homedir(), extraDenyRead: [join(root, 'hidden')] });
      const { stdout } = await collect(
        start(`echo x > f && cat f; cat ${root}/hidden/keys/key`, { policy: hidden, cwd: inside }),
      );
      assert.equal(stdout, 'x\n');
    });

    it('opens no secret by running where it lies', async () => {
      const secrets = join(root, 'secrets');
      execFileSync('mkdir', [secrets]);
      writeFileSync(join(secrets, 'key'), 'SECRET');
      const hidden = workspaceWrite({ roots: [join(root, 'ws')], home: homedir(), extraDenyRead: [secrets] });
      const { stdout } = await collect(start(`cat key; cat ${secrets}/key`, { policy: hidden, cwd: secrets }));
      assert.equal(stdout, '');
    });

    it('reads only what it may when reading is limited', async () => {
      writeFileSync(join(root, 'f'), 'mine\n');
      const limited: SandboxPolicy = { ...policy(), read: ['/usr', '/bin', '/lib', '/lib64'] };
      const { stdout } = await collect(start('cat f; cat /etc/passwd', { policy: limited }));
      assert.equal(stdout, 'mine\n');
    });

    it('runs nothing when its directory is missing', async () => {
      const exit = await collect(start('echo ran', { cwd: join(root, 'missing') }));
      assert.equal(exit.stdout, '');
      assert.match(exit.failure ?? '', /could not be set up: .*missing: No such file/);
    });

    it('runs nothing when there is no sandbox', async () => {
      const none = await detect({ forceLevel: 'none' });
      assert.throws(() => start('echo ran', { report: none }), SandboxUseError);
    });
  });
}
