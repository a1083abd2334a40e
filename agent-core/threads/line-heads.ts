/** The table of contents of a thread's file: where each line is and what it is about, found without parsing the lines. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ROLLOUT_VERSION, type RolloutLine, rolloutLine, rolloutLineTypes } from './rollout.ts';

export type RolloutProblem = {
  line: number;
  kind: 'corrupt' | 'torn' | 'unknownType' | 'newerVersion' | 'lostPast';
  message: string;
};

export type LineHead = {
  type: RolloutLine['type'];
  at: number;
  /** In bytes, without the line end. */
  offset: number;
  length: number;
  turnId: string | null;
  /** Of an item. */
  itemId: string | null;
  itemType: string | null;
};

export type LineHeads = {
  readonly heads: LineHead[];
  /** What is wrong with whole lines. */
  readonly problems: RolloutProblem[];
  /** Bytes of whole lines that were looked at. */
  scanned: number;
  lineCount: number;
  /** Size of the file then; more than `scanned` when the last line has no end. */
  size: number;
};

const NEWLINE = 0x0a;
const CLOSING = 0x7d;
const CHUNK = 4 * 1024 * 1024;
/** Heads longer than this are parsed. */
const HEAD = 240;

/** Most lines are items: one look finds all of it. */
const WHOLE_ITEM =
  /^\{"type":"item","at":(\d+),"turnId":"([\w-]+)","item":\{"type":"(\w+)",(?:"moderation":null,)?"id":"([\w.:/-]+)"/;
const START = /^\{"type":"([A-Za-z]+)","at":(\d+)[,}]/;
const TURN = /^"turnId":(?:"([\w-]+)"|(null))[,}]/;
/** Lines whose head says all that is asked of it. */
const OF_TURN: ReadonlySet<string> = new Set([
  'turnStarted',
  'history',
  'usage',
  'turnCompleted',
  'diff',
  'compacted',
  'plan',
  'decision',
]);

export const emptyHeads = (): LineHeads => ({ heads: [], problems: [], scanned: 0, lineCount: 0, size: 0 });

type Found = Omit<LineHead, 'offset' | 'length'>;

/** Null when only parsing can tell. */
function quickHead(text: string): Found | null {
  const item = WHOLE_ITEM.exec(text);
  if (item) {
    const [, at, turnId = null, itemType = null, itemId = null] = item;
    return { type: 'item', at: Number(at), turnId, itemId, itemType };
  }
  const start = START.exec(text);
  const type = start?.[1];
  if (!start || type === undefined || !rolloutLineTypes.has(type) || type === 'thread' || type === 'item') return null;
  const found: Found = {
    type: type as RolloutLine['type'],
    at: Number(start[2]),
    turnId: null,
    itemId: null,
    itemType: null,
  };
  if (!OF_TURN.has(type)) return type === 'name' || type === 'settings' ? found : null;
  const turn = TURN.exec(text.slice(start[0].length));
  return turn && { ...found, turnId: turn[1] ?? null };
}

const typeOf = (value: unknown): string | null =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' ? value.type : null;

/** A line in full, or what is wrong with it. */
export function parseLine(text: string): { line: RolloutLine } | { kind: RolloutProblem['kind']; message: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'corrupt', message: 'not JSON; the line is left out' };
  }
  const parsed = rolloutLine.safeParse(value);
  if (parsed.success) return { line: parsed.data };
  const type = typeOf(value);
  return type !== null && !rolloutLineTypes.has(type)
    ? { kind: 'unknownType', message: `of type ${type}, which this Gantry does not know` }
    : { kind: 'corrupt', message: `does not have the form of a ${type ?? 'thread'} line; it is left out` };
}

function headOf(bytes: Buffer, start: number, end: number, say: (problem: Omit<RolloutProblem, 'line'>) => void) {
  // A line that was cut does not end as one does.
  const quick =
    bytes[end - 1] === CLOSING ? quickHead(bytes.toString('latin1', start, Math.min(end, start + HEAD))) : null;
  if (quick) return quick;
  const parsed = parseLine(bytes.toString('utf8', start, end));
  if (!('line' in parsed)) {
    say(parsed);
    return null;
  }
  const { line } = parsed;
  if (line.type === 'thread' && line.version > ROLLOUT_VERSION) {
    const message = `written by a newer Gantry (format ${line.version}); what this one does not know is passed over`;
    say({ kind: 'newerVersion', message });
  }
  const item = line.type === 'item' ? line.item : null;
  return {
    type: line.type,
    at: line.at,
    turnId: 'turnId' in line ? line.turnId : line.type === 'revert' ? line.beforeTurnId : null,
    itemId: item?.id ?? null,
    itemType: item?.type ?? null,
  };
}

/** Whole lines of `bytes`, which begin at `offset` of the file; returns how many bytes they are. */
export function scanLines(into: LineHeads, bytes: Buffer, offset: number): number {
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end < 0) return start;
    const line = ++into.lineCount;
    if (end > start) {
      const found = headOf(bytes, start, end, (problem) => into.problems.push({ line, ...problem }));
      if (found) {
        const { type, at, turnId, itemId, itemType } = found;
        into.heads.push({ type, at, offset: offset + start, length: end - start, turnId, itemId, itemType });
      }
    }
    start = end + 1;
  }
}

/**
 * Looks at what was appended since the last time. A file that became shorter is looked at anew. Throws what the file
 * system throws.
 */
export function scanFile(file: string, known: LineHeads = emptyHeads()): LineHeads {
  const fd = openSync(file, 'r');
  try {
    const { size } = fstatSync(fd);
    const into = size < known.scanned ? emptyHeads() : known;
    let buffer = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(1, size - into.scanned)));
    let held = 0;
    let position = into.scanned;
    while (position < size) {
      if (held === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
      const count = readSync(fd, buffer, held, Math.min(buffer.length - held, size - position), position);
      if (count === 0) break;
      position += count;
      held += count;
      const taken = scanLines(into, buffer.subarray(0, held), into.scanned);
      into.scanned += taken;
      buffer.copyWithin(0, taken, held);
      held -= taken;
    }
    into.size = size;
    return into;
  } finally {
    closeSync(fd);
  }
}

/** The whole lines among the last `bytes` of a file of that size; the heads are all that counts in it. */
export function scanEnd(file: string, size: number, bytes: number): LineHeads {
  const into = emptyHeads();
  // One byte more: a line begins behind the end of another.
  const from = Math.max(0, size - bytes - 1);
  const buffer = Buffer.allocUnsafe(size - from);
  const fd = openSync(file, 'r');
  try {
    const held = readSync(fd, buffer, 0, buffer.length, from);
    const start = from === 0 ? 0 : buffer.subarray(0, held).indexOf(NEWLINE) + 1;
    if (from === 0 || start > 0) scanLines(into, buffer.subarray(start, held), from + start);
    return into;
  } finally {
    closeSync(fd);
  }
}

/** What is wrong with the file, a last line without its end included. */
export function problemsOf(heads: LineHeads): RolloutProblem[] {
  if (heads.size <= heads.scanned) return heads.problems;
  const message = 'the last line was cut short and is left out';
  return [...heads.problems, { line: heads.lineCount + 1, kind: 'torn', message }];
}
