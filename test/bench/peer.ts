/** An app server as a child process, with a client that does as little as possible while the server is measured. */
import { type ChildProcess, spawn } from 'node:child_process';
import { type Usage, usageOf } from './usage.ts';

export type PeerProgram = {
  name: 'gantry' | 'codex';
  /** Program and arguments. */
  argv: readonly [string, ...string[]];
  /** The variable that names its home. */
  homeVariable: string;
};

type Message = { id?: number; method?: string; params?: unknown; result?: unknown; error?: { message: string } };

export class Peer {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #answers = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  readonly #listeners = new Set<(method: string, params: unknown) => void>();
  #nextId = 1;
  #rest = '';
  #errors = '';

  constructor({ argv: [program, ...args], homeVariable }: PeerProgram, home: string, cwd: string) {
    this.#child = spawn(program, args, {
      cwd,
      env: { PATH: process.env.PATH, HOME: home, [homeVariable]: home, BENCH_KEY: 'none' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#exited = new Promise((resolve) => {
      const end = (): void => {
        for (const { reject } of this.#answers.values()) reject(new Error(`The server ended.\n${this.#errors}`));
        resolve();
      };
      this.#child.once('close', end);
      this.#child.once('error', end);
    });
    this.#child.stdin?.on('error', () => {});
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-4000);
    });
  }

  /** Null where it cannot be known. */
  usage(): Usage | null {
    return usageOf(this.#child.pid ?? 0);
  }

  async initialize(): Promise<void> {
    await this.request('initialize', {
      clientInfo: { name: 'bench', title: null, version: '1.0.0' },
      capabilities: { experimentalApi: true },
    });
    this.#send({ method: 'initialized' });
  }

  /** Rejects when the server refuses, and when it ends first. */
  request(method: string, params: unknown): Promise<unknown> {
    const id = this.#nextId++;
    const answer = new Promise((resolve, reject) => this.#answers.set(id, { resolve, reject }));
    this.#send({ id, method, params });
    return answer;
  }

  /** Settles when a turn has ended; rejects unless it ended well. */
  async turn(threadId: string, text: string): Promise<void> {
    let resolve = (): void => {};
    let reject = (_: Error): void => {};
    const ended = new Promise<void>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    ended.catch(() => {});
    const listener = (method: string, params: unknown): void => {
      if (method !== 'turn/completed') return;
      const { turn } = params as { turn: { status: string; error: unknown } };
      if (turn.status === 'completed') resolve();
      else reject(new Error(`The turn ended as ${turn.status}: ${JSON.stringify(turn.error)}`));
    };
    this.#listeners.add(listener);
    try {
      await this.request('turn/start', { threadId, input: [{ type: 'text', text }] });
      await Promise.race([ended, this.#exited.then(() => Promise.reject(new Error('The server ended in a turn.')))]);
    } finally {
      this.#listeners.delete(listener);
    }
  }

  async stop(): Promise<void> {
    this.#child.stdin?.end();
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await this.#exited;
    clearTimeout(late);
  }

  #send(message: Message): void {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') continue;
      const { id, method, params, result, error } = JSON.parse(line) as Message;
      if (method !== undefined) {
        if (id !== undefined) this.#send({ id, error: { message: 'The bench answers nothing.' } });
        for (const listener of this.#listeners) listener(method, params);
        continue;
      }
      const waiting = this.#answers.get(id ?? 0);
      this.#answers.delete(id ?? 0);
      if (error) waiting?.reject(new Error(error.message));
      else waiting?.resolve(result);
    }
  }
}
