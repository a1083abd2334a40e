/**
 * A thread's agent: submissions go in, protocol notifications come out through `ports.emit`. Knows no surface.
 * All `item/*`, `turn/*`, `error`, `thread/status/changed`, `thread/goal/*` and `thread/tokenUsage/updated` notifications
 * of a loaded thread come from here; requests to a person, and `serverRequest/resolved`, are the approver's.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createGrants } from '../approvals/grants.ts';
import { resolveRealPath } from '../approvals/path-rules.ts';
import { emptyLedger, foldLedger, type Ledger } from '../compaction/ledger.ts';
import { contextParts } from '../compaction/size.ts';
import type { HistoryItem, ModelUsage } from '../models/model-client.ts';
import { createSpendingBook, type SpendingBook, type Spent } from '../models/spending.ts';
import type { Submission, TerminalSize, ThreadPorts, TurnSettings } from '../ports.ts';
import { ThreadGoal } from '../protocol/index.ts';
import type { RolloutLine } from '../threads/rollout.ts';
import { clientTools } from '../tools/client-tool.ts';
import { createCommandTable } from '../tools/command-table.ts';
import { createDiskGate } from '../tools/disk-gate.ts';
import { createSeenTexts } from '../tools/seen-texts.ts';
import type { ServerTools, SessionApprovals, Sleep } from '../tools/tool.ts';
import { createEditorTexts } from './editor-texts.ts';
import { createGoals, type Goals } from './goals.ts';
import { createHistory, note } from './history.ts';
import type { PendingInput } from './steering.ts';
import { type SentRequest, type ThreadState, takeInjected } from './thread-state.ts';
import { createTurn, type Turn, type TurnOutcome, type TurnSubmission } from './turn.ts';

/** What an earlier life of the thread left behind; empty for a new one. */
export type ThreadSeed = {
  /** Calls and results must be paired. */
  history: HistoryItem[];
  /** Settings of the last turn, to tell the model what changed since; null for a new thread. */
  settings: TurnSettings | null;
  /** All calls so far, added up. */
  usageTotal: ModelUsage;
  /** What they cost, one by one. */
  spent?: readonly Spent[];
  /** What the history weighs, when the provider said so. */
  contextTokens?: number | null;
  /** Plans, decisions and changed files, in order. */
  ledgerLines?: readonly RolloutLine[];
  /** The goal as it was recorded; what has not its form is none, and another thread's is none either. */
  goal?: unknown;
  /** The client's tools, in the wire's form. */
  dynamicTools?: readonly unknown[];
  /** What the user said that no model got yet. */
  unsent?: readonly PendingInput[];
};

export type AgentThread = {
  /**
   * Never throws. A `turn` while one runs waits for it, and so does a `steer` of a turn that takes none; a `steer` or
   * `interrupt` whose turn is not the active one, and a `stopCommand` for a command that has ended, do nothing (the
   * session layer answers such requests with an error).
   * The first emission of a turn comes after the caller's own microtasks, so that it can answer its request first.
   */
  submit(submission: Submission): void;
  /** The running turn, from the moment its submission was taken until its `turn/completed` was emitted. */
  readonly activeTurnId: string | null;
  /** Messages that wait for the running turn to end, in their order; `thread/queue/changed` tells of changes. */
  readonly waiting: WaitingMessage[];
  /** Takes a waiting message back; false when there is none of this turn. */
  withdraw(turnId: string): boolean;
  /** Commands that run, in the background or not, oldest first. */
  readonly runningCommands: { itemId: string; processId: string; command: string; cwd: string }[];
  /** False when the command of this item has no terminal, or has ended. */
  resizeCommand(itemId: string, size: TerminalSize): boolean;
  readonly goals: Pick<Goals, 'goal' | 'set' | 'clear'>;
  /** Yeses that hold for the session. */
  readonly approvals: SessionApprovals;
  /** Adds to what the model sees: at once in no turn, with its next call while one runs. Throws what `record` throws. */
  inject(items: readonly HistoryItem[]): void;
  /** What the model was sent last; null before. */
  readonly lastRequest: SentRequest | null;
  /** What its calls used and cost. */
  readonly spending: Pick<SpendingBook, 'total' | 'turns'>;
  /** What the conversation weighs now, in tokens. */
  context(): { tokens: number; parts: ReturnType<typeof contextParts> };
  /** Interrupts the running turn, in which waiting messages are shown for the next one, and kills every command; resolves when nothing is left. Idempotent. */
  close(): Promise<void>;
};

export type WaitingMessage = Pick<Extract<Submission, { type: 'turn' }>, 'turnId' | 'input' | 'clientId'>;

/** `serverTools`: left out, no server brings any. The rest is for tests to replace. */
export type ThreadOptions = {
  serverTools?: ServerTools;
  sleep?: Sleep;
  random?: () => number;
  realPath?: (path: string) => Promise<string>;
};

/** A program that wants to see the end of a session gets this long. */
const LAST_HOOKS_MS = 3_000;

async function endSession({ ports, settings, hasBegun, lifetime }: ThreadState): Promise<void> {
  if (!ports.hooks?.has('sessionEnd') || settings === null || !hasBegun) return;
  const scope = { turnId: null, settings, model: settings.model.model ?? '', lifetime: lifetime.signal };
  const ends = { event: 'sessionEnd', names: [], input: {} } as const;
  await ports.hooks.run(ends, scope, AbortSignal.timeout(LAST_HOOKS_MS)).catch((error: unknown) => {
    ports.log('error', `thread ${ports.threadId}: the hooks of its end failed`, error);
  });
}

/** What nobody was told yet is there when the thread is taken up again. */
async function keepDecisions({ ports, settings, history, editorTexts }: ThreadState): Promise<void> {
  if (settings === null || history.isEmpty) return;
  try {
    history.append(null, await editorTexts.takeDecisions({ fs: ports.fs, settings }));
  } catch (error) {
    ports.log('error', `thread ${ports.threadId}: what the user decided could not be kept`, error);
  }
}

export { noUsage } from './thread-state.ts';

const realSleep: Sleep = (ms, signal) => delay(ms, undefined, { signal });

/** All that is recorded is also kept in mind, as far as a compaction needs it. */
function remembering(ports: ThreadPorts, ledger: Ledger): ThreadPorts {
  return {
    ...ports,
    record(line) {
      ports.record(line);
      foldLedger(ledger, line);
    },
  };
}

export function createAgentThread(given: ThreadPorts, seed: ThreadSeed, options: ThreadOptions = {}): AgentThread {
  const ledger = emptyLedger();
  for (const line of seed.ledgerLines ?? []) foldLedger(ledger, line);
  const ports = remembering(given, ledger);
  const now = () => ports.clock.now();
  const seen = createSeenTexts();
  const state: ThreadState = {
    ports,
    history: createHistory({ seed: seed.history, tokens: seed.contextTokens ?? null, record: ports.record, now }),
    ledger,
    goals: createGoals(ports, goalOf(seed.goal, ports.threadId)),
    approvals: { commands: new Set(), files: new Set(), hosts: new Map(), grants: createGrants() },
    openApprovals: new Map(),
    standing: new Set(),
    commands: createCommandTable(now),
    editorTexts: createEditorTexts(seen.told),
    diskGate: createDiskGate(),
    seen,
    clientTools: clientTools(seed.dynamicTools ?? []),
    serverTools: options.serverTools ?? null,
    sleep: options.sleep ?? realSleep,
    random: options.random ?? Math.random,
    realPath: options.realPath ?? resolveRealPath,
    usageTotal: seed.usageTotal,
    spending: createSpendingBook(seed.spent),
    settings: seed.settings,
    announced: { mode: null, goal: null },
    recordedSettings: seed.settings === null ? null : JSON.stringify(seed.settings),
    unsent: [...(seed.unsent ?? [])],
    injected: [],
    lifetime: new AbortController(),
    hasBegun: false,
    warnedTier: null,
    lastRequest: null,
    compactedTokens: null,
  };
  type Queued = { turn: Turn; submission: TurnSubmission };
  const queue: Queued[] = [];
  let active: Queued | null = null;
  let running: Promise<void> = Promise.resolve();
  let closed = false;

  const tellQueue = () => ports.emit({ method: 'thread/queue/changed', params: { threadId: ports.threadId } });

  /** What came too late for the last call of a turn is there for the next one. */
  const keepInjected = () => {
    try {
      takeInjected(state, null);
    } catch (error) {
      ports.log('error', `thread ${ports.threadId}: injected items are kept in memory only`, error);
    }
  };

  const next = () => {
    const hadTurn = active !== null;
    active = queue.shift() ?? null;
    if (hadTurn) keepInjected();
    if (!active) return;
    if (hadTurn && active.submission.type === 'turn') tellQueue();
    running = runTurn(active.turn, active.submission.settings);
  };

  const pursue = (settings: TurnSettings) => {
    if (closed || active || queue.length > 0 || !state.goals.isActive || settings.mode?.kind === 'plan') return;
    enqueue({ type: 'goal', turnId: ports.newId(), settings });
  };

  const runTurn = async (turn: Turn, settings: TurnSettings) => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    // A person who writes goes first; the goal is taken up again after their turn.
    if (turn.type === 'goal' && queue.length > 0) return next();
    await turn.run((outcome) => {
      next();
      if (goesOn(outcome)) pursue({ ...settings, outputSchema: null });
    });
  };

  const enqueue = (submission: TurnSubmission) => {
    queue.push({ turn: createTurn(state, submission), submission });
    if (!active) next();
    else if (submission.type === 'turn') tellQueue();
  };

  return {
    submit(submission) {
      if (closed) return;
      switch (submission.type) {
        case 'steer': {
          if (active?.turn.id !== submission.turnId) break;
          const { input, clientId } = submission;
          if (active.turn.isSteerable) active.turn.steer(input, clientId);
          else enqueue({ type: 'turn', turnId: ports.newId(), input, clientId, settings: active.submission.settings });
          break;
        }
        case 'interrupt':
          if (active?.turn.id === submission.turnId) active.turn.interrupt();
          break;
        case 'stopCommand':
          state.commands.stop(submission.itemId);
          break;
        case 'decided':
          state.editorTexts.decided(submission.decision);
          break;
        case 'tell':
          // Between turns it is kept at once; in one, only between its calls, and before the first the beginning comes.
          if (active || state.history.isEmpty) state.commands.tell(submission);
          else state.history.append(null, [note(submission.tag, submission.text)]);
          break;
        default:
          enqueue(submission);
      }
    },
    get activeTurnId() {
      return active?.turn.id ?? null;
    },
    get waiting() {
      return queue.flatMap(({ submission }) => (submission.type === 'turn' ? [submission] : []));
    },
    withdraw(turnId) {
      const at = queue.findIndex(({ turn }) => turn.id === turnId);
      if (at < 0) return false;
      queue.splice(at, 1);
      tellQueue();
      return true;
    },
    get runningCommands() {
      return state.commands.list();
    },
    resizeCommand: (itemId, size) => state.commands.resize(itemId, size),
    goals: state.goals,
    approvals: state.approvals,
    inject(items) {
      if (active) state.injected.push(...items);
      else state.history.append(null, items);
    },
    get lastRequest() {
      return state.lastRequest;
    },
    spending: state.spending,
    context() {
      const parts = contextParts(state.history.snapshot(), state.lastRequest?.request.tools ?? []);
      return { tokens: state.history.tokens, parts };
    },
    async close() {
      closed = true;
      // Their senders were told that they are taken: they are shown in the turn that ends, and sent with the next one.
      for (const { submission } of queue.splice(0)) {
        if (submission.type === 'turn') active?.turn.steer(submission.input, submission.clientId);
      }
      active?.turn.interrupt();
      await running;
      await state.commands.kill(null);
      await keepDecisions(state);
      await endSession(state);
      state.lifetime.abort();
    },
  };
}

function goalOf(recorded: unknown, threadId: string): ThreadGoal | null {
  const parsed = ThreadGoal.safeParse(recorded);
  return parsed.success && parsed.data.threadId === threadId ? parsed.data : null;
}

/**
 * Whether work on the goal goes on by itself after a turn. A step that did nothing would be followed by others like it,
 * and a failure by the same failure: then it waits for the user.
 */
const goesOn = ({ type, status, callCount }: TurnOutcome): boolean =>
  status === 'completed' && (type === 'turn' || (type === 'goal' && callCount > 0));
