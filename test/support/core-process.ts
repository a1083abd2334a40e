/**
 * The built core as a child process, and a client of it that checks every line it gets: against the
 * published schema of the reference, unless it declared `gantry`; then against our tables.
 *
 *   const core = await CoreProcess.start({ home, cwd });
 *   await core.initialize();
 *   const { thread } = await core.request('thread/start', { cwd });
 *   await core.waitFor('turn/completed');
 *   assert.deepEqual(core.problems, []);
 *   await core.stop();
 *
 * Waiting never sleeps: `waitFor` looks at what came since the last `mark()`, then at what comes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type {
  ClientRequestInput,
  ClientRequestMethod,
  ClientRequestResult,
  ServerNotificationMethod,
  ServerNotificationParams,
  ServerRequest,
  ThreadItem,
} from '../../agent-core/protocol/index.ts';
import { type Capabilities, LineChecker } from './line-checker.ts';

export type { Capabilities };

const PROGRAM = path.join(import.meta.dirname, '../../dist/gantry.js');

export type CoreProcessOptions = {
  /** GANTRY_HOME of the process. */
  home: string;
  cwd: string;
  env?: Record<string, string>;
  args?: readonly string[];
  /** Another app server, with its arguments, in place of the built core. */
  program?: readonly string[];
  /** A program and its arguments that end in running what follows them. */
  wrapper?: readonly string[];
};

export type Message = {
  id?: string | number | null;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: RpcFailure;
  emittedAtMs?: unknown;
};
/** A request of the core's. */
export type CoreRequest = ServerRequest & { id: string | number };
export type RpcFailure = { code: number; message: string; data?: unknown };
/** What a server request is answered with; undefined leaves it open. */
export type Answer = { result: unknown } | { error: RpcFailure } | undefined;

/** A request that the core refused. */
export class RefusedError extends Error {
  readonly failure: RpcFailure;

  constructor(method: string, failure: RpcFailure) {
    super(`${method}: ${failure.message} (${failure.code})`);
    this.failure = failure;
  }
}

type Exit = { code: number | null; signal: NodeJS.Signals | null };

export class CoreProcess {
  /** Everything that came, in order. */
  readonly messages: Message[] = [];
  /** Lines that do not fit the protocol; empty is what a test wants to see. */
  readonly problems: string[] = [];
  /** Answers the core's requests. Unanswered by default; tests set it. */
  onRequest: (request: CoreRequest) => Answer | Promise<Answer> = () => undefined;
  stderr = '';
  /** The methods of all requests so far, by id. */
  readonly asked = new Map<string | number, string>();
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #checker = new LineChecker();
  readonly #answers = new Map<string | number, (message: Message) => void>();
  readonly #watchers = new Set<() => void>();
  #isGone = false;
  #nextId = 1;
  #mark = 0;
  #buffer = '';

  constructor(options: CoreProcessOptions) {
    if (!existsSync(PROGRAM)) throw new Error('dist/gantry.js is missing: run `npm run build` first.');
    const program = options.program ?? [process.execPath, PROGRAM, 'app-server'];
    const argv = [...(options.wrapper ?? []), ...program, ...(options.args ?? [])];
    this.#child = spawn(argv[0] ?? '', argv.slice(1), {
      cwd: options.cwd,
      env: { PATH: process.env.PATH, HOME: options.home, GANTRY_HOME: options.home, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.exited = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#isGone = true;
        this.#wake();
        resolve({ code, signal });
      });
    });
    this.#child.stdin?.on('error', () => {});
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
  }

  /** A core that has answered `initialize`. */
  static async start(options: CoreProcessOptions & { capabilities?: Capabilities }): Promise<CoreProcess> {
    const core = new CoreProcess(options);
    await core.initialize(options.capabilities);
    return core;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async initialize(capabilities: Capabilities = {}): Promise<ClientRequestResult<'initialize'>> {
    return this.request('initialize', { clientInfo: { name: 'test', version: '0.1.0' }, capabilities });
  }

  /** Rejects with `RefusedError` when the core refuses, and when it ends first. */
  async request<M extends ClientRequestMethod>(
    method: M,
    params: ClientRequestInput<M>,
  ): Promise<ClientRequestResult<M>> {
    const message = await this.requestRaw(method, params);
    if (message.error) throw new RefusedError(method, message.error);
    return message.result as ClientRequestResult<M>;
  }

  /** The whole answer, whatever it is; any method, any params. */
  requestRaw(method: string, params?: unknown): Promise<Message> {
    const id = this.#nextId++;
    const answer = new Promise<Message>((resolve, reject) => {
      this.#answers.set(id, resolve);
      void this.exited.then(({ code, signal }) =>
        reject(new Error(`The core ended (${code ?? signal}) before it answered ${method}.\n${this.stderr}`)),
      );
    });
    answer.catch(() => {});
    this.send({ id, method, params });
    return answer;
  }

  /** The failure of a request that must not succeed. */
  async refusal(method: string, params?: unknown): Promise<RpcFailure> {
    const message = await this.requestRaw(method, params);
    if (!message.error) throw new Error(`${method} was not refused: ${JSON.stringify(message.result)}`);
    return message.error;
  }

  /** One message as it is. */
  send(message: { id?: string | number | null; method?: string; [key: string]: unknown }): void {
    this.#checker.sent(message);
    if (message.method && message.id !== undefined && message.id !== null) this.asked.set(message.id, message.method);
    this.sendText(`${JSON.stringify(message)}\n`);
  }

  /** Bytes as they are. */
  sendText(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** What comes from here on is what the next `waitFor` looks at. */
  mark(): void {
    this.#mark = this.messages.length;
  }

  /** The first notification of `method` since the mark that `fits`. Rejects when the core ends first. */
  async waitFor<M extends ServerNotificationMethod>(
    method: M,
    fits: (params: ServerNotificationParams<M>) => boolean = () => true,
  ): Promise<ServerNotificationParams<M>> {
    const found = await this.waitForMessage(
      (message) => message.method === method && fits(message.params as ServerNotificationParams<M>),
    );
    return found.params as ServerNotificationParams<M>;
  }

  /** The first message since the mark that `fits`. */
  async waitForMessage(fits: (message: Message) => boolean): Promise<Message> {
    for (let next = this.#mark; ; next++) {
      while (next >= this.messages.length) {
        if (this.#isGone) throw new Error(`The core ended while a message was waited for.\n${this.stderr}`);
        await new Promise<void>((resolve) => this.#watchers.add(resolve));
      }
      const message = this.messages[next];
      if (message && fits(message)) return message;
    }
  }

  /** All notifications of a method so far. */
  notifications<M extends ServerNotificationMethod>(method: M): ServerNotificationParams<M>[] {
    return this.messages
      .filter((message) => message.method === method)
      .map(({ params }) => params as ServerNotificationParams<M>);
  }

  /** Starts a turn and waits for its end. */
  async turn(
    threadId: string,
    text: string,
    params: Partial<ClientRequestInput<'turn/start'>> = {},
  ): Promise<ServerNotificationParams<'turn/completed'>['turn']> {
    const { turn } = await this.request('turn/start', { threadId, input: [{ type: 'text', text }], ...params });
    const done = await this.waitFor('turn/completed', (ended) => ended.turn.id === turn.id);
    return done.turn;
  }

  /** Completed items of a type, oldest first. */
  items<T extends ThreadItem['type']>(type: T): Extract<ThreadItem, { type: T }>[] {
    return this.notifications('item/completed')
      .map(({ item }) => item as ThreadItem)
      .filter((item): item is Extract<ThreadItem, { type: T }> => item.type === type);
  }

  /** Ends stdin, as a client that leaves does. */
  stop(): Promise<Exit> {
    this.#child.stdin?.end();
    return this.exited;
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    this.#child.kill(signal);
    return this.exited;
  }

  #take(text: string): void {
    this.#buffer += text;
    const lines = this.#buffer.split('\n');
    this.#buffer = lines.pop() ?? '';
    for (const line of lines) {
      let message: Message;
      try {
        message = JSON.parse(line);
      } catch {
        this.problems.push(`not JSON: ${line.slice(0, 200)}`);
        continue;
      }
      const problem = this.#checker.problem(message);
      if (problem) this.problems.push(problem);
      this.messages.push(message);
      this.#dispatch(message);
    }
    this.#wake();
  }

  #dispatch(message: Message): void {
    if (message.method === undefined) {
      if (message.id !== undefined && message.id !== null) this.#answers.get(message.id)?.(message);
      return;
    }
    if (message.id === undefined) return;
    void Promise.resolve(this.onRequest(message as CoreRequest)).then((answer) => {
      if (answer) this.send({ id: message.id, ...answer });
    });
  }

  #wake(): void {
    for (const watcher of this.#watchers) watcher();
    this.#watchers.clear();
  }
}
