/** Hunks as another text of the same file has them: git's index, or a commit. */
import type * as vscode from 'vscode';
import type { Hunk } from '../model/hunks.ts';
import { FULL_BUDGET, lineDiff, splitLines } from '../model/line-diff.ts';
import type { ReviewStore } from './review-store.ts';

/** The ids of those hunks of `text` that are in `other` just so. Where a difference touches a hunk, it is not in there. */
export function hunksIn(text: string, hunks: readonly Hunk[], other: string): Set<string> {
  const { changes } = lineDiff(splitLines(text), splitLines(other), FULL_BUDGET);
  const same = hunks.filter(({ start, lines }) =>
    changes.every(({ baseStart, baseEnd }) => baseStart > start + lines.length || baseEnd < start),
  );
  return new Set(same.map(({ id }) => id));
}

/** The user has put `now` in the place of `before`, by git: hunks that only the new one has are kept. Null: no such file. */
export async function keepTaken(
  store: ReviewStore,
  uri: vscode.Uri,
  { before, now }: { before: string | null; now: string | null },
): Promise<void> {
  const file = store.find(uri);
  const text = store.textOf(uri);
  if (!file || text === undefined || before === now) return;
  if (file.kind === 'delete') {
    if (now === null) await store.keepFile(uri);
    return;
  }
  if (now === text) await store.keepFile(uri);
  if (now === null || now === text) return;
  const had = before === null ? null : hunksIn(text, file.hunks, before);
  for (const id of hunksIn(text, file.hunks, now)) if (!had?.has(id)) await store.keepHunk(uri, id);
}
