/** Three-way merge of texts by lines. (pure) */
import { diffArrays } from 'diff';

/** Lines [start, end) of the base become `lines`. */
type Change = { start: number; end: number; lines: readonly string[] };

/** Beyond it two texts count as wholly different, which no merge can join. */
const TIMEOUT_MS = 1000;

function changesOf(base: readonly string[], next: readonly string[]): Change[] {
  const parts = diffArrays([...base], [...next], { timeout: TIMEOUT_MS });
  if (!parts) return [{ start: 0, end: base.length, lines: next }];
  const changes: Change[] = [];
  let at = 0;
  let open: { start: number; end: number; lines: string[] } | null = null;
  for (const { added, removed, value } of parts) {
    if (!added && !removed) {
      open = null;
      at += value.length;
      continue;
    }
    if (!open) {
      open = { start: at, end: at, lines: [] };
      changes.push(open);
    }
    if (added) open.lines.push(...value);
    else {
      at += value.length;
      open.end = at;
    }
  }
  return changes;
}

const isSame = (a: Change, b: Change): boolean =>
  a.start === b.start &&
  a.end === b.end &&
  a.lines.length === b.lines.length &&
  a.lines.every((line, index) => line === b.lines[index]);

/**
 * `mine` with what `theirs` changed of `base`; null where both changed the same lines, or lines next to each other, in
 * different ways. Line ends are LF; a missing last one counts as a change of the last line.
 */
export function mergeTexts(base: string, mine: string, theirs: string): string | null {
  if (mine === theirs || base === theirs) return mine;
  if (base === mine) return theirs;
  const lines = base.split('\n');
  const [ours, others] = [changesOf(lines, mine.split('\n')), changesOf(lines, theirs.split('\n'))];
  const merged: string[] = [];
  let at = 0;
  let [left, right] = [ours.shift(), others.shift()];
  while (left || right) {
    if (left && right && isSame(left, right)) right = others.shift();
    else if (left && right && left.start <= right.end && right.start <= left.end) return null;
    const isLeft = left !== undefined && (right === undefined || left.start < right.start);
    const next = isLeft ? left : right;
    if (!next) break;
    merged.push(...lines.slice(at, next.start), ...next.lines);
    at = next.end;
    if (isLeft) left = ours.shift();
    else right = others.shift();
  }
  return [...merged, ...lines.slice(at)].join('\n');
}
