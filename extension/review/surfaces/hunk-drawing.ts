/** Where what is drawn for hunks stands in the live text. Pure, and made anew at every change: it must be cheap. */
import { type HunkPlace, lineOf } from './hunk-text.ts';

/** Lines count from 0. `added`: first and last line of each run. `removed`: the line whose end says that lines went. */
export type Drawing<H> = { added: [first: number, last: number][]; removed: { line: number; hunk: H }[] };

export function drawingOf<H extends HunkPlace>(hunks: readonly H[], lineCount: number): Drawing<H> {
  const drawing: Drawing<H> = { added: [], removed: [] };
  for (const hunk of hunks) {
    const line = lineOf(hunk, lineCount);
    const count = hunk.lines.length;
    if (count > 0) drawing.added.push([line, Math.min(lineCount, hunk.start + count) - 1]);
    if (hunk.baseLines.length === 0) continue;
    // What went without anything in its place is noted at the line above the gap; its buttons are below.
    drawing.removed.push({ line: count === 0 ? Math.max(0, line - 1) : line, hunk });
  }
  return drawing;
}

/** Whether these are the same hunks; where they stand does not matter: the editor moves what is drawn along. */
export const sameHunks = (one: readonly HunkPlace[], other: readonly HunkPlace[]): boolean =>
  one.length === other.length && one.every(({ id }, index) => id === other[index]?.id);
