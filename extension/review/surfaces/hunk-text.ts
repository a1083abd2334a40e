/** What is said about hunks, and which of them a line or a change of the editor's own diff is about. Pure. */

/** The part of a hunk that the surfaces go by; lines count from 0 in the live text. */
export type HunkPlace = {
  id: string;
  start: number;
  lines: readonly string[];
  baseStart: number;
  baseLines: readonly string[];
};

/** As the editor hands its own diff to the buttons of its peek: lines count from 1, an end of 0 stands for none. */
export type EditorChange = {
  modifiedStartLineNumber: number;
  modifiedEndLineNumber: number;
  originalStartLineNumber: number;
  originalEndLineNumber: number;
};

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** `3 files, 7 changes to review`. A file without hunks (deleted, renamed, too large) counts as one change. */
export function pendingText(files: readonly { hunks: readonly unknown[] }[]): string {
  const changes = files.reduce((sum, { hunks }) => sum + Math.max(1, hunks.length), 0);
  return `${plural(files.length, 'file')}, ${plural(changes, 'change')} to review`;
}

export const removedText = (count: number): string => `− ${plural(count, 'line')}`;

const LONGEST_SHOWN = 40;

/** The removed lines as a code block that no content can end early; long ones are cut, and the rest is counted. */
export function removedCode(lines: readonly string[], languageId: string): string {
  const shown = lines.slice(0, LONGEST_SHOWN).map((line) => line.replace(/\r?\n$/, ''));
  const longest = Math.max(2, ...shown.flatMap((line) => (line.match(/`+/g) ?? []).map(({ length }) => length)));
  const fence = '`'.repeat(longest + 1);
  const more = lines.length - shown.length;
  const rest = more > 0 ? `\n\n… and ${plural(more, 'more line')}` : '';
  return `${fence}${/^[\w-]+$/.test(languageId) ? languageId : ''}\n${shown.join('\n')}\n${fence}${rest}`;
}

/** The line that a hunk is shown at, in a document of `lineCount` lines: that of its first line, or below what went. */
export const lineOf = ({ start }: HunkPlace, lineCount: number): number => Math.max(0, Math.min(start, lineCount - 1));

/** The hunks that a change of the editor's own diff is about, in order. The two may cut a change differently. */
export function hunksOfChange<H extends HunkPlace>(hunks: readonly H[], change: EditorChange): H[] {
  const [from, to] = rangeOf(change.modifiedStartLineNumber, change.modifiedEndLineNumber);
  const [baseFrom, baseTo] = rangeOf(change.originalStartLineNumber, change.originalEndLineNumber);
  return hunks.filter(
    ({ start, lines, baseStart, baseLines }) =>
      meets(start, start + lines.length, from, to) || meets(baseStart, baseStart + baseLines.length, baseFrom, baseTo),
  );
}

/** From 0, the end left out; with an end of 0, the place after the line named. */
const rangeOf = (start: number, end: number): [number, number] => (end === 0 ? [start, start] : [start - 1, end]);

/** Two empty ranges meet in the same place; an empty one meets no range that has lines, which has its own side. */
function meets(from: number, to: number, otherFrom: number, otherTo: number): boolean {
  if (from === to || otherFrom === otherTo) return false;
  return from < otherTo && otherFrom < to;
}

/**
 * The hunk to go to from `line`: the first that begins after it, or before it. Undefined when the file has none in that
 * direction.
 */
export function neighbour<H extends HunkPlace>(
  hunks: readonly H[],
  line: number,
  direction: 'next' | 'previous',
  lineCount: number,
): H | undefined {
  return direction === 'next'
    ? hunks.find((hunk) => lineOf(hunk, lineCount) > line)
    : hunks.findLast((hunk) => lineOf(hunk, lineCount) < line);
}
