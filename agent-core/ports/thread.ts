/** All that a thread's loop is given, and how it tells what happens. */
import type { Checkpoints } from '../checkpoints/port.ts';
import type { ServerNotification } from '../protocol/index.ts';
import type { RolloutLine } from '../threads/rollout.ts';
import type { Approver } from './approver.ts';
import type { CommandRules, CommandRunner } from './command.ts';
import type { WorkspaceFs } from './files.ts';
import type { Hooks } from './hooks.ts';
import type { ModelSource, PromptSource } from './model.ts';
import type { TurnSettings } from './turn.ts';

/** Contract: must not throw; delivery order is call order. */
export type Emit = (notification: ServerNotification) => void;

/**
 * Appends to the thread's file before the client hears of it, so that what was shown is never lost.
 * Contract: synchronous; throws `AgentError('storage', …)` when the disk refuses, and the turn then fails saying so.
 */
export type RecordLine = (line: RolloutLine) => void;

export type Clock = { now(): number };
export type Log = (level: 'debug' | 'info' | 'warn' | 'error', message: string, data?: unknown) => void;

/** All a thread's loop is given. */
export type ThreadPorts = {
  threadId: string;
  emit: Emit;
  record: RecordLine;
  approver: Approver;
  models: ModelSource;
  prompt: PromptSource;
  runner: CommandRunner;
  /** Left out: there are none. */
  rules?: CommandRules;
  fs: WorkspaceFs;
  /** Left out: there are none. */
  hooks?: Hooks;
  /** Left out: there are none. */
  checkpoints?: Checkpoints<CommandRunner, WorkspaceFs, TurnSettings>;
  clock: Clock;
  newId: () => string;
  log: Log;
  /** Whether the model is told that it may ask for permissions; left out: no. */
  offersPermissions?: () => boolean;
  /** The user's own words for the call that sums a conversation up (`compact_prompt`); null: ours. */
  compactPrompt?: () => string | null;
};
