/** What differs between two texts, line by line. Whitespace always counts, or keeping and undoing would be wrong. */
import { diffArrays } from 'diff';

/** Lines `baseStart` up to, but without, `baseEnd` of the one text are lines `start` up to `end` of the other. */
export type LineChange = { baseStart: number; baseEnd: number; start: number; end: number };

/** `maxLines` of both texts between the first and the last difference; `maxEdits` lines added or removed. */
export type DiffBudget = { maxLines: number; maxEdits: number; timeoutMs: number };

export const FULL_BUDGET: DiffBudget = { maxLines: 100_000, maxEdits: 2_000, timeoutMs: 100 };
/** What a key press may cost: well below a millisecond. */
export const KEY_BUDGET: DiffBudget = { maxLines: 160, maxEdits: 160, timeoutMs: Number.POSITIVE_INFINITY };

/** As an editor counts: a text that ends in a line break ends in an empty line, and an empty text is one empty line. */
export const splitLines = (text: string): string[] => text.split('\n');
export const joinLines = (lines: readonly string[]): string => lines.join('\n');

/** In order and apart. Beyond the budget one change that holds all differences. */
export function lineDiff(
  base: readonly string[],
  text: readonly string[],
  budget: DiffBudget,
): { changes: LineChange[]; isWhole: boolean } {
  const { head, tail } = commonEnds(base, text);
  const all: LineChange = { baseStart: head, baseEnd: base.length - tail, start: head, end: text.length - tail };
  const removed = all.baseEnd - all.baseStart;
  const added = all.end - all.start;
  if (removed === 0 && added === 0) return { changes: [], isWhole: false };
  if (removed === 0 || added === 0) return { changes: [all], isWhole: false };
  if (removed + added > budget.maxLines) return { changes: [all], isWhole: true };
  const kept = commonLines(base.slice(head, all.baseEnd), text.slice(head, all.end), budget);
  return kept ? { changes: gapsOf(kept, all), isWhole: false } : { changes: [all], isWhole: true };
}

/** Pairs of equal lines, in order. Lines that only one side has are left out first: they can be no part of a pair. */
function commonLines(base: readonly string[], text: readonly string[], budget: DiffBudget): [number, number][] | null {
  const here = new Set(base);
  const there = new Set(text);
  const baseAt: number[] = [];
  const textAt: number[] = [];
  base.forEach((line, index) => void (there.has(line) && baseAt.push(index)));
  text.forEach((line, index) => void (here.has(line) && textAt.push(index)));
  const parts = diffArrays(
    baseAt.map((index) => base[index]!),
    textAt.map((index) => text[index]!),
    { maxEditLength: budget.maxEdits, timeout: budget.timeoutMs },
  );
  if (!parts) return null;
  const pairs: [number, number][] = [];
  let one = 0;
  let other = 0;
  for (const { added, removed, count } of parts) {
    if (!added && !removed)
      for (let index = 0; index < count; index++) pairs.push([baseAt[one + index]!, textAt[other + index]!]);
    if (!added) one += count;
    if (!removed) other += count;
  }
  return pairs;
}

function gapsOf(pairs: readonly [number, number][], all: LineChange): LineChange[] {
  const changes: LineChange[] = [];
  let baseStart = all.baseStart;
  let start = all.start;
  for (const [one, other] of [...pairs, [all.baseEnd - all.baseStart, all.end - all.start]]) {
    const baseEnd = all.baseStart + one!;
    const end = all.start + other!;
    if (baseEnd > baseStart || end > start) changes.push({ baseStart, baseEnd, start, end });
    baseStart = baseEnd + 1;
    start = end + 1;
  }
  return changes;
}

/** How many lines are equal at the beginning and, behind those, at the end. */
export function commonEnds(one: readonly string[], other: readonly string[]): { head: number; tail: number } {
  const most = Math.min(one.length, other.length);
  let head = 0;
  while (head < most && one[head] === other[head]) head++;
  let tail = 0;
  while (tail < most - head && one[one.length - 1 - tail] === other[other.length - 1 - tail]) tail++;
  return { head, tail };
}

/** `splice` for lists of any length: the arguments of a call are limited. */
export function spliceLines<T>(list: T[], start: number, end: number, items: readonly T[]): void {
  if (end - start === items.length) {
    for (let index = 0; index < items.length; index++) list[start + index] = items[index]!;
    return;
  }
  if (items.length < 10_000) {
    list.splice(start, end - start, ...items);
    return;
  }
  const rest = list.slice(end);
  list.length = start;
  for (const item of items) list.push(item);
  for (const item of rest) list.push(item);
}
