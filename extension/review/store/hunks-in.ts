/** Hunks as another text of the same file has them: git's index, or a commit. */
import type { Hunk } from '../model/hunks.ts';
import { FULL_BUDGET, lineDiff, splitLines } from '../model/line-diff.ts';

/** The ids of those hunks of `text` that are in `other` just so. Where a difference touches a hunk, it is not in there. */
export function hunksIn(text: string, hunks: readonly Hunk[], other: string): Set<string> {
  const { changes } = lineDiff(splitLines(text), splitLines(other), FULL_BUDGET);
  const same = hunks.filter(({ start, lines }) =>
    changes.every(({ baseStart, baseEnd }) => baseStart > start + lines.length || baseEnd < start),
  );
  return new Set(same.map(({ id }) => id));
}
