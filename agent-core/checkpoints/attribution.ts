/** Which of the differences between two snapshots a command made. (pure) */
import { sameEntry } from './entry.ts';
import type { Change } from './store.ts';

/** When a file's inode last changed; of a file that is gone, when the folder did that it was in. Milliseconds. */
export type ChangedAt = (path: string) => number | null;

/** Clocks of file systems tick in steps of this many milliseconds, and may be that much behind. */
const TICK_MS = 12;

/**
 * Changes since `startMs`: what the user saved before the command began is theirs. What the core wrote itself is known
 * already: `own` says what it last left at a path.
 */
export function madeByCommand(
  changes: readonly Change[],
  startMs: number,
  changedAt: ChangedAt,
  own: (path: string) => Change['after'] | undefined,
): Change[] {
  return changes.filter(({ path, after }) => {
    const left = own(path);
    if (left !== undefined && sameEntry(left, after)) return false;
    const at = changedAt(path);
    return at === null || at >= startMs - TICK_MS;
  });
}

export type Move = { from: string; to: string };

/** Files that went away and came up elsewhere with the same bytes: each once. */
export function movesAmong(changes: readonly Change[]): Move[] {
  const gone = new Map<string, string[]>();
  for (const { path, before, after } of changes) {
    if (before && !after) gone.set(before.id, [...(gone.get(before.id) ?? []), path]);
  }
  return changes.flatMap(({ path, before, after }) => {
    const from = !before && after ? gone.get(after.id)?.shift() : undefined;
    return from === undefined ? [] : [{ from, to: path }];
  });
}
