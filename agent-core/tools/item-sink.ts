import type { GantryBlocked, ThreadItem, TurnPlanStep } from '../protocol/index.ts';

/** Where items of the turn go. Stamps their times; never throws. */
export type ItemSink = {
  started(item: ThreadItem): void;
  /** Replaces what `started` said; the last word on the item. */
  completed(item: ThreadItem): void;
  outputDelta(itemId: string, delta: string): void;
  /** Before `completed`: what kept the item from its work. Not called with an empty list. */
  blocked(itemId: string, blocked: GantryBlocked[]): void;
  terminalInteraction(itemId: string, processId: string, stdin: string): void;
  /** A command runs on a disk that is older than the editor for these files. */
  ranStale(itemId: string, paths: readonly string[]): void;
  /** What an MCP server says while a call of its tool runs. */
  toolProgress(itemId: string, message: string): void;
  planUpdated(explanation: string | null, plan: TurnPlanStep[]): void;
  diffUpdated(diff: string): void;
};
