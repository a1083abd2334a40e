/** What a thread keeps from turn to turn. */
import type { Ledger } from '../compaction/ledger.ts';
import { costOf } from '../models/cost.ts';
import type { HistoryItem, ModelInfo, ModelRequest, ModelUsage } from '../models/model-client.ts';
import type { SpendingBook } from '../models/spending.ts';
import type { ThreadPorts, TurnSettings } from '../ports.ts';
import type { CommandTable } from '../tools/command-table.ts';
import type { DiskGate } from '../tools/disk-gate.ts';
import type { SeenTexts } from '../tools/seen-texts.ts';
import type { ServerTools, SessionApprovals, Sleep, Tool } from '../tools/tool.ts';
import type { EditorTexts } from './editor-texts.ts';
import type { Goals } from './goals.ts';
import type { History } from './history.ts';
import type { PendingInput } from './steering.ts';

/** Of mode and goal, what the model was told last; null: nothing since the history began. */
export type Announced = { mode: string | null; goal: string | null };

export type ThreadState = {
  readonly ports: ThreadPorts;
  readonly history: History;
  /** Kept by the lines that are recorded. */
  readonly ledger: Ledger;
  readonly goals: Goals;
  readonly approvals: SessionApprovals;
  /** What the user is being asked, by item; as sentences. */
  readonly openApprovals: Map<string, string>;
  /** Yeses that hold for the session, as sentences. */
  readonly standing: Set<string>;
  readonly commands: CommandTable;
  readonly editorTexts: EditorTexts;
  readonly diskGate: DiskGate;
  readonly seen: SeenTexts;
  /** The client's own tools. */
  readonly clientTools: readonly Tool[];
  readonly serverTools: ServerTools | null;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly realPath: (path: string) => Promise<string>;
  usageTotal: ModelUsage;
  /** What the calls cost, by turn. */
  readonly spending: SpendingBook;
  /** What the model was last told it runs under; null before the first request. */
  settings: TurnSettings | null;
  announced: Announced;
  /** JSON of the settings on record, to record them only when they change. */
  recordedSettings: string | null;
  /** Input that no model has got yet, because none could be reached, or the process ended first. */
  unsent: PendingInput[];
  /** Until the thread is closed. */
  readonly lifetime: AbortController;
  /** Whether hooks were told that the session begins. */
  hasBegun: boolean;
  /** What a client added while a turn runs, for the model's next call. */
  injected: HistoryItem[];
  /** The service tier that the user was told cannot be had. */
  warnedTier: string | null;
  /** What the model was sent last, as it was. */
  lastRequest: SentRequest | null;
  /** What the history weighed right after its last compaction, so that one does not follow on the heels of another. */
  compactedTokens: number | null;
};

export type SentRequest = {
  request: ModelRequest;
  provider: string;
  contextWindow: number | null;
  compactLimit: number | null;
  sentAtMs: number;
};

export const noUsage: ModelUsage = { input: 0, cachedInput: 0, cacheWriteInput: 0, output: 0, reasoningOutput: 0 };

export function addUsage(total: ModelUsage, call: ModelUsage): ModelUsage {
  return {
    input: total.input + call.input,
    cachedInput: total.cachedInput + call.cachedInput,
    cacheWriteInput: total.cacheWriteInput + call.cacheWriteInput,
    output: total.output + call.output,
    reasoningOutput: total.reasoningOutput + call.reasoningOutput,
  };
}

/** Puts what was injected into the conversation. Throws what `record` throws; it is in memory then. */
export function takeInjected(state: ThreadState, turnId: string | null): void {
  const items = state.injected;
  state.injected = [];
  state.history.append(turnId, items);
}

/** Books and records one call. Throws what `record` throws. */
export function spend(state: ThreadState, turnId: string, usage: ModelUsage, info: ModelInfo): void {
  const costUsd = info.price ? costOf(usage, info.price) : null;
  state.usageTotal = addUsage(state.usageTotal, usage);
  state.spending.add({ turnId, usage, costUsd });
  const { clock, record } = state.ports;
  const cost = costUsd === null ? {} : { costUsd };
  record({ type: 'usage', at: clock.now(), turnId, usage, contextWindow: info.contextWindow, ...cost });
}

/** A thread's or a call's usage on the wire. */
export function wireUsage(usage: ModelUsage) {
  return {
    totalTokens: usage.input + usage.output,
    inputTokens: usage.input,
    cachedInputTokens: usage.cachedInput,
    cacheWriteInputTokens: usage.cacheWriteInput,
    outputTokens: usage.output,
    reasoningOutputTokens: usage.reasoningOutput,
  };
}
