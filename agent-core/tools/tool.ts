/** What a tool is and what it is given. A tool is one file; `index.ts` is the table. */

import type { Grants } from '../approvals/grants.ts';
import type { HostAnswers } from '../approvals/network.ts';
import type { ModelInfo, ToolSpec } from '../models/model-client.ts';
import type { Approver, Clock, CommandRules, CommandRunner, Log, TurnSettings, WorkspaceFs } from '../ports.ts';
import type { ThreadGoal } from '../protocol/index.ts';
import type { CommandTable } from './command-table.ts';
import type { DiskGate } from './disk-gate.ts';
import type { ItemSink } from './item-sink.ts';
import type { SeenTexts } from './seen-texts.ts';
import type { TurnDiff } from './turn-diff.ts';

/** Waits; rejects with the signal's reason when it aborts first. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** Answers that hold for the rest of the thread: exact commands, files with whether they lay beyond the sandbox, hosts. */
export type SessionApprovals = { commands: Set<string>; files: Set<string>; hosts: HostAnswers; grants: Grants };

/** What a tool may use while it runs for one call. */
export type ToolContext = {
  turnId: string;
  /** Id of the call's item on the wire, unique in the thread. */
  itemId: string;
  settings: TurnSettings;
  /** Aborts when the turn is interrupted or has failed. */
  signal: AbortSignal;
  items: ItemSink;
  approver: Approver;
  /** Tells the client that a person is waited for, until the returned function is called. */
  waiting: (flag?: 'waitingOnApproval' | 'waitingOnUserInput') => () => void;
  approvals: SessionApprovals;
  commands: CommandTable;
  diff: TurnDiff;
  diskGate: DiskGate;
  seen: SeenTexts;
  runner: CommandRunner;
  /** Null: there are no rules, and only plain commands are read. */
  rules: CommandRules | null;
  fs: WorkspaceFs;
  /** Follows symbolic links; for a path that does not exist, those of its deepest existing parent. */
  realPath: (path: string) => Promise<string>;
  sleep: Sleep;
  clock: Clock;
  log: Log;
  goals: GoalKeeper;
};

/** The thread's goal, as a tool may see and change it. */
export type GoalKeeper = {
  read(): ThreadGoal | null;
  /** Throws `AgentError` when there is one that is not done, or the objective is empty. */
  create(objective: string, tokenBudget: number | null): ThreadGoal;
  /** Throws `AgentError` when there is none. */
  finish(status: 'complete' | 'blocked'): ThreadGoal;
};

export type ToolOutcome =
  /** `images` are data: URLs that go to the model beside the text. */
  | { type: 'done'; text: string; success: boolean; images?: string[] }
  /** Refused before anything was shown: the runner shows it as a failed `dynamicToolCall`. */
  | { type: 'rejected'; text: string }
  /** The person cancelled: the turn ends as interrupted. */
  | { type: 'cancelled'; text: string };

export type Tool = {
  name: string;
  /** May run beside other calls of the same answer. */
  parallel: boolean;
  spec(model: ModelInfo): ToolSpec;
  /** `input` is the model's text. Contract: throws only on defects; honours `context.signal` promptly. */
  run(input: string, context: ToolContext): Promise<ToolOutcome>;
};

/** Tools that servers bring, beside those of Gantry and of the client. */
export type ServerTools = {
  /**
   * At the beginning of a turn, and only then do the tools change: waits for servers that are starting, as long as they
   * may take. Never rejects.
   */
  refresh(settings: TurnSettings, signal: AbortSignal): Promise<void>;
  /** What the model is offered: in one order from turn to turn, what is new at the end. */
  specs(model: ModelInfo): ToolSpec[];
  /** Also one that is not offered. */
  find(name: string): Tool | undefined;
};

export const done = (text: string): ToolOutcome => ({ type: 'done', text, success: true });
export const failed = (text: string): ToolOutcome => ({ type: 'done', text, success: false });
export const rejected = (text: string): ToolOutcome => ({ type: 'rejected', text });
