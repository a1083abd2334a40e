/** Whether a text holds all words that are looked for, and where. The same whether an index helps or not. (pure) */

export type Snippet = { text: string; matches: { start: number; end: number }[] };

/** Characters around what was found. */
const BEFORE = 40;
const AFTER = 160;
const MOST_MATCHES = 20;

/** In small letters, each as long as what it stands for, so that places in it are places in the text. */
export function fold(text: string): string {
  const folded = text.toLowerCase();
  if (folded.length === text.length) return folded;
  return Array.from(text, (letter) => {
    const small = letter.toLowerCase();
    return small.length === letter.length ? small : letter;
  }).join('');
}

/** What a person typed: words in any order; what stands in double quotes is one. Empty when there is none. */
export function wordsOf(query: string): string[] {
  const words = Array.from(query.matchAll(/"([^"]+)"|[^\s"]+/g), ([whole, quoted]) => fold(quoted ?? whole).trim());
  return [...new Set(words)].filter((word) => word !== '');
}

/** Whether a text, folded, holds all of them. */
export const holds = (folded: string, words: readonly string[]): boolean =>
  words.every((word) => folded.includes(word));

/** Parts that meet become one. */
function joined(matches: Snippet['matches']): Snippet['matches'] {
  const result: Snippet['matches'] = [];
  for (const match of matches.sort((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last && match.start <= last.end) last.end = Math.max(last.end, match.end);
    else result.push({ ...match });
  }
  return result;
}

/** A place that does not cut a character of two parts. */
const whole = (text: string, at: number): number => (/[\uDC00-\uDFFF]/.test(text[at] ?? '') ? at - 1 : at);

/** The part of a text around the first of the words that it holds, on one line; null: it does not hold them all. */
export function snippetOf(text: string, words: readonly string[]): Snippet | null {
  const folded = fold(text);
  if (words.length === 0 || !holds(folded, words)) return null;
  const first = Math.min(...words.map((word) => folded.indexOf(word)));
  const start = whole(text, Math.max(0, first - BEFORE));
  const end = whole(text, Math.min(text.length, first + Math.max(AFTER, ...words.map(({ length }) => length))));
  const [before, after] = [start > 0 ? '…' : '', end < text.length ? '…' : ''];
  // White space stays as long as it is, or the places would move.
  const part = text.slice(start, end).replace(/\s/g, ' ');
  const matches: Snippet['matches'] = [];
  for (const word of words) {
    for (let at = folded.indexOf(word, start); at >= 0 && at + word.length <= end; ) {
      if (matches.length >= MOST_MATCHES * words.length) break;
      const moved = at - start + before.length;
      matches.push({ start: moved, end: moved + word.length });
      at = folded.indexOf(word, at + word.length);
    }
  }
  return { text: `${before}${part}${after}`, matches: joined(matches).slice(0, MOST_MATCHES) };
}
