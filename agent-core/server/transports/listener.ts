/** The core on a socket, for many clients: WebSocket or streaming HTTP, over TCP or a Unix socket. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { imported } from '../../late.ts';
import type { Log } from '../../ports.ts';
import { AgentError } from '../../protocol/index.ts';
import type { Core } from '../core.ts';
import type { ServeOptions } from './arguments.ts';
import { type Authorize, createAuthorize, refuseWebPage } from './auth.ts';
import { answerProblem, answerUpgrade } from './http-answers.ts';
import { type Address, isLoopback, type Listen, printAddress } from './listen.ts';
import { defaultSocketPath, listenAt } from './unix-socket.ts';

/** Dead machines do not say goodbye; TCP finds out. */
const TCP_KEEP_ALIVE_MS = 30_000;
const MAX_CONNECTIONS = 512;

export type ListenerOptions = {
  core: Core;
  serve: ServeOptions;
  /** Below it is the default Unix socket. */
  home: string;
  log: Log;
  /** Takes the lines that say where the core listens. */
  say: (lines: string) => void;
};

export type Listener = {
  /** Accepts nobody any more, and lets every client go with a clean close. */
  close(): Promise<void>;
};

type Service = {
  request(request: IncomingMessage, response: ServerResponse): void | Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void | Promise<void>;
};

/** Resolves once clients can connect. Throws `AgentError` that says why they cannot. */
export async function createListener(options: ListenerOptions): Promise<Listener> {
  const { serve, log } = options;
  const authorize = await createAuthorize(serve.auth);
  const service = serve.listen.type === 'http' ? await httpService(options) : await webSocketService(options);
  const server = createServer({ keepAlive: true, keepAliveInitialDelay: TCP_KEEP_ALIVE_MS });
  // A client whose answers have no room is not read from, however long that takes.
  server.requestTimeout = 0;
  server.maxConnections = MAX_CONNECTIONS;
  server.on('request', (request, response) => void answer(service, authorize, log, request, response));
  server.on('upgrade', (request, socket, head) => void upgrade(service, authorize, request, socket, head));
  const where = await listen(server, serve.listen, options.home);
  server.on('error', (error) => log('error', 'the listener failed', error));
  options.say(banner(serve.listen, where));
  return {
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      await service.close();
      server.closeIdleConnections();
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 1000))]);
      server.closeAllConnections();
    },
  };
}

async function listen(server: Server, to: Listen, home: string): Promise<string> {
  if (to.type === 'unix') {
    const socketPath = to.path ?? defaultSocketPath(home);
    await listenAt(server, socketPath);
    return socketPath;
  }
  const { host, port } = to as Address;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AgentError('invalidRequest', `${printAddress({ host, port })} cannot be listened on: ${reason}`);
  }
  return printAddress({ host, port: (server.address() as AddressInfo).port });
}

/** Programs look for `listening on:` to learn the port. */
function banner(to: Listen, where: string): string {
  if (to.type === 'unix') return `gantry app-server (WebSockets)\n  listening on: unix://${where}\n`;
  const kind = to.type === 'http' ? 'streaming HTTP' : 'WebSockets';
  const path = to.type === 'http' ? '/rpc' : '';
  const isOpen = !isLoopback((to as Address).host);
  const note = isOpen
    ? 'other machines can connect, and nothing is encrypted: put a TLS proxy in front, or use ssh -L'
    : 'only this machine can connect (ssh -L brings it to another)';
  return [
    `gantry app-server (${kind})`,
    `  listening on: ${to.type}://${where}${path}`,
    `  readyz: http://${where}/readyz`,
    `  healthz: http://${where}/healthz`,
    `  note: ${note}`,
    '',
  ].join('\n');
}

async function answer(
  service: Service,
  authorize: Authorize,
  log: Log,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const isProbe = /^\/(?:readyz|healthz)(?:\?|$)/.test(request.url ?? '');
    const refusal = isProbe ? refuseWebPage(request.headers) : await authorize(request.headers);
    if (refusal) answerProblem(response, refusal.status, refusal.message);
    else if (isProbe) response.writeHead(request.method === 'GET' || request.method === 'HEAD' ? 200 : 405).end();
    else await service.request(request, response);
  } catch (error) {
    log('error', 'a request failed', error);
    if (!response.headersSent) answerProblem(response, 500, 'A defect; the log says more.');
  }
}

async function upgrade(
  service: Service,
  authorize: Authorize,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const refusal = await authorize(request.headers);
  if (refusal) answerUpgrade(socket, refusal.status, refusal.message);
  else service.upgrade(request, socket, head);
}

async function webSocketService({ core, log }: ListenerOptions): Promise<Service> {
  const { createWebSockets } = await imported(import('./websocket.ts'));
  const { upgrade, close } = createWebSockets(core, log);
  return {
    request(request, response) {
      if (request.method === 'GET') answerProblem(response, 400, 'Connect with a WebSocket.');
      else answerProblem(response, 405, 'Connect with a WebSocket.');
    },
    upgrade,
    close,
  };
}

async function httpService({ core, serve, log }: ListenerOptions): Promise<Service> {
  const { createStreamingHttp } = await imported(import('./streaming-http.ts'));
  const http = createStreamingHttp(core, serve.idleSeconds, log);
  return {
    request(request, response) {
      if (/^\/rpc(?:\?|$)/.test(request.url ?? '')) return http.handle(request, response);
      answerProblem(response, 404, 'There are /rpc, /readyz and /healthz.');
    },
    upgrade(_request, socket) {
      answerUpgrade(socket, 426, 'This core listens with streaming HTTP; for WebSockets start it with --listen ws://…');
    },
    close: () => http.close(),
  };
}
