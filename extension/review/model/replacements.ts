/** A change of a document as replaced lines, and which of the new lines still hold text of the old ones. */
import type { TextChange } from './hunks.ts';
import { commonEnds, FULL_BUDGET, lineDiff } from './line-diff.ts';

/**
 * Lines `start` up to `end` become `lines`. With `headStays` the first new line holds text of line `start`, with
 * `tailStays` the last one of line `end - 1`.
 */
export type Replacement = {
  start: number;
  end: number;
  lines: readonly string[];
  headStays: boolean;
  tailStays: boolean;
};

/**
 * From the last to the first, so that each can be made without moving the next. Line breaks of every kind are taken.
 * `isInPairs` as in `differences`.
 */
export function replacementsOf(
  live: readonly string[],
  { range, text }: TextChange,
  isInPairs: boolean,
): Replacement[] {
  const last = live.length - 1;
  const start = Math.min(Math.max(range.startLine, 0), last);
  const endLine = Math.min(Math.max(range.endLine, start), last);
  const kept = live[start]!.slice(0, range.startCharacter);
  const rest = live[endLine]!.slice(range.endCharacter);
  const lines = (kept + text.replace(/\r\n?/g, '\n') + rest).split('\n');
  const old = live.slice(start, endLine + 1);
  const whole: Replacement = {
    start,
    end: endLine + 1,
    lines,
    headStays: /\S/.test(kept),
    tailStays: /\S/.test(rest),
  };
  if (old.length === 1 || lines.length === 1) return trimmed(old, whole);
  return differences(old, lines, { at: start, isInPairs });
}

/**
 * The whole text is replaced by another one. From the last to the first. With `isInPairs`, as many lines in place of as
 * many are taken one by one: that is what formatters do.
 */
export const differences = (
  old: readonly string[],
  lines: readonly string[],
  { at = 0, isInPairs = true }: { at?: number; isInPairs?: boolean } = {},
): Replacement[] =>
  lineDiff(old, lines, FULL_BUDGET)
    .changes.flatMap(({ baseStart, baseEnd, start, end }) => {
      const count = baseEnd - baseStart;
      if (count !== end - start || !isInPairs)
        return [replaced(at + baseStart, old.slice(baseStart, baseEnd), lines.slice(start, end))];
      return Array.from({ length: count }, (_, index) =>
        replaced(at + baseStart + index, [old[baseStart + index]!], [lines[start + index]!]),
      );
    })
    .reverse();

const MAX_SLIDES = 200;

/** The same change at every place where lines could have come or gone with the same result, its own place first. */
export function* slides(live: readonly string[], replacement: Replacement): Generator<Replacement> {
  yield replacement;
  const { start, end, lines } = replacement;
  if (start < end === lines.length > 0) return;
  const moved = lines.length > 0 ? lines : live.slice(start, end);
  const count = moved.length;
  const at = (offset: number): Replacement => {
    const shift = ((offset % count) + count) % count;
    const put = lines.length > 0 ? [...lines.slice(shift), ...lines.slice(0, shift)] : lines;
    return { ...replacement, start: start + offset, end: end + offset, lines: put };
  };
  for (let up = 1; up <= MAX_SLIDES; up++) {
    if (start - up < 0 || live[start - up] !== moved[((-up % count) + count) % count]) break;
    yield at(-up);
  }
  for (let down = 1; down <= MAX_SLIDES; down++) {
    if (end + down > live.length || live[end + down - 1] !== moved[(down - 1) % count]) break;
    yield at(down);
  }
}

const replaced = (start: number, old: readonly string[], lines: readonly string[]): Replacement => ({
  start,
  end: start + old.length,
  lines,
  ...whatStays(old, lines),
});

/** Equal lines at both ends are no part of a change. */
function trimmed(old: readonly string[], { start, end, lines, headStays, tailStays }: Replacement): Replacement[] {
  const { head, tail } = commonEnds(old, lines);
  if (head === old.length && head === lines.length) return [];
  return [
    {
      start: start + head,
      end: end - tail,
      lines: lines.slice(head, lines.length - tail),
      headStays: headStays && head === 0,
      tailStays: tailStays && tail === 0,
    },
  ];
}

/** Nobody told which characters stayed: those are taken for it that are equal at the beginning and at the end. */
function whatStays(old: readonly string[], lines: readonly string[]): { headStays: boolean; tailStays: boolean } {
  const first = old[0];
  const last = old.at(-1);
  const newFirst = lines[0];
  const newLast = lines.at(-1);
  if (first === undefined || last === undefined || newFirst === undefined || newLast === undefined)
    return { headStays: false, tailStays: false };
  return {
    headStays: holds(newFirst, first) || /\S/.test(commonStart(first, newFirst)),
    tailStays: holds(newLast, last) || /\S/.test(commonEnd(last, newLast)),
  };
}

const holds = (line: string, old: string): boolean => old.trim() !== '' && line.includes(old.trim());

function commonStart(one: string, other: string): string {
  let count = 0;
  while (count < one.length && one[count] === other[count]) count++;
  return one.slice(0, count);
}

function commonEnd(one: string, other: string): string {
  let count = 0;
  while (count < one.length && count < other.length && one.at(-1 - count) === other.at(-1 - count)) count++;
  return count === 0 ? '' : one.slice(-count);
}
