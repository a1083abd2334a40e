/** What is measured of an app server. Each sample is a fresh process, so that servers can take turns. */
import { setTimeout as pause } from 'node:timers/promises';
import { manyFiles, writes } from './checkpoint-measurements.ts';
import { known, type Measurement, type Row, type Sample, SETTLE_MS, timed, withPeer } from './measurement.ts';
import { median } from './statistics.ts';
import { list, long, resume } from './thread-measurements.ts';

const TURNS = 10;
const CALLS = 50;
const MANY_CALLS = 200;

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

export const measurements: readonly Measurement[] = [start, turn, calls, writes, manyFiles, memory, resume, list, long];
