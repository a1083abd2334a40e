/** Keeps one core running: starts it, watches it, starts it again with a growing pause, and gives up in words. */

import { Emitter, type Event } from 'vscode-jsonrpc/node';
import {
  AgentError,
  type ClientRequestInput,
  type ClientRequestMethod,
  type ClientRequestResult,
  type ServerNotification,
} from '../../agent-core/protocol/index.ts';
import type { CoreView } from '../../webview/bridge/panel-state.ts';
import { type ClientIdentity, CoreClient, type ServerRequestHandlers } from './core-client.ts';
import { type CoreCommand, type CoreExit, CoreProcess } from './core-process.ts';
import { traceLine } from './redact.ts';
import { nextRestart, type RestartCount } from './restart-policy.ts';

export type SupervisorLog = {
  trace(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
};

export type SupervisorOptions = {
  /** Asked at every start, so that a changed setting holds from the next one. */
  command(): CoreCommand;
  identity: ClientIdentity;
  handlers: ServerRequestHandlers;
  /** Runs after each handshake and before anybody's request; a failure is logged and not fatal. */
  prepare(client: CoreClient): Promise<void>;
  log: SupervisorLog;
  now?(): number;
};

type Waiter = { resolve(client: CoreClient): void; reject(error: Error): void };

const INITIALIZE_TIMEOUT_MS = 60_000;

export class CoreSupervisor {
  readonly #options: SupervisorOptions;
  readonly #now: () => number;
  readonly #notification = new Emitter<ServerNotification>();
  readonly #state = new Emitter<CoreView>();
  readonly #ready = new Emitter<{ client: CoreClient; restarted: boolean }>();
  readonly #lost = new Emitter<void>();
  readonly onNotification: Event<ServerNotification> = this.#notification.event;
  readonly onState: Event<CoreView> = this.#state.event;
  /** Prepared and open for requests. */
  readonly onReady: Event<{ client: CoreClient; restarted: boolean }> = this.#ready.event;
  /** The process is gone, wanted or not; what it was doing has ended. */
  readonly onLost: Event<void> = this.#lost.event;
  #view: CoreView = { status: 'starting', message: null };
  #process: CoreProcess | null = null;
  #client: CoreClient | null = null;
  #waiters: Waiter[] = [];
  #count: RestartCount = { quick: 0 };
  #starts = 0;
  #timer: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  get view(): CoreView {
    return this.#view;
  }

  /** The running core, or null. */
  get client(): CoreClient | null {
    return this.#client;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(): void {
    if (!this.#process && !this.#disposed) void this.#run();
  }

  /** Ends the running core, if any, and starts a new one at once; forgets earlier failures. */
  async restart(): Promise<void> {
    clearTimeout(this.#timer);
    this.#count = { quick: 0 };
    const running = this.#process;
    this.#process = null;
    this.#setView({ status: 'restarting', message: 'The agent is being restarted.' });
    if (running) {
      this.#drop(running);
      await running.stop();
    }
    this.start();
  }

  /** Waits for a core that is starting; rejects at once when it has failed for good. */
  async request<M extends ClientRequestMethod>(
    method: M,
    params: ClientRequestInput<M>,
  ): Promise<ClientRequestResult<M>> {
    const client = await this.ready();
    return client.request(method, params);
  }

  ready(): Promise<CoreClient> {
    if (this.#client) return Promise.resolve(this.#client);
    if (this.#disposed || this.#view.status === 'failed') {
      return Promise.reject(new AgentError('closed', this.#view.message ?? 'The agent does not run.'));
    }
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Ends the core. The returned promise settles when the process is gone. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#timer);
    this.#fail('The agent has been stopped.');
    const running = this.#process;
    this.#process = null;
    this.#client = null;
    await running?.stop();
    running?.connection.dispose();
  }

  async #run(): Promise<void> {
    const { log } = this.#options;
    const startedAt = this.#now();
    const restarted = this.#starts++ > 0;
    if (!restarted) this.#setView({ status: 'starting', message: null });
    const command = this.#options.command();
    log.info(`Starting: ${[command.command, ...command.args].join(' ')} (in ${command.cwd})`);
    let client: CoreClient | undefined;
    const running = new CoreProcess(command, {
      onMessage: (direction, message) => {
        if (direction === 'from') client?.noteIncoming(message);
        log.trace(traceLine(direction, message));
      },
      onStderr: (line) => log.info(`agent: ${line}`),
      onProtocolError: (error) => log.warn(error.message),
    });
    this.#process = running;
    client = new CoreClient(running.connection, {
      handlers: this.#options.handlers,
      onNotification: (notification) => {
        if (this.#process === running) this.#notification.fire(notification);
      },
      onMismatch: (what) => log.warn(`Unexpected from the agent: ${what}`),
    });
    running.connection.listen();
    void running.exited.then((exit) => this.#onExit(running, exit, startedAt));
    try {
      await withTimeout(client.initialize(this.#options.identity), INITIALIZE_TIMEOUT_MS);
      await this.#options.prepare(client).catch((error) => log.error(`After the start: ${String(error)}`));
    } catch (error) {
      log.error(`The agent did not start: ${String(error)}`);
      running.abandon();
      return;
    }
    if (this.#process !== running) return;
    this.#client = client;
    log.info(
      `The agent is ready (pid ${running.pid}, ${this.#now() - startedAt} ms${client.gantry ? '' : ', not Gantry’s own'}).`,
    );
    this.#setView({ status: 'ready', message: null });
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(client);
    this.#ready.fire({ client, restarted });
  }

  #onExit(exited: CoreProcess, exit: CoreExit, startedAt: number): void {
    if (this.#process !== exited) return;
    this.#process = null;
    this.#drop(exited);
    const why = describeExit(exit);
    this.#options.log.error(`The agent ended: ${why}`);
    const step = nextRestart(this.#count, this.#now() - startedAt);
    if (step.type === 'giveUp') {
      this.#setView({ status: 'failed', message: `The agent keeps ending (${why}). See the log, then restart it.` });
      this.#fail(this.#view.message ?? why);
      return;
    }
    this.#count = step.count;
    this.#setView({ status: 'restarting', message: `The agent ended (${why}) and is being restarted.` });
    this.#timer = setTimeout(() => void this.#run(), step.delayMs);
  }

  /** Rejects what waits for an answer of `process`, and tells everybody that its work has ended. */
  #drop(process: CoreProcess): void {
    this.#client = null;
    process.connection.dispose();
    this.#lost.fire();
  }

  #fail(message: string): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(new AgentError('closed', message));
  }

  #setView(view: CoreView): void {
    this.#view = view;
    this.#state.fire(view);
  }
}

/** In words, for the panel. */
export function describeExit({ code, signal, error, lastWords }: CoreExit): string {
  if (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return missing ? `${error.message}: check the setting gantry.agent.command` : error.message;
  }
  const how = signal ? `signal ${signal}` : `exit code ${code}`;
  const last = lastWords
    .split('\n')
    .filter((line) => line.trim() !== '')
    .at(-1);
  return last ? `${how}: ${last.slice(0, 300)}` : how;
}

async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer to initialize within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
