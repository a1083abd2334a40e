/** From a view of a thread to what the wire and the loop need of it: only the lines that are asked for are read. */
import { tokensOfItems } from '../compaction/size.ts';
import type { HistoryItem, ModelUsage } from '../models/model-client.ts';
import type { Spent } from '../models/spending.ts';
import type { TurnSettings } from '../ports.ts';
import { CodexErrorInfo, ThreadGoal, type ThreadItem, type Turn, type TurnItemsView } from '../protocol/index.ts';
import { repairHistory } from './history-repair.ts';
import { parseHistoryItem, parseSettings } from './history-schema.ts';
import type { LineReader } from './line-reader.ts';
import type { RolloutLine, ThreadLine } from './rollout.ts';
import { type ItemRef, isAfter, type LineRef, type ThreadView, type TurnView } from './thread-view.ts';
import { loadUnsent, type UnsentInput } from './unsent-input.ts';

/** What an earlier life of a thread left for the loop. */
export type StoredSeed = {
  /** Fit to be sent: every call has its result. */
  history: HistoryItem[];
  /** What the model was last told it runs under, in the turns that remain; null when it was told nothing. */
  settings: TurnSettings | null;
  usageTotal: ModelUsage;
  /** The same call by call, with what each cost. */
  spent: Spent[];
  /** Plans, decisions and changed files, in order: what a ledger is made of. */
  ledgerLines: RolloutLine[];
  goal: { [key: string]: unknown } | null;
  /** Tools of the client, in the wire's form. */
  dynamicTools: unknown[];
  /** Shown to the user as sent, and not told to any model. */
  unsent: UnsentInput[];
  /** What the history weighs by the provider's last count; null when there was none. */
  contextTokens: number | null;
};

/** What a thread's file says of the thread itself. */
export type ThreadFacts = {
  /** Null when the file's first line is lost. */
  meta: ThreadLine | null;
  name: string | null;
  preview: string;
  /** What the next turn runs under. */
  settings: TurnSettings | null;
  /** What the client gave as `config`. */
  overrides: Record<string, unknown>;
};

function lineOf<T extends RolloutLine['type']>(reader: LineReader, ref: LineRef | null, type: T) {
  const line = ref && reader.read(ref);
  return line?.type === type ? (line as Extract<RolloutLine, { type: T }>) : null;
}

const settingsAt = (reader: LineReader, ref: LineRef | null): TurnSettings | null =>
  parseSettings(lineOf(reader, ref, 'settings')?.settings);

export function loadFacts(view: ThreadView, reader: LineReader): ThreadFacts {
  const first = lineOf(reader, view.first, 'thread');
  const git = lineOf(reader, view.gitInfo, 'gitInfo');
  return {
    meta: first && git ? { ...first, gitInfo: git.gitInfo } : first,
    name: lineOf(reader, view.name, 'name')?.name ?? null,
    preview: previewOf(view, reader),
    settings: settingsAt(reader, view.settings),
    overrides: lineOf(reader, view.overrides, 'overrides')?.config ?? {},
  };
}

/** The model's history: what was appended since the last compaction, and that. */
function loadHistory(view: ThreadView, reader: LineReader): HistoryItem[] {
  const parts: unknown[][] = [];
  for (const { ref } of view.history.toReversed()) {
    const line = reader.read(ref);
    if (line?.type !== 'history' && line?.type !== 'compacted') continue;
    parts.push(line.items);
    if (line.type === 'compacted') break;
  }
  return repairHistory(parts.toReversed().flatMap((items) => items.flatMap((value) => parseHistoryItem(value) ?? [])));
}

function loadLedgerLines(view: ThreadView, reader: LineReader): RolloutLine[] {
  const changes = view.turns.flatMap(({ items }) => items.filter(({ type }) => type === 'fileChange'));
  const refs: LineRef[] = [...view.notes.map(({ ref }) => ref), ...changes];
  refs.sort((a, b) => a.file - b.file || a.offset - b.offset);
  return refs.flatMap((ref) => reader.read(ref) ?? []);
}

const sizeOf = (items: readonly unknown[]): number =>
  tokensOfItems(items.flatMap((item) => parseHistoryItem(item) ?? []));

/** The last count, and an estimate of what was added since; the results of an answer's calls are written before its count. */
function loadContextTokens(view: ThreadView, reader: LineReader): number | null {
  // A review is counted beside the conversation.
  const reviews = view.turns.filter(({ items }) => items.some(({ type }) => type === 'enteredReviewMode'));
  const aside = new Set<string | null>(reviews.map(({ id }) => id));
  const last = view.usage.findLast(({ turnId }) => !aside.has(turnId));
  const usage = lineOf(reader, last?.ref ?? null, 'usage')?.usage;
  if (!last || !usage) return null;
  const before = view.history.findLast(({ ref }) => isAfter(last.ref, ref));
  const results = lineOf(reader, before?.ref ?? null, 'history')?.items ?? [];
  const isResults = results.every(({ type }) => type === 'toolResult');
  let tokens = usage.input + usage.output + (isResults ? sizeOf(results) : 0);
  for (const { ref } of view.history) {
    if (!isAfter(ref, last.ref)) continue;
    const line = reader.read(ref);
    if (line?.type === 'compacted') tokens = line.tokens;
    if (line?.type === 'history') tokens += sizeOf(line.items);
  }
  return tokens;
}

export function loadSeed(view: ThreadView, reader: LineReader): StoredSeed {
  const told = view.turns.findLast(({ wasTold }) => wasTold);
  const usageTotal: ModelUsage = { input: 0, cachedInput: 0, cacheWriteInput: 0, output: 0, reasoningOutput: 0 };
  const spent: Spent[] = [];
  for (const { ref } of view.usage) {
    const line = lineOf(reader, ref, 'usage');
    if (!line) continue;
    const { usage, turnId, costUsd = null } = line;
    spent.push({ turnId, usage, costUsd });
    for (const key of Object.keys(usageTotal) as (keyof ModelUsage)[]) usageTotal[key] += usage[key];
  }
  return {
    history: loadHistory(view, reader),
    settings: settingsAt(reader, told?.settings ?? null),
    usageTotal,
    spent,
    ledgerLines: loadLedgerLines(view, reader),
    goal: lineOf(reader, view.goal, 'goal')?.goal ?? null,
    dynamicTools: lineOf(reader, view.dynamicTools, 'dynamicTools')?.tools ?? [],
    unsent: loadUnsent(view, reader),
    contextTokens: loadContextTokens(view, reader),
  };
}

/** The goal of the thread itself: a fork does not take its parent's. */
export function loadGoal(view: ThreadView, reader: LineReader, threadId: string): ThreadGoal | null {
  const parsed = ThreadGoal.safeParse(lineOf(reader, view.goal, 'goal')?.goal);
  return parsed.success && parsed.data.threadId === threadId ? parsed.data : null;
}

export function loadItem(ref: ItemRef, reader: LineReader): ThreadItem | null {
  const line = lineOf(reader, ref, 'item');
  return line && (line.item as unknown as ThreadItem);
}

function refsOf(turn: TurnView, view: TurnItemsView): ItemRef[] {
  if (view === 'full') return turn.items;
  if (view === 'notLoaded') return [];
  const first = turn.items.find(({ type }) => type === 'userMessage');
  const last = turn.items.findLast(({ type }) => type === 'agentMessage');
  return [first, last].filter((ref) => ref !== undefined);
}

function wireError(error: { message: string; [key: string]: unknown }): Turn['error'] {
  const info = error.codexErrorInfo;
  const known = info === null || info === undefined ? null : CodexErrorInfo.safeParse(info);
  return {
    message: error.message,
    codexErrorInfo: known?.success ? known.data : null,
    additionalDetails: typeof error.additionalDetails === 'string' ? error.additionalDetails : null,
  };
}

const seconds = (ms: number | null): number | null => (ms === null ? null : Math.floor(ms / 1000));

/** A turn as the wire has it. One without an end was cut off, unless it is `activeTurnId`. */
export function loadTurn(turn: TurnView, view: TurnItemsView, activeTurnId: string | null, reader: LineReader): Turn {
  const end = lineOf(reader, turn.end, 'turnCompleted');
  return {
    id: turn.id,
    rootTurnId: turn.id,
    items: refsOf(turn, view).flatMap((ref) => loadItem(ref, reader) ?? []),
    itemsView: view,
    status: end?.status ?? (turn.id === activeTurnId ? 'inProgress' : 'interrupted'),
    error: end?.error ? wireError(end.error) : null,
    startedAt: seconds(turn.startedAtMs),
    completedAt: seconds(end?.at ?? null),
    durationMs: end?.durationMs ?? null,
  };
}

/** The first thing the user said; empty before that. */
function previewOf(view: ThreadView, reader: LineReader): string {
  for (const turn of view.turns) {
    const ref = turn.items.find(({ type }) => type === 'userMessage');
    const message = ref && loadItem(ref, reader);
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
