/** A process that a client started for itself: its streams as the client wants them, its end, its limits. */
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { SandboxedProcess } from '../../../sandbox/index.ts';
import { AgentError } from '../../protocol/index.ts';
import { exitStatus } from '../../tools/exit-status.ts';
import type { Connection } from '../wire/connection.ts';

export const DEFAULT_TIMEOUT_MS = 10_000;
/** Of each stream. */
export const DEFAULT_OUTPUT_CAP = 1024 * 1024;
/** As `timeout` ends. */
const TIMED_OUT = 124;
/** setTimeout takes no more. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export type StreamName = 'stdout' | 'stderr';

export type ClientProcessOptions = {
  child: SandboxedProcess;
  connection: Connection;
  takesInput: boolean;
  /** Null: no limit. */
  timeoutMs: number | null;
  outputCap: number | null;
  /** Given every piece of output; null: output is kept for the end. */
  onOutput: ((stream: StreamName, bytes: Buffer, capReached: boolean) => void) | null;
};

export type ClientProcessEnd = {
  exitCode: number;
  stdout: string;
  stderr: string;
  stdoutCapReached: boolean;
  stderrCapReached: boolean;
};

export type ClientProcess = {
  /** Resolves when everything is over and told. Rejects with `AgentError` when the command never ran. */
  readonly ended: Promise<ClientProcessEnd>;
  /** Resolves when the process has taken the bytes or has ended. */
  write(bytes: Buffer | null, close: boolean): Promise<void>;
  resize(size: { cols: number; rows: number }): void;
  kill(): void;
};

export function followProcess(options: ClientProcessOptions): ClientProcess {
  const { child, takesInput, timeoutMs } = options;
  let isTimedOut = false;
  const timer =
    timeoutMs === null
      ? null
      : setTimeout(
          () => {
            isTimedOut = true;
            void child.kill();
          },
          Math.min(timeoutMs, LONGEST_TIMEOUT_MS),
        );
  const streams = Promise.all([follow('stdout', child.stdout, options), follow('stderr', child.stderr, options)]);
  const ended = (async (): Promise<ClientProcessEnd> => {
    const [exit, [stdout, stderr]] = await Promise.all([child.exited, streams]);
    if (timer) clearTimeout(timer);
    if (exit.failure !== null && !isTimedOut) throw new AgentError('fileSystem', exit.failure);
    return {
      exitCode: isTimedOut ? TIMED_OUT : exitStatus(exit),
      stdout: stdout.text,
      stderr: stderr.text,
      stdoutCapReached: stdout.capReached,
      stderrCapReached: stderr.capReached,
    };
  })();
  ended.catch(() => {}); // whoever waits for it is told
  return {
    ended,
    async write(bytes, close) {
      const { stdin } = child;
      if (!takesInput || !stdin) {
        throw new AgentError(
          'invalidRequest',
          'stdin streaming is not enabled for this process: start it with streamStdin or tty.',
        );
      }
      if (!stdin.writable) throw new AgentError('invalidRequest', 'stdin is already closed');
      if (bytes && bytes.length > 0 && !stdin.write(bytes)) await Promise.race([drained(stdin), child.exited]);
      if (close) stdin.end();
    },
    resize({ cols, rows }) {
      if (!child.resize({ columns: cols, rows })) {
        throw new AgentError(
          'invalidRequest',
          'failed to resize: the process has no terminal, has ended, or the size is none.',
        );
      }
    },
    kill: () => void child.kill(),
  };
}

const drained = (stdin: Writable): Promise<void> =>
  new Promise((resolve) => {
    stdin.once('drain', resolve).once('close', resolve);
  });

/** Reads a stream to its end; no faster than the client takes it. What is over the cap is read and forgotten. */
async function follow(
  name: StreamName,
  stream: Readable | null,
  { connection, outputCap, onOutput }: ClientProcessOptions,
): Promise<{ text: string; capReached: boolean }> {
  const kept: Buffer[] = [];
  let room = outputCap ?? Number.POSITIVE_INFINITY;
  let capReached = false;
  const take = (bytes: Buffer): void => {
    if (capReached) return;
    capReached = bytes.length > room;
    const piece = capReached ? bytes.subarray(0, room) : bytes;
    room -= piece.length;
    if (onOutput) onOutput(name, piece, capReached);
    else kept.push(piece);
  };
  try {
    for await (const bytes of stream ?? []) {
      take(bytes as Buffer);
      if (onOutput) await connection.peer.whenDrained();
    }
  } catch {
    // A stream that breaks has ended.
  }
  const decoder = new StringDecoder('utf8');
  const text = decoder.write(Buffer.concat(kept));
  return { text: capReached ? text : text + decoder.end(), capReached };
}
