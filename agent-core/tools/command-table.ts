/** Commands of a thread that run or ran a moment ago: one row from start to completed item. */

import type { CommandExit, RunningCommand, TerminalSize, TurnSettings } from '../ports.ts';
import type { GantryBlocked, ThreadItem } from '../protocol/index.ts';
import { exitStatus } from './exit-status.ts';
import type { ItemSink } from './item-sink.ts';
import { createHeadTail, createShownOutput, type HeadTail } from './truncate.ts';

type CommandItem = Extract<ThreadItem, { type: 'commandExecution' }>;

/** What the model may still ask for; the client gets everything as it comes. */
const UNREAD_LIMIT = 1024 * 1024;

const KEPT_ENDED = 16;

/** What clients know as the exit code of a command that its user stopped. One that was interrupted has none. */
const STOPPED = 1;

/** How far a command may go, for judging later what is written to it. */
export type CommandFreedom = {
  /** It runs without the sandbox. */
  unsandboxed: boolean;
  /** Because the model asked for it, and a person said yes. */
  escalated: boolean;
  /** Under which a yes for the session is remembered. */
  sessionKey: string;
};

export type CommandRow = {
  readonly sessionId: number;
  readonly itemId: string;
  readonly turnId: string;
  readonly cmd: string;
  readonly cwd: string;
  readonly running: RunningCommand;
  readonly settings: TurnSettings;
  readonly freedom: CommandFreedom;
  /** What kept it from its work; known once it has ended. */
  blocked: readonly GantryBlocked[];
  /** What came since the model was last told. */
  readonly unread: HeadTail;
  readonly startedAtMs: number;
  /** Resolves when the command has ended and its item is completed. */
  readonly ended: Promise<CommandExit>;
  exit: CommandExit | null;
  stoppedByUser: boolean;
};

/** A command that runs, as clients are told of it. */
export type RunningRow = { itemId: string; processId: string; command: string; cwd: string };

/** Something the model has to know that it did not do itself. */
export type News = { tag: string; text: string };

export type CommandTable = {
  /** Takes a started command over: streams its output into `item`, and completes the item when it ends. */
  add(row: {
    item: CommandItem;
    turnId: string;
    cmd: string;
    running: RunningCommand;
    settings: TurnSettings;
    items: ItemSink;
    freedom: CommandFreedom;
    /** What kept it from its work, by all that it printed. */
    blockedBy?: (output: string, exit: CommandExit) => GantryBlocked[];
  }): CommandRow;
  get(sessionId: number): CommandRow | undefined;
  /** Forgets a row whose end the model has been told. */
  forget(row: CommandRow): void;
  /** Whether the command of this item still runs. */
  runs(itemId: string): boolean;
  /** Commands that run, oldest first. */
  list(): { itemId: string; sessionId: number; processId: string; command: string; cwd: string }[];
  /** Kills one command for the user; false when there is none that runs. */
  stop(itemId: string): boolean;
  /** False when the command of this item has no terminal, or has ended. */
  resize(itemId: string, size: TerminalSize): boolean;
  /** Kills what `turnId` started (null: everything); resolves when their items are completed. */
  kill(turnId: string | null): Promise<void>;
  /** For the model's next call. */
  tell(news: News): void;
  /** What was told since the last call, and which commands the user stopped behind the model's back. */
  takeNews(): News[];
};

export function createCommandTable(now: () => number): CommandTable {
  const rows = new Map<number, CommandRow>();
  const stopped: CommandRow[] = [];
  const told: News[] = [];
  let lastId = 1000;

  /** Of commands that ended in the background, and that nobody asks for, only the newest are kept. */
  const prune = () => {
    const endedRows = [...rows.values()].filter((row) => row.exit);
    for (const row of endedRows.slice(0, Math.max(0, endedRows.length - KEPT_ENDED))) rows.delete(row.sessionId);
  };

  const runningOf = (itemId: string) => [...rows.values()].find((row) => row.itemId === itemId && !row.exit);

  return {
    add({ item, turnId, cmd, running, settings, items, freedom, blockedBy }) {
      const shown = createShownOutput();
      const unread = createHeadTail(UNREAD_LIMIT);
      const startedAtMs = now();
      const show = (text: string) => {
        if (text) items.outputDelta(item.id, text);
      };
      running.onOutput((chunk) => {
        unread.push(chunk);
        show(shown.push(chunk));
      });
      let isKilled = false;
      const kill = (): Promise<void> => {
        isKilled = true;
        return running.kill();
      };
      const ended = running.exited.then((exit) => {
        row.exit = exit;
        show(shown.end());
        if (blockedBy && !isKilled) row.blocked = blockedBy(shown.text() ?? '', exit);
        if (row.blocked.length > 0) items.blocked(item.id, [...row.blocked]);
        items.completed({
          ...item,
          status: exit.code === 0 && !row.stoppedByUser ? 'completed' : 'failed',
          exitCode: row.stoppedByUser ? STOPPED : isKilled ? null : exitStatus(exit),
          aggregatedOutput: shown.text(),
          durationMs: Math.max(0, Math.round(now() - startedAtMs)),
        });
        return exit;
      });
      lastId += 1;
      const row: CommandRow = {
        sessionId: lastId,
        itemId: item.id,
        turnId,
        cmd,
        cwd: item.cwd,
        running: { ...running, kill },
        settings,
        freedom,
        unread,
        startedAtMs,
        ended,
        exit: null,
        stoppedByUser: false,
        blocked: [],
      };
      rows.set(row.sessionId, row);
      prune();
      return row;
    },
    get: (sessionId) => rows.get(sessionId),
    forget(row) {
      rows.delete(row.sessionId);
      const at = stopped.indexOf(row);
      if (at >= 0) stopped.splice(at, 1);
    },
    runs: (itemId) => runningOf(itemId) !== undefined,
    list: () =>
      [...rows.values()]
        .filter((row) => !row.exit)
        .map(({ itemId, sessionId, running, cmd, cwd }) => ({
          itemId,
          sessionId,
          processId: running.processId,
          command: cmd,
          cwd,
        })),
    stop(itemId) {
      const row = runningOf(itemId);
      if (!row) return false;
      row.stoppedByUser = true;
      stopped.push(row);
      void row.running.kill();
      return true;
    },
    resize: (itemId, size) => runningOf(itemId)?.running.resize(size) ?? false,
    async kill(turnId) {
      const doomed = [...rows.values()].filter((row) => turnId === null || row.turnId === turnId);
      await Promise.all(
        doomed.map(async (row) => {
          if (!row.exit) {
            await row.running.kill();
            await row.ended;
          }
          rows.delete(row.sessionId);
        }),
      );
    },
    tell: (news) => void told.push(news),
    takeNews() {
      const ends = stopped.splice(0).map(({ sessionId, cmd }) => ({
        tag: 'command_stopped',
        text: `The user stopped the command with session ID ${sessionId}: ${cmd}`,
      }));
      return [...told.splice(0), ...ends];
    },
  };
}
