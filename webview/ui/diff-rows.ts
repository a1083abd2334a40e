import { diffWordsWithSpace } from 'diff';
import { highlight, type Segment } from './highlight.ts';

export type DiffRow =
  | { kind: 'gap'; text: string }
  | {
      kind: 'context' | 'added' | 'removed';
      oldLine: number | null;
      newLine: number | null;
      text: string /** Changed parts of the line, as offsets. */;
      marks: readonly [number, number][];
    };

export type FileDiff = { rows: DiffRow[]; added: number; removed: number; movedTo: string | null };

/**
 * The rows of one file's change as the wire has it: hunks for an update (a move ends with "Moved to: PATH"), the whole
 * content for an added or deleted file. A text that is neither gives one gap row with the text, so nothing is hidden.
 */
export function diffRows(diff: string, kind: 'add' | 'delete' | 'update'): FileDiff {
  if (kind !== 'update' && !/^(?:--- .*\n\+\+\+ .*\n)?@@ -/.test(diff)) return wholeFile(diff, kind);
  const moved = /\n*Moved to: (.+)\s*$/.exec(diff);
  const rows = hunkRows(moved ? diff.slice(0, moved.index) : diff);
  markWords(rows);
  const count = (what: DiffRow['kind']) => rows.reduce((sum, row) => sum + (row.kind === what ? 1 : 0), 0);
  return { rows, added: count('added'), removed: count('removed'), movedTo: moved?.[1] ?? null };
}

function wholeFile(content: string, kind: 'add' | 'delete'): FileDiff {
  const lines = content === '' ? [] : content.replace(/\n$/, '').split('\n');
  const rows = lines.map(
    (text, index): DiffRow =>
      kind === 'add'
        ? { kind: 'added', oldLine: null, newLine: index + 1, text, marks: [] }
        : { kind: 'removed', oldLine: index + 1, newLine: null, text, marks: [] },
  );
  return { rows, added: kind === 'add' ? rows.length : 0, removed: kind === 'add' ? 0 : rows.length, movedTo: null };
}

function hunkRows(diff: string): DiffRow[] {
  const rows: DiffRow[] = [];
  let [oldLine, newLine, inHunk] = [0, 0, false];
  for (const line of diff.replace(/\n$/, '').split('\n')) {
    const header = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$/.exec(line);
    if (header) {
      [oldLine, newLine, inHunk] = [Number(header[1]), Number(header[2]), true];
      if (rows.length || oldLine > 1) rows.push({ kind: 'gap', text: header[3] ?? '' });
    } else if (!inHunk) {
      if (
        line &&
        !/^(?:diff --git|index |--- |\+\+\+ |similarity|rename|new file|deleted file|old mode|new mode)/.test(line)
      )
        rows.push({ kind: 'gap', text: line });
    } else if (line.startsWith('+'))
      rows.push({ kind: 'added', oldLine: null, newLine: newLine++, text: line.slice(1), marks: [] });
    else if (line.startsWith('-'))
      rows.push({ kind: 'removed', oldLine: oldLine++, newLine: null, text: line.slice(1), marks: [] });
    else if (!line.startsWith('\\'))
      rows.push({ kind: 'context', oldLine: oldLine++, newLine: newLine++, text: line.slice(1), marks: [] });
  }
  return rows;
}

/** Marks the changed words where a run of removed lines is followed by as many added ones. */
function markWords(rows: DiffRow[]): void {
  for (let at = 0; at < rows.length; ) {
    const removed = runLength(rows, at, 'removed');
    const added = runLength(rows, at + removed, 'added');
    if (removed > 0 && removed === added && removed <= 40) {
      for (let i = 0; i < removed; i++) markPair(rows, at + i, at + removed + i);
    }
    at += Math.max(1, removed + added);
  }
}

function runLength(rows: readonly DiffRow[], from: number, kind: DiffRow['kind']): number {
  let length = 0;
  while (rows[from + length]?.kind === kind) length++;
  return length;
}

function markPair(rows: DiffRow[], oldAt: number, newAt: number): void {
  const [before, after] = [rows[oldAt], rows[newAt]];
  if (!before || !after || before.kind === 'gap' || after.kind === 'gap') return;
  if (before.text.length > 400 || after.text.length > 400) return;
  const oldMarks: [number, number][] = [];
  const newMarks: [number, number][] = [];
  let [oldPos, newPos, same] = [0, 0, 0];
  for (const part of diffWordsWithSpace(before.text, after.text)) {
    const length = part.value.length;
    if (part.removed) oldMarks.push([oldPos, oldPos + length]);
    else if (part.added) newMarks.push([newPos, newPos + length]);
    else same += part.value.trim().length;
    if (!part.added) oldPos += length;
    if (!part.removed) newPos += length;
  }
  // Two lines with little in common are better read as two lines.
  if (same * 3 < Math.min(before.text.trim().length, after.text.trim().length)) return;
  rows[oldAt] = { ...before, marks: oldMarks };
  rows[newAt] = { ...after, marks: newMarks };
}

/** A row's text in pieces of one style each: highlighted as `language`, cut at the marks. */
export function lineParts(row: Exclude<DiffRow, { kind: 'gap' }>, language: string | null): Segment[] {
  const parts: Segment[] = [];
  let at = 0;
  const segments = row.text.length > 1000 ? [{ text: row.text, className: '' }] : highlight(row.text, language);
  for (const { text, className } of segments) {
    const end = at + text.length;
    const cuts = [at, ...row.marks.flat().filter((cut) => cut > at && cut < end), end];
    for (let i = 0; i + 1 < cuts.length; i++) {
      const [from, to] = [cuts[i] as number, cuts[i + 1] as number];
      const marked = row.marks.some(([a, b]) => a <= from && to <= b);
      if (to > from)
        parts.push({ text: row.text.slice(from, to), className: marked ? `${className} mark`.trim() : className });
    }
    at = end;
  }
  return parts;
}
