/** From the lines of a thread's file to what the wire and the loop need of it. (pure) */
import type { HistoryItem, ModelUsage } from '../models/model-client.ts';
import type { TurnSettings } from '../ports.ts';
import type { ThreadItem, Turn, TurnItemsView } from '../protocol/index.ts';
import { CodexErrorInfo } from '../protocol/index.ts';
import { repairHistory } from './history-repair.ts';
import { parseHistoryItem, parseSettings } from './history-schema.ts';
import type { RolloutLine, ThreadLine } from './rollout.ts';

export type TurnRecord = {
  id: string;
  status: Turn['status'];
  error: Turn['error'];
  items: ThreadItem[];
  startedAtMs: number;
  completedAtMs: number | null;
  durationMs: number | null;
  diff: string | null;
};

export type ThreadRecord = {
  /** Null when the file's first line is lost. */
  meta: ThreadLine | null;
  name: string | null;
  turns: TurnRecord[];
  settings: TurnSettings | null;
  /** The model's history, fit to be sent: every call has its result. */
  history: HistoryItem[];
  usageTotal: ModelUsage;
  usageLast: ModelUsage | null;
  contextWindow: number | null;
  updatedAtMs: number;
  /** The turn that was running when the file ends, if any. */
  openTurnId: string | null;
};

const noUsage = (): ModelUsage => ({ input: 0, cachedInput: 0, cacheWriteInput: 0, output: 0, reasoningOutput: 0 });

function addUsage(a: ModelUsage, b: ModelUsage): ModelUsage {
  return {
    input: a.input + b.input,
    cachedInput: a.cachedInput + b.cachedInput,
    cacheWriteInput: a.cacheWriteInput + b.cacheWriteInput,
    output: a.output + b.output,
    reasoningOutput: a.reasoningOutput + b.reasoningOutput,
  };
}

type Draft = {
  record: ThreadRecord;
  turns: Map<string, TurnRecord>;
  items: Map<string, number>;
  history: { turnId: string | null; item: HistoryItem }[];
};

function addItem(draft: Draft, line: Extract<RolloutLine, { type: 'item' }>): void {
  const turn = draft.turns.get(line.turnId);
  if (!turn) return;
  const item = line.item as unknown as ThreadItem;
  const key = `${line.turnId} ${item.id}`;
  const known = draft.items.get(key);
  if (known === undefined) draft.items.set(key, turn.items.push(item) - 1);
  else turn.items[known] = item;
}

function revert(draft: Draft, beforeTurnId: string): void {
  const { record } = draft;
  const index = record.turns.findIndex((turn) => turn.id === beforeTurnId);
  if (index < 0) return;
  const gone = new Set(record.turns.splice(index).map((turn) => turn.id));
  for (const id of gone) draft.turns.delete(id);
  // What precedes the first message is recorded with the first turn and is needed by the next one; it goes too, and
  // the next turn says it again, since there are no settings left that the model knows.
  draft.history = draft.history.filter(({ turnId }) => turnId === null || !gone.has(turnId));
  if (draft.history.length === 0) record.settings = null;
}

function fold(draft: Draft, line: RolloutLine): void {
  const { record } = draft;
  record.updatedAtMs = Math.max(record.updatedAtMs, line.at);
  switch (line.type) {
    case 'thread':
      record.meta ??= line;
      return;
    case 'settings':
      record.settings = parseSettings(line.settings) ?? record.settings;
      return;
    case 'turnStarted': {
      if (draft.turns.has(line.turnId)) return;
      const turn: TurnRecord = {
        id: line.turnId,
        status: 'inProgress',
        error: null,
        items: [],
        startedAtMs: line.at,
        completedAtMs: null,
        durationMs: null,
        diff: null,
      };
      draft.turns.set(line.turnId, turn);
      record.turns.push(turn);
      return;
    }
    case 'item':
      addItem(draft, line);
      return;
    case 'history':
      for (const value of line.items) {
        const item = parseHistoryItem(value);
        if (item) draft.history.push({ turnId: line.turnId, item });
      }
      return;
    case 'usage':
      record.usageTotal = addUsage(record.usageTotal, line.usage);
      record.usageLast = line.usage;
      record.contextWindow = line.contextWindow;
      return;
    case 'turnCompleted': {
      const turn = draft.turns.get(line.turnId);
      if (!turn) return;
      turn.status = line.status;
      turn.completedAtMs = line.at;
      turn.durationMs = line.durationMs;
      turn.error = line.error && wireError(line.error);
      return;
    }
    case 'diff': {
      const turn = draft.turns.get(line.turnId);
      if (turn) turn.diff = line.diff;
      return;
    }
    case 'revert':
      revert(draft, line.beforeTurnId);
      return;
    case 'name':
      record.name = line.name;
      return;
    default:
      line satisfies never;
  }
}

function wireError(error: { message: string; [key: string]: unknown }): Turn['error'] {
  const info = error.codexErrorInfo;
  return {
    message: error.message,
    codexErrorInfo: info === null || info === undefined ? null : CodexErrorInfo.parse(info),
    additionalDetails: typeof error.additionalDetails === 'string' ? error.additionalDetails : null,
  };
}

/**
 * Everything a thread's lines say. A turn without an end is `inProgress`; whoever knows that no core runs it calls
 * `closeOpenTurn`.
 */
export function foldThread(lines: readonly RolloutLine[]): ThreadRecord {
  const record: ThreadRecord = {
    meta: null,
    name: null,
    turns: [],
    settings: null,
    history: [],
    usageTotal: noUsage(),
    usageLast: null,
    contextWindow: null,
    updatedAtMs: 0,
    openTurnId: null,
  };
  const draft: Draft = { record, turns: new Map(), items: new Map(), history: [] };
  for (const line of lines) fold(draft, line);
  record.history = repairHistory(draft.history.map(({ item }) => item));
  const last = record.turns.at(-1);
  record.openTurnId = last?.status === 'inProgress' ? last.id : null;
  // Only the last turn can be running; an earlier one without an end was cut off.
  for (const turn of record.turns) if (turn !== last && turn.status === 'inProgress') turn.status = 'interrupted';
  return record;
}

/** Marks the turn that nobody runs any more as interrupted. */
export function closeOpenTurn(record: ThreadRecord): void {
  const turn = record.turns.find(({ id }) => id === record.openTurnId);
  if (turn) turn.status = 'interrupted';
  record.openTurnId = null;
}

const seconds = (ms: number | null): number | null => (ms === null ? null : Math.floor(ms / 1000));

function itemsOf(turn: TurnRecord, view: TurnItemsView): ThreadItem[] {
  if (view === 'full') return turn.items;
  if (view === 'notLoaded') return [];
  const first = turn.items.find((item) => item.type === 'userMessage');
  const last = turn.items.findLast((item) => item.type === 'agentMessage');
  return [first, last].filter((item) => item !== undefined);
}

/** A turn as the wire has it. */
export function wireTurn(turn: TurnRecord, view: TurnItemsView): Turn {
  return {
    id: turn.id,
    rootTurnId: turn.id,
    items: itemsOf(turn, view),
    itemsView: view,
    status: turn.status,
    error: turn.error,
    startedAt: seconds(turn.startedAtMs),
    completedAt: seconds(turn.completedAtMs),
    durationMs: turn.durationMs,
  };
}

/** The first thing the user said, on one line; empty before that. */
export function previewOf(record: ThreadRecord): string {
  for (const turn of record.turns) {
    const message = turn.items.find((item) => item.type === 'userMessage');
    if (message) return previewOfMessage(message);
  }
  return '';
}

/** A user message as a title. */
export function previewOfMessage(message: { [key: string]: unknown } | { content: unknown }): string {
  const content: unknown[] = Array.isArray(message.content) ? message.content : [];
  const texts = content.flatMap((part) =>
    typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string' ? [part.text] : [],
  );
  return texts.join('\n').trim().slice(0, 2000);
}

/**
 * The lines of a fork: everything up to and with the end of `lastTurnId` (all turns without it), under a new first
 * line. Null when there is no such turn.
 */
export function forkLines(
  lines: readonly RolloutLine[],
  first: ThreadLine,
  lastTurnId: string | null,
): RolloutLine[] | null {
  const record = foldThread(lines);
  const last = lastTurnId === null ? record.turns.length - 1 : record.turns.findIndex(({ id }) => id === lastTurnId);
  if (lastTurnId !== null && last < 0) return null;
  const kept = new Set(record.turns.slice(0, last + 1).map(({ id }) => id));
  const end = lines.findLastIndex((line) => 'turnId' in line && line.turnId !== null && kept.has(line.turnId));
  const copied = lines.filter((line, index) => {
    if (line.type === 'thread' || line.type === 'revert') return false;
    if (line.type === 'name') return true;
    return index <= end && (!('turnId' in line) || line.turnId === null || kept.has(line.turnId));
  });
  const open = record.turns.find(({ id, status }) => kept.has(id) && status === 'inProgress');
  const closing: RolloutLine[] = open
    ? [{ type: 'turnCompleted', at: first.at, turnId: open.id, status: 'interrupted', error: null, durationMs: null }]
    : [];
  return [first, ...copied, ...closing];
}
