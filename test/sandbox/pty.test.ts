// Commands in a real terminal, at every level, as this user and as an ordinary one.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadOpenTerminal } from '../../agent-core/execution/foreign-terminal.ts';
import { detect, fullAccess, type SandboxReport, SandboxUseError, spawnSandboxed } from '../../sandbox/index.ts';
import { startInTerminal } from '../../sandbox/terminal.ts';
import type { PtyResult } from './pty-runner.ts';

const NOBODY = 65534;
const repository = fileURLToPath(new URL('../..', import.meta.url));

const ended = (code: number) => ({ code, signal: null, failure: null });

function expected(): PtyResult['cases'] {
  const whole = Array.from({ length: 200_000 }, (_, i) => `${i + 1}\n`)
    .join('')
    .slice(-200_000);
  const sum = execFileSync('cksum', { input: whole }).toString('utf8');
  return {
    'three streams, one controlling terminal': { exit: ended(7), shown: '/dev/pts/\r\nto-tty\r\n30 100\r\n' },
    'output in order, whole, at the end of a command': {
      exit: ended(0),
      shown: `${sum}${whole}`.replaceAll('\n', '\r\n'),
    },
    'a new size': { exit: ended(3), shown: 'ready43 132\r\n' },
    'Ctrl+C': { exit: ended(5), shown: 'ready^C\r\ncaught\r\n' },
    'typed lines': { exit: ended(0), shown: 'name? Zoë\r\nhello Zoë\r\n' },
    'a password is not shown': { exit: ended(0), shown: 'secret? \r\n7\r\n' },
    'job control': { exit: ended(0), shown: 'Stopped\r\ndone\r\n' },
    'the end of input in the middle of a line': { exit: ended(0), shown: 'ready\r\nhalfhalf\r\nend\r\n' },
    'streams closed, still running': { exit: ended(4), shown: '' },
    'what ignores every polite signal is gone': { exit: ended(0), shown: 'left\r\n' },
  };
}

const sleepers = (): string[] =>
  readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8') === 'sleep\x001000\0';
    } catch {
      return false;
    }
  });

describe('a command in a terminal', function () {
  this.timeout(60_000);
  if (process.platform !== 'linux') return;
  let copy = '';

  // Another user cannot be expected to reach this checkout.
  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'pty-copy-'));
    for (const part of ['sandbox', 'test/sandbox'])
      cpSync(join(repository, part), join(copy, part), { recursive: true });
    writeFileSync(join(copy, 'package.json'), '{"type":"module"}\n');
    mkdirSync(join(copy, 'bin'));
    copyFileSync(process.execPath, join(copy, 'bin/node'));
    execFileSync('chmod', ['-R', 'a+rX', copy]);
  });
  after(() => rmSync(copy, { recursive: true, force: true }));

  const isRoot = process.getuid?.() === 0;
  for (const who of isRoot ? ['this user', 'an ordinary user'] : ['this user']) {
    for (const level of ['namespaces', 'landlock', 'unconfined']) {
      it(`has all that a terminal has: level ${level}, as ${who}`, async () => {
        const before = sleepers();
        const child = spawn(join(copy, 'bin/node'), [join(copy, 'test/sandbox/pty-runner.ts'), level], {
          ...(who === 'this user' ? {} : { uid: NOBODY, gid: NOBODY }),
          cwd: '/',
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const parts: Buffer[] = [];
        child.stdout.on('data', (part: Buffer) => parts.push(part));
        await once(child, 'close');
        assert.deepEqual(JSON.parse(Buffer.concat(parts).toString('utf8')), { level, cases: expected() });
        assert.deepEqual(
          sleepers().filter((pid) => !before.includes(pid)),
          [],
        );
      });
    }
  }
});

describe('a terminal that another library makes', function () {
  this.timeout(60_000);
  if (process.platform !== 'linux') return;

  it('has a size, takes input, and ends with all that was started in it', async () => {
    const before = sleepers();
    const script = `stty size; read -r x; echo "got $x"; trap '' HUP; sleep 1000 & (setsid sleep 1000 &); echo ok; exit 6`;
    const size = { columns: 100, rows: 30 };
    const env = { PATH: process.env.PATH ?? '' };
    const command = startInTerminal(loadOpenTerminal(), ['bash', '-c', script], { cwd: '/', env, size });
    const parts: Buffer[] = [];
    command.stdout.on('data', (bytes: Buffer) => parts.push(bytes));
    command.stdin.write('typed\r');
    assert.deepEqual(await command.exited, { code: 6, signal: null });
    const lines = Buffer.concat(parts).toString('utf8').split('\r\n');
    assert.deepEqual(lines.toSorted(), ['', '30 100', 'got typed', 'ok', 'typed']);
    assert.deepEqual(
      sleepers().filter((pid) => !before.includes(pid)),
      [],
    );
    assert.equal(command.resize(size), false);
  });

  it('is killed with everything, too', async () => {
    const env = { PATH: process.env.PATH ?? '' };
    const size = { columns: 80, rows: 24 };
    const command = startInTerminal(loadOpenTerminal(), ['sleep', '1000'], { cwd: '/', env, size });
    command.stdout.resume();
    assert.equal(command.resize({ columns: 10, rows: 10 }), true);
    await command.kill();
    assert.deepEqual(await command.exited, { code: null, signal: 'SIGKILL' });
  });
});

describe('a terminal that cannot be', () => {
  if (process.platform !== 'linux') return;
  let report: SandboxReport;
  before(async () => {
    report = await detect();
  });
  const call = { argv: ['true'], cwd: '/', env: {}, policy: fullAccess() };

  it('is refused when its size is none', () => {
    assert.throws(
      () => spawnSandboxed({ ...call, report, terminal: { columns: 0, rows: 24 } }),
      new SandboxUseError('A terminal has 1 to 9999 columns and rows, not 0 x 24'),
    );
  });

  it('has no other size once its command has ended, and none without one', async () => {
    const terminal = { columns: 80, rows: 24 };
    const command = spawnSandboxed({ ...call, report, terminal, env: { PATH: process.env.PATH ?? '' } });
    command.stdout?.resume();
    await command.exited;
    assert.equal(command.resize({ columns: 10, rows: 10 }), false);
    const plain = spawnSandboxed({ ...call, report, env: { PATH: process.env.PATH ?? '' } });
    plain.stdout?.resume();
    plain.stderr?.resume();
    assert.equal(plain.resize({ columns: 10, rows: 10 }), false);
    await plain.exited;
  });
});
