/** Kills a busy core at random points, and holds the next one to everything that the first had told. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { World } from '../core/world.ts';
import type { CoreProcess, Message } from '../support/core-process.ts';
import { BrokenError } from './fuzz.ts';
import { Ledger, type Thread } from './ledger.ts';
import { type Asked, busyModel, Load } from './load.ts';
import { lasting, running } from './processes.ts';
import { Random } from './random.ts';

export type KillReport = { kills: number; threads: number; turns: number; items: number; commands: number };

/** For all that belongs to one kill. */
const PATIENCE_MS = 180_000;

export type KillOptions = {
  seed: number;
  kills: number;
  /** The core is killed when it has said so many things, at most. */
  messages: number;
};

/** What the client of a killed core had got and asked. */
type Killed = { messages: readonly Message[]; asked: readonly Asked[] };

type Shown = { thread: Thread; archived: boolean };

/** Several kills of one home, so that what was killed is gone on with and killed again. Throws when something is lost. */
export async function runKills({ seed, kills, messages }: KillOptions): Promise<KillReport> {
  const random = new Random(seed);
  const marker = `soak-marker-${process.pid}-${seed}`;
  const world = await World.create({ script: busyModel(random.fork(), marker), strict: false });
  const report: KillReport = { kills: 0, threads: 0, turns: 0, items: 0, commands: 0 };
  const ledger = new Ledger();
  try {
    for (; report.kills < kills; report.kills++) {
      const killed = await within(
        kill({ world, random, ledger, marker, report, messages }),
        'What comes before a kill',
      );
      const { problems, ids } = await within(look({ world, ledger, report }), 'What comes after a kill');
      if (problems.length > 0) throw new BrokenError(problems.slice(0, 8).join('\n'), evidence(world, killed, ids));
    }
  } catch (error) {
    await world.close();
    throw error;
  }
  const problems = await world.close();
  if (problems.length > 0) throw new Error(`The core said what does not fit: ${problems.slice(0, 5).join('\n')}`);
  return report;
}

/** All that is known of these threads: what was asked and told, in its order, and their files. */
function evidence(world: World, { messages, asked }: Killed, ids: readonly string[]): Buffer[] {
  const isAbout = (text: string) => ids.some((id) => text.includes(id));
  const lines = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).filter(isAbout);
  const files = readdirSync(world.home, { recursive: true })
    .map(String)
    .filter((name) => isAbout(name));
  const texts = files
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => [`// ${name}`, readFileSync(path.join(world.home, name), 'utf8')]);
  const said = ['// asked', ...lines(asked), '// told', ...lines(messages), ...texts];
  return said.map((text) => Buffer.from(text));
}

/** A core, of a client that declines what it is asked. */
async function startCore(world: World): Promise<CoreProcess> {
  const core = await world.core({}, { TMPDIR: tmpdir() });
  core.onRequest = () => ({ result: { decision: 'decline' } });
  return core;
}

/** A hang is told by nothing else. */
async function within<T>(work: Promise<T>, what: string): Promise<T> {
  const timer = new AbortController();
  const late = pause(PATIENCE_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`${what} takes longer than ${PATIENCE_MS / 1000} s.`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}

async function kill(about: {
  world: World;
  random: Random;
  ledger: Ledger;
  marker: string;
  report: KillReport;
  messages: number;
}): Promise<Killed> {
  const { world, random, ledger, marker, report, messages } = about;
  const core = await startCore(world);
  const load = new Load(core, random.fork(), world.workspace, ledger.living(), ledger.archived());
  const stopped = load.run();
  const count = 20 + random.int(messages);
  await core.waitForMessage(() => core.messages.length >= count);
  // Else it would always be just after it has said something.
  await pause(random.int(20));
  const isCommand = (_: number, command: string) => command.includes(marker);
  report.commands += [...running()].filter(([pid, command]) => isCommand(pid, command)).length;
  await core.kill('SIGKILL');
  await stopped;
  const left = await lasting(isCommand);
  if (left.length > 0) throw new Error(`Commands of the killed core run on: ${left.join('; ')}`);
  ledger.enter(core.messages, load.asked);
  return { messages: core.messages, asked: load.asked };
}

type Looked = { problems: string[]; ids: string[] };

async function look({ world, ledger, report }: { world: World; ledger: Ledger; report: KillReport }): Promise<Looked> {
  const core = await startCore(world);
  const listed = await listAll(core);
  const problems: string[] = [];
  const ids: string[] = [];
  for (const id of new Set([...listed.keys(), ...ledger.threads.keys()])) {
    const answer = await core.requestRaw('thread/read', { threadId: id, includeTurns: true });
    if (answer.error && listed.has(id)) problems.push(`${id} is listed, and cannot be read: ${answer.error.message}`);
    const { thread } = (answer.result ?? { thread: null }) as { thread: Thread | null };
    const shown: Shown | null = thread && { thread, archived: isArchived(thread) };
    // A thread to which nothing was said yet is in no list.
    if (thread && !listed.has(id) && thread.turns.length > 0) problems.push(`${id} can be read, and is not listed`);
    problems.push(...ledger.problems(id, shown));
    const row = listed.get(id);
    if (row && shown && row.archived !== shown.archived) problems.push(`${id} is in the wrong list`);
    if (problems.length > 0 && ids.length === 0) ids.push(id);
    ledger.settle(id, shown);
    report.threads += thread ? 1 : 0;
    report.turns += thread?.turns.length ?? 0;
    report.items += thread?.turns.reduce((sum, { items }) => sum + items.length, 0) ?? 0;
  }
  const said = core.notifications('warning').map(({ message }) => message);
  problems.push(...said.filter((message) => !/last line|torn|cut off/.test(message)));
  await core.stop();
  // The files are the truth, so an index made anew must say the same.
  for (const name of readdirSync(world.home)) if (name.includes('.sqlite')) rmSync(path.join(world.home, name));
  const anew = await startCore(world);
  const relisted = await listAll(anew);
  for (const id of new Set([...listed.keys(), ...relisted.keys()])) {
    const [was, is] = [JSON.stringify(listed.get(id)), JSON.stringify(relisted.get(id))];
    if (was !== is) problems.push(`the index says ${was}, and the files ${is}`);
  }
  problems.push(...(await goOn(anew, ledger, listed)));
  await anew.stop();
  return { problems, ids };
}

/** A thread whose turns were all taken back is in no list, but has a place. */
const isArchived = ({ path: file }: Thread): boolean =>
  (file ?? '').includes(`${path.sep}archived_sessions${path.sep}`);

/** A thread that survived takes another turn. */
async function goOn(core: CoreProcess, ledger: Ledger, listed: Map<string, Row>): Promise<string[]> {
  const id = ledger.living().find((one) => listed.get(one)?.archived === false);
  if (id === undefined) return [];
  await core.request('thread/resume', { threadId: id });
  const { status, error } = await core.turn(id, 'go on');
  ledger.enter(core.messages, []);
  return status === 'completed' ? [] : [`${id} does not go on: ${status} ${JSON.stringify(error)}`];
}

type Row = { archived: boolean; [key: string]: unknown };

async function listAll(core: CoreProcess): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>();
  for (const archived of [false, true]) {
    for (let cursor: string | null = null; ; ) {
      const page: { data: { id: string }[]; nextCursor?: string | null | undefined } = await core.request(
        'thread/list',
        {
          archived,
          cursor,
          limit: 100,
        },
      );
      for (const thread of page.data) rows.set(thread.id, { ...thread, status: null, archived });
      cursor = page.nextCursor ?? null;
      if (cursor === null) break;
    }
  }
  return rows;
}
