/** One client: its handshake, its gates and its line. Everything it asks goes through the handler table. */

import type { Log } from '../../ports.ts';
import {
  AgentError,
  allClientRequests,
  alreadyInitialized,
  type ClientNotificationParams,
  type ClientRequestAnswer,
  type ClientRequestMethod,
  type ClientRequestParams,
  coreSide,
  notBuilt,
  notInitialized,
  type ServerNotification,
  type ServerRequestInput,
  type ServerRequestMethod,
  type ServerRequestResult,
} from '../../protocol/index.ts';
import { Peer, type PeerLogEntry, type RequestHandlers, type RequestOptions } from '../../protocol/rpc/peer.ts';
import type { LineSink } from '../../protocol/rpc/write-queue.ts';
import { isSystemError } from '../../threads/system-error.ts';
import { isUuid } from '../../threads/uuid.ts';
import {
  type ClientCapabilities,
  checkExperimental,
  isGantryNotification,
  isGantryRequest,
  isGantryServerRequest,
  whyMissing,
} from './gates.ts';
import { systemMessage } from './system-message.ts';
import { platformFamily, platformOs, userAgent } from './user-agent.ts';

/** What a handler is given besides the params. */
export type HandlerContext = {
  connection: Connection;
  /** Aborted when the client is gone. */
  signal: AbortSignal;
  /** Runs `action` once the answer is queued. */
  afterReply(action: () => void): void;
  /** Whatever else this client is sent waits until the answer is queued. */
  answerFirst(): void;
};

/** Handlers may be called concurrently; they return the answer or throw `AgentError`. */
export type Handlers = {
  [M in ClientRequestMethod]?: (
    params: ClientRequestParams<M>,
    context: HandlerContext,
  ) => ClientRequestAnswer<M> | Promise<ClientRequestAnswer<M>>;
};

export type ConnectionOptions = {
  sink: LineSink;
  handlers: Handlers;
  version: string;
  /** What `initialize` gives as `codexHome`. */
  home: string;
  log: Log;
  onInitialized: (connection: Connection) => void;
  onHostDelta: (params: ClientNotificationParams<'host/lm/delta'>) => void;
};

const NOTHING: ClientCapabilities = { experimentalApi: false, gantry: null, optOut: new Set() };
/** Of a message that may hold a path of any length. */
const MAX_REFUSAL = 400;
const FEATURES = [
  'acceptPartial',
  'hostFs',
  'fileReview',
  'editApproval',
  'commandStop',
  'hostModels',
  'secrets',
  'status',
  'context',
  'queue',
  'usage',
  'prices',
  'checkpoints',
];

function capabilitiesOf(params: ClientRequestParams<'initialize'>): ClientCapabilities {
  const given = params.capabilities;
  const gantry = given?.gantry;
  return {
    experimentalApi: given?.experimentalApi ?? false,
    gantry: gantry
      ? {
          fs: gantry.fs === true,
          review: gantry.review === true,
          lm: gantry.lm === true,
          secrets: gantry.secrets === true,
        }
      : null,
    optOut: new Set(given?.optOutNotificationMethods ?? []),
  };
}

/**
 * Answers that may be very long and that nothing else waits for: one after another, each once there is room for it.
 * Many at once would fill the memory, and a client that does read would seem not to.
 */
const bulky: ReadonlySet<string> = new Set(['fs/readFile', 'thread/read', 'thread/turns/list', 'thread/items/list']);

/** UUIDs may be written in capitals; ours never are, and are compared as they stand. */
function withPlainIds<P>(params: P): P {
  if (typeof params !== 'object' || params === null || !('threadId' in params)) return params;
  const { threadId } = params;
  return typeof threadId === 'string' && isUuid(threadId) ? { ...params, threadId: threadId.toLowerCase() } : params;
}

/** What the system refuses is no defect of ours: the path came from the client, and may be anything. */
function sayRefusals(answer: () => unknown): unknown {
  const said = (error: unknown): never => {
    const isRefusal = isSystemError(error) && ('syscall' in error || error.code === 'ERR_INVALID_ARG_VALUE');
    if (!isRefusal) throw error;
    const message = systemMessage(error);
    const shown = message.length > MAX_REFUSAL ? `${message.slice(0, MAX_REFUSAL)}…` : message;
    throw new AgentError('fileSystem', shown, { cause: error });
  };
  try {
    const answered = answer();
    return answered instanceof Promise ? answered.catch(said) : answered;
  } catch (error) {
    return said(error);
  }
}

export class Connection {
  readonly peer: Peer<typeof coreSide>;
  readonly #options: ConnectionOptions;
  #client: { name: string; version: string } | null = null;
  #capabilities: ClientCapabilities = NOTHING;
  #lastBulky: Promise<unknown> = Promise.resolve();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.peer = new Peer({
      side: coreSide,
      role: 'server',
      sink: options.sink,
      requests: this.#requests(options.handlers),
      notifications: { 'host/lm/delta': (params) => options.onHostDelta(params) },
      admit: (method, params) => this.#admit(method, params),
      missing: (method) => whyMissing(method, this.#client === null ? null : this.#capabilities),
      log: (entry) => this.#log(entry),
    });
  }

  get clientName(): string {
    return this.#client?.name ?? 'unknown';
  }

  get isInitialized(): boolean {
    return this.#client !== null;
  }

  get capabilities(): ClientCapabilities {
    return this.#capabilities;
  }

  /** Sends a notification, unless the client opted out of it or does not know that there is such a thing. */
  notify({ method, params }: ServerNotification): void {
    if (this.#client === null || this.#capabilities.optOut.has(method)) return;
    const { gantry } = this.#capabilities;
    if (gantry === null && isGantryNotification(method)) return;
    if (gantry?.review === false && method.startsWith('fileReview/')) return;
    this.peer.notify(method, params as never);
  }

  /** As `Peer.request`. */
  request<M extends ServerRequestMethod>(
    method: M,
    params: ServerRequestInput<M>,
    options?: RequestOptions,
  ): Promise<ServerRequestResult<M>> {
    if (this.#capabilities.gantry === null && isGantryServerRequest(method)) {
      return Promise.reject(new AgentError('gantryRequired', `${method} is only for clients that declare gantry.`));
    }
    return this.peer.request(method, params, options) as Promise<ServerRequestResult<M>>;
  }

  #admit(method: string, params: unknown): void {
    const isInitialize = method === 'initialize';
    if (this.#client === null && !isInitialize) throw notInitialized();
    if (this.#client !== null && isInitialize) throw alreadyInitialized();
    if (this.#capabilities.gantry === null && isGantryRequest(method)) {
      throw new AgentError('methodNotFound', `Method not found: ${method}`);
    }
    checkExperimental(method, params, this.#capabilities);
  }

  #requests(handlers: Handlers): RequestHandlers<typeof coreSide.handles> {
    const table: Record<string, unknown> = {};
    for (const method of Object.keys(allClientRequests) as ClientRequestMethod[]) {
      table[method] = (params: never, { signal, afterReply, answerFirst }: HandlerContext) => {
        if (method === 'initialize') return this.#initialize(params, afterReply);
        const handler = handlers[method] as ((params: never, context: HandlerContext) => unknown) | undefined;
        // The wire knows the method: what is missing is ours, and a client must be able to tell.
        if (!handler) throw notBuilt(method);
        const context = { connection: this, signal, afterReply, answerFirst };
        const answer = () => sayRefusals(() => handler(withPlainIds(params), context));
        return bulky.has(method) ? this.#inTurn(answer) : answer();
      };
    }
    return table as RequestHandlers<typeof coreSide.handles>;
  }

  #inTurn(answer: () => unknown): Promise<unknown> {
    const mine = this.#lastBulky.then(async () => {
      await this.peer.whenDrained();
      return answer();
    });
    this.#lastBulky = mine.catch(() => undefined);
    return mine;
  }

  #initialize(
    params: ClientRequestParams<'initialize'>,
    afterReply: (action: () => void) => void,
  ): ClientRequestAnswer<'initialize'> {
    const { name, version } = params.clientInfo;
    this.#client = { name, version };
    this.#capabilities = capabilitiesOf(params);
    const { gantry } = this.#capabilities;
    afterReply(() => this.#options.onInitialized(this));
    return {
      userAgent: userAgent(this.#client, this.#options.version),
      codexHome: this.#options.home,
      platformFamily: platformFamily(),
      platformOs: platformOs(),
      ...(gantry ? { gantry: { version: this.#options.version, features: FEATURES, ...gantry } } : {}),
    };
  }

  #log(entry: PeerLogEntry): void {
    const { log } = this.#options;
    if (entry.type === 'handlerFailed') log('error', `${entry.method} failed`, entry.error);
    else if (entry.type === 'badMessage') log('warn', `${entry.method ?? 'a message'} does not fit: ${entry.message}`);
    else if (entry.type === 'gaveUp') log('warn', `${this.clientName}: ${entry.message}`, entry.error);
    else log('debug', `unknown notification ${entry.method}`);
  }
}
