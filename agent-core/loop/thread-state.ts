/** What a thread keeps from turn to turn. */
import type { ModelUsage } from '../models/model-client.ts';
import type { ThreadPorts, TurnSettings } from '../ports.ts';
import type { CommandTable } from '../tools/command-table.ts';
import type { SessionApprovals, Sleep } from '../tools/tool.ts';
import type { History } from './history.ts';
import type { PendingInput } from './steering.ts';

export type ThreadState = {
  readonly ports: ThreadPorts;
  readonly history: History;
  readonly approvals: SessionApprovals;
  readonly commands: CommandTable;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly realPath: (path: string) => Promise<string>;
  usageTotal: ModelUsage;
  /** What the model was last told it runs under; null before the first request. */
  settings: TurnSettings | null;
  /** JSON of the settings on record, to record them only when they change. */
  recordedSettings: string | null;
  /** Input that no model has got yet, because none could be reached. */
  unsent: PendingInput[];
};

export function addUsage(total: ModelUsage, call: ModelUsage): ModelUsage {
  return {
    input: total.input + call.input,
    cachedInput: total.cachedInput + call.cachedInput,
    cacheWriteInput: total.cacheWriteInput + call.cacheWriteInput,
    output: total.output + call.output,
    reasoningOutput: total.reasoningOutput + call.reasoningOutput,
  };
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
