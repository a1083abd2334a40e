/** One run of one task by one agent: a fresh workspace, the agent, its limits, and the check afterwards. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Agent, Launch, Measured, Setting } from './agent.ts';
import { checkTask } from './check-task.ts';
import type { Outcome, RunResult } from './results.ts';
import type { Task } from './task.ts';
import { Work } from './work.ts';
import { makeWorkspace } from './workspace.ts';

/** One column of the comparison. */
export type Contestant = {
  /** Unique, and fit to be a folder's name. */
  label: string;
  agent: Agent;
  /** The program with its first arguments. */
  program: readonly string[];
  setting: Setting;
};

export type RunOptions = {
  task: Task;
  contestant: Contestant;
  run: number;
  /** Empty, and kept: the agent's home, what it printed, what it changed. */
  folder: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
};

const LOOK_MS = 500;
const GRACE_MS = 4_000;
/** More than this of an agent's words is not kept. */
const MOST_OUTPUT = 64 * 1024 * 1024;

type Ended = { stdout: string; stderr: string; code: number | null; stopped: 'time' | 'rounds' | 'interrupted' | null };

/** Throws only when the workspace cannot be made or `signal` aborts. */
export async function runTask(options: RunOptions): Promise<RunResult> {
  const { task, contestant, run, folder, env, signal } = options;
  // Not below the folder of results: nothing that lies around a workspace should tell of where it is.
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'gantry-eval-')));
  try {
    const workspace = path.join(root, 'project');
    const home = path.join(folder, 'home');
    mkdirSync(home, { recursive: true });
    const before = makeWorkspace(task, workspace);
    const launch: Launch = { setting: contestant.setting, folder: workspace, home, prompt: task.prompt, env };
    const begun = Date.now();
    const ended = await runAgent(launch, contestant, task, signal);
    const seconds = Math.round((Date.now() - begun) / 100) / 10;
    signal.throwIfAborted();
    writeFileSync(path.join(folder, 'stdout.jsonl'), ended.stdout);
    writeFileSync(path.join(folder, 'stderr.txt'), ended.stderr);
    const measured = contestant.agent.measure({ stdout: ended.stdout, launch });
    const work = new Work(workspace, before, measured.answer);
    const wrong = await checkTask(task, work);
    const { outcome, problems } = judge(ended, measured, wrong, task);
    const { answer: _, failure: __, ...counts } = measured;
    return { contestant: contestant.label, task: task.name, run, outcome, problems, seconds, ...counts };
  } finally {
    rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** When nothing can be said of the agent, because something else broke. */
export function brokenResult({ contestant, task, run }: RunOptions, error: unknown): RunResult {
  return {
    contestant: contestant.label,
    task: task.name,
    run,
    outcome: 'broken',
    problems: [error instanceof Error ? error.message : String(error)],
    seconds: 0,
    rounds: null,
    tokens: null,
    costUsd: null,
    malformedCalls: null,
    failedEdits: null,
  };
}

function judge(
  { code, stderr, stopped }: Ended,
  { failure, rounds }: Measured,
  wrong: string[],
  { limits }: Task,
): { outcome: Outcome; problems: string[] } {
  if (stopped === 'time') return { outcome: 'time', problems: [`stopped after ${limits.minutes} minutes`, ...wrong] };
  if (stopped === 'rounds' || (rounds ?? 0) > limits.rounds)
    return { outcome: 'rounds', problems: [`more than ${limits.rounds} rounds`, ...wrong] };
  if (failure !== null) return { outcome: 'broken', problems: [failure] };
  if (code !== 0) {
    const last = stderr.trim().split('\n').at(-1);
    return { outcome: 'broken', problems: [`it ended with exit code ${code}${last ? `: ${last}` : ''}`] };
  }
  return { outcome: wrong.length === 0 ? 'passed' : 'failed', problems: wrong };
}

function runAgent(launch: Launch, { agent, program }: Contestant, task: Task, signal: AbortSignal): Promise<Ended> {
  const { args, env } = agent.command(launch);
  const [file = '', ...first] = program;
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...first, ...args], {
      cwd: launch.folder,
      env,
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    let stopped: Ended['stopped'] = null;
    let force: NodeJS.Timeout | undefined;
    const stop = (why: NonNullable<Ended['stopped']>): void => {
      if (stopped) return;
      stopped = why;
      end(child, 'SIGTERM');
      force = setTimeout(() => end(child, 'SIGKILL'), GRACE_MS);
    };
    const interrupt = (): void => stop('interrupted');
    const limit = setTimeout(() => stop('time'), task.limits.minutes * 60_000);
    const look = setInterval(() => {
      const { rounds } = agent.measure({ stdout, launch });
      if ((rounds ?? 0) > task.limits.rounds) stop('rounds');
    }, LOOK_MS);
    signal.addEventListener('abort', interrupt, { once: true });
    if (signal.aborted) interrupt();
    const settle = (): void => {
      clearTimeout(limit);
      clearTimeout(force);
      clearInterval(look);
      signal.removeEventListener('abort', interrupt);
      // What it left running in its group must not go on in a workspace that is being checked.
      end(child, 'SIGKILL');
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < MOST_OUTPUT) stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < MOST_OUTPUT) stderr += text;
    });
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    // Its streams may be held open by what it left behind; that ends with `settle`.
    child.once('exit', settle);
    child.once('close', (code) => resolve({ stdout, stderr, code, stopped }));
  });
}

function end(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(name);
    else process.kill(-child.pid, name);
  } catch {
    // It is gone already.
  }
}
