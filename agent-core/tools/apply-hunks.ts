/** Puts the hunks of a patch into a text. (pure) */
import type { Hunk } from './patch-parser.ts';

export type Applied = { ok: true; text: string } | { ok: false; problem: string };

type Replacement = { at: number; remove: number; lines: string[] };

/** `path` is only for messages. The result ends with a line end, as the patch language knows only whole lines. */
export function applyHunks(text: string, hunks: readonly Hunk[], path: string): Applied {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const replacements: Replacement[] = [];
  let from = 0;
  for (const hunk of hunks) {
    if (hunk.context !== null) {
      const at = findLines(lines, [hunk.context], from, false);
      if (at === null)
        return {
          ok: false,
          problem: notFound(`Failed to find context '${hunk.context}' in ${path}`, lines, [hunk.context]),
        };
      from = at + 1;
    }
    if (hunk.oldLines.length === 0) {
      replacements.push({ at: lines.length, remove: 0, lines: hunk.newLines });
      continue;
    }
    const found = locate(lines, hunk, from);
    if (!found) {
      const wanted = hunk.oldLines.join('\n');
      return {
        ok: false,
        problem: notFound(`Failed to find expected lines in ${path}:\n${wanted}`, lines, hunk.oldLines),
      };
    }
    replacements.push(found);
    from = found.at + found.remove;
  }
  for (const { at, remove, lines: added } of replacements.sort((a, b) => a.at - b.at).reverse()) {
    lines.splice(at, remove, ...added);
  }
  return { ok: true, text: lines.length === 0 ? '' : `${lines.join('\n')}\n` };
}

function locate(lines: string[], hunk: Hunk, from: number): Replacement | null {
  const at = findLines(lines, hunk.oldLines, from, hunk.endOfFile);
  if (at !== null) return { at, remove: hunk.oldLines.length, lines: hunk.newLines };
  // An empty last line in a hunk often stands for the end of the file, which is no line.
  if (hunk.oldLines.at(-1) !== '') return null;
  const shorter = hunk.oldLines.slice(0, -1);
  const again = findLines(lines, shorter, from, hunk.endOfFile);
  if (again === null) return null;
  const added = hunk.newLines.at(-1) === '' ? hunk.newLines.slice(0, -1) : hunk.newLines;
  return { at: again, remove: shorter.length, lines: added };
}

/** From strict to lenient; a stricter match further down wins over a lenient one above. */
const likenesses: ((line: string) => string)[] = [
  (line) => line,
  (line) => line.trimEnd(),
  (line) => line.trim(),
  (line) => plainPunctuation(line.trim()),
];

function findLines(lines: string[], wanted: string[], from: number, atEnd: boolean): number | null {
  if (wanted.length === 0) return from;
  if (wanted.length > lines.length) return null;
  const start = atEnd ? lines.length - wanted.length : from;
  for (const like of likenesses) {
    const want = wanted.map(like);
    for (let at = start; at + want.length <= lines.length; at++) {
      if (want.every((line, i) => like(lines[at + i] as string) === line)) return at;
    }
  }
  return null;
}

function plainPunctuation(line: string): string {
  return line
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\u2018-\u201B]/g, "'")
    .replace(/[\u201C-\u201F]/g, '"')
    .replace(/[\u00A0\u2002-\u200A\u202F\u205F\u3000]/g, ' ');
}

const SHOWN_LINES = 12;

/** What stands where the lines should be, so that the model can correct itself without another read. */
function notFound(what: string, lines: string[], wanted: string[]): string {
  if (lines.length === 0) return `${what}\nThe file is empty.`;
  const key = wanted.find((line) => line.trim().length > 2) ?? wanted[0] ?? '';
  const near = nearest(lines, key);
  if (near === null) return `${what}\nNothing like it is in the file. Read it again before you patch it.`;
  const start = Math.max(0, near - 3);
  const shown = lines.slice(start, start + SHOWN_LINES);
  return `${what}\nNearest lines in the file (from line ${start + 1}):\n${shown.map((line) => line.slice(0, 300)).join('\n')}`;
}

/** The line that shares the most words with `wanted`; null when none shares half of them. */
function nearest(lines: string[], wanted: string): number | null {
  const words = new Set(wanted.match(/\w+/g) ?? []);
  if (words.size === 0) return null;
  let best: number | null = null;
  let bestShare = 0.5;
  for (const [at, line] of lines.entries()) {
    const have = new Set(line.match(/\w+/g) ?? []);
    let common = 0;
    for (const word of words) if (have.has(word)) common++;
    const share = (2 * common) / (words.size + have.size);
    if (share >= bestShare && (best === null || share > bestShare)) {
      best = at;
      bestShare = share;
    }
  }
  return best;
}
