// What the parts of the proxy have in common: how they ask for a way out, and two sockets as one.
import type { Socket } from 'node:net';

/** Where a client wants to go, as it said it. */
export type Target = { host: string; port: number; protocol: 'http' | 'https' | 'socks5Tcp' };

/**
 * A connection to where `client` may go, and the one spelling of the host that was checked. Rejects with `Refusal`, or with
 * what the network said.
 */
export type Open = (target: Target, client: Socket) => Promise<{ host: string; socket: Socket }>;

/** Its message is for the client. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** One side has said all: the other has so long to say something. A program that is gone looks the same. */
const HALF_OPEN_MS = 60_000;

/** Copies both ways until both sides have said all; what was said arrives, also when the other side says no more. */
export function join(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.once('end', () => to.setTimeout(HALF_OPEN_MS, () => to.destroy()));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      if (!from.readableEnded) to.destroy();
    });
    from.pipe(to);
  }
}
