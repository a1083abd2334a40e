/**
 * A thread's agent: submissions go in, protocol notifications come out through `ports.emit`. Knows no surface.
 */
import type { HistoryItem, ModelUsage } from '../models/model-client.ts';
import type { Submission, ThreadPorts, TurnSettings } from '../ports.ts';

/** What an earlier life of the thread left behind; empty for a new one. */
export type ThreadSeed = {
  history: HistoryItem[];
  /** Settings of the last turn, to tell the model what changed since; null for a new thread. */
  settings: TurnSettings | null;
  /** All calls so far, added up. */
  usageTotal: ModelUsage;
};

export type AgentThread = {
  /**
   * Never throws. A `turn` while one runs waits for it; a `steer` or `interrupt` whose turn is not the active one, and a
   * `stopCommand` for a command that has ended, do nothing (the session layer answers such requests with an error).
   */
  submit(submission: Submission): void;
  /** The running turn, from the moment its submission was taken until its `turn/completed` was emitted. */
  readonly activeTurnId: string | null;
  /** Interrupts the running turn, drops waiting ones, kills every command; resolves when nothing is left. Idempotent. */
  close(): Promise<void>;
};

export function createAgentThread(_ports: ThreadPorts, _seed: ThreadSeed): AgentThread {
  return { submit() {}, activeTurnId: null, async close() {} };
}
