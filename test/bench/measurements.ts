/** What is measured of an app server. Each sample is a fresh process, so that servers can take turns. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Peer, PeerProgram } from './peer.ts';
import { median, type Unit } from './statistics.ts';
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
const SETTLE_MS = 300;
const TURNS = 10;
const CALLS = 50;
const MANY_CALLS = 200;
const RESUMED_TURNS = 20;
const RESUMED_ITEMS = 2000;

const known = (value: number | undefined): number[] => (value === undefined || Number.isNaN(value) ? [] : [value]);

async function withPeer(world: World, program: PeerProgram, use: (peer: Peer) => Promise<Sample>): Promise<Sample> {
  const peer = world.spawn(program);
  try {
    return await use(peer);
  } finally {
    await peer.stop();
  }
}

/** Wall and CPU time of some work, in milliseconds. */
async function timed(peer: Peer, work: () => Promise<unknown>): Promise<{ wall: number; cpu: number | undefined }> {
  const before = peer.usage();
  const since = performance.now();
  await work();
  const wall = performance.now() - since;
  const after = peer.usage();
  return { wall, cpu: before && after ? after.cpuMs - before.cpuMs : undefined };
}

/** Times from each request to the model to the next: a command, what is told of it, and the request. */
const gaps = (arrivals: readonly number[]): number[] =>
  arrivals.slice(1).map((at, i) => at - (arrivals[i] ?? Number.NaN));

const start: Measurement = {
  name: 'start',
  rows: [
    { key: 'wall', label: 'spawn → `initialize` answered', unit: 'ms' },
    { key: 'cpu', label: '— CPU', unit: 'ms' },
  ],
  rounds: 15,
  async sample(world, program) {
    const since = performance.now();
    return withPeer(world, program, async (peer) => {
      await peer.initialize();
      const wall = performance.now() - since;
      return { wall: [wall], cpu: known(peer.usage()?.cpuMs) };
    });
  },
};

const turn: Measurement = {
  name: 'turn',
  rows: [
    { key: 'first', label: 'first text turn of a process', unit: 'ms' },
    { key: 'wall', label: 'later text turn', unit: 'ms' },
    { key: 'cpu', label: '— CPU', unit: 'ms' },
    { key: 'bytes', label: 'first request to the model', unit: 'bytes' },
    { key: 'tools', label: '— tools in it', unit: 'count' },
  ],
  rounds: 7,
  sample: (world, program) =>
    withPeer(world, program, async (peer) => {
      world.plan();
      await peer.initialize();
      const thread = await world.startThread(peer, 'workspace-write');
      await pause(SETTLE_MS);
      const first = await timed(peer, () => peer.turn(thread, 'Hello.'));
      const body = world.model.requests[0]?.body;
      await pause(SETTLE_MS);
      const walls: number[] = [];
      const later = await timed(peer, async () => {
        for (let i = 0; i < TURNS; i++) walls.push((await timed(peer, () => peer.turn(thread, 'And again.'))).wall);
      });
      return {
        first: [first.wall],
        wall: walls,
        cpu: known(later.cpu && later.cpu / TURNS),
        bytes: [Buffer.byteLength(JSON.stringify(body))],
        tools: [body?.tools?.length ?? 0],
      };
    }),
};

const MODES = [
  { key: 'open', sandbox: 'danger-full-access', label: `command without a sandbox, of ${CALLS} in a turn` },
  { key: 'closed', sandbox: 'workspace-write', label: `command in the sandbox, of ${CALLS} in a turn` },
] as const;

const calls: Measurement = {
  name: 'calls',
  rows: MODES.flatMap(({ key, label }): Row[] => [
    { key, label, unit: 'ms' },
    { key: `${key}Cpu`, label: '— CPU', unit: 'ms' },
  ]),
  rounds: 5,
  sample: (world, program) =>
    withPeer(world, program, async (peer) => {
      await peer.initialize();
      const sample: Sample = {};
      for (const { key, sandbox } of MODES) {
        world.plan({ calls: 1 });
        const thread = await world.startThread(peer, sandbox);
        await peer.turn(thread, 'Run true once.');
        await pause(SETTLE_MS);
        world.plan({ calls: CALLS });
        const { cpu } = await timed(peer, () => peer.turn(thread, `Run true ${CALLS} times.`));
        sample[key] = gaps(world.arrivals);
        sample[`${key}Cpu`] = known(cpu && cpu / CALLS);
      }
      return sample;
    }),
};

const memory: Measurement = {
  name: 'memory',
  rows: [
    { key: 'idle', label: 'memory after `initialize`', unit: 'MB' },
    { key: 'turns', label: 'memory after 5 text turns', unit: 'MB' },
    { key: 'calls', label: `memory after ${MANY_CALLS} commands in one turn`, unit: 'MB' },
    { key: 'growth', label: '— its last 20 commands ÷ its first 20, wall', unit: 'count' },
  ],
  rounds: 3,
  sample: (world, program) =>
    withPeer(world, program, async (peer) => {
      const resident = async (): Promise<number[]> => {
        await pause(SETTLE_MS);
        return known(peer.usage()?.rssMb);
      };
      world.plan();
      await peer.initialize();
      const idle = await resident();
      const thread = await world.startThread(peer, 'workspace-write');
      for (let i = 0; i < 5; i++) await peer.turn(thread, 'Hello.');
      const turns = await resident();
      world.plan({ calls: MANY_CALLS });
      await peer.turn(thread, `Run true ${MANY_CALLS} times.`);
      const times = gaps(world.arrivals);
      const growth = median(times.slice(-20)) / median(times.slice(0, 20));
      return { idle, turns, calls: await resident(), growth: [growth] };
    }),
};

type ResumedThread = { thread: { turns: { items: unknown[] }[] } };

const resume: Measurement = {
  name: 'resume',
  rows: [
    { key: 'wall', label: `\`thread/resume\` of ${RESUMED_ITEMS.toLocaleString('en-US')} items`, unit: 'ms' },
    { key: 'cpu', label: '— CPU', unit: 'ms' },
    { key: 'items', label: '— items in the answer', unit: 'count' },
  ],
  rounds: 3,
  async sample(world, program) {
    // A turn is a message of the user's and the model's messages.
    world.plan({ parts: RESUMED_ITEMS / RESUMED_TURNS - 1 });
    const writer = world.spawn(program);
    await writer.initialize();
    const threadId = await world.startThread(writer, 'workspace-write');
    for (let i = 0; i < RESUMED_TURNS; i++) await writer.turn(threadId, 'Tell me more.');
    await writer.stop();
    const sample: Sample = { wall: [], cpu: [], items: [] };
    for (let i = 0; i < 3; i++) {
      await withPeer(world, program, async (peer) => {
        await peer.initialize();
        await pause(SETTLE_MS);
        let answer: unknown;
        const { wall, cpu } = await timed(peer, async () => {
          answer = await peer.request('thread/resume', { threadId });
        });
        sample.wall?.push(wall);
        sample.cpu?.push(...known(cpu));
        sample.items?.push((answer as ResumedThread).thread.turns.flatMap(({ items }) => items).length);
        return sample;
      });
    }
    return sample;
  },
};

export const measurements: readonly Measurement[] = [start, turn, calls, memory, resume];
