/**
 * Puts hunks into a file by the letter of the patch language: the first place below counts, and what a hunk names is
 * written as the hunk has it. The model's own tool is more careful (`tools/apply-hunks.ts`). (pure)
 */
import { forms } from '../../tools/apply-hunks.ts';
import { createLineFinder, type Likeness, type LineFinder } from '../../tools/line-match.ts';
import { type Hunk, type HunkLine, oldLinesOf } from '../../tools/patch-parser.ts';

type Line = { text: string; end: string };
type Fresh = { text: string; end: string | null };
type Replacement = { at: number; remove: number; lines: readonly Fresh[] };

export type AppliedText = { ok: true; text: string } | { ok: false; problem: string };

/** `text` has its own line ends; lines that no hunk names keep theirs, new ones get that of the first line. */
export function applyToText(text: string, hunks: readonly Hunk[], path: string): AppliedText {
  const lines = linesOf(text);
  const finder = createLineFinder(lines.map((line) => line.text));
  const replacements: Replacement[] = [];
  let from = 0;
  for (const hunk of hunks) {
    if (hunk.context !== null) {
      const at = find(finder, [hunk.context], from, false);
      if (at === null) return { ok: false, problem: `Failed to find context '${hunk.context}' in ${path}` };
      from = at + 1;
    }
    const oldLines = oldLinesOf(hunk.lines);
    if (oldLines.length === 0) {
      replacements.push(changeOf(lines.length, hunk.lines, lines));
      continue;
    }
    const found = locate(finder, hunk, from);
    if (!found) return { ok: false, problem: `Failed to find expected lines in ${path}:\n${oldLines.join('\n')}` };
    replacements.push(changeOf(found.at, found.form, lines));
    from = found.at + found.remove;
  }
  const sorted = replacements.toSorted((a, b) => a.at - b.at);
  for (const [index, { at }] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before && before.at + before.remove > at)
      return {
        ok: false,
        problem: `Two hunks change the same lines of ${path} (line ${at + 1}); nothing was changed.`,
      };
  }
  return { ok: true, text: written(lines, sorted) };
}

/** Without the lines around that stay; those between are the file's own. An `end` that is null is that of the file. */
function changeOf(at: number, form: readonly HunkLine[], lines: readonly Line[]): Replacement {
  const isChange = ({ sign }: HunkLine) => sign !== ' ';
  const first = form.findIndex(isChange);
  if (first < 0) return { at, remove: 0, lines: [] };
  const changed = form.slice(first, form.findLastIndex(isChange) + 1);
  let old = at + first;
  const fresh = changed.flatMap(({ sign, text }): Fresh[] => {
    const own = sign === '+' ? null : lines[old++];
    return sign === '-' ? [] : [own ?? { text, end: null }];
  });
  return { at: at + first, remove: old - at - first, lines: fresh };
}

function linesOf(text: string): Line[] {
  const parts = text.split(/(\r?\n)/);
  const lines: Line[] = [];
  for (let at = 0; at < parts.length; at += 2) {
    const line = { text: parts[at] ?? '', end: parts[at + 1] ?? '' };
    if (line.text !== '' || line.end !== '') lines.push(line);
  }
  return lines;
}

function locate(
  finder: LineFinder,
  { lines, endOfFile }: Hunk,
  from: number,
): { at: number; remove: number; form: readonly HunkLine[] } | null {
  for (const form of forms(lines, 0)) {
    const wanted = oldLinesOf(form);
    const at = find(finder, wanted, from, endOfFile);
    if (at !== null) return { at, remove: wanted.length, form };
  }
  return null;
}

/** What the reference forgives, from strict to lenient: white space behind, around, and the shape of punctuation. */
const LIKENESSES: readonly Likeness[] = [0, 1, 2, 3];

function find(finder: LineFinder, wanted: readonly string[], from: number, atEnd: boolean): number | null {
  if (wanted.length === 0) return from;
  if (wanted.length > finder.lines.length) return null;
  const start = atEnd ? finder.lines.length - wanted.length : from;
  if (start < from) return null;
  for (const likeness of LIKENESSES) {
    const [at] = finder.places(wanted, start, likeness, 1);
    if (at !== undefined) return at;
  }
  return null;
}

function written(lines: readonly Line[], sorted: readonly Replacement[]): string {
  const end = lines.find((line) => line.end !== '')?.end ?? '\n';
  const result: Fresh[] = [];
  let from = 0;
  for (const { at, remove, lines: added } of sorted) {
    result.push(...lines.slice(from, at), ...added);
    from = at + remove;
  }
  result.push(...lines.slice(from));
  return result.map((line) => line.text + (line.end || end)).join('');
}
