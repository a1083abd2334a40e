// Limits that hold for root too, at both levels, and leave nothing behind.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DEFAULT_LIMITS,
  detect,
  type Limits,
  type SandboxReport,
  spawnSandboxed,
  workspaceWrite,
} from '../../sandbox/index.ts';

const FORKS = `
import os, time
count = 0
try:
  while count < 3000:
    if os.fork() == 0:
      time.sleep(60)
      os._exit(0)
    count += 1
except OSError: pass
print('held' if count < 64 + 301 + SPARE else count)`;
const EATS = "held = bytearray(700 * 1024 * 1024); print('got it')";

describe('limits', function () {
  this.timeout(60_000);
  if (process.platform !== 'linux') return;
  let root = '';
  before(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'limits-test-')));
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  const run = async (
    report: SandboxReport,
    code: string,
    limits: Limits = { processes: 64, memory: 256 * 1024 * 1024 },
  ) => {
    const command = spawnSandboxed({
      argv: ['python3', '-c', code],
      cwd: root,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
      policy: workspaceWrite({ roots: [root], home: '/nonexistent', limits }),
      report,
    });
    let shown = '';
    command.stdout?.on('data', (bytes: Buffer) => {
      shown += bytes.toString('utf8');
    });
    command.stderr?.resume();
    await command.exited;
    return shown;
  };
  // Where only RLIMIT_NPROC holds, what runs on the machine already is counted too.
  const spare = (): number => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length * 20;

  for (const forceLevel of ['namespaces', 'landlock'] as const) {
    it(`hold processes and memory: level ${forceLevel}`, async () => {
      const report = await detect({ forceLevel });
      assert.equal(await run(report, FORKS.replace('SPARE', String(spare()))), 'held\n');
      assert.equal(await run(report, EATS), '');
      assert.equal(await run(report, EATS, { ...DEFAULT_LIMITS, memory: 2 * 1024 ** 3 }), 'got it\n');
      const groups = ['pids', 'memory', ''].flatMap((kind) => {
        try {
          return readdirSync(join('/sys/fs/cgroup', kind)).filter((name) => name.startsWith('sandbox-'));
        } catch {
          return [];
        }
      });
      assert.deepEqual(groups, []);
    });
  }
});
