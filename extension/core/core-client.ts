/** A typed client of the app-server protocol over one connection; what comes in is parsed here and nowhere else. */

// The connection of vscode-languageclient; its runtime comes from the package that it re-exports, a seventh of its size.
import { ErrorCodes, type Message, ResponseError } from 'vscode-jsonrpc/node';
import type { MessageConnection } from 'vscode-languageclient/node';
import * as z from 'zod/mini';
import {
  AgentError,
  type AgentErrorCode,
  type ClientNotificationMethod,
  type ClientNotificationParams,
  type ClientRequestInput,
  type ClientRequestMethod,
  type ClientRequestResult,
  editorSide,
  type GantryClientCapabilities,
  type GantryServerInfo,
  type RequestId,
  RpcError,
  type RpcErrorObject,
  type ServerNotification,
  type ServerRequestAnswer,
  type ServerRequestMethod,
  type ServerRequestParams,
} from '../../agent-core/protocol/index.ts';

/** `requestId` is the wire's id, by which `serverRequest/resolved` names the request. */
export type ServerRequestContext = { requestId: RequestId | null };

/** Answers to what the server asks. A handler may reject; the server is then told the message. */
export type ServerRequestHandlers = {
  [M in ServerRequestMethod]?: (
    params: ServerRequestParams<M>,
    context: ServerRequestContext,
  ) => Promise<ServerRequestAnswer<M>>;
};

export type CoreClientOptions = {
  handlers: ServerRequestHandlers;
  onNotification(notification: ServerNotification): void;
  /** Something came in that the protocol does not know or allow; for the log. */
  onMismatch(what: string): void;
};

export type ClientIdentity = { version: string; capabilities: GantryClientCapabilities };

export class CoreClient {
  readonly #connection: MessageConnection;
  readonly #options: CoreClientOptions;
  readonly #requestIds = new WeakMap<object, RequestId>();
  #gantry: GantryServerInfo | null = null;

  constructor(connection: MessageConnection, options: CoreClientOptions) {
    this.#connection = connection;
    this.#options = options;
    connection.onRequest((method, params) => this.#answer(method, params));
    connection.onNotification((method, params) => this.#hear(method, params));
    connection.onUnhandledNotification(() => {});
  }

  /** Null with a peer that is not Gantry's core; it then gets nothing but the published protocol. */
  get gantry(): GantryServerInfo | null {
    return this.#gantry;
  }

  /** To be called for every message that comes in, before the connection handles it. */
  noteIncoming(message: Message): void {
    const { id, params } = message as { id?: RequestId; params?: unknown };
    if (id !== undefined && typeof params === 'object' && params !== null) this.#requestIds.set(params, id);
  }

  async initialize({ version, capabilities }: ClientIdentity): Promise<void> {
    const result = await this.request('initialize', {
      clientInfo: { name: 'gantry_vscode', title: 'Gantry for VS Code', version },
      capabilities: { experimentalApi: true, gantry: capabilities },
    });
    this.#gantry = result.gantry ?? null;
    await this.#connection.sendNotification('initialized');
  }

  /** Rejects with `RpcError` when the server says no, with `AgentError` when it is gone or its answer makes no sense. */
  async request<M extends ClientRequestMethod>(
    method: M,
    params: ClientRequestInput<M>,
  ): Promise<ClientRequestResult<M>> {
    if (method.startsWith('gantry/') && !this.#gantry) throw new AgentError('gantryRequired', noGantry(method));
    let answer: unknown;
    try {
      // Of what is undefined the connection would make a list with null in it.
      answer = await (params === undefined
        ? this.#connection.sendRequest(method)
        : this.#connection.sendRequest(method, params));
    } catch (error) {
      throw asCallerError(method, error);
    }
    const parsed = z.safeParse(editorSide.calls[method].result, answer);
    if (parsed.success) return parsed.data as ClientRequestResult<M>;
    throw new AgentError(
      'invalidResponse',
      `The agent's answer to ${method} does not fit: ${z.prettifyError(parsed.error)}`,
    );
  }

  /** Does nothing when the server is gone: what it should have heard no longer matters. */
  async notify<M extends ClientNotificationMethod>(method: M, params: ClientNotificationParams<M>): Promise<void> {
    await this.#connection.sendNotification(method, params).catch(() => {});
  }

  async #answer(method: string, params: unknown): Promise<unknown> {
    const row = Object.hasOwn(editorSide.handles, method)
      ? editorSide.handles[method as ServerRequestMethod]
      : undefined;
    const handler = this.#options.handlers[method as ServerRequestMethod];
    if (!row || !handler) {
      this.#options.onMismatch(`request ${method}: not offered by this editor`);
      return new ResponseError(ErrorCodes.MethodNotFound, `The editor does not offer ${method}.`);
    }
    const parsed = z.safeParse(row.params, params);
    if (!parsed.success) {
      this.#options.onMismatch(`request ${method}: ${z.prettifyError(parsed.error)}`);
      return new ResponseError(ErrorCodes.InvalidParams, `${method}: ${z.prettifyError(parsed.error)}`);
    }
    const requestId = (typeof params === 'object' && params !== null && this.#requestIds.get(params)) ?? null;
    const call = handler as (params: unknown, context: ServerRequestContext) => Promise<unknown>;
    try {
      return await call(parsed.data, { requestId: requestId === false ? null : requestId });
    } catch (error) {
      const { code, message, data } = error instanceof AgentError ? error.toRpcError() : asRpcError(error);
      return new ResponseError(code, message, data);
    }
  }

  #hear(method: string, params: unknown): void {
    const row = Object.hasOwn(editorSide.hears, method)
      ? editorSide.hears[method as ServerNotification['method']]
      : undefined;
    if (!row) return;
    const parsed = z.safeParse(row.params, params);
    if (!parsed.success) {
      this.#options.onMismatch(`notification ${method}: ${z.prettifyError(parsed.error)}`);
      return;
    }
    this.#options.onNotification({ method, params: parsed.data } as ServerNotification);
  }
}

const noGantry = (method: string) => `This agent is not Gantry's own and does not know ${method}.`;

function asRpcError(error: unknown): RpcErrorObject {
  return { code: ErrorCodes.InternalError, message: error instanceof Error ? error.message : String(error) };
}

function asCallerError(method: string, error: unknown): Error {
  const code: AgentErrorCode = 'closed';
  if (!(error instanceof ResponseError)) {
    return new AgentError(code, 'The agent stopped before it could answer. Try again in a moment.', { cause: error });
  }
  if (error.code === ErrorCodes.PendingResponseRejected) {
    return new AgentError(code, `The agent stopped before it answered ${method}. Try again in a moment.`, {
      cause: error,
    });
  }
  return new RpcError({ code: error.code, message: error.message, data: error.data });
}
