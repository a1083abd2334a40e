/**
 * A thread's agent: submissions go in, protocol notifications come out through `ports.emit`. Knows no surface.
 * All `item/*`, `turn/*`, `error`, `thread/status/changed` and `thread/tokenUsage/updated` notifications of a loaded
 * thread come from here; requests to a person, and `serverRequest/resolved`, are the approver's.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { resolveRealPath } from '../approvals/path-rules.ts';
import type { HistoryItem, ModelUsage } from '../models/model-client.ts';
import type { Submission, ThreadPorts, TurnSettings } from '../ports.ts';
import { createCommandTable } from '../tools/command-table.ts';
import type { Sleep } from '../tools/tool.ts';
import { createHistory } from './history.ts';
import type { ThreadState } from './thread-state.ts';
import { createTurn, type Turn } from './turn.ts';

/** What an earlier life of the thread left behind; empty for a new one. */
export type ThreadSeed = {
  /** Calls and results must be paired. */
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
   * The first emission of a turn comes after the caller's own microtasks, so that it can answer its request first.
   */
  submit(submission: Submission): void;
  /** The running turn, from the moment its submission was taken until its `turn/completed` was emitted. */
  readonly activeTurnId: string | null;
  /** Commands that run, in the background or not, oldest first. */
  readonly runningCommands: { itemId: string; processId: string; command: string; cwd: string }[];
  /** Interrupts the running turn, drops waiting ones, kills every command; resolves when nothing is left. Idempotent. */
  close(): Promise<void>;
};

/** What tests replace. */
export type ThreadOptions = { sleep?: Sleep; random?: () => number; realPath?: (path: string) => Promise<string> };

export const noUsage: ModelUsage = { input: 0, cachedInput: 0, cacheWriteInput: 0, output: 0, reasoningOutput: 0 };

const realSleep: Sleep = (ms, signal) => delay(ms, undefined, { signal });

export function createAgentThread(ports: ThreadPorts, seed: ThreadSeed, options: ThreadOptions = {}): AgentThread {
  const now = () => ports.clock.now();
  const state: ThreadState = {
    ports,
    history: createHistory(seed.history, ports.record, now),
    approvals: { commands: new Set(), files: new Set() },
    commands: createCommandTable(now),
    sleep: options.sleep ?? realSleep,
    random: options.random ?? Math.random,
    realPath: options.realPath ?? resolveRealPath,
    usageTotal: seed.usageTotal,
    settings: seed.settings,
    recordedSettings: seed.settings === null ? null : JSON.stringify(seed.settings),
    unsent: [],
  };
  const queue: Turn[] = [];
  let active: Turn | null = null;
  let running: Promise<void> = Promise.resolve();
  let closed = false;

  const next = () => {
    active = queue.shift() ?? null;
    if (active) running = runTurn(active);
  };

  const runTurn = async (turn: Turn) => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    await turn.run(next);
  };

  return {
    submit(submission) {
      if (closed) return;
      switch (submission.type) {
        case 'turn':
          queue.push(createTurn(state, submission));
          if (!active) next();
          break;
        case 'steer':
          if (active?.id === submission.turnId) active.steer(submission.input, submission.clientId);
          break;
        case 'interrupt':
          if (active?.id === submission.turnId) active.interrupt();
          break;
        case 'stopCommand':
          state.commands.stop(submission.itemId);
          break;
      }
    },
    get activeTurnId() {
      return active?.id ?? null;
    },
    get runningCommands() {
      return state.commands.list();
    },
    async close() {
      closed = true;
      queue.length = 0;
      active?.interrupt();
      await running;
      await state.commands.kill(null);
    },
  };
}
