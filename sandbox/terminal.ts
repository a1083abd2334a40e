// Terminals for commands: their sizes, and where the Linux helper is not there to provide one, a library that does.
import { randomUUID } from 'node:crypto';
import { constants, uptime } from 'node:os';
import { Readable, Writable } from 'node:stream';
import { endTree, RUN_MARK } from './processes.ts';

/** In characters, each 1 to 9999. */
export type TerminalSize = { columns: number; rows: number };

/** A command in a terminal, as node-pty has it. */
export type OpenedTerminal = {
  readonly pid: number;
  onData(listener: (bytes: string | Buffer) => void): unknown;
  onExit(listener: (exit: { exitCode: number; signal?: number }) => void): unknown;
  write(bytes: string | Buffer): void;
  resize(columns: number, rows: number): void;
  pause(): void;
  resume(): void;
  kill(signal?: string): void;
};

/** Opens a terminal with a command in it; throws if it cannot. Output must come as bytes. */
export type OpenTerminal = (
  program: string,
  args: string[],
  options: { cwd: string; env: Record<string, string>; size: TerminalSize },
) => OpenedTerminal;

/** Null: a size that a terminal can have; else what is wrong with it. */
export function sizeFault({ columns, rows }: TerminalSize): string | null {
  const fits = [columns, rows].every((length) => Number.isInteger(length) && length >= 1 && length <= 9999);
  return fits ? null : `A terminal has 1 to 9999 columns and rows, not ${columns} x ${rows}`;
}

export type ForeignTerminal = {
  pid: number;
  stdin: Writable;
  stdout: Readable;
  /** Once the command has ended with all that could be found of what it started. Never rejects. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  resize(size: TerminalSize): boolean;
  send(signal: NodeJS.Signals): void;
  kill(): Promise<void>;
};

/** Ctrl+D, which is how a terminal's input ends. */
const END_OF_INPUT = '\u0004';

/** Starts a command in a terminal that `open` makes. Throws what `open` throws. */
export function startInTerminal(
  open: OpenTerminal,
  [program = '', ...args]: readonly string[],
  { cwd, env, size }: { cwd: string; env: Record<string, string>; size: TerminalSize },
): ForeignTerminal {
  const mark = randomUUID();
  const since = uptime() - 1; // what it says may be cut to seconds
  const terminal = open(program, args, { cwd, env: { ...env, [RUN_MARK]: mark }, size });
  const { pid } = terminal;
  let hasEnded = false;
  const stdout = new Readable({ read: () => terminal.resume() });
  terminal.onData((bytes) => {
    if (!stdout.push(bytes)) terminal.pause();
  });
  const stdin = new Writable({
    write(bytes: Buffer, _encoding, done) {
      if (!hasEnded) terminal.write(bytes);
      done();
    },
    final(done) {
      if (!hasEnded) terminal.write(END_OF_INPUT);
      done();
    },
  });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    terminal.onExit(({ exitCode, signal }) => {
      hasEnded = true;
      stdout.push(null);
      void endTree(pid, mark, since).then(() =>
        resolve(signal ? { code: null, signal: signalName(signal) } : { code: exitCode, signal: null }),
      );
    });
  });
  return {
    pid,
    stdin,
    stdout,
    exited,
    resize(next) {
      if (!hasEnded) terminal.resize(next.columns, next.rows);
      return !hasEnded;
    },
    send: (signal) => {
      if (!hasEnded) terminal.kill(process.platform === 'win32' ? undefined : signal);
    },
    async kill() {
      if (!hasEnded) await endTree(pid, mark, since);
      await exited;
    },
  };
}

/** By the number that the system gave it. */
export function signalName(number: number): NodeJS.Signals {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return (found?.[0] ?? 'SIGKILL') as NodeJS.Signals;
}
