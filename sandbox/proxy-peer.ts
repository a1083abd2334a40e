// Whose process is at the other end of a connection of this machine's.
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/** As /proc/net/tcp writes an address: the bytes of each word in the machine's own order. */
function inHex(address: string, port: number): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return `${bytes.reverse().join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
}

type Ends = { from: readonly [address: string, port: number]; to: readonly [address: string, port: number] };

/**
 * The user whose socket this table lists at one end of a connection; null when it lists none. Both ends count: a port is
 * used again towards another address, also by another user.
 */
export function ownerOf(table: string, { from, to }: Ends): number | null {
  const at = table.indexOf(` ${inHex(...from)} ${inHex(...to)} `);
  if (at < 0) return null;
  // After the addresses: state, queues, timer, retransmissions, user.
  const uid = table
    .slice(at, at + 200)
    .trim()
    .split(/\s+/)[6];
  return uid === undefined ? null : Number(uid);
}

/** The kernel may leave a row out while others come and go. */
const TRIES = 3;

/**
 * Tells whether a client over IPv4 belongs to this user. Linux alone can say; who cannot be found is nobody of ours. What
 * many ask at once is read once: the table of a busy machine is long.
 */
export function createPeerCheck(
  read: () => Promise<string> = () => readFile('/proc/net/tcp', 'latin1'),
): (client: Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>) => Promise<boolean> {
  let before: Promise<unknown> = Promise.resolve();
  let next: Promise<string> | null = null;
  /** As it is after this call. */
  const table = (): Promise<string> => {
    next ??= before.then(() => {
      next = null;
      const reading = read();
      before = reading.catch(() => {});
      return reading;
    });
    return next;
  };
  return async ({ remoteAddress, remotePort, localAddress, localPort }) => {
    if (!remoteAddress || !remotePort || !localAddress || !localPort) return false;
    const ends: Ends = { from: [remoteAddress, remotePort], to: [localAddress, localPort] };
    for (let tries = 0; tries < TRIES; tries++) {
      const owner = await table().then(
        (text) => ownerOf(text, ends),
        () => null,
      );
      if (owner !== null) return owner === process.getuid?.();
    }
    return false;
  };
}
