/** Texts as lines, what differs between two of them, and two changes of one text put together. Pure. */
import { diffArrays } from 'diff';

/** Lines `start` up to `start + count` of the base are replaced by `lines`; each line has its line break. */
export type Replacement = { start: number; count: number; lines: readonly string[] };

const DIFF_TIMEOUT_MS = 500;

export const linesOf = (text: string): string[] => (text === '' ? [] : text.split(/(?<=\n)/));

/** In order and apart. A text for which no diff is found in time is one replacement of everything. */
export function replacementsOf(base: string, text: string): Replacement[] {
  if (base === text) return [];
  const lines = linesOf(base);
  const changes = diffArrays(lines, linesOf(text), { timeout: DIFF_TIMEOUT_MS });
  if (!changes) return [{ start: 0, count: lines.length, lines: linesOf(text) }];
  const found: Replacement[] = [];
  let at = 0;
  let open: { start: number; count: number; lines: string[] } | null = null;
  for (const { added, removed, value } of changes) {
    if (!added && !removed) {
      at += value.length;
      open = null;
      continue;
    }
    if (!open) {
      open = { start: at, count: 0, lines: [] };
      found.push(open);
    }
    if (added) open.lines.push(...value);
    else {
      open.count += value.length;
      at += value.length;
    }
  }
  return found;
}

/** The base with the replacements made; they must be apart. */
export function compose(base: string, replacements: readonly Replacement[]): string {
  const lines = linesOf(base);
  const made: string[] = [];
  let at = 0;
  for (const { start, count, lines: put } of inOrder(replacements)) {
    for (; at < start; at++) made.push(lines[at] ?? '');
    made.push(...put);
    at = start + count;
  }
  for (; at < lines.length; at++) made.push(lines[at] ?? '');
  return joined(made);
}

/** A line that was the last one may have no line break, and then others after it. */
function joined(lines: readonly string[]): string {
  return lines.map((line, index) => (index < lines.length - 1 && !line.endsWith('\n') ? `${line}\n` : line)).join('');
}

/** An insertion stands before a replacement that begins at the same line. */
export const inOrder = <T extends Replacement>(replacements: readonly T[]): T[] =>
  [...replacements].sort((a, b) => a.start - b.start || a.count - b.count);

export const isSame = (a: Replacement, b: Replacement): boolean =>
  a.start === b.start && a.count === b.count && a.lines.join('') === b.lines.join('');

/** Whether both change the same place of the base. */
export function touches(a: Replacement, b: Replacement): boolean {
  const [aEnd, bEnd] = [a.start + a.count, b.start + b.count];
  if (a.count === 0 && b.count === 0) return a.start === b.start;
  return a.start < bEnd && b.start < aEnd;
}

/** Both changes of `base` in one text; null where they change the same place in different ways. */
export function mergeThreeWay(base: string, mine: string, theirs: string): string | null {
  if (mine === theirs || base === theirs) return mine;
  if (base === mine) return theirs;
  const own = replacementsOf(base, mine);
  const other = replacementsOf(base, theirs).filter((one) => !own.some((two) => isSame(one, two)));
  if (other.some((one) => own.some((two) => touches(one, two)))) return null;
  return compose(base, [...own, ...other]);
}
