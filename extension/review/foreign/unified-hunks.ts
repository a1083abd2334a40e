/** Hunks of a unified diff, put into a text or taken out of it again: exactly, or not at all. Pure. */

/** 0-based places; the lines have their line ends, but for a last one without. */
export type UnifiedHunk = { oldAt: number; newAt: number; old: readonly string[]; now: readonly string[] };

export const linesOf = (text: string): string[] => (text === '' ? [] : text.split(/(?<=\n)/));

const HEADER = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/**
 * The hunks of a diff of one file, read by their counts, so that no line of the file can be taken for a header. What comes
 * before the first hunk and after the last does not count. Null when it is no such diff.
 */
export function hunksIn(diff: string): UnifiedHunk[] | null {
  const lines = linesOf(diff);
  const hunks: UnifiedHunk[] = [];
  let at = lines.findIndex((line) => HEADER.test(line));
  while (at !== -1 && at < lines.length) {
    const header = HEADER.exec(lines[at] ?? '');
    if (!header) break;
    const number = (group: number) => Number(header[group] ?? 1);
    const [oldCount, newCount] = [number(2), number(4)];
    // An empty side names the line before it.
    const [oldAt, newAt] = [number(1) - (oldCount === 0 ? 0 : 1), number(3) - (newCount === 0 ? 0 : 1)];
    const hunk = { oldAt, newAt, old: [] as string[], now: [] as string[] };
    at++;
    for (; at < lines.length; at++) {
      const line = lines[at] ?? '';
      if (line.startsWith('\\')) cutLineEnd(hunk, lines[at - 1] ?? '');
      else if (hunk.old.length === oldCount && hunk.now.length === newCount) break;
      else if (!push(hunk, line)) return null;
    }
    if (hunk.old.length !== oldCount || hunk.now.length !== newCount) return null;
    hunks.push(hunk);
  }
  return hunks;
}

type Sides = { old: string[]; now: string[] };

function push(hunk: Sides, line: string): boolean {
  const [sign, text] = [line[0], line.slice(1)];
  if (sign !== ' ' && sign !== '-' && sign !== '+') {
    // Some writers leave the blank of an empty line away.
    if (line !== '\n') return false;
    hunk.old.push('\n');
    hunk.now.push('\n');
    return true;
  }
  if (sign !== '+') hunk.old.push(text);
  if (sign !== '-') hunk.now.push(text);
  return true;
}

/** The line before this mark has no line end. */
function cutLineEnd({ old, now }: Sides, before: string): void {
  const cut = (side: string[]) => side.push((side.pop() ?? '').replace(/\n$/, ''));
  if (before[0] !== '+') cut(old);
  if (before[0] !== '-') cut(now);
}

/** The text before the hunks were put in; null where they do not fit, or fit in more than one way. */
export function without(text: string, hunks: readonly UnifiedHunk[]): string | null {
  return replaced(
    text,
    hunks.map(({ newAt, now, old }) => ({ at: newAt, from: now, to: old })),
  );
}

/** The text with the hunks put in; null as for `without`. */
export function withHunks(text: string, hunks: readonly UnifiedHunk[]): string | null {
  return replaced(
    text,
    hunks.map(({ oldAt, old, now }) => ({ at: oldAt, from: old, to: now })),
  );
}

type Swap = { at: number; from: readonly string[]; to: readonly string[] };

/** At the very lines that the diff names, or, where the file has moved on, where the lines are found once only. */
function replaced(text: string, swaps: readonly Swap[]): string | null {
  const lines = linesOf(text);
  return (
    swappedAt(lines, swaps) ??
    swappedAt(
      lines,
      swaps.map((swap) => ({ ...swap, at: onlyPlace(lines, swap.from) })),
    )
  );
}

function swappedAt(lines: readonly string[], swaps: readonly Swap[]): string | null {
  const made: string[] = [];
  let done = 0;
  for (const { at, from, to } of swaps) {
    if (at < done || !isAt(lines, from, at)) return null;
    made.push(...lines.slice(done, at), ...to);
    done = at + from.length;
  }
  return [...made, ...lines.slice(done)].join('');
}

const isAt = (lines: readonly string[], wanted: readonly string[], at: number): boolean =>
  at + wanted.length <= lines.length && wanted.every((line, index) => lines[at + index] === line);

/** -1 when there is none, or more than one. */
function onlyPlace(lines: readonly string[], wanted: readonly string[]): number {
  if (wanted.length === 0) return -1;
  let found = -1;
  for (let at = 0; at + wanted.length <= lines.length; at++) {
    if (!isAt(lines, wanted, at)) continue;
    if (found !== -1) return -1;
    found = at;
  }
  return found;
}
