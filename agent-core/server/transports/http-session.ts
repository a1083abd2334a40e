/** One client over HTTP: what it sends comes in requests, what it is sent goes out on a stream of server-sent events. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../../ports.ts';
import type { Core } from '../core.ts';
import type { Connection } from '../wire/connection.ts';
import { createReplayBuffer, type ReplayBuffer } from './replay-buffer.ts';

/** Sent events that are kept for a client that lost its stream. */
const REPLAY_CHARS = 8 * 1024 * 1024;
/** Events that may wait for a client without a stream. */
const UNSENT_CHARS = 16 * 1024 * 1024;
const KEEP_ALIVE_MS = 15_000;

export type HttpSessionOptions = {
  id: string;
  core: Core;
  idleSeconds: number;
  log: Log;
  onEnd: () => void;
};

export class HttpSession {
  readonly id: string;
  readonly #options: HttpSessionOptions;
  readonly #connection: Connection;
  readonly #events: ReplayBuffer = createReplayBuffer(REPLAY_CHARS);
  #stream: ServerResponse | null = null;
  #openPosts = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: HttpSessionOptions) {
    this.id = options.id;
    this.#options = options;
    this.#connection = options.core.connect({ send: (line) => this.#send(line) });
    this.#connection.peer.closed.addEventListener('abort', () => this.#ended(), { once: true });
    this.#watchIdleness();
  }

  get isInitialized(): boolean {
    return this.#connection.isInitialized;
  }

  /** Takes the lines of a request's body, and reads no faster than the answers go out. */
  async receive(body: IncomingMessage): Promise<void> {
    const { peer } = this.#connection;
    const lines = peer.lineBuffer();
    this.#openPosts += 1;
    this.#watchIdleness();
    try {
      for await (const chunk of body) {
        lines.push(chunk as Buffer);
        await peer.whenDrained();
      }
      lines.end();
    } finally {
      this.#openPosts -= 1;
      this.#watchIdleness();
    }
  }

  /**
   * Sends events on `response` from now on, first those after `lastEventId` (null: those that were never sent). An
   * older stream ends. False: some of them are no longer kept, and the session has ended.
   */
  attach(response: ServerResponse, lastEventId: number | null): boolean {
    const missed = this.#events.after(lastEventId ?? this.#events.lastSent);
    if (!Array.isArray(missed)) {
      this.end();
      return false;
    }
    const older = this.#stream;
    this.#stream = null;
    older?.destroy();
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.write('retry: 1000\n\n');
    const keepAlive = setInterval(() => void response.write(': still here\n\n'), KEEP_ALIVE_MS);
    keepAlive.unref();
    response.on('drain', () => this.#connection.peer.drained());
    response.on('close', () => {
      clearInterval(keepAlive);
      if (this.#stream === response) this.#detach();
    });
    response.on('error', () => {});
    this.#stream = response;
    this.#watchIdleness();
    for (const { id, data } of missed) this.#write(response, id, data);
    if (!response.writableNeedDrain) this.#connection.peer.drained();
    return true;
  }

  /** Idempotent. */
  end(): void {
    this.#connection.peer.close();
  }

  #send(line: string): boolean {
    if (this.#stream === null && this.#events.unsentChars > UNSENT_CHARS) {
      this.#options.log('warn', `${this.#connection.clientName}: the session ended, for nobody fetches its events.`);
      this.end();
      return true;
    }
    const { id, data } = this.#events.append(line);
    return this.#stream === null || this.#write(this.#stream, id, data);
  }

  #write(stream: ServerResponse, id: number, data: string): boolean {
    this.#events.sent(id);
    return stream.write(`id: ${id}\ndata: ${data}\n\n`);
  }

  #detach(): void {
    this.#stream = null;
    this.#watchIdleness();
    // What the stream had no room for is kept for the next one.
    this.#connection.peer.drained();
  }

  #watchIdleness(): void {
    clearTimeout(this.#idle);
    if (this.#stream !== null || this.#openPosts > 0 || this.#connection.peer.closed.aborted) return;
    this.#idle = setTimeout(() => {
      this.#options.log('info', `${this.#connection.clientName}: the session ended, for nobody used it.`);
      this.end();
    }, this.#options.idleSeconds * 1000);
    this.#idle.unref();
  }

  #ended(): void {
    clearTimeout(this.#idle);
    // One that is stuck would keep what it holds for as long as its client likes.
    if (this.#stream?.writableNeedDrain) this.#stream.destroy();
    else this.#stream?.end();
    this.#options.onEnd();
  }
}
