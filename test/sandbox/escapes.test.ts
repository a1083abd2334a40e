// Every escape attempt on the real kernel: without a sandbox, where it must succeed, and at both levels, as this user and
// as an ordinary one.
import assert from 'node:assert/strict';
import { CONTROLS, ESCAPES, EXCEPTIONS, KERNEL_MAY_REFUSE, NEEDS_ROOT } from './cases.ts';
import { ownCopy, users, type Who } from './own-copy.ts';
import type { RunnerResult } from './runner.ts';

describe('escape attempts', function () {
  this.timeout(300_000);
  if (process.platform !== 'linux') return;
  const copy = ownCopy();
  const results = (who: Who, mode: string) => copy.run<RunnerResult>(who, 'runner.ts', mode);

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
