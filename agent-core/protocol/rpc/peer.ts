import type * as z from 'zod/mini';
import type { RequestId } from '../common.ts';
import { AgentError, RpcError, type RpcErrorObject, rpcErrorCodes } from '../errors.ts';
import { kindOfLine } from './excerpt.ts';
import { describeIssues, readableIssues } from './issues.ts';
import { EXCERPT_BYTES, LineBuffer } from './line-buffer.ts';
import { type Incoming, readMessage } from './message.ts';
import { SchemaOpener } from './open-schema.ts';
import type { PeerOptions, PeerSide, RequestContext, RequestOptions } from './peer-options.ts';
import { host } from './platform.ts';
import { WriteQueue } from './write-queue.ts';

export type {
  NotificationHandlers,
  PeerLogEntry,
  PeerOptions,
  PeerSide,
  RequestContext,
  RequestHandlers,
  RequestOptions,
} from './peer-options.ts';

interface Pending {
  method: string;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
}

type IncomingRequest = Extract<Incoming, { type: 'request' }>;

const defaultMaxPending = 1024;
/** How long a request may take to answer at once, in promises, before the next one is begun beside it. */
const PROMISES = 16;
/** The longest message that is read, in bytes, unless the options say otherwise. */
export const defaultMaxLineBytes = 64 * 1024 * 1024;
const defaultMaxWaitingChars = 64 * 1024 * 1024;

/**
 * One end of a JSON-RPC connection, the same on both sides. Feed it bytes with `receive`, and it writes lines to its
 * sink, in order. Whatever arrives, every request gets exactly one answer, and no input throws.
 */
export class Peer<Side extends PeerSide> {
  readonly #options: PeerOptions<Side>;
  readonly #lines: LineBuffer;
  readonly #queue: WriteQueue;
  readonly #pending = new Map<RequestId, Pending>();
  readonly #opener = new SchemaOpener();
  readonly #abort = new host.AbortController();
  readonly #decoder = new host.TextDecoder('utf-8');
  readonly #maxLineBytes: number;
  /** Answers that go before anything else, and what waits behind them. */
  #firstAnswers = 0;
  #behind: string[] = [];
  #nextId = 0;
  /** Requests that are not begun yet. */
  readonly #inbox: IncomingRequest[] = [];
  #isBeginning = false;
  #openRequests = 0;
  #closedBy: AgentError | undefined;

  constructor(options: PeerOptions<Side>) {
    this.#options = options;
    this.#maxLineBytes = options.maxLineBytes ?? defaultMaxLineBytes;
    this.#lines = this.lineBuffer();
    this.#queue = new WriteQueue(options.sink, (error) => this.#giveUp('The connection broke while writing.', error));
  }

  /** Aborted once the connection is closed. */
  get closed(): AbortSignal {
    return this.#abort.signal;
  }

  /** Requests of the other side that are not answered yet. */
  get openRequests(): number {
    return this.#openRequests;
  }

  /** Takes bytes as they come. False: the sink is full, best read no more until `whenDrained()`. */
  receive(chunk: Uint8Array): boolean {
    if (this.#closedBy === undefined) this.#lines.push(chunk);
    return !this.#queue.congested;
  }

  /** A reader of bytes of its own, for transports on which several streams of lines come at once. */
  lineBuffer(): LineBuffer {
    return new LineBuffer({
      maxLineBytes: this.#maxLineBytes,
      onLine: (line) => this.receiveLine(line),
      onTooLong: (head, tail) => this.#onTooLong(head, tail),
    });
  }

  /** Takes the bytes of one message, for transports that have frames of their own. As `receive`. */
  receiveFrame(bytes: Uint8Array): boolean {
    if (bytes.length > this.#maxLineBytes) {
      const text = (part: Uint8Array) => this.#decoder.decode(part);
      this.#onTooLong(text(bytes.subarray(0, EXCERPT_BYTES)), text(bytes.subarray(bytes.length - EXCERPT_BYTES)));
    } else if (bytes.length > 0) this.receiveLine(this.#decoder.decode(bytes));
    return !this.#queue.congested;
  }

  /** Takes one message without its end. */
  receiveLine(line: string): void {
    if (this.#closedBy !== undefined) return;
    const message = readMessage(line);
    switch (message.type) {
      case 'request':
        this.#onRequest(message);
        return;
      case 'notification':
        this.#onNotification(message.method, message.params);
        return;
      case 'result':
      case 'error':
        this.#onAnswer(message);
        return;
      case 'notJson':
        this.#refuse(null, rpcErrorCodes.parseError, 'Parse error: the line is not JSON');
        return;
      case 'invalid':
        this.#refuse(message.id, rpcErrorCodes.invalidRequest, `Invalid request: ${message.reason}`);
        return;
      case 'batch':
        for (const id of message.ids.length > 0 ? message.ids : [null]) {
          const reason = 'Invalid request: batches are not supported, send one message a line';
          this.#refuse(id, rpcErrorCodes.invalidRequest, reason);
        }
        return;
    }
  }

  /** The stream has ended: a last line without its end still counts. */
  receiveEnd(): void {
    if (this.#closedBy === undefined) this.#lines.end();
  }

  /**
   * Sends a request and gives its parsed result. Rejects with `RpcError` when the other side refuses, and with
   * `AgentError` `invalidResponse`, `aborted` or `closed`.
   */
  request<M extends keyof Side['calls'] & string>(
    method: M,
    params: z.input<Side['calls'][M]['params']>,
    options: RequestOptions = {},
  ): Promise<z.output<Side['calls'][M]['result']>> {
    return new Promise((resolve, reject) => {
      const { signal, onId } = options;
      if (this.#closedBy !== undefined) return reject(this.#closedBy);
      if (signal?.aborted) return reject(new AgentError('aborted', `${method} was given up.`));
      const id = this.#nextId++;
      const onAbort = () => {
        this.#pending.delete(id);
        reject(new AgentError('aborted', `${method} was given up.`));
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      const forget = () => signal?.removeEventListener('abort', onAbort);
      this.#pending.set(id, {
        method,
        resolve: (result) => {
          forget();
          resolve(result as z.output<Side['calls'][M]['result']>);
        },
        reject: (error) => {
          forget();
          reject(error);
        },
      });
      onId?.(id);
      try {
        this.#say({ method, id, params });
      } catch (error) {
        this.#pending.delete(id);
        forget();
        reject(error);
      }
    });
  }

  /** Sends a notification; it is queued in call order with everything else. Does nothing once closed. */
  notify<M extends keyof Side['says'] & string>(
    method: M,
    ...[params]: undefined extends z.input<Side['says'][M]['params']>
      ? [params?: z.input<Side['says'][M]['params']>]
      : [params: z.input<Side['says'][M]['params']>]
  ): void {
    const stamp = this.#options.role === 'server' ? { emittedAtMs: (this.#options.now ?? Date.now)() } : {};
    this.#say({ method, params, ...stamp });
  }

  /** Tells that a full sink has room again. */
  drained(): void {
    this.#queue.drained();
  }

  /** Settles when the sink has taken everything, or the connection is closed. Long streams of notifications await it. */
  whenDrained(): Promise<void> {
    return this.#queue.whenDrained();
  }

  /** Ends the connection: open requests of ours reject with `reason`, the other side's are told to stop. */
  close(reason = new AgentError('closed', 'The connection is closed.')): void {
    if (this.#closedBy !== undefined) return;
    this.#closedBy = reason;
    this.#queue.close();
    this.#inbox.length = 0;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(reason);
    this.#abort.abort(reason);
  }

  #onTooLong(head: string, tail: string): void {
    if (this.#closedBy !== undefined) return;
    const kind = kindOfLine(head, tail);
    const reason = `a line is longer than ${this.#maxLineBytes} bytes`;
    const pending = kind.type === 'answer' ? this.#pending.get(kind.id) : undefined;
    if (kind.type === 'answer' && pending !== undefined) {
      this.#pending.delete(kind.id);
      pending.reject(new AgentError('invalidResponse', `The answer to ${pending.method} does not fit: ${reason}`));
      return;
    }
    const id = kind.type === 'request' ? kind.id : null;
    this.#refuse(id, rpcErrorCodes.invalidRequest, `Invalid request: ${reason}`);
  }

  #onRequest(request: IncomingRequest): void {
    if (this.#openRequests >= (this.#options.maxPending ?? defaultMaxPending)) {
      this.#refuse(request.id, rpcErrorCodes.overloaded, 'Server overloaded; retry later.');
      return;
    }
    this.#openRequests += 1;
    this.#inbox.push(request);
    if (!this.#isBeginning) void this.#begin();
  }

  /**
   * Begins requests in their order. Many may come in one chunk, and their answers may be large: so an answer that is
   * there at once goes out before the next is worked out, and none is begun while the other side does not read.
   */
  async #begin(): Promise<void> {
    this.#isBeginning = true;
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
      let isAnswered = false;
      this.#run(next, () => {
        isAnswered = true;
      });
      for (let count = 0; count < PROMISES && !isAnswered; count++) await undefined;
      while (this.#queue.congested && this.#closedBy === undefined) await this.#queue.whenDrained();
    }
    this.#isBeginning = false;
  }

  #run({ id, method, params }: IncomingRequest, answered: () => void): void {
    const after: (() => void)[] = [];
    const done = () => {
      this.#openRequests -= 1;
    };
    let isFirst = false;
    const answerFirst = () => {
      if (!isFirst) this.#firstAnswers += 1;
      isFirst = true;
    };
    const context = { id, signal: this.closed, afterReply: (a: () => void) => void after.push(a), answerFirst };
    const run = async () => this.#answer(method, params, context);
    const finish = (answer: { result?: unknown; error?: RpcErrorObject }) => {
      answered();
      this.#reply(method, { id, ...answer }, done);
      if (answer.error === undefined) for (const action of after) this.#guard(method, action);
      if (isFirst) this.#sendBehind();
    };
    run().then(
      (result) => finish({ result: result === undefined ? {} : result }),
      (error: unknown) => finish({ error: this.#errorFor(method, error) }),
    );
  }

  #answer(method: string, params: unknown, context: RequestContext): unknown {
    const { side, requests, admit } = this.#options;
    const handler = Object.hasOwn(requests, method) ? requests[method as keyof typeof requests] : undefined;
    const row = Object.hasOwn(side.handles, method) ? side.handles[method] : undefined;
    if (row === undefined || handler === undefined) {
      throw this.#options.missing?.(method) ?? new AgentError('methodNotFound', `Method not found: ${method}`);
    }
    admit?.(method, params);
    const parsed = row.params.safeParse(params);
    if (parsed.success) return handler(parsed.data as never, context);
    const { issues } = parsed.error;
    throw new AgentError('invalidParams', `Invalid params: ${method}: ${describeIssues(issues, params)}`, {
      data: { issues: readableIssues(issues, params) },
    });
  }

  #errorFor(method: string, error: unknown): RpcErrorObject {
    if (error instanceof AgentError) return error.toRpcError();
    this.#options.log?.({ type: 'handlerFailed', method, error });
    return { code: rpcErrorCodes.internalError, message: `Internal error in ${method}; the log says more.` };
  }

  #onNotification(method: string, params: unknown): void {
    const { side, log } = this.#options;
    const row = Object.hasOwn(side.hears, method) ? side.hears[method] : undefined;
    if (row === undefined) {
      log?.({ type: 'unknownNotification', method });
      return;
    }
    const handler = this.#options.notifications?.[method];
    if (handler === undefined) return;
    const parsed = this.#parseTold(row.params, params);
    if (parsed.success) this.#guard(method, () => handler(parsed.data as never));
    else log?.({ type: 'badMessage', method, message: describeIssues(parsed.error.issues, params) });
  }

  #onAnswer(message: Extract<Incoming, { type: 'result' | 'error' }>): void {
    const { side, log } = this.#options;
    const pending = message.id === null ? undefined : this.#pending.get(message.id);
    if (pending === undefined || message.id === null) {
      // An answer to a request that was given up, or the other side could not read a line of ours.
      if (message.type === 'error') log?.({ type: 'badMessage', method: null, message: message.error.message });
      return;
    }
    this.#pending.delete(message.id);
    if (message.type === 'error') {
      pending.reject(new RpcError(message.error));
      return;
    }
    const schema = side.calls[pending.method]?.result;
    const parsed = schema && this.#parseTold(schema, message.result);
    if (parsed?.success) {
      pending.resolve(parsed.data);
      return;
    }
    const description = parsed === undefined ? '' : describeIssues(parsed.error.issues, message.result);
    pending.reject(new AgentError('invalidResponse', `The answer to ${pending.method} does not fit: ${description}`));
  }

  #parseTold(schema: z.ZodMiniType, value: unknown): z.core.util.SafeParseResult<unknown> {
    const parsed = schema.safeParse(value);
    if (parsed.success || this.#options.role === 'server') return parsed;
    const opened = this.#opener.open(schema).safeParse(value);
    return opened.success ? opened : parsed;
  }

  #guard(method: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.log?.({ type: 'handlerFailed', method, error });
    }
  }

  #reply(method: string, answer: { id: RequestId; result?: unknown; error?: RpcErrorObject }, sent: () => void): void {
    try {
      this.#send(answer, sent);
    } catch (error) {
      this.#send({ id: answer.id, error: this.#errorFor(method, error) }, sent);
    }
  }

  #refuse(id: RequestId | null, code: number, message: string): void {
    this.#send({ id, error: { code, message } });
  }

  /** Sends what is no answer. */
  #say(message: object): void {
    const line = JSON.stringify(message);
    if (this.#firstAnswers > 0) this.#behind.push(line);
    else this.#push(line);
  }

  #sendBehind(): void {
    this.#firstAnswers -= 1;
    if (this.#firstAnswers > 0) return;
    const behind = this.#behind;
    this.#behind = [];
    for (const line of behind) this.#push(line);
  }

  #send(message: object, sent?: () => void): void {
    this.#push(JSON.stringify(message), sent);
  }

  #push(line: string, sent?: () => void): void {
    if (this.#closedBy !== undefined) return;
    if (this.#queue.waitingChars > (this.#options.maxWaitingChars ?? defaultMaxWaitingChars)) {
      this.#giveUp('The connection was closed because the other side does not read.');
    } else this.#queue.push(line, sent);
  }

  #giveUp(message: string, error?: unknown): void {
    if (this.#closedBy !== undefined) return;
    this.#options.log?.({ type: 'gaveUp', message, ...(error === undefined ? {} : { error }) });
    this.close(new AgentError('closed', message, { cause: error }));
  }
}
