// The only way out of a command's network when it has a list of hosts: HTTP, CONNECT and SOCKS5 on one port. A name is
// looked up once, all that it stands for is checked, and what was checked is what is dialled.
import { lookup } from 'node:dns/promises';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import { isLinkLocal, isPublic } from './addresses.ts';
import { canonicalHost, entryFor, type HostList, judgeHost, namesAddress } from './hosts.ts';
import { readSocksRequest, SOCKS_FAILED, SOCKS_GRANTED, SOCKS_REFUSED, SOCKS_VERSION } from './socks.ts';

/** As Codex's wire names them. */
export type ProxyProtocol = 'http' | 'https' | 'socks5Tcp';

export type HostRequest = { host: string; port: number; protocol: ProxyProtocol };

/** What the proxy refused: exact, as it knows what was asked for. */
export type BlockedHost = HostRequest & {
  /**
   * `unknown`: not in the list, and nobody allowed it. `denied`: forbidden by the list. `address`: it is, or leads to, an
   * address that is not public. `malformed`: no host at all, or another protocol.
   */
  reason: 'unknown' | 'denied' | 'address' | 'malformed';
};

export type ProxyOptions = {
  list: HostList;
  /** Asked once for each host and port that the list does not know. Not given: they are refused. */
  onUnknown?: ((asked: HostRequest) => Promise<boolean>) | undefined;
  /** Told of each refusal. */
  onBlocked?: (blocked: BlockedHost) => void;
  /** The addresses of a name; the system's resolver when not given. */
  resolve?: (host: string) => Promise<string[]>;
};

export type CommandProxy = {
  /** Takes a connection of the command's. */
  accept(socket: Socket): void;
  /** Ends all connections. */
  close(): void;
};

const DIAL_MS = 15_000;
/** A client that says nothing holds a socket for no longer. */
const GREETING_MS = 30_000;
const HOP_BY_HOP = ['connection', 'proxy-connection', 'proxy-authorization', 'keep-alive', 'te', 'trailer', 'upgrade'];

class Refusal extends Error {
  override readonly name = 'Refusal';
}

const resolveAll = async (host: string): Promise<string[]> =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

function dialOne(address: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, family: isIP(address), noDelay: true });
    socket.setTimeout(DIAL_MS, () => socket.destroy(new Error(`${address} did not answer`)));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}

async function dialFirst(addresses: readonly string[], port: number): Promise<Socket> {
  let last: unknown = new Error('it has no address');
  for (const address of addresses) {
    try {
      return await dialOne(address, port);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

function join(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.pipe(to);
  }
}

/** A proxy for one command. It holds nothing open by itself. */
export function createProxy(options: ProxyOptions): CommandProxy {
  const { list, onUnknown, onBlocked = () => {}, resolve = resolveAll } = options;
  const sockets = new Set<Socket>();
  const asked = new Map<string, Promise<boolean>>();

  const refuse = (what: HostRequest, reason: BlockedHost['reason'], why: string): Refusal => {
    onBlocked({ ...what, reason });
    return new Refusal(`Blocked by the sandbox: ${why}`);
  };

  const mayReach = async (what: HostRequest): Promise<void> => {
    const verdict = judgeHost(list, what.host, what.port);
    const name = entryFor(what.host, what.port);
    if (verdict === 'denied') throw refuse(what, 'denied', `${name} is a host that the network policy forbids.`);
    if (verdict === 'allowed') return;
    // An address that could never be dialled is nothing to ask about.
    if (isIP(what.host) && !isPublic(what.host)) throw refuse(what, 'address', `${what.host} is not a public address.`);
    const question = asked.get(name) ?? onUnknown?.(what).catch(() => false) ?? Promise.resolve(false);
    asked.set(name, question);
    if (!(await question)) throw refuse(what, 'unknown', `${name} is not among the hosts that may be reached.`);
  };

  const addressesOf = async (what: HostRequest): Promise<string[]> => {
    const { host } = what;
    if (isIP(host)) {
      if (isPublic(host) || (namesAddress(list, host) && !isLinkLocal(host))) return [host];
      throw refuse(what, 'address', `${host} is not a public address.`);
    }
    const found = await resolve(host);
    // One address among others would do: a name of the attacker's may have both kinds.
    const inside = found.find((address) => !isPublic(address));
    if (inside !== undefined)
      throw refuse(what, 'address', `${host} leads to ${inside}, which is not a public address.`);
    return found;
  };

  /** Rejects with `Refusal`, or with what the network said. */
  const open = async (named: string, port: number, protocol: ProxyProtocol): Promise<Socket> => {
    const host = canonicalHost(named);
    if (host === null || !Number.isInteger(port) || port < 1 || port > 65535) {
      const what = { host: named.slice(0, 253), port, protocol };
      throw refuse(what, 'malformed', `${JSON.stringify(what.host)} is not a host.`);
    }
    const what = { host, port, protocol };
    await mayReach(what);
    return keep(await dialFirst(await addressesOf(what), port));
  };

  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };

  const server = httpServer(open);

  const greet = (socket: Socket): void => {
    socket.setTimeout(GREETING_MS, () => socket.destroy());
    socket.once('data', (first: Buffer) => {
      socket.setTimeout(0);
      socket.pause();
      const isSocks = first[0] === SOCKS_VERSION;
      if (!isSocks) server.emit('connection', socket);
      socket.unshift(first);
      if (isSocks) void serveSocks(socket, open);
      else socket.resume();
    });
  };

  return {
    accept(socket) {
      keep(socket).on('error', () => socket.destroy());
      greet(socket);
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

type Open = (host: string, port: number, protocol: ProxyProtocol) => Promise<Socket>;

const isRefusal = (error: unknown): error is Refusal => error instanceof Refusal;
const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function httpServer(open: Open): Server {
  const server = createServer((incoming, response) => void forward(open, incoming, response));
  server.requestTimeout = 0; // an upload may take as long as it takes
  server.on('connect', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    void tunnel(open, incoming.url ?? '', socket, head);
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  return server;
}

async function tunnel(open: Open, target: string, socket: Socket, head: Buffer): Promise<void> {
  const [, host = target, port = '0'] = /^(\[[^\]]*\]|[^:]*):(\d{1,5})$/.exec(target) ?? [];
  try {
    const out = await open(host, Number(port), 'https');
    if (socket.destroyed) return void out.destroy();
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.length > 0) out.write(head);
    join(socket, out);
  } catch (error) {
    const status = isRefusal(error) ? '403 Forbidden' : '502 Bad Gateway';
    const text = `${sentence(error)}\n`;
    socket.end(
      `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
    );
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(`${text}\n`);
}

async function forward(open: Open, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  // Only what is meant for a proxy: the whole URL, with nothing in its authority but host and port.
  const parts = /^http:\/\/(\[[^\]]*\]|[^/?#:@]*)(?::(\d{1,5}))?([/?][^#]*)?$/i.exec(incoming.url ?? '');
  if (!parts?.[1]) return answer(response, 400, 'This is the proxy of a sandbox: ask it for a whole http:// URL.');
  const [, host, port = '80', path = '/'] = parts;
  try {
    const out = await open(host, Number(port), 'http');
    const dropped = new Set([...HOP_BY_HOP, ...words(incoming.headers.connection)]);
    const headers = Object.fromEntries(Object.entries(incoming.headers).filter(([name]) => !dropped.has(name)));
    // The host that was checked, whatever the client's own header says.
    headers.host = Number(port) === 80 ? host : `${host}:${port}`;
    const outgoing = request({
      createConnection: () => out,
      method: incoming.method,
      path: path.startsWith('/') ? path : `/${path}`,
      headers: { ...headers, connection: 'close' },
    });
    outgoing.on('response', (answered) => {
      const kept = answered.rawHeaders.filter((_, at, all) => !dropped.has((all[at - (at % 2)] ?? '').toLowerCase()));
      response.writeHead(answered.statusCode ?? 502, kept);
      answered.pipe(response);
      answered.on('error', () => response.destroy());
    });
    outgoing.on('error', (error) => answer(response, 502, error.message));
    response.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  } catch (error) {
    answer(response, isRefusal(error) ? 403 : 502, sentence(error));
  }
}

const words = (header: string | undefined): string[] =>
  (header ?? '').split(',').map((word) => word.trim().toLowerCase());

async function serveSocks(socket: Socket, open: Open): Promise<void> {
  const asked = await readSocksRequest(socket);
  if (asked === null) return void socket.destroy();
  try {
    const out = await open(asked.host, asked.port, 'socks5Tcp');
    if (socket.destroyed) return void out.destroy();
    socket.write(SOCKS_GRANTED);
    join(socket, out);
    socket.resume();
  } catch (error) {
    socket.end(isRefusal(error) ? SOCKS_REFUSED : SOCKS_FAILED);
  }
}
