/** One streamed model call over HTTP, whatever the wire: sends, reads, watches the clock and never throws. */
import { late } from '../late.ts';
import { AgentError } from '../protocol/index.ts';
import { readUpTo } from './bounded-body.ts';
import {
  badResponseError,
  type CallContext,
  cancelledError,
  disconnectedError,
  idleError,
  localError,
  networkError,
  providerError,
} from './errors.ts';
import type { ModelError, ModelEvent } from './model-client.ts';
import { errorObject, providerFailure } from './provider-failure.ts';
import { readSse } from './sse.ts';
import { TokenProblem, type TokenSource } from './token-command.ts';

export type HttpClientOptions = {
  providerId: string;
  providerName: string;
  /** With its version path, such as `https://api.openai.com/v1`. */
  baseUrl: string;
  /** Null: no key is sent. */
  apiKey: string | null;
  /** Where a key comes from that does not last; then `apiKey` is null. */
  token?: TokenSource | null;
  headers: Readonly<Record<string, string>>;
  queryParams: Readonly<Record<string, string>>;
  /** The longest silence that is borne, before the answer and in it. */
  idleTimeoutMs: number;
  /** A sentence that tells how to set this provider's key. */
  keyHelp: string;
  fetch?: typeof fetch;
};

/** Turns one wire's payloads into events. `done` or `failed` ends the call. */
export interface WireDecoder {
  push(payload: unknown): ModelEvent[];
  /** The stream has ended, with `[DONE]` or without. */
  end(marked: boolean): ModelEvent[];
  /** True when the answer is whole, whatever becomes of the connection. */
  readonly isWhole: boolean;
}

/** `Sender` is what sends it: a package's client, or a poster of our own. */
export type WireCall<Sender> = {
  context: CallContext;
  body: Record<string, unknown>;
  /** Dotted paths in `body` that the call can do without, should the server not know them. */
  optional: readonly string[];
  decoder: WireDecoder;
  send(sender: Sender, body: Record<string, unknown>, signal: AbortSignal): Promise<Response>;
  /** A body that may pass where this one was refused with a 400; null when there is none. Asked once per call. */
  repair?(body: Record<string, unknown>, refusal: string): Record<string, unknown> | null;
};

/** Of a body that comes in place of a stream: enough for any error that is told. */
const MOST_OTHER_BYTES = 1024 * 1024;

type HttpFailure = { status: number; headers: Headers | undefined; error: unknown };

/** An HTTP failure as the package throws it, told by its form: the package itself may not be loaded here. */
function httpFailure(error: unknown): HttpFailure | null {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return null;
  const headers = 'headers' in error && error.headers instanceof Headers ? error.headers : undefined;
  return { status: error.status, headers, error: 'error' in error ? error.error : null };
}

const NOT_KNOWN =
  /unknown|unsupported|unrecogni[sz]ed|unexpected|not (currently )?(supported|permitted|allowed|enabled)|extra (input|field)|additional propert|invalid (field|param|arg)|does not support|must be verified|no such field/i;

function without(body: Record<string, unknown>, path: string): Record<string, unknown> {
  const [head = '', ...rest] = path.split('.');
  const { [head]: value, ...others } = body;
  if (rest.length === 0 || typeof value !== 'object' || value === null) return others;
  const inner = without({ ...value }, rest.join('.'));
  return Object.keys(inner).length > 0 ? { ...body, [head]: inner } : others;
}

function has(body: Record<string, unknown>, path: string): boolean {
  let at: unknown = body;
  for (const key of path.split('.')) {
    if (typeof at !== 'object' || at === null || !(key in at)) return false;
    at = (at as Record<string, unknown>)[key];
  }
  return true;
}

/** Which optional field a refusal is about; null when it is about something else. */
function refusedField(failure: HttpFailure, body: Record<string, unknown>, optional: readonly string[]): string | null {
  if (failure.status !== 400 && failure.status !== 422) return null;
  const text = JSON.stringify(failure.error ?? '');
  if (!NOT_KNOWN.test(text)) return null;
  return (
    optional.find((path) => has(body, path) && new RegExp(`\\b${path.replace('.', '\\W+')}\\b`).test(text)) ?? null
  );
}

/** Aborts by the caller's signal or after a silence, and knows which of them it was. */
class Watch {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #idleMs: number;
  readonly #onAbort = (): void => this.stop('cancelled');
  #timer: NodeJS.Timeout | undefined;
  #reason: 'cancelled' | 'idle' | 'ended' | null = null;

  constructor(caller: AbortSignal, idleMs: number) {
    this.#caller = caller;
    this.#idleMs = idleMs;
    if (caller.aborted) this.stop('cancelled');
    else caller.addEventListener('abort', this.#onAbort, { once: true });
    this.alive();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get reason(): 'cancelled' | 'idle' | 'ended' | null {
    return this.#reason;
  }

  alive(): void {
    clearTimeout(this.#timer);
    if (this.#reason === null) this.#timer = setTimeout(() => this.stop('idle'), this.#idleMs);
  }

  stop(reason: 'cancelled' | 'idle' | 'ended'): void {
    clearTimeout(this.#timer);
    this.#caller.removeEventListener('abort', this.#onAbort);
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#controller.abort();
  }
}

/** Calls of one client: they share what sends them, loaded with the first, and what the server was found not to know. */
export function createHttpCaller<Sender>(
  options: HttpClientOptions,
  load: () => Promise<Sender>,
): (call: WireCall<Sender>, signal: AbortSignal) => AsyncGenerator<ModelEvent> {
  const refused = new Set<string>();
  const loaded = late(load);

  const send = async (call: WireCall<Sender>, signal: AbortSignal): Promise<Response> => {
    const sender = await loaded();
    let { repair } = call;
    let body = call.body;
    for (const path of refused) body = without(body, path);
    for (;;) {
      try {
        return await call.send(sender, body, signal);
      } catch (error) {
        const failure = httpFailure(error);
        if (!failure) throw error;
        const repaired = failure.status === 400 ? repair?.(body, JSON.stringify(failure.error ?? '')) : null;
        repair = undefined;
        const field = repaired ? null : refusedField(failure, body, call.optional);
        if (repaired) body = repaired;
        else if (field === null) throw error;
        else {
          refused.add(field);
          body = without(body, field);
        }
      }
    }
  };

  const failureOf = (error: unknown, call: WireCall<Sender>, watch: Watch, began: boolean): ModelError => {
    if (watch.reason === 'cancelled') return cancelledError();
    if (watch.reason === 'idle') return idleError(call.context, options.idleTimeoutMs);
    if (error instanceof TokenProblem) return localError('unauthorized', error.message);
    if (error instanceof AgentError) return localError('badRequest', error.message);
    const http = httpFailure(error);
    if (!http) return networkError(error, call.context, began);
    return providerError(providerFailure(http.status, http.headers ?? null, errorObject(http.error)), call.context);
  };

  async function* events(call: WireCall<Sender>, watch: Watch): AsyncGenerator<ModelEvent> {
    let began = false;
    try {
      const response = await send(call, watch.signal);
      watch.alive();
      const type = response.headers.get('content-type') ?? '';
      if (!response.body || /json|html/.test(type)) {
        const text = await readUpTo(response, MOST_OTHER_BYTES);
        yield { type: 'failed', error: notAStream(text, call.context) };
        return;
      }
      began = true;
      for await (const data of readSse(response.body, () => watch.alive())) {
        if (watch.signal.aborted) break;
        const isMark = data.trim() === '[DONE]';
        const payload = isMark ? null : parseJson(data);
        if (payload === undefined) {
          yield { type: 'failed', error: badResponseError(call.context, `not JSON: ${data}`) };
          return;
        }
        for (const event of isMark ? call.decoder.end(true) : call.decoder.push(payload)) {
          yield event;
          if (event.type === 'done' || event.type === 'failed') return;
        }
      }
      if (watch.reason !== null) throw new Error('stopped');
      yield* call.decoder.end(false);
    } catch (error) {
      if (watch.reason !== 'cancelled' && call.decoder.isWhole) yield* call.decoder.end(false);
      else yield { type: 'failed', error: failureOf(error, call, watch, began) };
    }
  }

  return async function* (call, signal) {
    const watch = new Watch(signal, options.idleTimeoutMs);
    try {
      for await (const event of events(call, watch)) {
        // What was under way when the caller stopped is not told any more.
        if (signal.aborted && event.type !== 'failed') {
          yield { type: 'failed', error: cancelledError() };
          return;
        }
        yield event;
      }
    } finally {
      watch.stop('ended');
    }
  };
}

function parseJson(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

function notAStream(text: string, context: CallContext): ModelError {
  const parsed = parseJson(text);
  const isError = typeof parsed === 'object' && parsed !== null && 'error' in parsed && parsed.error;
  if (isError) return providerError(providerFailure(null, null, errorObject(parsed)), context);
  return text === '' ? disconnectedError(context, 'empty body') : badResponseError(context, text.slice(0, 300));
}
