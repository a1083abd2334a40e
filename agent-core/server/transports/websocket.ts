/** WebSocket clients: one JSON-RPC message a frame. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Log } from '../../ports.ts';
import { defaultMaxLineBytes } from '../../protocol/index.ts';
import type { Core } from '../core.ts';

/** More than this on its way to a client means that the client is slow. */
const HIGH_WATER = 1024 * 1024;
const CLOSE_GRACE_MS = 2000;
const GOING_AWAY = 1001;

export type WebSockets = {
  /** Takes a request that wants to become a WebSocket; it has been authorized. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Tells every client goodbye; resolves when they are gone. */
  close(): Promise<void>;
};

export function createWebSockets(core: Core, log: Log): WebSockets {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    // A message up to here is refused with an error of its own; only what is longer still costs the connection.
    maxPayload: 2 * defaultMaxLineBytes,
    // Broken characters are replaced, as on every other transport, instead of closing the connection.
    skipUTF8Validation: true,
  });
  return {
    upgrade(request, socket, head) {
      server.handleUpgrade(request, socket, head, (client) => serve(core, client, log));
    },
    async close() {
      await Promise.all([...server.clients].map(sayGoodbye));
    },
  };
}

function serve(core: Core, client: WebSocket, log: Log): void {
  let isFull = false;
  const onWritten = (): void => {
    if (!isFull || client.bufferedAmount >= HIGH_WATER) return;
    isFull = false;
    peer.drained();
  };
  const { peer } = core.connect({
    send(line) {
      client.send(line, onWritten);
      isFull = client.bufferedAmount >= HIGH_WATER;
      return !isFull;
    },
  });
  client.on('message', (data) => {
    if (peer.receiveFrame(data as Buffer)) return;
    client.pause();
    void peer.whenDrained().then(() => client.resume());
  });
  client.on('error', (error) => log('info', 'a WebSocket broke', error));
  client.on('close', () => peer.close());
  // Whoever does not read would not read a goodbye either.
  peer.closed.addEventListener('abort', () => client.terminate(), { once: true });
}

function sayGoodbye(client: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => client.terminate(), CLOSE_GRACE_MS);
    client.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    client.resume();
    client.close(GOING_AWAY, 'The agent was ended.');
  });
}
