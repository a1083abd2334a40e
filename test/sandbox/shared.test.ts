// What a command shares with others: terminals, shared memory, the helper's own processes, and the time between the policy
// and the start.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  detect,
  type SandboxedProcess,
  type SandboxReport,
  type SpawnSpec,
  spawnSandboxed,
  workspaceWrite,
} from '../../sandbox/index.ts';
import { CHANNEL, planLinux } from '../../sandbox/linux.ts';
import { secretsBelow } from '../../sandbox/places.ts';

const ATTACK = fileURLToPath(new URL(`./attack/attack-linux-${process.arch}`, import.meta.url));
const env = { PATH: '/usr/local/bin:/usr/bin:/bin' };

async function output(child: SandboxedProcess): Promise<string> {
  let shown = '';
  child.stdout?.on('data', (bytes: Buffer) => {
    shown += bytes.toString('utf8');
  });
  child.stderr?.resume();
  const { failure } = await child.exited;
  assert.equal(failure, null);
  return shown;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setTimeout(50);
}

const childrenOf = (pid: number | undefined): string[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);

for (const level of ['namespaces', 'landlock'] as const) {
  describe(`what is shared, at level ${level}`, function () {
    this.timeout(60_000);
    if (process.platform !== 'linux') return;
    let report: SandboxReport;
    let base = '';
    let root = '';
    before(async () => {
      report = await detect({ forceLevel: level });
      base = realpathSync(mkdtempSync(join(tmpdir(), 'sandbox-shared-')));
      root = join(base, 'ws');
      mkdirSync(root);
    });
    after(() => rmSync(base, { recursive: true, force: true }));

    const start = (script: string, more: Partial<SpawnSpec> = {}): SandboxedProcess =>
      spawnSandboxed({
        argv: ['bash', '-c', script],
        cwd: root,
        env,
        policy: workspaceWrite({ roots: [root], home: '/nonexistent' }),
        report,
        ...more,
      });

    it('keeps no process of its own for a call whose caller is gone', async () => {
      const child = start(`mkfifo p && ${ATTACK} deserted-waits p 300 >/dev/null && echo over && read -r line`, {
        stdio: { stdin: 'pipe' },
      });
      assert.ok(child.stdout);
      child.stderr?.resume();
      await once(child.stdout, 'data');
      await until(() => childrenOf(child.pid).length <= 1);
      child.stdin?.end('\n');
      assert.deepEqual(await child.exited, { code: 0, signal: null, failure: null });
    });

    it('does not open the terminal of another command', async () => {
      const other = start('tty; cat', { terminal: { columns: 80, rows: 24 } });
      assert.ok(other.stdout);
      const [first] = (await once(other.stdout, 'data')) as [Buffer];
      const terminal = first.toString('utf8').trim();
      assert.match(terminal, /^\/dev\/pts\/\d+$/);
      const tries = `(: < ${terminal}) 2>/dev/null && echo read; (: > ${terminal}) 2>/dev/null && echo written; chmod 666 ${terminal} 2>/dev/null && echo opened; echo tried`;
      assert.equal(await output(start(tries)), 'tried\n');
      await other.kill();
    });

    it('takes no tree from shared memory as it is', async () => {
      const shared = realpathSync(mkdtempSync('/dev/shm/sandbox-shared-'));
      const name = `/dev/shm/tree-${process.pid}`;
      try {
        const script = `mkdir -p ${name}/.git/hooks && echo x > ${name}/.git/hooks/pre-commit; mv ${name} d; mv -T ${name} e; rm -rf ${name}; echo tried`;
        const policy = workspaceWrite({ roots: [shared], home: '/nonexistent' });
        assert.equal(await output(start(script, { cwd: shared, policy })), 'tried\n');
        const planted = ['d', 'e'].filter((folder) => existsSync(join(shared, folder, '.git/hooks/pre-commit')));
        assert.deepEqual(planted, []);
      } finally {
        rmSync(shared, { recursive: true, force: true });
        rmSync(name, { recursive: true, force: true });
      }
    });

    it('opens nothing by a link that took the place of a writable folder after the policy was made', async () => {
      const [folder, outside] = [join(root, 'build'), join(base, 'outside')];
      mkdirSync(folder);
      mkdirSync(outside, { recursive: true });
      const temp = level === 'landlock' ? realpathSync(mkdtempSync(join(base, 'temp-'))) : null;
      const plan = planLinux({
        policy: workspaceWrite({
          roots: [root],
          home: '/nonexistent',
          extraWrite: [folder],
          tmp: [join(base, 'none')],
        }),
        report,
        argv: ['bash', '-c', `echo x > ${outside}/f; echo x > ${folder}/f; echo x > beside; echo tried`],
        cwd: root,
        temp,
        architecture: process.arch === 'arm64' ? 'arm64' : 'x64',
      });
      renameSync(folder, join(root, 'moved'));
      symlinkSync(outside, folder);
      const helper = spawn(report.helper ?? '', plan.args, {
        cwd: '/',
        env,
        stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      });
      const channel = helper.stdio[CHANNEL] as import('node:stream').Duplex;
      channel.on('data', () => {}).on('error', () => {});
      channel.write(plan.filter);
      const [code] = await once(helper, 'close');
      assert.deepEqual([code, existsSync(join(outside, 'f')), existsSync(join(root, 'beside'))], [0, false, true]);
    });
  });
}

describe('secrets of others', () => {
  it('are root’s to read, so they are denied to it by name where they are there', () => {
    const homes = realpathSync(mkdtempSync(join(tmpdir(), 'sandbox-homes-')));
    try {
      for (const folder of ['ann/.ssh', 'bob/.config', 'bob/src']) mkdirSync(join(homes, folder), { recursive: true });
      const found = secretsBelow('/nowhere', { isRoot: true, homes }).filter((path) => path.startsWith(homes));
      assert.ok(found.includes(join(homes, 'ann/.ssh')) && found.includes(join(homes, 'bob/.config/gh')), found.join());
      assert.ok(!found.some((path) => path.includes('.aws') || path.includes('src')), found.join());
      const own = secretsBelow('/nowhere', { isRoot: false, homes });
      assert.deepEqual(
        own.filter((path) => path.startsWith(homes)),
        [],
      );
      assert.ok(own.includes('/nowhere/.ssh') && own.includes('/root/.ssh'));
    } finally {
      rmSync(homes, { recursive: true, force: true });
    }
  });
});
