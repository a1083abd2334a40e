// Every escape attempt on the real kernel: without a sandbox, where it must succeed, and at both levels, as this user and
// as an ordinary one.
import assert from 'node:assert/strict';
import { CONTROLS, ESCAPES, EXCEPTIONS, KERNEL_MAY_REFUSE, NEEDS_ROOT } from './cases.ts';
import { ownCopy, users, type Who } from './own-copy.ts';
import type { RunnerResult } from './runner.ts';

/** An attempt that succeeds nowhere proves nothing: so many must get out where nothing holds them. */
const SHOWN_AT_LEAST = 130;

describe('escape attempts', function () {
  this.timeout(300_000);
  if (process.platform !== 'linux') return;
  const copy = ownCopy();
  const modes = ['plain', 'namespaces', 'landlock'] as const;
  const started = new Map<string, Promise<RunnerResult>>();
  const results = async (who: Who, mode: (typeof modes)[number]): Promise<RunnerResult> => {
    const result = await started.get(`${who} ${mode}`);
    assert.ok(result);
    if (result.skipped.length > 0) console.log(`      not installed, for ${who}: ${result.skipped.join(', ')}`);
    return { ...result, skipped: [] };
  };
  // Each takes a while and mostly waits: two at a time, one after the other as each user.
  before(() => {
    for (const who of users) {
      let last: Promise<unknown> = Promise.resolve();
      for (const mode of modes) {
        const result = last.then(() => copy.run<RunnerResult>(who, 'runner.ts', mode));
        started.set(`${who} ${mode}`, result);
        last = result.catch(() => {});
      }
    }
  });

  for (const who of users) {
    it(`are real: without a sandbox they succeed, as ${who}`, async () => {
      const result = await results(who, 'plain');
      assert.deepEqual(result.failed, {});
      assert.deepEqual(result.broken, {});
      const root = who === 'this user' && process.getuid?.() === 0;
      const excused = new Set([...KERNEL_MAY_REFUSE, ...(root ? [] : NEEDS_ROOT)]);
      const silent = result.held.filter((id) => !excused.has(id));
      assert.deepEqual(silent, []);
      const shown = Object.keys(result.escaped).length;
      console.log(`      ${shown} of ${ESCAPES.length} attempts get out without a sandbox, as ${who}`);
      assert.ok(shown >= SHOWN_AT_LEAST, `only ${shown} attempts are shown to be real`);
    });

    for (const level of ['namespaces', 'landlock'] as const) {
      it(`are held at level ${level}, as ${who}`, async () => {
        const exceptions = EXCEPTIONS[level];
        const result = await results(who, level);
        const absent = (await started.get(`${who} ${level}`))?.skipped ?? [];
        const without = (ids: readonly { id: string }[]): string[] =>
          ids.map(({ id }) => id).filter((id) => !(id in exceptions) && !absent.includes(id));
        const unexpected = (table: Record<string, string>): Record<string, string> =>
          Object.fromEntries(Object.entries(table).filter(([id]) => !(id in exceptions)));
        assert.deepEqual(
          { ...result, escaped: unexpected(result.escaped), broken: unexpected(result.broken) },
          {
            level,
            escaped: {},
            held: without(ESCAPES),
            broken: {},
            working: without(CONTROLS),
            failed: {},
            skipped: [],
          },
        );
        const excepted = [...Object.keys(result.escaped), ...Object.keys(result.broken)].sort();
        assert.deepEqual(excepted, Object.keys(exceptions).sort(), 'a case of the exceptions table holds now');
      });
    }
  }
});
