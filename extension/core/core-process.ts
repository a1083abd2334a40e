/** One life of the core: a child process and the connection to it. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { createMessageConnection, type Message, type MessageConnection } from 'vscode-jsonrpc/node';
import { JsonlMessageReader } from './jsonl-reader.ts';
import { JsonlMessageWriter } from './jsonl-writer.ts';

export type CoreCommand = {
  command: string;
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Name of the setting that the program comes from; null for Gantry's own. */
  setting: string | null;
};

/** How the process ended. `lastWords` are the last lines of its stderr. */
export type CoreExit = { code: number | null; signal: string | null; error: Error | null; lastWords: string };

export type CoreProcessEvents = {
  onMessage(direction: 'to' | 'from', message: Message): void;
  onStderr(line: string): void;
  onProtocolError(error: Error): void;
};

const KEPT_STDERR_LINES = 20;
const GRACE_MS = 2_000;

export class CoreProcess {
  /** Not yet listening; the owner registers its handlers and then calls `listen()`. */
  readonly connection: MessageConnection;
  /** Never rejects. */
  readonly exited: Promise<CoreExit>;
  readonly pid: number | undefined;
  readonly #child: ChildProcessWithoutNullStreams;
  #ended = false;

  constructor({ command, args, cwd, env }: Omit<CoreCommand, 'setting'>, events: CoreProcessEvents) {
    this.#child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    this.pid = this.#child.pid;
    const lastLines: string[] = [];
    createInterface({ input: this.#child.stderr }).on('line', (line) => {
      lastLines.push(line);
      if (lastLines.length > KEPT_STDERR_LINES) lastLines.shift();
      events.onStderr(line);
    });
    this.exited = new Promise((resolve) => {
      const end = (code: number | null, signal: string | null, error: Error | null) => {
        this.#ended = true;
        resolve({ code, signal, error, lastWords: lastLines.join('\n') });
      };
      this.#child.once('error', (error) => end(null, null, error));
      this.#child.once('close', (code, signal) => end(code, signal, null));
    });
    const reader = new JsonlMessageReader(this.#child.stdout, (message) => events.onMessage('from', message));
    const writer = new JsonlMessageWriter(this.#child.stdin, (message) => events.onMessage('to', message));
    this.connection = createMessageConnection(reader, writer);
    this.connection.onError(([error]) => events.onProtocolError(error));
  }

  /** Ends the process: first by closing its input, then by SIGTERM, then by SIGKILL. Returns when it is gone. */
  async stop(): Promise<CoreExit> {
    this.#child.stdin.end();
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      if (await this.#goneWithin(GRACE_MS)) break;
      this.#child.kill(signal);
    }
    return this.exited;
  }

  async #goneWithin(ms: number): Promise<boolean> {
    if (this.#ended) return true;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
    });
    const gone = await Promise.race([this.exited.then(() => true), timeout]);
    clearTimeout(timer);
    return gone;
  }
}
