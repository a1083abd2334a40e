/** Replaces a text that a model quotes from a file, where there is one place for it only. (pure) */
import { diffArrays } from 'diff';
import { type Applied, applyHunks } from './apply-hunks.ts';
import { lineNumbers, plainPunctuation } from './line-match.ts';
import type { HunkLine } from './patch-parser.ts';

export type Replacement = { oldText: string; newText: string; all: boolean };

/** `path` is only for messages. What is not replaced stays as it is, to the byte. */
export function replaceText(text: string, { oldText, newText, all }: Replacement, path: string): Applied {
  const wanted = oldText.replaceAll('\r\n', '\n');
  const fresh = newText.replaceAll('\r\n', '\n');
  if (wanted === '') {
    if (text === '') return { ok: true, text: fresh };
    return { ok: false, problem: `The text to replace is empty, and ${path} is not. Quote what is to be replaced.` };
  }
  if (wanted === fresh) return { ok: false, problem: 'The new text is the old one: there is nothing to change.' };
  const exact = replaceExact(text, wanted, fresh, all, path);
  if (exact) return exact;
  for (const [other, otherFresh] of otherReadings(wanted, fresh)) {
    const found = replaceExact(text, other, otherFresh, all, path);
    if (found) return found;
  }
  return replacePunctuated(text, wanted, fresh) ?? replaceLines(text, wanted, fresh, path);
}

function placesOf(text: string, wanted: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) places.push(at);
  return places;
}

/** Null: it does not stand there. */
function replaceExact(text: string, wanted: string, fresh: string, all: boolean, path: string): Applied | null {
  const places = placesOf(text, wanted);
  if (places.length === 0) return null;
  // By a function, as a replacement's "$&" means nothing here.
  if (all || places.length === 1) return { ok: true, text: text.replaceAll(wanted, () => fresh) };
  const lines = places.map((at) => text.slice(0, at).split('\n').length - 1);
  const problem = `The text stands ${places.length} times in ${path} (in line ${lineNumbers(lines)}). Quote more of what is around the one that is meant, or say that all are.`;
  return { ok: false, problem };
}

/** With the line numbers of a reading tool, or escaped once too often. */
function otherReadings(wanted: string, fresh: string): [string, string][] {
  const readings: [string, string][] = [];
  const numbered = withoutNumbers(wanted);
  if (numbered !== null) readings.push([numbered, withoutNumbers(fresh) ?? fresh]);
  if (!wanted.includes('\n') && /\\[nt"]/.test(wanted) && !fresh.includes('\n'))
    readings.push([unescaped(wanted), unescaped(fresh)]);
  return readings;
}

function withoutNumbers(text: string): string | null {
  const lines = text.split('\n');
  const isNumbered = lines.every(
    (line, index) => /^\s*\d+\t/.test(line) || (line === '' && index === lines.length - 1),
  );
  return isNumbered && lines[0] !== '' ? lines.map((line) => line.replace(/^\s*\d+\t/, '')).join('\n') : null;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', '"': '"', '\\': '\\' };
const unescaped = (text: string): string => text.replace(/\\([nt"\\])/g, (_, char: string) => ESCAPES[char] ?? char);

/** Null unless the text stands there once, but for the shape of its quotes, dashes and spaces. */
function replacePunctuated(text: string, wanted: string, fresh: string): Applied | null {
  const plain = plainPunctuation(wanted);
  const [at, ...others] = placesOf(plainPunctuation(text), plain);
  if (at === undefined || others.length > 0) return null;
  return { ok: true, text: text.slice(0, at) + fresh + text.slice(at + wanted.length) };
}

/** Whole lines, with the indentation of the file. */
function replaceLines(text: string, wanted: string, fresh: string, path: string): Applied {
  const isWhole = wanted.endsWith('\n') && wanted.length > 1 && (fresh === '' || fresh.endsWith('\n'));
  const oldLines = (isWhole ? wanted.slice(0, -1) : wanted).split('\n');
  const newLines = !isWhole ? fresh.split('\n') : fresh === '' ? [] : fresh.slice(0, -1).split('\n');
  const lines = diffArrays(oldLines, newLines).flatMap(({ value, added, removed }) =>
    value.map((line): HunkLine => ({ sign: added ? '+' : removed ? '-' : ' ', text: line })),
  );
  return applyHunks(text, [{ context: null, lines, endOfFile: false }], path);
}
