// The only way out of a command's network when it has a list of hosts: HTTP, CONNECT and SOCKS5 on one port. A name is
// looked up once, all that it stands for is checked, and what was checked is what is dialled.
import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { isMetadata, isOfThisNetwork, isPublic } from './addresses.ts';
import { canonicalHost, entryFor, type HostList, judgeHost, namesAddress } from './hosts.ts';
import { httpServer } from './proxy-http.ts';
import { createPeerCheck } from './proxy-peer.ts';
import { join, type Open, Refusal } from './proxy-streams.ts';
import {
  readSocksRequest,
  SOCKS_FAILED,
  SOCKS_GRANTED,
  SOCKS_REFUSED,
  SOCKS_VERSION,
  SOCKS4_REFUSED,
  SOCKS4_VERSION,
} from './socks.ts';

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
  /**
   * Asked once for each host and port that the list does not know, for so many as a person can be asked about. The signal
   * says that nobody waits for the answer any more. Not given: they are refused.
   */
  onUnknown?: ((asked: HostRequest, signal: AbortSignal) => Promise<boolean>) | undefined;
  /** Told of each refusal. */
  onBlocked?: (blocked: BlockedHost) => void;
  /** The addresses of a name; the system's resolver when not given. */
  resolve?: (host: string) => Promise<string[]>;
  /** Connects to an address that was checked; to that address itself when not given. */
  dial?: (address: string, port: number) => Promise<Socket>;
  /** The port lies in the machine's own network: clients of other users are turned away. */
  isShared?: boolean;
};

export type CommandProxy = {
  /** Takes a connection of the command's. */
  accept(socket: Socket): void;
  /** Ends all connections. */
  close(): void;
};

const DIAL_MS = 15_000;
/** For an address when there are others to try. */
const DIAL_ONE_OF_MS = 3_000;
/** A client that says nothing holds a socket for no longer. */
const GREETING_MS = 30_000;
/** Each takes two descriptors, and those are the core's own. What comes beyond is turned away. */
const MOST_CONNECTIONS = 256;
/** Hosts that one command may have a person asked about. */
const MOST_QUESTIONS = 32;

const resolveAll = async (host: string): Promise<string[]> =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

function dialOne(address: string, port: number, ms: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, family: isIP(address), noDelay: true, allowHalfOpen: true });
    socket.setTimeout(ms, () => socket.destroy(new Error(`${address} did not answer`)));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      resolve(socket);
    });
  });
}

type Question = { answer: Promise<boolean>; waiting: number; isOver: boolean; gone: AbortController };

/** Settles as the answer does; a client that goes away meanwhile waits no longer. */
function whileThere(client: Socket, question: Question): Promise<boolean> {
  question.waiting++;
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      client.off('end', gone);
      client.off('close', gone);
      if (--question.waiting === 0 && !question.isOver) question.gone.abort();
    };
    const gone = (): void => {
      leave();
      reject(new Error('the client did not wait for an answer'));
    };
    client.once('end', gone);
    client.once('close', gone);
    if (client.destroyed || client.readableEnded) return gone();
    void question.answer.then((isAllowed) => {
      leave();
      resolve(isAllowed);
    });
  });
}

/** A proxy for one command. It holds nothing open by itself. */
export function createProxy(options: ProxyOptions): CommandProxy {
  const { list, onUnknown, onBlocked = () => {}, resolve = resolveAll, dial, isShared = false } = options;
  const sockets = new Set<Socket>();
  const asked = new Map<string, Question>();
  let clients = 0;

  const refuse = (what: HostRequest, reason: BlockedHost['reason'], why: string): Refusal => {
    onBlocked({ ...what, reason });
    return new Refusal(`Blocked by the sandbox: ${why}`);
  };

  /** Null: nobody can be asked. */
  const questionOf = (name: string, what: HostRequest): Question | null => {
    const known = asked.get(name);
    if (known) return known;
    if (!onUnknown || asked.size >= MOST_QUESTIONS) return null;
    const gone = new AbortController();
    const answer = onUnknown(what, gone.signal).catch(() => false);
    const question: Question = { answer, waiting: 0, isOver: false, gone };
    asked.set(name, question);
    gone.signal.addEventListener('abort', () => asked.delete(name), { once: true });
    void answer.then(() => {
      question.isOver = true;
    });
    return question;
  };

  const mayReach = async (what: HostRequest, client: Socket): Promise<void> => {
    const verdict = judgeHost(list, what.host, what.port);
    const name = entryFor(what.host, what.port);
    if (verdict === 'denied') throw refuse(what, 'denied', `${name} is a host that the network policy forbids.`);
    if (verdict === 'allowed') return;
    // An address that could never be dialled is nothing to ask about.
    if (isIP(what.host) && !isOutside(what.host))
      throw refuse(what, 'address', `${what.host} is not a public address.`);
    const question = questionOf(name, what);
    const isAllowed = question !== null && (await whileThere(client, question));
    if (!isAllowed) throw refuse(what, 'unknown', `${name} is not among the hosts that may be reached.`);
  };

  /** Public, or named by the list itself at this port; never a metadata service's. */
  const mayDial = (address: string, port: number): boolean =>
    isOutside(address) ||
    (namesAddress(list, address) && judgeHost(list, address, port) === 'allowed' && !isMetadata(address));

  const addressesOf = async (what: HostRequest): Promise<string[]> => {
    const { host, port } = what;
    if (isIP(host)) {
      if (mayDial(host, port)) return [host];
      throw refuse(what, 'address', `${host} is not a public address.`);
    }
    const found = await resolve(host);
    // One address among others would do: a name of the attacker's may have both kinds.
    const inside = found.find((address) => !mayDial(address, port));
    if (inside !== undefined)
      throw refuse(what, 'address', `${host} leads to ${inside}, which is not a public address.`);
    return found;
  };

  const dialFirst = async (addresses: readonly string[], port: number): Promise<Socket> => {
    let last: unknown = new Error('it has no address');
    for (const [index, address] of addresses.entries()) {
      const ms = index === addresses.length - 1 ? DIAL_MS : DIAL_ONE_OF_MS;
      try {
        return await (dial ? dial(address, port) : dialOne(address, port, ms));
      } catch (error) {
        last = error;
      }
    }
    throw last;
  };

  const open: Open = async ({ host: named, port, protocol }, client) => {
    const host = canonicalHost(named);
    if (host === null || !Number.isInteger(port) || port < 1 || port > 65535) {
      const what = { host: named.slice(0, 253), port, protocol };
      throw refuse(what, 'malformed', `${JSON.stringify(what.host)} is not a host.`);
    }
    const what = { host, port, protocol };
    await mayReach(what, client);
    return { host, socket: keep(await dialFirst(await addressesOf(what), port)) };
  };

  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };

  const server = httpServer(open);
  const isOwnPeer = createPeerCheck();

  const greet = (socket: Socket): void => {
    socket.setTimeout(GREETING_MS, () => socket.destroy());
    socket.once('data', (first: Buffer) => {
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      if (first[0] === SOCKS4_VERSION) return void socket.end(SOCKS4_REFUSED);
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
      keep(socket);
      if (clients >= MOST_CONNECTIONS) return void socket.destroy();
      clients++;
      socket.once('close', () => clients--);
      // Who has said all may still listen.
      socket.allowHalfOpen = true;
      if (!isShared) return greet(socket);
      void isOwnPeer(socket).then((isOwn) => (isOwn ? greet(socket) : socket.destroy()));
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

const isOutside = (address: string): boolean => isPublic(address) && !isOfThisNetwork(address);

async function serveSocks(client: Socket, open: Open): Promise<void> {
  const asked = await readSocksRequest(client, GREETING_MS);
  if (asked === null) return void client.end(() => client.destroy());
  try {
    const { socket } = await open({ ...asked, protocol: 'socks5Tcp' }, client);
    if (client.destroyed) return void socket.destroy();
    client.write(SOCKS_GRANTED);
    join(client, socket);
  } catch (error) {
    client.end(error instanceof Refusal ? SOCKS_REFUSED : SOCKS_FAILED, () => client.destroy());
  }
}
