/** Texts as host and core speak of them (LF, no BOM), and the way back to how a file has them. Pure. */
import { createHash } from 'node:crypto';
import { diffArrays } from 'diff';

/** Every kind of line end becomes LF, as in an open document; a BOM goes. */
export const plain = (text: string): string => text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');

/** SHA-256 (hex) of a plain text. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Characters `start` up to `end` of the text before are replaced by `text`. */
export type TextEdit = { start: number; end: number; text: string };

const DIFF_TIMEOUT_MS = 300;

/** Lines with their line ends. */
const linesOf = (text: string): string[] => (text === '' ? [] : text.split(/(?<=\r\n|\n|\r(?!\n))/));

type LineRun = { start: number; count: number; lines: string[] };

/**
 * The small edits that make `after` of `before`, in order and apart. What is the same at both ends stays untouched, also where
 * no diff is found in time.
 */
export function minimalEdits(before: string, after: string): TextEdit[] {
  const old = linesOf(before);
  const edits: TextEdit[] = [];
  let offset = 0;
  let line = 0;
  for (const { start, count, lines } of runsOf(old, linesOf(after))) {
    for (; line < start; line++) offset += old[line]?.length ?? 0;
    const from = offset;
    for (; line < start + count; line++) offset += old[line]?.length ?? 0;
    edits.push(trimmed({ start: from, end: offset, text: lines.join('') }, before));
  }
  return edits;
}

/**
 * `text` (plain) with the line ends of `raw`: lines that stay keep theirs, new ones take those of the lines that they replace
 * or follow.
 */
export function withLineEnds(raw: string, text: string): string {
  const old = linesOf(raw);
  const kinds = new Set(old.map(endOf).filter((end) => end !== ''));
  const [only = '\n'] = kinds;
  if (kinds.size <= 1) return only === '\n' ? text : text.replaceAll('\n', only);
  const made: string[] = [];
  let line = 0;
  for (const { start, count, lines } of runsOf(old.map(plain), linesOf(text))) {
    made.push(...old.slice(line, start));
    lines.forEach((added, index) => {
      const beside = old[index < count ? start + index : Math.max(0, start + count - 1)] ?? '';
      const end = endOf(beside) || endOf(old[start - 1] ?? '') || only;
      made.push(added.endsWith('\n') ? added.slice(0, -1) + end : added);
    });
    line = start + count;
  }
  const joined = [...made, ...old.slice(line)].join('');
  // A lone CR that came to stand before a LF is one line end with it: then all are of one kind.
  return plain(joined) === text ? joined : text.replaceAll('\n', lineEnd(raw) === 'crlf' ? '\r\n' : '\n');
}

/** What most lines of a text end with. */
export function lineEnd(raw: string): 'lf' | 'crlf' {
  const crlf = raw.split('\r\n').length - 1;
  return crlf * 2 > raw.split('\n').length - 1 ? 'crlf' : 'lf';
}

const endOf = (line: string): string => /(?:\r\n|\n|\r)$/.exec(line)?.[0] ?? '';

/** Runs of lines that differ, in order. */
function runsOf(old: readonly string[], now: readonly string[]): LineRun[] {
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  const most = Math.min(old.length, now.length) - head;
  while (tail < most && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
  const [oldMiddle, nowMiddle] = [old.slice(head, old.length - tail), now.slice(head, now.length - tail)];
  if (oldMiddle.length === 0 && nowMiddle.length === 0) return [];
  const changes = diffArrays(oldMiddle, nowMiddle, { timeout: DIFF_TIMEOUT_MS });
  if (!changes) return [{ start: head, count: oldMiddle.length, lines: nowMiddle }];
  const runs: LineRun[] = [];
  let at = head;
  let open: LineRun | null = null;
  for (const { added, removed, value } of changes) {
    if (!added && !removed) {
      at += value.length;
      open = null;
      continue;
    }
    if (!open) {
      open = { start: at, count: 0, lines: [] };
      runs.push(open);
    }
    if (added) open.lines.push(...value);
    else {
      open.count += value.length;
      at += value.length;
    }
  }
  return runs;
}

/** Without what is the same at both ends, so that a cursor in there stays; a character of two units is not cut. */
function trimmed({ start, end, text }: TextEdit, before: string): TextEdit {
  let head = 0;
  const most = Math.min(end - start, text.length);
  while (head < most && before[start + head] === text[head]) head++;
  if (head > 0 && isUnit(before, start + head - 1, 0xd800)) head--;
  let tail = 0;
  while (tail < most - head && before[end - 1 - tail] === text[text.length - 1 - tail]) tail++;
  if (tail > 0 && isUnit(before, end - tail, 0xdc00)) tail--;
  return { start: start + head, end: end - tail, text: text.slice(head, text.length - tail) };
}

/** Whether it is a first (0xd800) or second (0xdc00) half of a character. */
const isUnit = (text: string, at: number, half: number): boolean => (text.charCodeAt(at) & 0xfc00) === half;
