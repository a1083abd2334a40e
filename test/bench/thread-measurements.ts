/** What is measured of threads on disk: many of them, and long ones. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { known, type Measurement, SETTLE_MS, timed, withPeer } from './measurement.ts';
import type { Peer, PeerProgram } from './peer.ts';
import type { World } from './world.ts';

const RESUMED_TURNS = 20;
const RESUMED_ITEMS = 2000;
const THREADS = 10_000;
const LONG_TURNS = 1000;
const LONG_ITEMS = 100_000;

const named = (count: number): string => count.toLocaleString('en-US');

/** A thread of that many items, written by the program itself; a turn is a message of the user's and the model's. */
async function writeThread(world: World, program: PeerProgram, turns: number, items: number): Promise<string> {
  world.plan({ parts: items / turns - 1 });
  const writer = world.spawn(program);
  await writer.initialize();
  const threadId = await world.startThread(writer, 'workspace-write');
  for (let i = 0; i < turns; i++) await writer.turn(threadId, 'Tell me more.');
  await writer.stop();
  return threadId;
}

type ResumedThread = { thread: { turns: { items: unknown[] }[] } };
type Page = { data: { items?: unknown[] }[] };

export const resume: Measurement = {
  name: 'resume',
  rows: [
    { key: 'wall', label: `\`thread/resume\` of ${named(RESUMED_ITEMS)} items`, unit: 'ms' },
    { key: 'cpu', label: '— CPU', unit: 'ms' },
    { key: 'items', label: '— items in the answer', unit: 'count' },
  ],
  rounds: 3,
  async sample(world, program) {
    const threadId = await writeThread(world, program, RESUMED_TURNS, RESUMED_ITEMS);
    const sample = { wall: [] as number[], cpu: [] as number[], items: [] as number[] };
    for (let i = 0; i < 3; i++) {
      await withPeer(world, program, async (peer) => {
        await peer.initialize();
        await pause(SETTLE_MS);
        let answer: unknown;
        const { wall, cpu } = await timed(peer, async () => {
          answer = await peer.request('thread/resume', { threadId });
        });
        sample.wall.push(wall);
        sample.cpu.push(...known(cpu));
        sample.items.push((answer as ResumedThread).thread.turns.flatMap(({ items }) => items).length);
        return sample;
      });
    }
    return sample;
  },
};

/** The one recorded file of a home, and where it lies. */
function recording(home: string): { folder: string; name: string; text: string } {
  const sessions = path.join(home, 'sessions');
  const file =
    readdirSync(sessions, { recursive: true })
      .map(String)
      .find((name) => name.endsWith('.jsonl')) ?? '';
  const full = path.join(sessions, file);
  return { folder: path.dirname(full), name: path.basename(full), text: readFileSync(full, 'utf8') };
}

/** As many threads as are wanted, each the recorded one under an id of its own. */
function multiply(world: World, program: PeerProgram, threadId: string, count: number): void {
  const { folder, name, text } = recording(world.homeOf(program));
  mkdirSync(folder, { recursive: true });
  for (let i = 1; i < count; i++) {
    const id = `${threadId.slice(0, 24)}${i.toString(16).padStart(12, '0')}`;
    writeFileSync(path.join(folder, name.replace(threadId, id)), text.replaceAll(threadId, id));
  }
}

/** Repeats the one turn of the recorded thread, each time under an id of its own: to hold so many would take hours. */
function lengthen(world: World, program: PeerProgram, turns: number): void {
  const { folder, name, text } = recording(world.homeOf(program));
  const turnId = /"turn_?[iI]d":"([^"]+)"/.exec(text)?.[1] ?? '';
  const lines = text.trimEnd().split('\n');
  const first = lines.findIndex((line) => line.includes(turnId));
  const block = lines.slice(first).join('\n');
  const idOf = (turn: number) => `${turnId.slice(0, 24)}${turn.toString(16).padStart(12, '0')}`;
  const blocks = Array.from({ length: turns }, (_, turn) => block.replaceAll(turnId, idOf(turn)));
  writeFileSync(path.join(folder, name), `${[...lines.slice(0, first), ...blocks].join('\n')}\n`);
}

export const list: Measurement = {
  name: 'list',
  rows: [
    { key: 'first', label: `\`thread/list\`, the first of a process, of ${named(THREADS)} threads`, unit: 'ms' },
    { key: 'wall', label: '— a later one', unit: 'ms' },
    { key: 'threads', label: '— threads on its page', unit: 'count' },
    { key: 'search', label: '`thread/search` of them for a word that none holds', unit: 'ms' },
  ],
  rounds: 1,
  async sample(world, program) {
    const threadId = await writeThread(world, program, 1, 2);
    multiply(world, program, threadId, THREADS);
    const ask = (peer: Peer) => peer.request('thread/list', { limit: 50, sortKey: 'updated_at' });
    // Whatever a server makes of new files is made once.
    await withPeer(world, program, async (peer) => {
      await peer.initialize();
      await ask(peer);
      await pause(20 * SETTLE_MS);
      return {};
    });
    const sample = { first: [] as number[], wall: [] as number[], threads: [] as number[], search: [] as number[] };
    const search = (peer: Peer) => peer.request('thread/search', { searchTerm: 'hippopotamus' });
    for (let i = 0; i < 5; i++) {
      await withPeer(world, program, async (peer) => {
        await peer.initialize();
        await pause(SETTLE_MS);
        sample.first.push((await timed(peer, () => ask(peer))).wall);
        let page: unknown;
        for (let n = 0; n < 5; n++) {
          const { wall } = await timed(peer, async () => {
            page = await ask(peer);
          });
          sample.wall.push(wall);
        }
        sample.threads.push((page as Page).data.length);
        if (i > 0) sample.search.push((await timed(peer, () => search(peer))).wall);
        else await search(peer);
        return sample;
      });
    }
    return sample;
  },
};

export const long: Measurement = {
  name: 'long',
  rows: [
    { key: 'turns', label: `first page of turns of ${named(LONG_ITEMS)} items, in a new process`, unit: 'ms' },
    { key: 'turnsAgain', label: '— again', unit: 'ms' },
    { key: 'items', label: `first page of its items, in a new process`, unit: 'ms' },
    { key: 'itemsAgain', label: '— again', unit: 'ms' },
    { key: 'resume', label: '`thread/resume` of it without turns', unit: 'ms' },
    { key: 'count', label: '— items on the first page', unit: 'count' },
  ],
  rounds: 1,
  async sample(world, program) {
    const threadId = await writeThread(world, program, 1, LONG_ITEMS / LONG_TURNS);
    lengthen(world, program, LONG_TURNS);
    const sample: Record<string, number[]> = {};
    const add = (key: string, value: number): void => {
      sample[key] = [...(sample[key] ?? []), value];
    };
    const turns = (peer: Peer) => peer.request('thread/turns/list', { threadId, limit: 10 });
    const items = (peer: Peer) => peer.request('thread/items/list', { threadId, limit: 100, sortDirection: 'desc' });
    const fresh = (use: (peer: Peer) => Promise<void>): Promise<unknown> =>
      withPeer(world, program, async (peer) => {
        await peer.initialize();
        await pause(SETTLE_MS);
        await use(peer);
        return {};
      });
    for (let i = 0; i < 3; i++) {
      await fresh(async (peer) => {
        add('turns', (await timed(peer, () => turns(peer))).wall);
        add('turnsAgain', (await timed(peer, () => turns(peer))).wall);
      });
      await fresh(async (peer) => {
        let page: unknown;
        const { wall } = await timed(peer, async () => {
          page = await items(peer);
        });
        add('items', wall);
        add('itemsAgain', (await timed(peer, () => items(peer))).wall);
        add('count', (page as Page).data.length);
      });
      await fresh(async (peer) => {
        const ask = () => peer.request('thread/resume', { threadId, excludeTurns: true });
        add('resume', (await timed(peer, ask)).wall);
      });
    }
    return sample;
  },
};
