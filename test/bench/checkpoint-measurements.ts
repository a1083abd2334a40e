/** What is measured of commands that write: the files are kept before, and looked through after. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Measurement, SETTLE_MS, withPeer } from './measurement.ts';
import type { World } from './world.ts';

const FILES = 50_000;
const CALLS = 20;
const WRITES = 'date +%N > made.txt';

/** A repository of that many small files, in folders of fifty, all of them committed. */
function fill({ workspace }: World): void {
  for (let folder = 0; folder < FILES / 50; folder++) {
    const place = path.join(workspace, `part-${Math.floor(folder / 20)}`, `folder-${folder}`);
    mkdirSync(place, { recursive: true });
    for (let file = 0; file < 50; file++) {
      writeFileSync(path.join(place, `file-${file}.ts`), `export const value = ${folder * 50 + file};\n`.repeat(20));
    }
  }
  const git = (...args: string[]) => execFileSync('git', args, { cwd: workspace, stdio: 'ignore' });
  git('add', '.');
  git('-c', 'user.name=bench', '-c', 'user.email=bench@localhost', 'commit', '-q', '-m', 'many');
}

const gaps = (arrivals: readonly number[]): number[] =>
  arrivals.slice(1).map((at, i) => at - (arrivals[i] ?? Number.NaN));

export const writes: Measurement = {
  name: 'writes',
  rows: [{ key: 'wall', label: `command that writes, of ${CALLS} in a turn`, unit: 'ms' }],
  rounds: 5,
  sample: (world, program) =>
    withPeer(world, program, async (peer) => {
      await peer.initialize();
      const thread = await world.startThread(peer, 'workspace-write');
      await pause(SETTLE_MS);
      world.plan({ calls: CALLS + 1, command: WRITES });
      await peer.turn(thread, `Write it ${CALLS} times.`);
      return { wall: gaps(world.arrivals).slice(1) };
    }),
};

export const manyFiles: Measurement = {
  name: 'files',
  rows: [
    { key: 'first', label: `first command ever that writes among ${FILES.toLocaleString('en-US')} files`, unit: 'ms' },
    { key: 'turn', label: '— first one of a later turn', unit: 'ms' },
    { key: 'later', label: '— one after another', unit: 'ms' },
  ],
  rounds: 2,
  sample: (world, program) =>
    withPeer(world, program, async (peer) => {
      fill(world);
      await peer.initialize();
      const thread = await world.startThread(peer, 'workspace-write');
      const turn = async (calls: number): Promise<number[]> => {
        world.plan({ calls, command: WRITES });
        await peer.turn(thread, `Write it ${calls} times.`);
        await pause(SETTLE_MS);
        return gaps(world.arrivals);
      };
      const first = await turn(1);
      const [begun = Number.NaN, ...later] = await turn(CALLS);
      return { first, turn: [begun], later };
    }),
};
