// Commands in a real terminal, at every level, as this user and as an ordinary one.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { loadOpenTerminal } from '../../agent-core/execution/foreign-terminal.ts';
import { detect, fullAccess, type SandboxReport, SandboxUseError, spawnSandboxed } from '../../sandbox/index.ts';
import { startInTerminal } from '../../sandbox/terminal.ts';
import { ownCopy, users } from './own-copy.ts';
import type { PtyResult } from './pty-runner.ts';

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
  const copy = ownCopy();

  for (const who of users) {
    for (const level of ['namespaces', 'landlock', 'unconfined']) {
      it(`has all that a terminal has: level ${level}, as ${who}`, async () => {
        const before = sleepers();
        const result = await copy.run<PtyResult>(who, 'pty-runner.ts', level);
        assert.deepEqual(result, { level, cases: expected() });
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
