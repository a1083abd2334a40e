/**
 * A scripted model server for tests over real HTTP on 127.0.0.1: OpenAI's Responses and Chat Completions, Anthropic's
 * Messages and Gemini's generateContent, told apart by their paths.
 *
 *   const server = await startModelServer({ script: [
 *     { call: 'exec_command', args: { cmd: 'ls' } },                    // one answer of one part
 *     [{ reasoning: 'Hm.' }, { text: ['All ', 'done.'] }],             // one answer of several parts
 *     [{ text: ['half '], unfinished: true }, { cut: true }],           // the connection breaks in mid-answer
 *     { status: 429, headers: { 'retry-after': '1' } },                 // an HTTP failure
 *     (request) => ({ text: `You sent ${request.body.input.length}` }), // worked out from the request
 *   ] });
 *   // config.toml: model = "gpt-5.5", model_provider = "mock",
 *   //   [model_providers.mock] name = "Mock", base_url = server.baseUrl, wire_api = "responses" (or
 *   //   "chat", "anthropic", "gemini")
 *   ... drive the thing under test ...
 *   assert.deepEqual(server.problems, []);   // every request was one that the real service takes
 *   await server.close();
 *
 * Without sleeping: `const g = gate()` and `{ text: ['a', g, 'b'] }` (or `{ hold: g }`) stops the answer there until
 * `g.open()`; `await g.reached` tells that everything before it was sent. `await server.nextRequest()` settles with
 * the next model call, and `await request.ended` with whether the client left before the end (interrupts).
 *
 * Strict: an unknown field, a call without its output or the other way round, an id or a schema that the service does
 * not take, `previous_response_id`, a missing `store: false`, reasoning that did not come back as sent, or an input that
 * does not begin with the whole input of the request before it (`prefix.ts`; unless the answer has
 * `{ newPrefix: true }`) gets a 400, and stands in `problems`. So does a request after the end of a list of answers. `strict: false` switches it off.
 */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkAnthropic } from './check-anthropic.ts';
import { checkChat } from './check-chat.ts';
import { checkGemini } from './check-gemini.ts';
import { type Checked, checkResponses } from './check-responses.ts';
import { createPrefixRule, type PrefixRule } from './prefix.ts';
import {
  type RecordedBody,
  type RecordedRequest,
  type Reply,
  type ReplyFunction,
  type Script,
  type Step,
  stepsOf,
} from './script.ts';
import { sendAnthropic } from './send-anthropic.ts';
import { sendChat } from './send-chat.ts';
import { sendGemini } from './send-gemini.ts';
import { type Out, sendResponses } from './send-responses.ts';

export type {
  Gate,
  Pieces,
  RecordedBody,
  RecordedItem,
  RecordedRequest,
  Reply,
  ReplyFunction,
  Script,
  Step,
} from './script.ts';
export { gate } from './script.ts';

export type ModelServerOptions = {
  script: Script;
  /** Default true. */
  strict?: boolean;
  /** When given, any other key gets a 401. */
  apiKey?: string;
  /** Ids that `GET /models` lists. Default `['gpt-5.5']`. */
  models?: readonly string[];
  /** Default 0: any free port. */
  port?: number;
};

export type ModelServer = {
  /** Ends in `/v1`; what `base_url` in config.toml takes. */
  baseUrl: string;
  port: number;
  /** Every model call, in order of arrival. */
  requests: RecordedRequest[];
  /** Why requests were refused; empty is what a test wants to see. */
  problems: string[];
  /** Adds answers to a list script. */
  push(...replies: (Reply | ReplyFunction)[]): void;
  /** Settles with the next model call after this one. */
  nextRequest(): Promise<RecordedRequest>;
  /** Cuts all connections and closes the port. Idempotent. */
  close(): Promise<void>;
};

type State = {
  script: (Reply | ReplyFunction)[] | ReplyFunction;
  strict: boolean;
  issued: Map<string, unknown>;
  prefix: PrefixRule;
  problems: string[];
};

function checkForm(state: State, { wire, body, model, headers, url }: RecordedRequest): string | null {
  if (wire === 'responses') return problemIn(checkResponses(body, state.issued));
  if (wire === 'chat') return problemIn(checkChat(body));
  if (wire === 'anthropic') {
    if (headers['anthropic-version'] === undefined) return 'anthropic-version: header is required';
    return problemIn(checkAnthropic(body, state.issued));
  }
  if (!url.includes('alt=sse')) return 'a stream is read as Server-Sent Events with alt=sse only';
  return problemIn(checkGemini(body, model, state.issued));
}

function problemIn(checked: Checked<unknown>): string | null {
  return checked.ok ? null : checked.problem;
}

/** Null: the request is in order. */
function problemOf(state: State, request: RecordedRequest, steps: readonly Step[] | null): string | null {
  if (steps === null) return 'the script has no answer left';
  if (!state.strict) return null;
  const mayBeNew = steps.some((step) => 'newPrefix' in step);
  return checkForm(state, request) ?? state.prefix.check(request.wire, request.body, mayBeNew);
}

async function nextReply(state: State, request: RecordedRequest): Promise<readonly Step[] | null> {
  const next = typeof state.script === 'function' ? state.script : state.script.shift();
  if (next === undefined) return null;
  return stepsOf(typeof next === 'function' ? await next(request) : next);
}

async function readBody(request: http.IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function sendJson(response: http.ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

type Wire = RecordedRequest['wire'];

/** In the wire's own form. */
function sendError(
  response: http.ServerResponse,
  wire: Wire | null,
  status: number,
  code: string,
  message: string,
): void {
  const body =
    wire === 'anthropic'
      ? { type: 'error', error: { type: status === 401 ? 'authentication_error' : 'invalid_request_error', message } }
      : wire === 'gemini'
        ? { error: { code: status, message, status: status === 401 ? 'UNAUTHENTICATED' : 'INVALID_ARGUMENT' } }
        : { error: { message, type: 'invalid_request_error', param: null, code } };
  sendJson(response, status, body);
}

function wireOf(path: string): { wire: Wire; model: string | null } | null {
  if (path === '/responses') return { wire: 'responses', model: null };
  if (path === '/chat/completions') return { wire: 'chat', model: null };
  if (path === '/messages') return { wire: 'anthropic', model: null };
  const model = /^\/models\/([^/:]+):streamGenerateContent$/.exec(path)?.[1];
  return model === undefined ? null : { wire: 'gemini', model: decodeURIComponent(model) };
}

function keyOf(headers: http.IncomingHttpHeaders): string | null {
  const bearer = /^Bearer (.*)$/.exec(headers.authorization ?? '')?.[1];
  const given = bearer ?? headers['x-api-key'] ?? headers['x-goog-api-key'];
  return typeof given === 'string' ? given : null;
}

function outOf(response: http.ServerResponse): Out {
  const gone = once(response, 'close');
  return {
    gone,
    write: (text) => void (response.writableEnded || response.destroyed || response.write(text)),
    end: () => void response.end(),
    // What was written must have left before the socket is destroyed, else the client never sees it.
    cut: async () => {
      await new Promise<void>((sent) => response.write('', () => sent()));
      response.socket?.end();
      await gone;
    },
  };
}

async function answer(state: State, request: RecordedRequest, response: http.ServerResponse): Promise<void> {
  const steps = await nextReply(state, request);
  const first = steps?.find((step) => 'status' in step);
  const problem = problemOf(state, request, steps);
  if (problem !== null || steps === null) {
    request.refused = problem;
    state.problems.push(`request ${request.index}: ${problem}`);
    return sendError(response, request.wire, 400, 'invalid_request', problem ?? '');
  }
  if (first && 'status' in first) {
    const body = first.body ?? { error: { message: `scripted ${first.status}`, type: 'scripted', code: null } };
    return sendJson(response, first.status, body, first.headers);
  }
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  response.flushHeaders();
  const { index, body, model } = request;
  const issue = (key: string, value: unknown): void => void state.issued.set(key, value);
  const out = outOf(response);
  const base = { index, model, steps };
  if (request.wire === 'responses') await sendResponses({ ...base, onReasoning: (item) => issue(item.id, item) }, out);
  else if (request.wire === 'anthropic') await sendAnthropic({ ...base, onThought: issue }, out);
  else if (request.wire === 'gemini') await sendGemini({ ...base, onSignature: (key) => issue(key, model) }, out);
  else await sendChat({ ...base, includeUsage: Boolean(body?.stream_options) }, out);
}

/** Starts a server on a free port of 127.0.0.1. The caller closes it. */
export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const state: State = {
    script: typeof options.script === 'function' ? options.script : [...options.script],
    strict: options.strict ?? true,
    issued: new Map(),
    prefix: createPrefixRule(),
    problems: [],
  };
  const requests: RecordedRequest[] = [];
  const waiting: ((request: RecordedRequest) => void)[] = [];

  const serve = async (incoming: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const path = new URL(incoming.url ?? '/', 'http://localhost').pathname.replace(/^\/v1(beta)?/, '');
    const body = await readBody(incoming);
    const asked = wireOf(path);
    if (incoming.method === 'GET' && path === '/models') {
      const data = (options.models ?? ['gpt-5.5']).map((id) => ({ id, object: 'model', owned_by: 'test' }));
      const named = data.map(({ id }) => ({ name: `models/${id}`, supportedGenerationMethods: ['generateContent'] }));
      return sendJson(response, 200, { object: 'list', data, models: named });
    }
    if (incoming.method !== 'POST' || asked === null) {
      return sendError(response, null, 404, 'not_found', `Unknown request URL: ${incoming.method} ${incoming.url}`);
    }
    const ended = new Promise<boolean>((settle) => response.once('close', () => settle(!response.writableFinished)));
    const request: RecordedRequest = {
      index: requests.length,
      wire: asked.wire,
      model: asked.model ?? String((body as RecordedBody | null)?.model),
      headers: incoming.headers,
      url: incoming.url ?? '',
      body: body as RecordedBody,
      refused: null,
      ended,
    };
    requests.push(request);
    for (const tell of waiting.splice(0)) tell(request);
    if (options.apiKey !== undefined && keyOf(incoming.headers) !== options.apiKey) {
      return sendError(response, asked.wire, 401, 'invalid_api_key', 'Incorrect API key provided.');
    }
    await answer(state, request, response);
  };

  const server = http.createServer((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      state.problems.push(`the script failed: ${String(error)}`);
      response.destroy();
    });
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    port,
    requests,
    problems: state.problems,
    push: (...replies) => {
      if (typeof state.script === 'function') throw new Error('push() needs a list script');
      state.script.push(...replies);
    },
    nextRequest: () => new Promise((settle) => waiting.push(settle)),
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
