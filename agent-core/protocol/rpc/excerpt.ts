import type { RequestId } from '../common.ts';

/** What the ends of a line tell that is not going to be parsed. */
export type LineKind = { type: 'request' | 'answer'; id: RequestId } | { type: 'unknown' };

const INTEGER = /^-?\d{1,16}$/;
/** The last member of the outermost object. */
const LAST_ID = /(?<!\\)"id"\s*:\s*(-?\d{1,16}|"(?:[^"\\]|\\.)*")\s*\}\s*$/;

/**
 * Whose line it is, as far as its first and last characters tell: enough to answer a request that is too long to be
 * read. Only keys of the outermost object count, so an `id` inside of params is never mistaken for the message's.
 */
export function kindOfLine(head: string, tail: string): LineKind {
  const keys = outermostKeys(head);
  const type = keys.has('method') ? 'request' : keys.has('result') || keys.has('error') ? 'answer' : 'unknown';
  if (type === 'unknown') return { type };
  const id = readId(keys.get('id') ?? LAST_ID.exec(tail)?.[1] ?? '');
  return id === null ? { type: 'unknown' } : { type, id };
}

function readId(text: string): RequestId | null {
  if (INTEGER.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : null;
  if (!text.startsWith('"')) return null;
  try {
    return String(JSON.parse(text));
  } catch {
    return null;
  }
}

/** The keys of the outermost object with the text of their values, as far as `text` goes; of containers only ''. */
function outermostKeys(text: string): Map<string, string> {
  const keys = new Map<string, string>();
  let depth = 0;
  let key = '';
  let valueFrom = -1;
  const finish = (end: number): void => {
    if (valueFrom >= 0) keys.set(key, text.slice(valueFrom, end).trim());
    valueFrom = -1;
  };
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') {
      const end = endOfString(text, at);
      if (end < 0) return keys;
      if (depth === 1 && valueFrom < 0) key = text.slice(at + 1, end);
      at = end;
    } else if (char === '{' || char === '[') {
      depth += 1;
      // What is inside matters to nobody; that there is such a key does.
      if (depth === 2 && valueFrom >= 0) keys.set(key, '');
    } else if (char === '}' || char === ']') {
      depth -= 1;
      if (depth === 0) {
        finish(at);
        return keys;
      }
    } else if (depth !== 1) continue;
    else if (char === ':') valueFrom = at + 1;
    else if (char === ',') finish(at);
  }
  if (valueFrom >= 0 && !keys.has(key)) keys.set(key, '');
  return keys;
}

/** Where the string that begins at `start` has its closing quote; -1: not in this text. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = end - 1;
    while (text[escapes] === '\\') escapes -= 1;
    if ((end - 1 - escapes) % 2 === 0) return end;
  }
  return -1;
}

/** Whether arrays and objects lie in each other more than `limit` deep. Costs little where strings are long. */
export function isDeeperThan(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      const end = endOfString(text, at);
      if (end < 0) return false;
      at = end;
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return false;
}
