/** Which of the differences between two snapshots a command made. (pure) */
import { sameEntry } from './entry.ts';
import type { Change } from './store.ts';

/** When a file's inode last changed; of a file that is gone, when the folder did that it was in. Milliseconds. */
export type ChangedAt = (path: string) => number | null;

/** Clocks of file systems tick in steps of this many milliseconds, and may be that much behind. */
const TICK_MS = 12;

/** `endMs`: when it had ended with all that it started; null where that, or the clock of the files, is not known. */
export type Span = { startMs: number; endMs: number | null };

/**
 * What changed in that time: what the user saved before the command began is theirs, and so is what they saved after it had
 * ended and before the files were looked at. What the core wrote itself is known already: `own` says what it last left at a
 * path.
 */
export function madeByCommand(
  changes: readonly Change[],
  { startMs, endMs }: Span,
  changedAt: ChangedAt,
  own: (path: string) => Change['after'] | undefined,
): Change[] {
  const made = new Set(
    changes.filter(({ path, after }) => {
      const left = own(path);
      if (left !== undefined && sameEntry(left, after)) return false;
      const at = changedAt(path);
      if (at === null) return true;
      // Of what is gone only its folder's time is left, which others may have changed later.
      return at >= startMs - TICK_MS && (after === null || endMs === null || at <= endMs);
    }),
  );
  // The files of a folder that is moved keep their times.
  const byPath = new Map(changes.map((change) => [change.path, change]));
  for (const { from, to } of movesAmong(changes)) {
    const [gone, came] = [byPath.get(from), byPath.get(to)];
    if (gone && came && made.has(gone)) made.add(came);
  }
  return changes.filter((change) => made.has(change));
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
