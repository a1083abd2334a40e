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
import { commandLine, traceLine } from './redact.ts';
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
  /** How long a program may take to answer the handshake. */
  initializeTimeoutMs?: number;
};

/** One life of the core, from its start to its end. */
type Life = { command: CoreCommand; startedAt: number; wasReady: boolean; problem: string | null };

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
  #wasReady = false;
  #badSetting: string | null = null;
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

  /** Name of the setting that must be corrected before there can be a core; null while it is not to blame. */
  get badSetting(): string | null {
    return this.#badSetting;
  }

  start(): void {
    if (!this.#process && !this.#disposed) void this.#run();
  }

  /** Ends the running core, if any, and starts a new one at once; forgets earlier failures. */
  async restart(): Promise<void> {
    clearTimeout(this.#timer);
    this.#count = { quick: 0 };
    this.#badSetting = null;
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
    if (this.#view.status !== 'restarting') this.#setView({ status: 'starting', message: null });
    const command = this.#options.command();
    const life: Life = { command, startedAt: this.#now(), wasReady: false, problem: null };
    log.info(`Starting: ${commandLine(command)} (in ${command.cwd})`);
    let client: CoreClient | undefined;
    let running: CoreProcess;
    try {
      running = new CoreProcess(command, {
        onMessage: (direction, message) => {
          if (direction === 'from') client?.noteIncoming(message);
          log.trace(traceLine(direction, message));
        },
        onStderr: (line) => log.info(`agent: ${line}`),
        onProtocolError: (error) => log.warn(error.message),
      });
    } catch (error) {
      // What no process can be made of, a NUL character for one.
      this.#giveUp(life, messageOf(error));
      return;
    }
    this.#process = running;
    client = new CoreClient(running.connection, {
      handlers: this.#options.handlers,
      onNotification: (notification) => {
        if (this.#process === running) this.#notification.fire(notification);
      },
      onMismatch: (what) => log.warn(`Unexpected from the agent: ${what}`),
    });
    running.connection.listen();
    void running.exited.then((exit) => this.#onExit(running, exit, life));
    try {
      const limit = this.#options.initializeTimeoutMs ?? INITIALIZE_TIMEOUT_MS;
      await withTimeout(client.initialize(this.#options.identity), limit);
      await this.#options.prepare(client).catch((error) => log.error(`After the start: ${String(error)}`));
    } catch (error) {
      if (this.#process !== running) return;
      log.error(`The agent did not start: ${String(error)}`);
      // A process that ended by itself says more with its end.
      if (!(error instanceof AgentError && error.code === 'closed')) life.problem = messageOf(error);
      await running.stop();
      return;
    }
    if (this.#process !== running) return;
    this.#client = client;
    life.wasReady = true;
    const restarted = this.#wasReady;
    this.#wasReady = true;
    log.info(
      `The agent is ready (pid ${running.pid}, ${this.#now() - life.startedAt} ms${client.gantry ? '' : ', not Gantry’s own'}).`,
    );
    this.#setView({ status: 'ready', message: null });
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(client);
    this.#ready.fire({ client, restarted });
  }

  #onExit(exited: CoreProcess, exit: CoreExit, life: Life): void {
    if (this.#process !== exited) return;
    this.#process = null;
    this.#drop(exited);
    const why = life.problem ?? describeExit(exit, life.command);
    this.#options.log.error(`The agent ended: ${why}`);
    const step = nextRestart(this.#count, this.#now() - life.startedAt);
    // A program that somebody chose and that never worked will not work the next time.
    if (step.type === 'giveUp' || (life.command.setting !== null && !life.wasReady)) {
      this.#giveUp(life, why);
      return;
    }
    this.#count = step.count;
    this.#setView({ status: 'restarting', message: `The agent ended (${why}) and is being restarted.` });
    this.#timer = setTimeout(() => void this.#run(), step.delayMs);
  }

  #giveUp({ command, wasReady }: Life, why: string): void {
    const { setting } = command;
    this.#badSetting = wasReady ? null : setting;
    const message = this.#badSetting
      ? `The program that the setting ${setting} names (${command.command}) is no agent that Gantry can use: ${why}. Correct or empty the setting, then restart the agent.`
      : `The agent keeps ending (${why}). See the log, then restart it.`;
    this.#setView({ status: 'failed', message });
    this.#fail(message);
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

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** In words, for the panel. */
export function describeExit(
  { code, signal, error, lastWords }: CoreExit,
  { command, cwd }: Pick<CoreCommand, 'command' | 'cwd'>,
): string {
  if (error) {
    const { code: reason } = error as NodeJS.ErrnoException;
    if (reason === 'ENOENT') return `there is no program ${command}, or no folder ${cwd}`;
    if (reason === 'EACCES') return `${command} may not be executed`;
    return error.message;
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
