/** Every check tells a right solution from an untouched workspace and from near misses. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkTask } from './check-task.ts';
import type { Deed, Task } from './task.ts';
import { tasks } from './tasks/index.ts';
import { Work } from './work.ts';
import { makeWorkspace, perform } from './workspace.ts';

const NOTHING: Deed = { say: 'Done.' };

describe('eval: the checks', () => {
  let root: string;
  let count = 0;

  before(() => {
    root = mkdtempSync(path.join(tmpdir(), 'gantry-eval-checks-'));
  });
  after(() => {
    rmSync(root, { recursive: true, force: true });
  });

  const judge = async (task: Task, deed: Deed): Promise<string[]> => {
    const folder = path.join(root, String(count++));
    const before = makeWorkspace(task, folder);
    perform(deed, folder, before);
    return checkTask(task, new Work(folder, before, deed.say ?? ''));
  };

  it('are of 25 tasks with names of their own', () => {
    assert.equal(new Set(tasks.map(({ name }) => name)).size, 25);
  });

  for (const task of tasks) {
    it(`${task.name}: passes what is right and nothing else`, async () => {
      const misses = Object.entries(task.proof.misses);
      assert.ok(misses.length > 0);
      const [solved, untouched, ...missed] = await Promise.all(
        [task.proof.solution, NOTHING, ...misses.map(([, deed]) => deed)].map((deed) => judge(task, deed)),
      );
      assert.deepEqual(solved, []);
      assert.notDeepEqual(untouched, [], 'an untouched workspace passes');
      assert.deepEqual(
        misses.filter((_, index) => missed[index]?.length === 0).map(([what]) => what),
        [],
      );
    });
  }
});
