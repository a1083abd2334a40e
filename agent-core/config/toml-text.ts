/** Where things stand in the text of a TOML file, and what can be saved of a broken one. */
import { parse, TomlError } from 'smol-toml';

export type TextPosition = { line: number; column: number };
export type SyntaxProblem = TextPosition & { message: string };

/** The parts of a dotted key, quoted or bare; null when it is none. */
export function splitKey(text: string): string[] | null {
  const parts: string[] = [];
  let rest = text.trim();
  for (;;) {
    const match = /^(?:([A-Za-z0-9_-]+)|"((?:[^"\\]|\\.)*)"|'([^']*)')\s*/.exec(rest);
    if (!match) return null;
    parts.push(match[1] ?? match[3] ?? unescapeText(match[2] ?? ''));
    rest = rest.slice(match[0].length);
    if (rest === '') return parts;
    if (!rest.startsWith('.')) return null;
    rest = rest.slice(1).trimStart();
  }
}

function unescapeText(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}

/** Where a key is set, or else the nearest table around it; null when nothing of it stands in the text. */
export function locateKey(text: string, path: readonly string[]): TextPosition | null {
  let table: string[] = [];
  let best: TextPosition | null = null;
  let bestLength = 0;
  let fence: string | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    const fences = line.match(/"""|'''/g) ?? [];
    const isInside = fence !== null;
    for (const mark of fences) {
      if (fence === null) fence = mark;
      else if (fence === mark) fence = null;
    }
    if (isInside) continue;
    const header = /^\s*\[\[?([^\]]*(?:"[^"]*"[^\]]*)*)\]/.exec(line);
    const key = header
      ? null
      : /^\s*((?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'))*)\s*=/.exec(
          line,
        );
    const parts = splitKey(header?.[1] ?? key?.[1] ?? '');
    if (!parts) continue;
    if (header) table = parts;
    const whole = header ? parts : [...table, ...parts];
    const fits = whole.length <= path.length && whole.every((part, i) => part === path[i]);
    if (fits && whole.length > bestLength) {
      bestLength = whole.length;
      best = { line: index + 1, column: line.search(/\S/) + 1 };
    }
  }
  return best;
}

function problemOf(error: TomlError): SyntaxProblem {
  const [first = ''] = error.message.split('\n');
  return { line: error.line, column: error.column, message: first.replace(/^Invalid TOML document:\s*/, '') };
}

/** A line that begins another statement than the one before; `[` of a nested list is none. */
const NEXT_STATEMENT =
  /^\s*(?:[A-Za-z0-9_-]+(?:\s*\.\s*[A-Za-z0-9_-]+)*\s*=|\[{1,2}\s*[A-Za-z_][^,]*\]{1,2}\s*(?:#.*)?$)/;
const OPENING = /^\s*[^\s=#[][^=#]*=\s*[[{]/;

/** Brackets that a line opens minus those that it closes, outside of its strings and its comment. */
function depthOf(line: string): number {
  const bare = line.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '').replace(/#.*$/, '');
  return (bare.match(/[[{]/g)?.length ?? 0) - (bare.match(/[\]}]/g)?.length ?? 0);
}

/** The list or inline table over several lines that `at` lies in: where it begins, and the line after its end. */
function openValue(lines: readonly string[], at: number): { start: number; end: number; isClosed: boolean } | null {
  let start = at - 1;
  while (start >= 0 && !OPENING.test(lines[start] ?? '')) start--;
  if (start < 0) return null;
  let depth = 0;
  for (let end = start; end < lines.length; end++) {
    if (end > start && NEXT_STATEMENT.test(lines[end] ?? '')) return end > at ? null : { start, end, isClosed: false };
    depth += depthOf(lines[end] ?? '');
    if (depth <= 0) return end < at ? null : { start, end: end + 1, isClosed: true };
  }
  return { start, end: lines.length, isClosed: false };
}

/**
 * Reads what can be read. A line that is no TOML is left out and told; with a broken table header goes its whole
 * table, since its keys would else fall into another one.
 */
export function parseToml(text: string): { value: Record<string, unknown>; problems: SyntaxProblem[] } {
  const problems: SyntaxProblem[] = [];
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  for (let round = 0; round < 20; round++) {
    try {
      return { value: parse(lines.join('\n')), problems };
    } catch (error) {
      if (!(error instanceof TomlError)) throw error;
      const at = Math.min(Math.max(error.line - 1, 0), lines.length - 1);
      const value = openValue(lines, at);
      if (value) {
        const line = lines[value.start] ?? '';
        const column = line.search(/=\s*[[{]/) + 1;
        const unclosed = `what begins here with ${line.match(/=\s*([[{])/)?.[1]} is not closed; this key is left out`;
        problems.push(value.isClosed ? problemOf(error) : { line: value.start + 1, column, message: unclosed });
        lines.fill('', value.start, value.end);
        continue;
      }
      problems.push(problemOf(error));
      let end = at + 1;
      // What follows an open string is text, which must never come to count as configuration.
      if (/'''|"""/.test(lines[at] ?? '')) end = lines.length;
      else if (lines[at]?.trimStart().startsWith('[')) {
        while (end < lines.length && !lines[end]?.trimStart().startsWith('[')) end++;
      }
      lines.fill('', at, end);
    }
  }
  return { value: {}, problems };
}

/** The value of `-c key=value`: TOML where it is TOML, else the text as it stands. */
export function parseTomlValue(text: string): unknown {
  try {
    return parse(`value = ${text}`).value;
  } catch {
    return text;
  }
}
