/**
 * `thread/shellCommand`: a command that the user typed. It runs with the user's own rights, beside whatever the agent
 * does; it is shown in the turn that runs, else in one of its own, and the model is told with its next call.
 */
import { quoteWord } from '../../approvals/shell-words.ts';
import type { SandboxedRunner } from '../../execution/command-runner.ts';
import { createTurnItems } from '../../loop/items.ts';
import type { Clock, Log } from '../../ports.ts';
import { AgentError, type ThreadItem, type Turn } from '../../protocol/index.ts';
import type { RolloutLine } from '../../threads/rollout.ts';
import { cleanOutput } from '../../tools/clean-output.ts';
import { commandActions, type ReadParts } from '../../tools/command-actions.ts';
import { type CommandRow, type CommandTable, createCommandTable, type RunningRow } from '../../tools/command-table.ts';
import { cutForModel } from '../../tools/truncate.ts';
import type { ConfigOverrides, LiveThread } from '../threads/live-thread.ts';
import type { ThreadRegistry } from '../threads/thread-registry.ts';
import type { Handlers } from '../wire/connection.ts';

const HOUR_MS = 60 * 60 * 1000;
/** setTimeout takes no more. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
const SHELL = '/bin/bash';

export type UserShellOptions = {
  runner: () => Promise<SandboxedRunner>;
  clock: Clock;
  newId: () => string;
  log: Log;
  /** What the command does, by the shell's grammar. Never rejects. */
  read: (script: string, shell: string, cwd: string, overrides: ConfigOverrides) => Promise<ReadParts>;
};

export type UserShell = {
  /** Starts it; everything else is told by notifications. */
  start(thread: LiveThread, command: string, timeoutMs: number | null): void;
  /** The user's commands that run in a thread, oldest first. */
  list(thread: LiveThread): RunningRow[];
  /** Kills one; false when there is none that runs. */
  stop(thread: LiveThread, itemId: string): boolean;
  /** Kills the commands of this turn; true when it was a turn of such a command alone. */
  interrupt(thread: LiveThread, turnId: string): boolean;
};

type Run = {
  turnId: string;
  /** It has the turn to itself. */
  ownsTurn: boolean;
  abort: AbortController;
  /** When all of it is told and recorded. */
  done: Promise<void>;
};
type Shells = { table: CommandTable; runs: Set<Run> };
type CommandItem = Extract<ThreadItem, { type: 'commandExecution' }>;

export function createUserShell({ runner, clock, newId, log, read }: UserShellOptions): UserShell {
  const threads = new WeakMap<LiveThread, Shells>();
  const of = (thread: LiveThread): Shells => {
    const known = threads.get(thread);
    if (known) return known;
    const made: Shells = { table: createCommandTable(clock.now), runs: new Set() };
    threads.set(thread, made);
    thread.onClose(async () => {
      for (const { abort } of made.runs) abort.abort(); // also what is just being started
      // A thread is closed when they have ended: what is told of them must still go into its file.
      await Promise.all([made.table.kill(null), ...[...made.runs].map(({ done }) => done)]);
    });
    return made;
  };

  const carryOut = async (
    thread: LiveThread,
    { turnId, abort }: Run,
    item: CommandItem,
    command: string,
    timeoutMs: number,
  ) => {
    const { table } = of(thread);
    const items = createTurnItems(
      {
        threadId: thread.id,
        clock,
        newId,
        record: (line) => thread.record(line),
        emit: (notification) => thread.broadcast(notification),
      },
      turnId,
      (error) => log('error', 'a command of the user could not be recorded', error),
    );
    const { settings } = thread;
    const reading = await read(command, SHELL, item.cwd, thread.overrides);
    item.commandActions = commandActions(command, reading, item.cwd);
    try {
      const running = await (await runner()).start(
        { argv: [SHELL, '-c', command], cwd: item.cwd, settings, unsandboxed: true },
        abort.signal,
      );
      const started = { ...item, processId: running.processId };
      items.started(started);
      const freedom = { unsandboxed: true, escalated: false, sessionKey: '' };
      const row = table.add({ item: started, turnId, cmd: command, running, settings, items, freedom });
      const timer = setTimeout(() => table.stop(item.id), Math.min(timeoutMs, LONGEST_TIMEOUT_MS));
      await row.ended;
      clearTimeout(timer);
      table.forget(row);
      thread.submit({ type: 'tell', tag: 'user_shell_command', text: account(row, command) });
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      items.started(item);
      items.outputDelta(item.id, error.message);
      items.completed({ ...item, status: 'failed', aggregatedOutput: error.message });
    }
  };

  const keep = (thread: LiveThread, line: RolloutLine): void => {
    try {
      thread.record(line);
    } catch (error) {
      log('error', 'a command of the user could not be recorded', error);
    }
  };

  const begin = (thread: LiveThread, turnId: string, startedAtMs: number): void => {
    keep(thread, { type: 'turnStarted', at: startedAtMs, turnId });
    // It may be the first turn, and the thread may be closed before the agent has one.
    keep(thread, { type: 'settings', at: startedAtMs, settings: { ...thread.settings } });
    if (thread.activeTurnId === null) thread.setStatus({ type: 'active', activeFlags: [] });
    thread.broadcast({ method: 'turn/started', params: { threadId: thread.id, turn: turnOf(turnId, startedAtMs) } });
  };

  const end = (thread: LiveThread, { turnId, abort }: Run, startedAtMs: number): void => {
    const status = abort.signal.aborted ? 'interrupted' : 'completed';
    const at = clock.now();
    const durationMs = Math.max(0, at - startedAtMs);
    keep(thread, { type: 'turnCompleted', at, turnId, status, error: null, durationMs });
    if (thread.activeTurnId === null && of(thread).table.list().length === 0) thread.setStatus({ type: 'idle' });
    const turn: Turn = {
      ...turnOf(turnId, startedAtMs),
      status,
      completedAt: Math.floor(at / 1000),
      durationMs,
    };
    thread.broadcast({ method: 'turn/completed', params: { threadId: thread.id, turn } });
  };

  return {
    start(thread, command, timeoutMs) {
      const startedAtMs = clock.now();
      const turnId = thread.begunTurnId ?? newId();
      const item = itemOf(newId(), command, thread.settings.cwd);
      const run: Run = {
        turnId,
        ownsTurn: turnId !== thread.begunTurnId,
        abort: new AbortController(),
        done: Promise.resolve(),
      };
      const { runs } = of(thread);
      runs.add(run);
      if (run.ownsTurn) begin(thread, turnId, startedAtMs);
      run.done = carryOut(thread, run, item, command, timeoutMs ?? HOUR_MS)
        .catch((error) => log('error', 'a command of the user failed inside', error))
        .then(() => {
          runs.delete(run);
          if (run.ownsTurn) end(thread, run, startedAtMs);
        });
    },
    list: (thread) => of(thread).table.list(),
    stop: (thread, itemId) => of(thread).table.stop(itemId),
    interrupt(thread, turnId) {
      const doomed = [...of(thread).runs].filter((run) => run.turnId === turnId);
      for (const { abort } of doomed) abort.abort();
      return doomed.some(({ ownsTurn }) => ownsTurn);
    },
  };
}

function itemOf(id: string, command: string, cwd: string): CommandItem {
  return {
    type: 'commandExecution',
    id,
    pluginId: null,
    scriptPath: null,
    command: `${SHELL} -lc ${quoteWord(command)}`,
    cwd,
    processId: null,
    source: 'userShell',
    status: 'inProgress',
    commandActions: [{ type: 'unknown', command }],
    aggregatedOutput: null,
    exitCode: null,
    durationMs: null,
  };
}

const turnOf = (id: string, startedAtMs: number): Turn => ({
  id,
  rootTurnId: id,
  items: [],
  itemsView: 'notLoaded',
  status: 'inProgress',
  error: null,
  startedAt: Math.floor(startedAtMs / 1000),
  completedAt: null,
  durationMs: null,
});

/** What the model is told. */
function account(row: CommandRow, command: string): string {
  const { exit } = row;
  const how =
    row.stoppedByUser || exit?.code === null
      ? 'It was stopped before its end.'
      : `Exit code: ${exit?.code ?? 'unknown'}`;
  const output = cutForModel(cleanOutput(row.unread.take()));
  return `The user ran this themselves, outside the sandbox: ${command}\n${how}\nOutput:\n${output}`;
}

export function shellCommandHandlers(threads: ThreadRegistry, shell: UserShell): Pick<Handlers, 'thread/shellCommand'> {
  return {
    'thread/shellCommand'({ threadId, command, timeoutMs = null }, { connection, afterReply }) {
      const thread = threads.loaded(threadId);
      if (command.trim() === '') throw new AgentError('invalidRequest', 'command must not be empty');
      if (timeoutMs !== null && timeoutMs < 0) {
        throw new AgentError('invalidParams', `thread/shellCommand timeoutMs must be non-negative, got ${timeoutMs}`);
      }
      thread.subscribe(connection);
      afterReply(() => shell.start(thread, command, timeoutMs));
      return {};
    },
  };
}
