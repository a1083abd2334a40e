/** One server of a thread, from its start to its end: started again when it breaks off, its tools kept up to date. */

import type { Clock, Log } from '../ports.ts';
import { AgentError } from '../protocol/index.ts';
import {
  type ConnectOptions,
  connect,
  isSessionGone,
  isUnauthorized,
  NO_TIMEOUT,
  type ServerConnection,
  StartFailed,
  type Tool,
} from './connect.ts';
import { createDeadline, type Deadline } from './deadline.ts';
import { type ToolResult, toolResult } from './results.ts';
import type { ServerSpec } from './server-config.ts';

export type ServerState =
  | 'notStarted'
  | 'starting'
  | 'connected'
  | 'authenticationRequired'
  | 'failed'
  | 'cancelled'
  | 'disabled';

export type ServerEvents = {
  /** Also for each new start. */
  onState(state: ServerState, error: string | null): void;
  onTools(): void;
};

export type ServerOptions = Omit<ConnectOptions, 'onToolsChanged' | 'onLog' | 'authProvider' | 'elicit'> & {
  /** Asked anew for each connection: somebody may have signed in. */
  authProvider: () => ConnectOptions['authProvider'];
  elicit: (server: McpServer, ...given: Parameters<ConnectOptions['elicit']>) => ReturnType<ConnectOptions['elicit']>;
  clock: Clock;
  log: Log;
  events: ServerEvents;
};

export type CallOptions = {
  signal: AbortSignal;
  onProgress?: (message: string) => void;
  meta?: Record<string, unknown> | undefined;
};

/** Waits after a break, in ms; one that breaks more often is left alone until somebody calls it. */
const BACKOFF_MS = [500, 1000, 2000, 4000, 8000];
/** After so long without a break all is forgiven. */
const STEADY_MS = 60_000;
const MOST_PAGES = 50;

export class McpServer {
  /** May change in what needs no other process: approvals, times. */
  spec: ServerSpec;
  readonly #options: ServerOptions;
  readonly #closing = new AbortController();
  readonly #deadlines = new Set<Deadline>();
  #state: ServerState = 'notStarted';
  #error: string | null = null;
  #connection: ServerConnection | null = null;
  #starting: Promise<void> | null = null;
  #tools: readonly Tool[] = [];
  /** The lists that are being fetched because the server said that they changed. */
  #listing: Promise<void> = Promise.resolve();
  /** Whether another look at them is waiting for its turn. */
  #isListed = false;
  #breaks = 0;
  #retry: ReturnType<typeof setTimeout> | null = null;

  constructor(spec: ServerSpec, options: ServerOptions) {
    this.spec = spec;
    this.#options = options;
    if (!spec.enabled) this.#state = 'disabled';
  }

  get state(): ServerState {
    return this.#state;
  }

  /** Why it cannot be used; null while it can. */
  get error(): string | null {
    return this.#error;
  }

  /** What it offers and the configuration lets through; what it said last while it is away. */
  get tools(): readonly Tool[] {
    return this.#tools;
  }

  get connection(): ServerConnection | null {
    return this.#connection;
  }

  /** Idempotent; resolves when it is known whether the server can be used. Never rejects. */
  start(): Promise<void> {
    if (!this.spec.enabled || this.#closing.signal.aborted || this.#state === 'connected') return Promise.resolve();
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    this.#starting ??= this.#begin().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  /** Resolves when it is known whether it can be used, and which tools it has. Never rejects. */
  async settled(): Promise<void> {
    if (this.#state === 'starting') await this.start();
    await this.#listing;
  }

  /** Calls a tool by the server's own name for it. Rejects with `AgentError`, and with the signal's reason. */
  async call(tool: string, args: Record<string, unknown>, options: CallOptions): Promise<ToolResult> {
    const { signal, onProgress, meta } = options;
    return this.#timed(signal, async (bounded) => {
      const answer = await this.#withConnection((client) =>
        client.callTool(
          { name: tool, arguments: args, ...(meta === undefined ? {} : { _meta: meta }) },
          {
            signal: bounded,
            timeout: NO_TIMEOUT,
            onprogress: ({ progress, total, message }) =>
              onProgress?.(message ?? (total === undefined ? String(progress) : `${progress}/${total}`)),
          },
        ),
      );
      return toolResult.parse(answer);
    });
  }

  /** Any other request, within the time that a tool may take. Rejects as `call`. */
  request<T>(signal: AbortSignal, ask: (client: ServerConnection['client'], signal: AbortSignal) => Promise<T>) {
    return this.#timed(signal, (bounded) => this.#withConnection((client) => ask(client, bounded)));
  }

  /** What the sandbox probably has to do with what a tool said; null when nothing points to it. */
  explain(text: string): string | null {
    return this.#connection?.launched?.explain(text) ?? null;
  }

  /** While a person is being asked, no call runs out of time. */
  async whileAsked<T>(ask: () => Promise<T>): Promise<T> {
    const deadlines = [...this.#deadlines];
    for (const deadline of deadlines) deadline.pause();
    try {
      return await ask();
    } finally {
      for (const deadline of deadlines) deadline.resume();
    }
  }

  /** Ends it with everything it started; resolves when nothing is left. Idempotent. */
  async close(): Promise<void> {
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    const wasStarting = this.#state === 'starting';
    this.#closing.abort();
    await this.#starting;
    await this.#connection?.close();
    this.#connection = null;
    if (wasStarting) this.#become('cancelled', null);
  }

  async #begin(): Promise<void> {
    const { spec } = this;
    this.#become('starting', null);
    const late = createDeadline(spec.startupMs);
    this.#deadlines.add(late);
    const signal = AbortSignal.any([this.#closing.signal, late.signal]);
    let connection: ServerConnection | null = null;
    try {
      connection = await connect(spec, this.#connectOptions(), signal);
      const tools = await this.#list(connection, signal);
      signal.throwIfAborted();
      this.#follow(connection);
      this.#setTools(tools);
      this.#become('connected', null);
    } catch (error) {
      await connection?.close();
      if (this.#closing.signal.aborted) return;
      if (isUnauthorized(error)) this.#become('authenticationRequired', this.#signInText());
      else this.#become('failed', late.signal.aborted ? this.#lateText(error) : textOf(error));
    } finally {
      late.clear();
      this.#deadlines.delete(late);
    }
  }

  #connectOptions(): ConnectOptions {
    const { elicit, authProvider, log, ...rest } = this.#options;
    return {
      ...rest,
      authProvider: authProvider(),
      elicit: (request, signal) => elicit(this, request, signal),
      // However often it says so: one more look is enough for all that was said before it begins.
      onToolsChanged: () => {
        if (this.#isListed) return;
        this.#isListed = true;
        this.#listing = this.#listing.then(() => {
          this.#isListed = false;
          return this.#refreshTools();
        });
      },
      onLog: (message, data) => log('debug', message, data),
    };
  }

  #follow(connection: ServerConnection): void {
    this.#connection = connection;
    const since = this.#options.clock.now();
    void connection.closed.then(async () => {
      if (this.#connection !== connection || this.#closing.signal.aborted) return;
      this.#connection = null;
      const said = connection.launched?.stderr();
      await connection.close();
      if (this.#closing.signal.aborted) return;
      if (this.#options.clock.now() - since > STEADY_MS) this.#breaks = 0;
      this.#become('failed', `The server ended unexpectedly.${said ? ` It said: ${said}` : ''}`);
      const wait = BACKOFF_MS[this.#breaks++];
      if (wait !== undefined && !this.#starting) this.#retry = setTimeout(() => void this.start(), wait);
    });
  }

  async #list({ client }: ServerConnection, signal: AbortSignal): Promise<Tool[]> {
    if (!client.getServerCapabilities()?.tools) return [];
    const tools: Tool[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer = await client.listTools(cursor === undefined ? {} : { cursor }, {
        signal,
        timeout: NO_TIMEOUT,
        cacheMode: 'refresh',
      });
      tools.push(...answer.tools);
      cursor = answer.nextCursor;
      if (cursor === undefined) break;
    }
    return tools;
  }

  async #refreshTools(): Promise<void> {
    const connection = this.#connection;
    if (!connection) return;
    try {
      const tools = await this.#list(connection, AbortSignal.any([this.#closing.signal, AbortSignal.timeout(30_000)]));
      if (this.#connection === connection) this.#setTools(tools);
    } catch (error) {
      this.#options.log('warn', `${this.spec.name}: its tools could not be listed anew`, error);
    }
  }

  #setTools(tools: readonly Tool[]): void {
    const { enabledTools, disabledTools } = this.spec;
    const names = new Set<string>();
    this.#tools = tools.filter(({ name }) => {
      if (names.has(name) || disabledTools.includes(name)) return false;
      names.add(name);
      return enabledTools === null || enabledTools.includes(name);
    });
    this.#options.events.onTools();
  }

  /** One that is away is started for the call; a session that the server forgot is begun anew, once. */
  async #withConnection<T>(ask: (client: ServerConnection['client']) => Promise<T>): Promise<T> {
    await this.start();
    const connection = this.#connection;
    if (!connection) throw new AgentError('mcp', `The MCP server ${this.spec.name} cannot be used: ${this.#why()}`);
    try {
      return await ask(connection.client);
    } catch (error) {
      if (this.spec.transport.type !== 'http' || !isSessionGone(error)) throw error;
      this.#connection = null;
      this.#become('failed', 'The server began anew.');
      await connection.close();
      await this.start();
      const again: ServerConnection | null = this.#connection;
      if (!again) throw new AgentError('mcp', `The MCP server ${this.spec.name} cannot be used: ${this.#why()}`);
      return ask((again as ServerConnection).client);
    }
  }

  #why(): string {
    if (this.#state === 'disabled') return 'it is switched off with enabled = false.';
    return this.#error ?? 'it has ended.';
  }

  async #timed<T>(signal: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const deadline = createDeadline(this.spec.toolMs);
    this.#deadlines.add(deadline);
    try {
      return await run(AbortSignal.any([signal, deadline.signal, this.#closing.signal]));
    } catch (error) {
      signal.throwIfAborted();
      if (deadline.signal.aborted) {
        const seconds = this.spec.toolMs / 1000;
        throw new AgentError(
          'mcp',
          `${this.spec.name} did not answer within ${seconds} s. The user can set tool_timeout_sec in [mcp_servers.${this.spec.name}].`,
        );
      }
      if (this.#closing.signal.aborted) throw new AgentError('mcp', `The MCP server ${this.spec.name} was stopped.`);
      if (isUnauthorized(error)) {
        this.#become('authenticationRequired', this.#signInText());
        throw new AgentError('mcp', this.#signInText());
      }
      if (error instanceof AgentError) throw error;
      throw new AgentError('mcp', textOf(error), { cause: error });
    } finally {
      deadline.clear();
      this.#deadlines.delete(deadline);
    }
  }

  #signInText(): string {
    const { name, transport } = this.spec;
    if (transport.type === 'http' && transport.bearerVariable !== null) {
      return `${name} refused the token in ${transport.bearerVariable}.`;
    }
    return `${name} wants you to sign in: use mcpServer/oauth/login, or name a token with bearer_token_env_var.`;
  }

  #lateText(error: unknown): string {
    const { name, startupMs } = this.spec;
    const text = `It did not start within ${startupMs / 1000} s. Set startup_timeout_sec in [mcp_servers.${name}] if it needs longer.`;
    return error instanceof StartFailed && error.detail ? `${text}\n${error.detail}` : text;
  }

  #become(state: ServerState, error: string | null): void {
    this.#state = state;
    this.#error = error;
    this.#options.events.onState(state, error);
  }
}

const textOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof StartFailed) return error.message;
  const { cause } = error;
  return cause instanceof Error && cause.message && !error.message.includes(cause.message)
    ? `${error.message}: ${cause.message}`
    : error.message;
};
