/** Finds lines in a file that a model wrote down from memory: strictly first, then forgiving what models get wrong. (pure) */

/** What is compared of a line. A greater number forgives more; all that is forgiven before is forgiven too. */
export type Likeness = 0 | 1 | 2 | 3 | 4;

// What Unicode calls white space; JavaScript's own `trim` takes a byte order mark for some, and leaves U+0085.
const trimEnd = (line: string) => line.replace(/\p{White_Space}+$/u, '');
const trim = (line: string) => trimEnd(line).replace(/^\p{White_Space}+/u, '');

/** One character for each, so that positions stay. */
export function plainPunctuation(text: string): string {
  return text
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\u2018-\u201B]/g, "'")
    .replace(/[\u201C-\u201F]/g, '"')
    .replace(/[\u00A0\u2002-\u200A\u202F\u205F\u3000]/g, ' ');
}

const likenesses: readonly ((line: string) => string)[] = [
  (line) => line,
  trimEnd,
  trim,
  (line) => plainPunctuation(trim(line)),
  (line) => plainPunctuation(trim(line)).normalize('NFC').replace(/\s+/g, ' '),
];

export type LineFinder = {
  readonly lines: readonly string[];
  /** Where `wanted` stands at or after `from`, from the first on, at most `limit` places. */
  places(wanted: readonly string[], from: number, likeness: Likeness, limit?: number): number[];
};

export function createLineFinder(lines: readonly string[]): LineFinder {
  const likened: (readonly string[] | undefined)[] = [lines];
  return {
    lines,
    places(wanted, from, likeness, limit = Number.POSITIVE_INFINITY) {
      const like = likenesses[likeness] as (line: string) => string;
      likened[likeness] ??= lines.map(like);
      const have = likened[likeness];
      const want = wanted.map(like);
      const found: number[] = [];
      for (let at = from; at + want.length <= have.length && found.length < limit; at++) {
        if (want.every((line, i) => have[at + i] === line)) found.push(at);
      }
      return found;
    },
  };
}

const SHOWN_LINES = 12;
const SHOWN_WIDTH = 300;
const SHOWN_PLACES = 8;

/** `3, 9 and 12`, for messages; `places` count from 0. */
export function lineNumbers(places: readonly number[]): string {
  const numbers = places.slice(0, SHOWN_PLACES).map((at) => String(at + 1));
  const more = places.length > SHOWN_PLACES ? ', …' : '';
  return numbers.length < 2 || more
    ? numbers.join(', ') + more
    : `${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)}`;
}

/** What stands where the lines should be, with line numbers, so that the model can correct itself without another read. */
export function nearestText(lines: readonly string[], wanted: readonly string[]): string {
  if (lines.length === 0) return 'The file is empty.';
  const place = nearest(lines, wanted);
  if (place === null) return 'Nothing like it is in the file. Read it again before you change it.';
  const start = Math.max(0, place - 3);
  const shown = lines.slice(start, start + Math.max(SHOWN_LINES, Math.min(wanted.length + 6, 40)));
  const text = shown.map((line, index) => `${start + index + 1}\t${line.slice(0, SHOWN_WIDTH)}`).join('\n');
  return `The nearest lines in the file, with their numbers:\n${text}`;
}

const wordsOf = (line: string): Set<string> => new Set(line.match(/[\p{L}\p{N}_]+/gu) ?? []);

/** Where most words of the first telling lines stand; null when nothing shares half of them. */
function nearest(lines: readonly string[], wanted: readonly string[]): number | null {
  const offset = wanted.findIndex((line) => wordsOf(line).size > 0);
  if (offset < 0) return null;
  const words = wordsOf(wanted[offset] ?? '');
  let best: number | null = null;
  let bestShare = 0.5;
  for (const [at, line] of lines.entries()) {
    const have = wordsOf(line);
    let common = 0;
    for (const word of words) if (have.has(word)) common++;
    const share = (2 * common) / (words.size + have.size);
    if (share >= bestShare && (best === null || share > bestShare)) {
      best = at;
      bestShare = share;
    }
  }
  return best === null ? null : Math.max(0, best - offset);
}
