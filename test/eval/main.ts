/** `npm run eval`: `.ci/eval.mjs` builds Gantry and starts this as `main.ts <gantry.js> <folder for results> [arguments]`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, platform } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { type EvalOptions, HELP, parseEvalArguments } from './arguments.ts';
import { findContestants, installedAgents } from './contestants.ts';
import { markdown, plainTable, taskRows, totalRows, totalsOf, troubles } from './report.ts';
import { freshFolder, type RunKey, type RunResult, readResult, writeResult } from './results.ts';
import { brokenResult, type Contestant, runTask } from './run-task.ts';
import type { Task } from './task.ts';
import { tasks } from './tasks/index.ts';

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** What npm and test runners say about themselves, which the agents' own commands must not hear. */
const PASSED_ON = /^(npm_|NODE_TEST_|NODE_OPTIONS$|INIT_CWD$)/;

type Plan = { out: string; options: EvalOptions; contestants: Contestant[]; chosen: Task[] };

const planFile = z.object({ provider: z.string(), model: z.string() });

/** A folder that has results of another model must not get more. Null: it may be used. */
function otherModel(out: string, { provider, model }: EvalOptions): string | null {
  const file = path.join(out, 'eval.json');
  if (!existsSync(file)) return null;
  const parsed = planFile.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  const isSame = parsed.success && parsed.data.provider === provider && parsed.data.model === model;
  return isSame ? null : `${out} has results of another model: name another folder with --out.`;
}

async function runAll(plan: Plan, signal: AbortSignal): Promise<RunResult[]> {
  const { out, options, contestants, chosen } = plan;
  // Task by task, so that all contestants meet the same moods of a provider.
  const wanted = Array.from({ length: options.runs }, (_, index) => index + 1).flatMap((run) =>
    chosen.flatMap((task) => contestants.map((contestant) => ({ task, contestant, run }))),
  );
  const results: (RunResult | undefined)[] = [];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !PASSED_ON.test(name)));
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < wanted.length && !signal.aborted) {
      const index = next++;
      const one = wanted[index];
      if (!one) return;
      const key: RunKey = { contestant: one.contestant.label, task: one.task.name, run: one.run };
      const kept = readResult(out, key);
      const given = { ...one, env, signal };
      const result = kept ?? (await attempt({ ...given, folder: freshFolder(out, key) }));
      if (!result) return;
      results[index] = result;
      if (!kept) writeResult(out, result);
      const done = results.filter((found) => found !== undefined).length;
      say(
        `${done}/${wanted.length} ${key.contestant} ${key.task}: ${kept ? `${result.outcome} (kept)` : describe(result)}`,
      );
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, work));
  return results.filter((result) => result !== undefined);
}

const describe = ({ outcome, seconds, problems }: RunResult): string =>
  `${outcome} in ${seconds.toFixed(1)} s${problems.length > 0 ? ` – ${problems[0]}` : ''}`;

/** Null when it was interrupted. One run that breaks is told, and the others go on. */
async function attempt(options: Parameters<typeof runTask>[0]): Promise<RunResult | null> {
  try {
    return await runTask(options);
  } catch (error) {
    return options.signal.aborted ? null : brokenResult(options, error);
  }
}

function report({ out, options, contestants }: Plan, results: RunResult[]): void {
  const labels = contestants.map(({ label }) => label);
  const { provider, model } = options;
  const title = `${model} (${provider})`;
  const machine = `${new Date().toISOString().slice(0, 10)}, ${platform()} ${arch()}, ${availableParallelism()} cores, Node ${process.versions.node}`;
  const totals = labels.map((label) => totalsOf(label, results));
  const json = { provider, model, machine, totals, results };
  writeFileSync(path.join(out, 'eval.json'), `${JSON.stringify(json, null, 1)}\n`);
  writeFileSync(path.join(out, 'eval.md'), markdown({ title, machine, contestants: labels, results }));
  for (const label of labels) print(`\n${label}\n${plainTable(taskRows(label, results))}`);
  const failed = troubles(results);
  if (failed.length > 0) print(`\nNot passed:\n${failed.map((one) => `  ${one}`).join('\n')}`);
  print(`\n${plainTable(totalRows(totals))}`);
  print(`\nIn full: ${path.join(out, 'eval.md')}, eval.json and runs/ beside it.`);
}

/** The exit code. */
async function main(): Promise<number> {
  const [cli = '', folder = '', ...args] = process.argv.slice(2);
  const cwd = process.env.INIT_CWD ?? process.cwd();
  const parsed = parseEvalArguments(
    args,
    tasks.map(({ name }) => name),
    installedAgents(process.env),
  );
  if (parsed.type === 'help') {
    print(HELP);
    return 0;
  }
  if (parsed.type === 'list') {
    print(
      plainTable(
        [['task', 'measures'], ...tasks.map(({ name, measures }) => [name, measures])].map(([a = '', b = '']) => [
          `${a.padEnd(24)}${b}`,
        ]),
      ),
    );
    return 0;
  }
  if (parsed.type === 'problem') {
    say(`${parsed.problem} See npm run eval -- --help.`);
    return 2;
  }
  const { options } = parsed;
  const found = findContestants(options, cli, process.env, cwd);
  const stamp = new Date().toISOString().slice(0, 19).replace(/[:T]/g, '-');
  const out = options.out
    ? path.resolve(cwd, options.out)
    : path.join(folder, `${options.model.replace(/[^\w.-]+/g, '-')}-${stamp}`);
  const problem = found.ok ? otherModel(out, options) : found.problem;
  if (!found.ok || problem) {
    say(problem ?? '');
    return 2;
  }
  mkdirSync(out, { recursive: true });
  const chosen = tasks.filter(({ name }) => options.tasks.length === 0 || options.tasks.includes(name));
  const plan: Plan = { out, options, contestants: found.contestants, chosen };
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => controller.abort());
  const results = await runAll(plan, controller.signal);
  report(plan, results);
  if (controller.signal.aborted) {
    say(`Interrupted. To go on: the same command with --out ${out}`);
    return 130;
  }
  if (results.some(({ outcome }) => outcome === 'broken')) return 3;
  return results.every(({ outcome }) => outcome === 'passed') ? 0 : 1;
}

process.exitCode = await main();
