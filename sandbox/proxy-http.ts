// The proxy's HTTP: tunnels (CONNECT), and plain requests, each of which is judged by itself.
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { isIP, type Socket } from 'node:net';
import { join, type Open, Refusal } from './proxy-streams.ts';

/** Cookies grow. */
const HEADER_BYTES = 64 * 1024;

/** What is between two neighbours; how a body is framed we say ourselves. */
const HOP_BY_HOP = [
  'connection',
  'proxy-connection',
  'proxy-authorization',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'transfer-encoding',
];

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const statusOf = (error: unknown): number => (error instanceof Refusal ? 403 : 502);

const STATUS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  431: 'Request Header Fields Too Large',
  502: 'Bad Gateway',
};

/** An answer where there is no `ServerResponse`. */
function endWith(socket: Socket, status: number, text: string): void {
  if (!socket.writable) return void socket.destroy();
  const body = `${text}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS[status]}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

/** It listens nowhere: connections are handed to it. */
export function httpServer(open: Open): Server {
  const server = createServer({ maxHeaderSize: HEADER_BYTES }, (incoming, response) => {
    void forward(open, incoming, response);
  });
  server.requestTimeout = 0; // an upload may take as long as it takes
  server.on('connect', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    void tunnel(open, incoming.url ?? '', socket, head);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
    endWith(socket as Socket, status, `The sandbox's proxy could not read this request: ${error.message}`);
  });
  return server;
}

async function tunnel(open: Open, target: string, client: Socket, head: Buffer): Promise<void> {
  const [, host = target, port = '0'] = /^(\[[^\]]*\]|[^:]*):(\d{1,5})$/.exec(target) ?? [];
  try {
    const { socket } = await open({ host, port: Number(port), protocol: 'https' }, client);
    if (client.destroyed) return void socket.destroy();
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.length > 0) socket.write(head);
    join(client, socket);
  } catch (error) {
    endWith(client, statusOf(error), sentence(error));
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(`${text}\n`);
}

const words = (header: string | undefined): string[] =>
  (header ?? '').split(',').map((word) => word.trim().toLowerCase());

/** What goes on to the server: the host is the one that was checked, and the body ends where it ended for us. */
function headersFor({ headers }: IncomingMessage, host: string, port: number): OutgoingHttpHeaders {
  const dropped = new Set([...HOP_BY_HOP, ...words(headers.connection), 'host', 'content-length']);
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)));
  const length = headers['content-length'];
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return {
    ...kept,
    ...(headers['transfer-encoding'] !== undefined ? { 'transfer-encoding': 'chunked' } : {}),
    ...(headers['transfer-encoding'] === undefined && length !== undefined ? { 'content-length': length } : {}),
    host: port === 80 ? name : `${name}:${port}`,
    connection: 'close',
  };
}

async function forward(open: Open, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  // Only what is meant for a proxy: the whole URL, with nothing in its authority but host and port.
  const parts = /^http:\/\/(\[[^\]]*\]|[^/?#:@]*)(?::(\d{1,5}))?([/?][^#]*)?$/i.exec(incoming.url ?? '');
  if (!parts?.[1]) return answer(response, 400, 'This is the proxy of a sandbox: ask it for a whole http:// URL.');
  const [, named, port = '80', path = '/'] = parts;
  let way: Socket | null = null;
  try {
    const { host, socket } = await open({ host: named, port: Number(port), protocol: 'http' }, incoming.socket);
    way = socket;
    if (response.destroyed) return void socket.destroy();
    const outgoing = request({
      createConnection: () => socket,
      method: incoming.method,
      path: path.startsWith('/') ? path : `/${path}`,
      headers: headersFor(incoming, host, Number(port)),
      maxHeaderSize: HEADER_BYTES,
    });
    outgoing.on('response', (answered) => passOn(answered, response));
    outgoing.on('error', (error) => answer(response, 502, error.message));
    response.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  } catch (error) {
    way?.destroy();
    answer(response, statusOf(error), sentence(error));
  }
}

function passOn(answered: IncomingMessage, response: ServerResponse): void {
  const dropped = new Set([...HOP_BY_HOP, ...words(answered.headers.connection)]);
  const kept = answered.rawHeaders.filter((_, at, all) => !dropped.has((all[at - (at % 2)] ?? '').toLowerCase()));
  try {
    response.writeHead(answered.statusCode ?? 502, answered.statusMessage ?? '', kept);
  } catch (error) {
    answered.destroy();
    return void answer(response, 502, sentence(error));
  }
  answered.on('error', () => response.destroy());
  answered.pipe(response);
}
