/**
 * Puts the hunks of a patch into a text. What is nearly right is matched where there is one place for it only, and
 * lines that a hunk merely names stay as the file has them; anything else is refused, with what would have matched. (pure)
 */
import { createLineFinder, type Likeness, type LineFinder, lineNumbers, nearestText } from './line-match.ts';
import { type Hunk, type HunkLine, oldLinesOf } from './patch-parser.ts';
import { reindentFrom } from './reindent.ts';

export type Applied = { ok: true; text: string } | { ok: false; problem: string };

type Place = {
  at: number;
  oldLines: readonly string[];
  lines: readonly HunkLine[];
  likeness: Likeness;
  /** The hunk says where it belongs: by a line above it, or as the end of the file. */
  isAnchored: boolean;
};

type Located = { ok: true; place: Place } | { ok: false; problem: string };

const LIKENESSES: readonly Likeness[] = [0, 1, 2, 3, 4];

/** `path` is only for messages. Whether the text ends with a line end stays as it was; a text that was empty ends with one. */
export function applyHunks(text: string, hunks: readonly Hunk[], path: string): Applied {
  const lines = text.split('\n');
  const hasEnd = lines.at(-1) === '';
  if (hasEnd) lines.pop();
  const finder = createLineFinder(lines);
  const places: Place[] = [];
  let from = 0;
  for (const hunk of hunks) {
    const located = locate(finder, hunk, from, path);
    if (!located.ok) return located;
    places.push(located.place);
    from = Math.max(from, located.place.at + located.place.oldLines.length);
  }
  const problem = overlap(places, path) ?? ambiguity(finder, places, path);
  if (problem !== null) return { ok: false, problem };
  const result = [...lines];
  for (const place of places.toSorted((a, b) => a.at - b.at).reverse()) {
    const written = rewrite(place, lines);
    if (written === null) return { ok: false, problem: unclearIndent(place, lines, path) };
    result.splice(place.at, place.oldLines.length, ...written);
  }
  // An empty line that is the last now would be none without its end.
  const end = hasEnd || result.at(-1) === '' ? '\n' : '';
  return { ok: true, text: result.length === 0 ? '' : result.join('\n') + end };
}

function locate(finder: LineFinder, hunk: Hunk, from: number, path: string): Located {
  const { lines } = finder;
  const { context } = hunk;
  const oldLines = oldLinesOf(hunk.lines);
  const under = context === null ? null : firstLike(finder, [context], from);
  if (oldLines.length === 0) return locateAddition(finder, hunk, under, path);
  for (const form of forms(hunk.lines)) {
    const wanted = oldLinesOf(form);
    const shape = { oldLines: wanted, lines: form };
    if (hunk.endOfFile) {
      const at = lines.length - wanted.length;
      const likeness = LIKENESSES.find((one) => at >= 0 && finder.places(wanted, at, one, 1)[0] === at);
      if (likeness !== undefined) return { ok: true, place: { ...shape, at, likeness, isAnchored: true } };
      continue;
    }
    const below =
      under === null
        ? context === null
          ? firstLike(finder, wanted, from)
          : null
        : firstLike(finder, wanted, under.at + 1);
    if (below) return { ok: true, place: { ...shape, ...below, isAnchored: under !== null } };
    // Out of order, or under a line that is not there: then only a place that cannot be mistaken.
    const anywhere = onlyLike(finder, wanted);
    if (anywhere) return { ok: true, place: { ...shape, ...anywhere, isAnchored: true } };
  }
  if (context !== null && under === null)
    return missing(`Failed to find context '${context}' in ${path}`, lines, [context]);
  return missing(`Failed to find expected lines in ${path}:\n${oldLines.join('\n')}`, lines, oldLines);
}

function locateAddition(finder: LineFinder, hunk: Hunk, under: { at: number } | null, path: string): Located {
  const { lines } = finder;
  const { context } = hunk;
  if (context !== null && under === null)
    return missing(`Failed to find context '${context}' in ${path}`, lines, [context]);
  if (under && !hunk.endOfFile && under.at !== lines.length - 1) {
    const problem = `A hunk of added lines alone goes to the end of ${path}, but '${context}' is line ${under.at + 1}. Give the line above or below them as context (with a space before it), or "*** End of File" when the end is meant.`;
    return { ok: false, problem };
  }
  return { ok: true, place: { at: lines.length, oldLines: [], lines: hunk.lines, likeness: 0, isAnchored: true } };
}

const missing = (what: string, lines: readonly string[], wanted: readonly string[]): Located => ({
  ok: false,
  problem: `${what}\n${nearestText(lines, wanted)}`,
});

/**
 * As written, and without an empty last line, which often stands for the end of the file and is no line; where `least`
 * lines are left to find the place by.
 */
export function forms(lines: readonly HunkLine[], least = 1): (readonly HunkLine[])[] {
  const last = lines.findLastIndex(({ sign }) => sign !== '+');
  if (lines[last]?.text !== '' || oldLinesOf(lines).length <= least) return [lines];
  // Lines that come behind it come behind an empty line all the same.
  const isEnd = lines[last]?.sign === '-' || last === lines.length - 1;
  const shorter = isEnd ? lines.toSpliced(last, 1) : lines.with(last, { sign: '+', text: '' });
  const closing = shorter.at(-1);
  const isClosed = last < lines.length - 1 && closing?.sign === '+' && closing.text === '';
  return [lines, isClosed ? shorter.slice(0, -1) : shorter];
}

/** A stricter match further down wins over a lenient one above. */
function firstLike(finder: LineFinder, wanted: readonly string[], from: number): Pick<Place, 'at' | 'likeness'> | null {
  for (const likeness of LIKENESSES) {
    const [at] = finder.places(wanted, from, likeness, 1);
    if (at !== undefined) return { at, likeness };
  }
  return null;
}

function onlyLike(finder: LineFinder, wanted: readonly string[]): Pick<Place, 'at' | 'likeness'> | null {
  for (const likeness of LIKENESSES) {
    const [at, second] = finder.places(wanted, 0, likeness, 2);
    if (at !== undefined) return second === undefined ? { at, likeness } : null;
  }
  return null;
}

function overlap(places: readonly Place[], path: string): string | null {
  const sorted = places.toSorted((a, b) => a.at - b.at);
  for (const [index, { at }] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before && before.at + before.oldLines.length > at)
      return `Two hunks change the same lines of ${path} (line ${at + 1}). Make one hunk of them.`;
  }
  return null;
}

/** Hunks come in order, so there may be one way only to place them although their lines occur more than once. */
function ambiguity(finder: LineFinder, places: readonly Place[], path: string): string | null {
  let before = finder.lines.length;
  for (const place of places.toReversed()) {
    const { at, oldLines, likeness, isAnchored } = place;
    if (isAnchored) {
      before = Math.min(before, at);
      continue;
    }
    const fitting = finder.places(oldLines, at, likeness).filter((one) => one + oldLines.length <= before);
    if (fitting.length > 1) {
      return `The lines stand in ${path} more than once (from line ${lineNumbers(fitting)}), and nothing tells which are meant:\n${oldLines.join('\n')}\nGive more lines of context, or "@@" with a line that stands above.`;
    }
    before = Math.min(before, at);
  }
  return null;
}

/** What comes in the place of the old lines; null when the indentation of new ones cannot be told. */
function rewrite({ at, oldLines, lines: given, likeness }: Place, lines: readonly string[]): string[] | null {
  const reindent =
    likeness === 0
      ? (line: string) => line
      : reindentFrom(oldLines.map((line, index) => [line, lines[at + index] ?? '']));
  const written: string[] = [];
  let old = at;
  for (const { sign, text } of given) {
    const line = sign === '+' ? reindent(text) : (lines[old++] ?? '');
    if (line === null) return null;
    if (sign !== '-') written.push(line);
  }
  return written;
}

function unclearIndent({ at, oldLines }: Place, lines: readonly string[], path: string): string {
  const shown = lines.slice(at, at + oldLines.length).map((line, index) => `${at + index + 1}\t${line}`);
  return `The lines stand in ${path} with another indentation, and what the new lines should have cannot be told from it. In the file, with line numbers:\n${shown.join('\n')}`;
}
