// The part of SOCKS5 (RFC 1928) that a proxy for TCP needs.
import type { Socket } from 'node:net';

export const SOCKS_VERSION = 5;

const reply = (code: number): Buffer => Buffer.from([SOCKS_VERSION, code, 0, 1, 0, 0, 0, 0, 0, 0]);
export const SOCKS_GRANTED: Buffer = reply(0);
/** By the rules, not by the network. */
export const SOCKS_REFUSED: Buffer = reply(2);
export const SOCKS_FAILED: Buffer = reply(4);
const NO_SUCH_COMMAND = reply(7);
const NO_SUCH_ADDRESS = reply(8);

/** The version before has no names, or no way to say that it has: its clients are told no in its own words. */
export const SOCKS4_VERSION = 4;
export const SOCKS4_REFUSED: Buffer = Buffer.from([0, 91, 0, 0, 0, 0, 0, 0]);

const CONNECT = 1;
const IPV4 = 1;
const NAME = 3;
const IPV6 = 4;
const WITHOUT_PASSWORD = 0;

/** Exactly `size` bytes; null when the client ends before. */
async function take(socket: Socket, size: number): Promise<Buffer | null> {
  for (;;) {
    const bytes = size === 0 ? Buffer.alloc(0) : (socket.read(size) as Buffer | null);
    if (bytes !== null) return bytes.length === size ? bytes : null;
    if (socket.readableEnded || socket.destroyed) return null;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of ['readable', 'end', 'close', 'error']) socket.off(event, done);
        resolve();
      };
      for (const event of ['readable', 'end', 'close', 'error']) socket.once(event, done);
    });
  }
}

async function takeHost(socket: Socket, kind: number): Promise<string | null> {
  if (kind === NAME) {
    const length = (await take(socket, 1))?.[0];
    return length ? ((await take(socket, length))?.toString('latin1') ?? null) : null;
  }
  if (kind === IPV4) return (await take(socket, 4))?.join('.') ?? null;
  const bytes = kind === IPV6 ? await take(socket, 16) : null;
  if (bytes === null) return null;
  return Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(2 * group).toString(16)).join(':');
}

/**
 * Where a client of a paused socket wants to go; the socket then holds what comes after the request. Null, with the client
 * told so where the protocol has words for it, when it is nothing that can be done. Who takes longer than `ms` is cut off.
 */
export async function readSocksRequest(socket: Socket, ms: number): Promise<{ host: string; port: number } | null> {
  const timer = setTimeout(() => socket.destroy(), ms);
  try {
    return await readRequest(socket);
  } finally {
    clearTimeout(timer);
  }
}

async function readRequest(socket: Socket): Promise<{ host: string; port: number } | null> {
  const greeting = await take(socket, 2);
  if (greeting?.[0] !== SOCKS_VERSION) return null;
  const methods = await take(socket, greeting[1] ?? 0);
  const isOpen = methods?.includes(WITHOUT_PASSWORD) ?? false;
  socket.write(Buffer.from([SOCKS_VERSION, isOpen ? WITHOUT_PASSWORD : 255]));
  if (!isOpen) return null;
  const head = await take(socket, 4);
  if (head?.[0] !== SOCKS_VERSION) return null;
  if (head[1] !== CONNECT) {
    socket.write(NO_SUCH_COMMAND);
    return null;
  }
  const kind = head[3] ?? 0;
  if (![IPV4, NAME, IPV6].includes(kind)) {
    socket.write(NO_SUCH_ADDRESS);
    return null;
  }
  const host = await takeHost(socket, kind);
  const port = await take(socket, 2);
  return host === null || port === null ? null : { host, port: port.readUInt16BE(0) };
}
