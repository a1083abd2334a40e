/** `npm run bench`: measures, prints a Markdown table, and writes every value to a file. `.ci/bench.mjs` starts it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { installCodex } from './codex.ts';
import type { Measurement, Sample } from './measurement.ts';
import { measurements } from './measurements.ts';
import type { PeerProgram } from './peer.ts';
import { measureReview } from './review-latency.ts';
import { measureSandbox } from './sandbox-latency.ts';
import { ratio, summarize } from './statistics.ts';
import {
  type ResultRow,
  reviewTable,
  type SandboxResult,
  sandboxTable,
  serverTable,
  type TabledResult,
} from './table.ts';
import { World } from './world.ts';

/** What is measured without an app server. */
const OTHERS = ['sandbox', 'review'];

const HELP = `npm run bench                     everything, beside codex
npm run bench -- start calls      only these: ${[...measurements.map(({ name }) => name), ...OTHERS].join(', ')}
npm run bench -- --no-codex       ours alone`;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function findPrograms(
  dist: string,
  wantsCodex: boolean,
): Promise<{ programs: PeerProgram[]; codex: string | null }> {
  const gantry: PeerProgram = {
    name: 'gantry',
    argv: [process.execPath, path.join(dist, 'gantry.js'), 'app-server'],
    homeVariable: 'GANTRY_HOME',
  };
  if (!wantsCodex) return { programs: [gantry], codex: null };
  try {
    const { program, version } = await installCodex();
    const codex: PeerProgram = { name: 'codex', argv: [program, 'app-server'], homeVariable: 'CODEX_HOME' };
    return { programs: [gantry, codex], codex: version };
  } catch (error) {
    say(`Without codex: ${error instanceof Error ? error.message : error}.`);
    return { programs: [gantry], codex: null };
  }
}

async function run(measurement: Measurement, programs: readonly PeerProgram[]): Promise<ResultRow[]> {
  const { name, rounds, rows } = measurement;
  const values = new Map(programs.map((program): [string, Sample] => [program.name, {}]));
  const broken = new Set<PeerProgram>();
  for (let round = 0; round < rounds; round++) {
    say(`${name} ${round + 1}/${rounds}`);
    // Who goes first changes, so that neither always follows the other.
    for (const program of round % 2 ? programs.toReversed() : programs) {
      if (broken.has(program)) continue;
      const world = await World.create();
      try {
        const sample = await measurement.sample(world, program);
        const all = values.get(program.name);
        for (const [key, more] of Object.entries(sample)) if (all) all[key] = [...(all[key] ?? []), ...more];
      } catch (error) {
        broken.add(program);
        say(`${name} could not be measured of ${program.name}: ${error instanceof Error ? error.message : error}`);
      } finally {
        await world.close();
      }
    }
  }
  return rows.map((row) => {
    const of = (program: PeerProgram['name']) => values.get(program)?.[row.key] ?? [];
    const [gantry, codex] = [summarize(of('gantry')), summarize(of('codex'))];
    const samples = { gantry: of('gantry'), codex: of('codex') };
    return { measurement: name, ...row, gantry, codex, ratio: ratio(gantry, codex), samples };
  });
}

async function runSandbox(codex: string | null): Promise<TabledResult[]> {
  say('sandbox');
  const world = await World.create();
  try {
    const rows = await measureSandbox(world.root, codex);
    return rows.map(({ table, key, label, values }) => ({
      table,
      key,
      label,
      summary: summarize(values),
      samples: values,
    }));
  } catch (error) {
    say(`The sandbox could not be measured: ${error instanceof Error ? error.message : error}`);
    return [];
  } finally {
    await world.close();
  }
}

function runReview(): SandboxResult[] {
  say('review');
  return measureReview().map(({ key, label, values }) => ({ key, label, summary: summarize(values), samples: values }));
}

async function main(): Promise<void> {
  const [dist = '', output = '', ...args] = process.argv.slice(2);
  const names = args.filter((arg) => arg !== '--no-codex');
  const unknown = names.filter((name) => !OTHERS.includes(name) && !measurements.some((one) => one.name === name));
  if (unknown.length > 0) {
    say(`There is no measurement '${unknown[0]}'.\n\n${HELP}`);
    process.exitCode = 1;
    return;
  }
  const wanted = (name: string): boolean => names.length === 0 || names.includes(name);
  const chosen = measurements.filter(({ name }) => wanted(name));
  const { programs, codex } = await findPrograms(dist, !args.includes('--no-codex'));
  // First, as starting a process takes longer from one that has grown.
  const sandbox = wanted('sandbox')
    ? await runSandbox(programs.find(({ name }) => name === 'codex')?.argv[0] ?? null)
    : [];
  const rows: ResultRow[] = [];
  for (const measurement of chosen) rows.push(...(await run(measurement, programs)));
  const review = wanted('review') ? runReview() : [];
  const machine = `${availableParallelism()} cores, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
  mkdirSync(path.dirname(output), { recursive: true });
  writeFileSync(output, `${JSON.stringify({ machine, codex, rows, sandbox, review }, null, 1)}\n`);
  const tables = [
    rows.length ? serverTable(rows, codex) : '',
    sandbox.length ? sandboxTable(sandbox) : '',
    review.length ? reviewTable(review) : '',
  ];
  const load = loadavg()[0]?.toFixed(1);
  console.log(`${machine}; load at the end ${load}; median (best)\n\n${tables.filter(Boolean).join('\n\n')}`);
}

await main();
