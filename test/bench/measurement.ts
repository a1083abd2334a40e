/** What a measurement is, and what all of them do. */
import type { Peer, PeerProgram } from './peer.ts';
import type { Unit } from './statistics.ts';
import type { World } from './world.ts';

export type Row = { key: string; label: string; unit: Unit };
/** Values by the key of a row; what cannot be had is left out. */
export type Sample = Record<string, number[]>;

export type Measurement = {
  name: string;
  rows: readonly Row[];
  rounds: number;
  sample(world: World, program: PeerProgram): Promise<Sample>;
};

/** Work that a server does by itself after an answer is not the next measurement's. */
export const SETTLE_MS = 300;
export const known = (value: number | undefined): number[] =>
  value === undefined || Number.isNaN(value) ? [] : [value];

export async function withPeer(
  world: World,
  program: PeerProgram,
  use: (peer: Peer) => Promise<Sample>,
): Promise<Sample> {
  const peer = world.spawn(program);
  try {
    return await use(peer);
  } finally {
    await peer.stop();
  }
}

/** Wall and CPU time of some work, in milliseconds. */
export async function timed(
  peer: Peer,
  work: () => Promise<unknown>,
): Promise<{ wall: number; cpu: number | undefined }> {
  const before = peer.usage();
  const since = performance.now();
  await work();
  const wall = performance.now() - since;
  const after = peer.usage();
  return { wall, cpu: before && after ? after.cpuMs - before.cpuMs : undefined };
}
