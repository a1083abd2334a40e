// Whose process is at the other end of a connection of this machine's.
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

/** As /proc/net/tcp writes an address: the bytes of each word in the machine's own order. */
function inHex(address: string, port: number): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return `${bytes.reverse().join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
}

/** The user whose socket this table lists at an address; null when it lists none. */
export function ownerOf(table: string, address: string, port: number): number | null {
  const local = inHex(address, port);
  for (const line of table.split('\n')) {
    const [, at, , , , , , uid] = line.trim().split(/\s+/);
    if (at === local && uid !== undefined) return Number(uid);
  }
  return null;
}

/** Whether a client over IPv4 belongs to this user. Linux alone can say; who cannot be found is nobody of ours. */
export function isOwnPeer({ remoteAddress, remotePort }: Socket): boolean {
  if (remoteAddress === undefined || remotePort === undefined) return false;
  try {
    return ownerOf(readFileSync('/proc/net/tcp', 'utf8'), remoteAddress, remotePort) === process.getuid?.();
  } catch {
    return false;
  }
}
