/** What must be answered, read from the bytes that were sent; written apart from the core's own reader. */

/** The greatest depth that is read, and the longest line. */
const MAX_DEPTH = 256;
export const MAX_LINE = 64 * 1024 * 1024;

export type Id = string | number | null;
export type Expected = {
  /** An answer with this id; null: one that names none. */
  id: Id;
  /** The answer may come without the id, for the message could not be read whole. */
  orNull: boolean;
  /** What is asked; null: it cannot be. */
  method: string | null;
};

const decoder = new TextDecoder('utf-8');

/** The answers to what is sent as one stream of lines, or as one frame. */
export function expectedAnswers(bytes: Buffer, framed: boolean): Expected[] {
  return (framed ? [bytes] : linesOf(bytes)).flatMap(expectedOf);
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start <= bytes.length; ) {
    const found = bytes.indexOf(0x0a, start);
    const end = found === -1 ? bytes.length : found;
    const hasReturn = end > start && bytes[end - 1] === 0x0d;
    lines.push(bytes.subarray(start, hasReturn ? end - 1 : end));
    start = end + 1;
  }
  return lines;
}

function expectedOf(line: Buffer): Expected[] {
  if (line.length === 0) return [];
  const nothing: Expected = { id: null, orNull: true, method: null };
  if (line.length > MAX_LINE) return [{ ...nothing, id: idIn(decoder.decode(line)) }];
  const text = decoder.decode(line);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Deep, broken and with an id is refused as deep, and may be answered by its id.
    return [{ ...nothing, id: deepest(text) > MAX_DEPTH ? idIn(text) : null }];
  }
  if (deepest(text) > MAX_DEPTH) return [{ ...nothing, id: (value as { id?: Id } | null)?.id ?? null }];
  if (Array.isArray(value)) {
    const asked = value.flatMap((one): Id[] => (isObject(one) && 'method' in one && isId(one.id) ? [one.id] : []));
    return (asked.length > 0 ? asked : [null]).map((id) => ({ id, orNull: false, method: null }));
  }
  if (!isObject(value)) return [nothing];
  const id = isId(value.id) ? value.id : null;
  if (Object.hasOwn(value, 'method')) {
    if (typeof value.method !== 'string') return [{ id, orNull: false, method: null }];
    return Object.hasOwn(value, 'id') ? [{ id, orNull: false, method: id === null ? null : value.method }] : [];
  }
  if (Object.hasOwn(value, 'error')) return [];
  if (Object.hasOwn(value, 'result')) return id === null ? [nothing] : [];
  return [{ id, orNull: false, method: null }];
}

function deepest(text: string): number {
  let depth = 0;
  let most = 0;
  let isString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (isString) {
      if (char === '\\') at += 1;
      else if (char === '"') isString = false;
    } else if (char === '"') isString = true;
    else if (char === '[' || char === '{') most = Math.max(most, ++depth);
    else if (char === ']' || char === '}') depth -= 1;
  }
  return most;
}

/** An id in a text that cannot be read, as the soak writes it. */
function idIn(text: string): Id {
  const found = /"id":"(soak-\d+)"/.exec(text.slice(0, 4096)) ?? /"id":"(soak-\d+)"\}?$/.exec(text.slice(-4096));
  return found?.[1] ?? null;
}

const isId = (value: unknown): value is string | number => typeof value === 'string' || Number.isSafeInteger(value);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
