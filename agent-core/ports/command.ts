/** How commands are started, and what rules say of them. */
import type { CommandExit, Reach, ReachAnswers } from '../approvals/reach.ts';
import type { Finding } from '../approvals/rules/judge.ts';
import type { HostQuestion } from './approver.ts';
import type { TurnSettings } from './turn.ts';

export type CommandSpec = {
  argv: string[];
  cwd: string;
  settings: Reach;
  /** Run outside the sandbox; only after a person said so, or under full access. */
  unsandboxed: boolean;
  /** Keeps stdin open for `write`; without it the command reads an empty stdin. */
  interactive?: boolean;
  /** A terminal of the command's own, which takes input and shows all output; `interactive` is implied. */
  terminal?: TerminalSize;
  /**
   * Asked of a host that its list does not know; must not reject. The signal says that the command waits no longer. Left
   * out: such hosts are refused.
   */
  mayReach?: (question: HostQuestion, gone: AbortSignal) => Promise<boolean>;
  /** Known to write nothing. */
  isLooking?: boolean;
  /** The call that it belongs to. */
  itemId?: string;
  /** Over the scrubbed environment; null takes a variable away. */
  env?: Readonly<Record<string, string | null>>;
};

/** In characters. */
export type TerminalSize = { columns: number; rows: number };

export type { CommandExit, Reach };

/** A command that runs. `output` chunks are stdout and stderr as they come, decoded as UTF-8. */
export interface RunningCommand {
  readonly processId: string;
  /** Replaces the listener; output before the first listener is kept for it. */
  onOutput(listener: (chunk: string) => void): void;
  /** False when it takes no input (any more). In a terminal, `\u0003` is Ctrl+C. */
  write(text: string): boolean;
  /** False when it has no terminal or has ended. */
  resize(size: TerminalSize): boolean;
  /** Kills the command with everything it started; resolves when nothing is left. Idempotent. */
  kill(): Promise<void>;
  readonly exited: Promise<CommandExit>;
}

/** The user's rules about commands. */
export interface CommandRules {
  /** What the rules of a thread's folder say of a script for `shell`, wherever that runs. Never rejects. */
  judge(script: string, shell: string, folder: string): Promise<Finding>;
  /** From now on commands that begin with these words are allowed. Throws when it cannot be written down. */
  allow(words: readonly string[], outsideSandbox: boolean): void;
}

/** Starts commands under the settings' sandbox policy with a scrubbed environment. */
export interface CommandRunner extends ReachAnswers {
  /** Null: a sandbox that enforces; else why commands cannot be confined here (each then needs approval). */
  readonly unconfinedReason: string | null;
  /** Contract: rejects only with `AgentError`, whose message is fit for the model and the user. */
  start(spec: CommandSpec, signal: AbortSignal): Promise<RunningCommand>;
  /** Keeps a person's word on a host for all commands in `cwd`, now and later. Must not throw. */
  rememberHost(cwd: string, host: string, action: 'allow' | 'deny'): void;
  /** Whether there is a place to keep it: without one nothing is offered for good. */
  keepsHosts(cwd: string): boolean;
  /** A sentence on what the sandbox probably blocked, from a failed command's output; null when nothing points to it. */
  explain(output: string, exit: CommandExit, settings: TurnSettings): string | null;
}
