/** The statements of a TOML text and where they stand, so that one can be changed and the others stay as they are. */
import { splitKey } from './toml-text.ts';

export type Span = { start: number; end: number };

/** Whole lines, from the first character of the first to after the line end of the last. */
export type Statement = Span & {
  /** From the top of the document. */
  path: string[];
} & (
    | { type: 'table' }
    /** `[[name]]`. */
    | { type: 'entry' }
    | {
        type: 'pair';
        /** How much of `path` is the table that it stands in. */
        depth: number;
        /** Where it stands under a `[[name]]`, and so belongs to one entry of a list. */
        isInList: boolean;
        value: Span;
      }
  );

const SPACE = /[ \t]/;
const BLANK = /[ \t\r\n]/;

/** After a string that begins at `at`. */
function afterString(text: string, at: number): number {
  const quote = text[at] ?? '';
  const long = quote.repeat(3);
  if (text.startsWith(long, at)) {
    let end = at + 3;
    while (end < text.length && !text.startsWith(long, end)) end += quote === '"' && text[end] === '\\' ? 2 : 1;
    end += 3;
    // Up to two quotes may stand before the three that end it.
    for (let more = 0; more < 2 && text[end] === quote; more++) end++;
    return end;
  }
  let end = at + 1;
  while (end < text.length && text[end] !== quote) end += quote === '"' && text[end] === '\\' ? 2 : 1;
  return end + 1;
}

const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
};

/** After a value that begins at `at`. */
function afterValue(text: string, at: number): number {
  const first = text[at];
  if (first === '"' || first === "'") return afterString(text, at);
  if (first === '[' || first === '{') {
    let depth = 0;
    let end = at;
    while (end < text.length) {
      const char = text[end];
      if (char === '"' || char === "'") end = afterString(text, end);
      else if (char === '#') end = lineEnd(text, end);
      else {
        if (char === '[' || char === '{') depth++;
        if (char === ']' || char === '}') depth--;
        end++;
        if (depth === 0) return end;
      }
    }
    return end;
  }
  let end = at;
  while (end < text.length && !/[#\n]/.test(text[end] ?? '')) end++;
  while (end > at && BLANK.test(text[end - 1] ?? '')) end--;
  return end;
}

/** Where the key of a statement ends: at `=` or `]`, outside of quotes. */
function afterKey(text: string, at: number, stop: string): number {
  let end = at;
  while (end < text.length && text[end] !== stop && text[end] !== '\n') {
    end = text[end] === '"' || text[end] === "'" ? afterString(text, end) : end + 1;
  }
  return end;
}

/** Of a text that is TOML; of any other the answer is without meaning, and without harm. */
export function scanToml(text: string): Statement[] {
  const found: Statement[] = [];
  let table: string[] = [];
  let isInList = false;
  const lists: string[][] = [];
  let start = text.startsWith('\uFEFF') ? 1 : 0;
  while (start < text.length) {
    let at = start;
    while (SPACE.test(text[at] ?? '')) at++;
    const char = text[at];
    if (char === undefined || char === '#' || char === '\n' || char === '\r') {
      start = lineEnd(text, at) + 1;
      continue;
    }
    if (char === '[') {
      const isEntry = text[at + 1] === '[';
      const from = at + (isEntry ? 2 : 1);
      const to = afterKey(text, from, ']');
      table = splitKey(text.slice(from, to)) ?? [];
      if (isEntry) lists.push(table);
      isInList = lists.some((list) => list.every((part, index) => table[index] === part));
      const end = Math.min(lineEnd(text, to) + 1, text.length);
      found.push({ type: isEntry ? 'entry' : 'table', path: table, start, end });
      start = end;
      continue;
    }
    const to = afterKey(text, at, '=');
    const keys = splitKey(text.slice(at, to)) ?? [];
    let from = to + 1;
    while (SPACE.test(text[from] ?? '')) from++;
    const value = { start: from, end: afterValue(text, from) };
    const end = Math.min(lineEnd(text, value.end) + 1, text.length);
    found.push({ type: 'pair', path: [...table, ...keys], depth: table.length, isInList, value, start, end });
    start = end;
  }
  return found;
}
