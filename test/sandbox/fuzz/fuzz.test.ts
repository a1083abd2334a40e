// The helper's parsers under sanitizers, for 3 seconds; SANDBOX_FUZZ_SECONDS asks for more, SANDBOX_FUZZ_SEED for the same.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const helper = fileURLToPath(new URL('../../../sandbox/helper/', import.meta.url));
const FLAGS = [
  '-std=gnu11',
  '-g',
  '-O1',
  '-Wall',
  '-Wextra',
  '-fsanitize=address,undefined',
  '-fno-sanitize-recover=all',
];
const PARTS = ['options.c', 'broker-policy.c', 'broker-git.c', 'broker-paths.c'];

describe('the parsers of the helper', function () {
  this.timeout(0);
  if (process.platform !== 'linux') return;
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sandbox-fuzz-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('hold whatever they are fed', function () {
    const program = join(folder, 'fuzz');
    const sources = [join(here, 'fuzz.c'), ...PARTS.map((part) => join(helper, part))];
    const compilers = [process.env.CC, 'gcc', 'clang'].filter((name) => name !== undefined);
    const builds = compilers.map((name) =>
      spawnSync(name, [...FLAGS, '-o', program, ...sources], { encoding: 'utf8' }),
    );
    if (!builds.some(({ status }) => status === 0)) {
      assert.ok(!process.env.CI, `no compiler with sanitizers: ${builds.map(({ stderr }) => stderr).join('\n')}`);
      this.skip();
    }
    const seconds = process.env.SANDBOX_FUZZ_SECONDS ?? '3';
    const seed = process.env.SANDBOX_FUZZ_SEED ?? String(Date.now());
    const { status, stderr } = spawnSync(program, [seconds, seed], { encoding: 'utf8' });
    assert.equal(status, 0, `SANDBOX_FUZZ_SEED=${seed}\n${stderr}`);
  });
});
