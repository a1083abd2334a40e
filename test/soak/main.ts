/** The soak as a program; `npm run soak -- --help` says what it takes. `.ci/soak.mjs` builds walls around it. */
import { mkdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { allClientRequests } from '../../agent-core/protocol/index.ts';
import { BrokenError, type EpochOptions, type EpochReport, type Kind, runEpoch } from './fuzz.ts';
import { type KillReport, runKills } from './kill.ts';
import type { Declared } from './traffic.ts';

const HELP = `npm run soak                     all of it: 1,000,000 lines and 300 kills
npm run soak -- --short          what \`npm test\` runs
npm run soak -- --lines N --kills N
npm run soak -- --seed N         repeats what that seed chose
npm run soak -- --only 17        only this epoch (or round of kills) of the seed's`;

const SHORT = { lines: 20_000, kills: 25, epoch: 4_000, messages: 300 };
const FULL = { lines: 1_000_000, kills: 300, epoch: 20_000, messages: 1000 };
/** Rounds of kills that share a home. */
const KILLS_PER_HOME = 5;

/** In turn; the first are over stdio, which is what the editor uses. */
const TURNS: readonly { kind: Kind; gate: Declared }[] = [
  { kind: 'stdio', gate: 'plain' },
  { kind: 'stdio', gate: 'gantry' },
  { kind: 'ws', gate: 'experimentalApi' },
  { kind: 'stdio', gate: 'experimentalApi' },
  { kind: 'http', gate: 'plain' },
];

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    lines: { type: 'string' },
    kills: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    root: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const number = (text: string | undefined, otherwise: number): number => {
  const given = text === undefined ? otherwise : Number(text);
  if (!Number.isSafeInteger(given) || given < 0) throw new Error(`${text} is no whole number.`);
  return given;
};

/** Whether the kernel keeps all that is started here from writing anywhere but below `root`. */
function isConfined(root: string): boolean {
  try {
    writeFileSync(path.join(root, 'probe'), '');
    unlinkSync(path.join(root, 'probe'));
  } catch (error) {
    throw new Error(`The folder for the soak cannot be written: ${String(error)}`);
  }
  const probe = path.join(import.meta.dirname, `.probe-${process.pid}`);
  try {
    writeFileSync(probe, '');
    unlinkSync(probe);
    return false;
  } catch {
    return true;
  }
}

async function main(): Promise<void> {
  if (values.help) return console.log(HELP);
  const root = values.root ?? '';
  const size = values.short ? SHORT : FULL;
  const seed = number(values.seed, Date.now() % 1_000_000_000);
  const only = values.only === undefined ? null : number(values.only, 0);
  const confined = isConfined(root);
  console.log(
    `Seed ${seed}${values.short ? ', short' : ''}: ${confined ? 'confined' : 'not confined, so only what is harmless'}.`,
  );

  let current: EpochOptions | null = null;
  const report = (error: unknown): void => {
    console.error(error instanceof Error ? error.message : error);
    if (error instanceof BrokenError) {
      const text = error.lines.map((line) => line.toString('utf8')).join('\n');
      writeFileSync(path.join(root, 'failure.jsonl'), `${text}\n`);
    }
    const again = values.short ? '--short ' : '';
    const epoch = current ? ` --only ${current.seed - seed}` : '';
    console.error(`To repeat: npm run soak -- ${again}--seed ${seed}${epoch}`);
    process.exit(1);
  };
  // A line that does not fit the published schema is thrown where it is read.
  process.on('uncaughtException', report);
  try {
    const lines = number(values.lines, size.lines);
    const began = Date.now();
    const total: EpochReport = { lines: 0, answers: 0, refused: 0, reached: new Set(), memory: 0 };
    for (let index = 0; index * size.epoch < lines; index++) {
      if (only !== null && only !== index) continue;
      const folder = path.join(root, `fuzz-${index}`);
      // A path with one letter changed may have made it already.
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      const turn = TURNS[index % TURNS.length] as (typeof TURNS)[number];
      current = {
        ...turn,
        seed: seed + index,
        lines: Math.min(size.epoch, lines - index * size.epoch),
        root: folder,
        confined,
      };
      const done = await runEpoch(current);
      add(total, done);
      console.log(`fuzz ${index}: ${turn.kind}, ${turn.gate}: ${told(done)}; ${seconds(began)} s so far`);
      rmSync(folder, { recursive: true, force: true });
    }
    current = null;
    console.log(`Fuzzer: ${told(total)} in ${seconds(began)} s.`);
    const unreached = Object.keys(allClientRequests).filter((method) => !total.reached.has(method));
    if (total.lines > 0) console.log(`Only refused: ${unreached.join(', ')}.`);

    const kills = only === null ? number(values.kills, size.kills) : 0;
    const killsBegan = Date.now();
    const sum: KillReport = { kills: 0, threads: 0, turns: 0, items: 0, commands: 0 };
    for (let round = 0; sum.kills < kills; round++) {
      const count = Math.min(KILLS_PER_HOME, kills - sum.kills);
      const done = await runKills({ seed: seed + round, kills: count, messages: size.messages });
      for (const key of Object.keys(sum) as (keyof KillReport)[]) sum[key] += done[key];
      console.log(`kills: ${JSON.stringify(sum)}; ${seconds(killsBegan)} s so far`);
    }
    console.log(
      `Kill test: ${sum.kills} kills; ${sum.items} completed items, ${sum.turns} completed turns, ${sum.threads} threads and ${sum.commands} running commands looked at, nothing lost, in ${seconds(killsBegan)} s.`,
    );
  } catch (error) {
    report(error);
  }
}

function add(total: EpochReport, done: EpochReport): void {
  total.lines += done.lines;
  total.answers += done.answers;
  total.refused += done.refused;
  total.memory = Math.max(total.memory, done.memory);
  for (const method of done.reached) total.reached.add(method);
}

function told({ lines, answers, refused, reached, memory }: EpochReport): string {
  const answered = `${answers} answers (${answers - refused} results of ${reached.size} methods)`;
  return `${lines} lines, ${answered}, ${Math.round(memory)} MB at most`;
}

const seconds = (since: number) => Math.round((Date.now() - since) / 1000);

await main();
