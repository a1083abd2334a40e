// Every escape attempt on the real kernel: without a sandbox, where it must succeed, and at both levels, as this user and
// as an ordinary one.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONTROLS, ESCAPES, EXCEPTIONS, KERNEL_MAY_REFUSE, NEEDS_ROOT } from './cases.ts';
import type { RunnerResult } from './runner.ts';

const NOBODY = 65534;
const repository = fileURLToPath(new URL('../..', import.meta.url));

type Who = 'this user' | 'an ordinary user';

describe('escape attempts', function () {
  this.timeout(300_000);
  if (process.platform !== 'linux') return;
  let copy = '';

  // Another user cannot be expected to reach this checkout.
  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'sandbox-copy-'));
    for (const part of ['sandbox', 'test/sandbox'])
      cpSync(join(repository, part), join(copy, part), { recursive: true });
    writeFileSync(join(copy, 'package.json'), '{"type":"module"}\n');
    mkdirSync(join(copy, 'bin'));
    copyFileSync(process.execPath, join(copy, 'bin/node'));
    execFileSync('chmod', ['-R', 'a+rX', copy]);
  });
  after(() => rmSync(copy, { recursive: true, force: true }));

  async function results(who: Who, mode: string): Promise<RunnerResult> {
    // What a careless caller leaves open. Node closes low descriptors on exec by itself.
    const open = openSync(join(copy, 'left-open'), 'a');
    const child = spawn(join(copy, 'bin/node'), [join(copy, 'test/sandbox/runner.ts'), mode], {
      ...(who === 'this user' ? {} : { uid: NOBODY, gid: NOBODY }),
      cwd: '/',
      stdio: ['ignore', 'pipe', 'inherit', ...Array<'ignore'>(37).fill('ignore'), open],
    });
    closeSync(open);
    const parts: Buffer[] = [];
    child.stdout?.on('data', (part: Buffer) => parts.push(part));
    await once(child, 'close');
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as RunnerResult;
  }

  const users: Who[] = process.getuid?.() === 0 ? ['this user', 'an ordinary user'] : ['this user'];
  for (const who of users) {
    it(`are real: without a sandbox they succeed, as ${who}`, async () => {
      const result = await results(who, 'plain');
      assert.deepEqual(result.failed, {});
      assert.deepEqual(result.broken, {});
      const root = who === 'this user' && process.getuid?.() === 0;
      const excused = new Set([...KERNEL_MAY_REFUSE, ...(root ? [] : NEEDS_ROOT)]);
      const silent = result.held.filter((id) => !excused.has(id));
      assert.deepEqual(silent, []);
    });

    for (const level of ['namespaces', 'landlock'] as const) {
      it(`are held at level ${level}, as ${who}`, async () => {
        const exceptions = EXCEPTIONS[level];
        const without = (ids: readonly { id: string }[]): string[] =>
          ids.map(({ id }) => id).filter((id) => !(id in exceptions));
        const result = await results(who, level);
        const unexpected = (table: Record<string, string>): Record<string, string> =>
          Object.fromEntries(Object.entries(table).filter(([id]) => !(id in exceptions)));
        assert.deepEqual(
          { ...result, escaped: unexpected(result.escaped), broken: unexpected(result.broken) },
          { level, escaped: {}, held: without(ESCAPES), broken: {}, working: without(CONTROLS), failed: {} },
        );
        const excepted = [...Object.keys(result.escaped), ...Object.keys(result.broken)].sort();
        assert.deepEqual(excepted, Object.keys(exceptions).sort(), 'a case of the exceptions table holds now');
      });
    }
  }
});
