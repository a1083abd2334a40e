/** Whether a task is solved. */
import type { Task } from './task.ts';
import type { Work } from './work.ts';

/** What is wrong with a task's workspace; none: the task is solved. */
export async function checkTask(task: Task, work: Work): Promise<string[]> {
  const strange = work.changed().filter((file) => !task.mayChange.some((pattern) => pattern.test(file)));
  // Its own tests changed, for one: then nothing that they say counts.
  if (strange.length > 0) return strange.map((file) => `${file} was changed, and must not be`);
  return task.check(work);
}
