/**
 * Clients of a core over each of its transports, with one face: `send` text, await `messages`. Each line that comes is
 * held to the published schema; answers, as far as they are to `request` and `raw`.
 *
 *   const client = await connectWebSocket(core.url);      // also of unix://…
 *   const client = await connectHttp(core.url);           // initialized already: a session begins with that
 *   const client = connectStdio({ home, cwd });
 *   await client.request('thread/list', {});
 */
import { type ChildProcess, spawn } from 'node:child_process';
import http from 'node:http';
import path from 'node:path';
import { createParser } from 'eventsource-parser';
import { WebSocket } from 'ws';
import type { ClientRequestInput, ClientRequestMethod, ClientRequestResult } from '../../agent-core/protocol/index.ts';
import type { Message } from './core-process.ts';
import { LineChecker } from './line-checker.ts';

const PROGRAM = path.join(import.meta.dirname, '../../dist/gantry.js');

export type Headers = Record<string, string>;

type Wire = {
  /** One message or, where the transport has lines, many. */
  send(text: string | Buffer): void;
  /** Stops reading, so that what comes waits in the core. */
  pause(): void;
  resume(): void;
  close(): void;
};

export const clientInfo = { name: 'test', version: '0.1.0' };

export class WireClient {
  readonly messages: Message[] = [];
  /** Settles when the other side is gone, with the code and reason where there are any. */
  readonly closed: Promise<string>;
  readonly #wire: Wire;
  readonly #checker = new LineChecker();
  readonly #watchers = new Set<() => void>();
  #isClosed = false;
  #nextId = 1;

  constructor(open: (on: { message(text: string): void; close(why: string): void }) => Wire) {
    let close: (why: string) => void = () => {};
    this.closed = new Promise((resolve) => {
      close = resolve;
    });
    this.#wire = open({
      message: (text) => {
        const message: Message = JSON.parse(text);
        // Thrown where nothing catches it: the test that runs fails.
        const problem = message.method || this.#checker.knows(message.id) ? this.#checker.problem(message) : null;
        if (problem) throw new Error(problem);
        this.messages.push(message);
        this.#wake();
      },
      close: (why) => {
        this.#isClosed = true;
        close(why);
        this.#wake();
      },
    });
  }

  send(text: string | Buffer): void {
    this.#wire.send(text);
  }

  pause(): void {
    this.#wire.pause();
  }

  resume(): void {
    this.#wire.resume();
  }

  /** Leaves without a word, as a client that crashed does. */
  close(): void {
    this.#wire.close();
  }

  /** The first message that fits, of those that came and those that come. */
  async waitFor(fits: (message: Message) => boolean): Promise<Message> {
    for (let next = 0; ; next++) {
      while (next >= this.messages.length) {
        if (this.#isClosed) throw new Error('The connection ended while a message was waited for.');
        await new Promise<void>((resolve) => this.#watchers.add(resolve));
      }
      const message = this.messages[next];
      if (message && fits(message)) return message;
    }
  }

  async notification(method: string): Promise<Message['params']> {
    return (await this.waitFor((message) => message.method === method)).params;
  }

  /** The answer, whatever it is. */
  raw(method: string, params: unknown): Promise<Message> {
    const id = `r${this.#nextId++}`;
    this.#checker.sent({ id, method, params });
    this.send(JSON.stringify({ id, method, params }));
    return this.waitFor((message) => message.id === id && message.method === undefined);
  }

  /** Rejects when the core refuses. */
  async request<M extends ClientRequestMethod>(
    method: M,
    params: ClientRequestInput<M>,
  ): Promise<ClientRequestResult<M>> {
    const { result, error } = await this.raw(method, params);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result as ClientRequestResult<M>;
  }

  initialize(): Promise<unknown> {
    return this.request('initialize', { clientInfo, capabilities: {} });
  }

  #wake(): void {
    for (const watcher of this.#watchers) watcher();
    this.#watchers.clear();
  }
}

/** `url` as the core printed it: `ws://…` or `unix://…`. Not initialized. */
export async function connectWebSocket(url: string, headers: Headers = {}): Promise<WireClient> {
  const socket = new WebSocket(url.startsWith('unix://') ? `ws+unix:${url.slice('unix://'.length)}:/` : url, {
    headers,
    perMessageDeflate: false,
    maxPayload: 0,
  });
  const client = new WireClient((on) => {
    socket.on('message', (data) => on.message(String(data)));
    socket.on('close', (code, reason) => on.close(`${code} ${String(reason)}`));
    return {
      send: (text) => socket.send(text, { binary: false }),
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      close: () => socket.terminate(),
    };
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.on('error', reject);
  });
  return client;
}

export type HttpAnswer = { status: number; headers: http.IncomingHttpHeaders; body: string };

/** One whole exchange. */
export function exchange(
  url: string,
  method: string,
  headers: Headers = {},
  body: string | Buffer = '',
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Begins a session: its id. */
export async function beginSession(url: string, headers: Headers = {}): Promise<string> {
  const initialize = JSON.stringify({ id: 'init', method: 'initialize', params: { clientInfo, capabilities: {} } });
  const { status, headers: given, body } = await exchange(url, 'POST', headers, initialize);
  const id = given['gantry-session-id'];
  if (status !== 202 || typeof id !== 'string') throw new Error(`No session: ${status} ${body}`);
  return id;
}

export type EventClient = WireClient & { sessionId: string; lastEventId: string };

/** A session, new or given, and its stream. */
export async function connectHttp(
  url: string,
  { headers = {}, sessionId, lastEventId }: { headers?: Headers; sessionId?: string; lastEventId?: string } = {},
): Promise<EventClient> {
  const session = sessionId ?? (await beginSession(url, headers));
  const own = { ...headers, 'gantry-session-id': session };
  const resumed: Headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const request = http.request(
      url,
      { headers: { ...own, ...resumed, accept: 'text/event-stream' }, agent: false },
      resolve,
    );
    request.on('error', reject);
    request.end();
  });
  if (response.statusCode !== 200) throw new Error(`No stream: ${response.statusCode}`);
  const client = new WireClient((on) => {
    const parser = createParser({
      maxBufferSize: Number.POSITIVE_INFINITY,
      onEvent({ id, data }) {
        Object.assign(client, { lastEventId: id ?? client.lastEventId });
        on.message(data);
      },
    });
    response.setEncoding('utf8').on('data', (text: string) => parser.feed(text));
    response.on('close', () => on.close(response.complete ? 'ended' : 'broken'));
    response.on('error', () => {});
    return {
      send: (text) => void exchange(url, 'POST', own, text).catch(() => {}),
      pause: () => void response.pause(),
      resume: () => void response.resume(),
      close: () => response.destroy(),
    };
  }) as EventClient;
  return Object.assign(client, { sessionId: session, lastEventId: '' });
}

/** A core of its own. Not initialized. */
export function connectStdio(options: {
  home: string;
  cwd: string;
  env?: Record<string, string>;
}): WireClient & { child: ChildProcess } {
  const child = spawn(process.execPath, [PROGRAM, 'app-server'], {
    cwd: options.cwd,
    env: {
      PATH: process.env.PATH,
      HOME: options.home,
      GANTRY_HOME: options.home,
      SCRIPTED_KEY: 'scripted-key',
      ...options.env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const client = new WireClient((on) => {
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) on.message(line);
    });
    child.on('exit', (code, signal) => on.close(`${code ?? signal} ${stderr}`));
    child.stdin.on('error', () => {});
    return {
      send: (text) => {
        child.stdin.write(text);
        child.stdin.write('\n');
      },
      pause: () => void child.stdout.pause(),
      resume: () => void child.stdout.resume(),
      close: () => void child.kill('SIGKILL'),
    };
  });
  return Object.assign(client, { child });
}
