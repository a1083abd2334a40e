/** What came of the runs, kept file by file, so that what was done is not done again. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';

/** `broken`: nothing can be said of the agent, since it could not work (no key, no network, a defect of these scripts). */
const outcome = z.enum(['passed', 'failed', 'time', 'rounds', 'broken']);
export type Outcome = z.infer<typeof outcome>;

const count = z.nullable(z.number());

export const runResult = z.object({
  contestant: z.string(),
  task: z.string(),
  /** From 1. */
  run: z.number(),
  outcome,
  problems: z.array(z.string()),
  seconds: z.number(),
  rounds: count,
  tokens: z.nullable(z.object({ input: z.number(), cached: z.number(), output: z.number() })),
  costUsd: count,
  malformedCalls: count,
  failedEdits: count,
});
export type RunResult = z.infer<typeof runResult>;

export type RunKey = Pick<RunResult, 'contestant' | 'task' | 'run'>;

const folderOf = (out: string, { contestant, task, run }: RunKey): string =>
  path.join(out, 'runs', contestant, task, String(run));

/** A finished run of an earlier start; null when there is none, or it was broken and is worth another try. */
export function readResult(out: string, key: RunKey): RunResult | null {
  try {
    const parsed = runResult.safeParse(JSON.parse(readFileSync(path.join(folderOf(out, key), 'result.json'), 'utf8')));
    return parsed.success && parsed.data.outcome !== 'broken' ? parsed.data : null;
  } catch {
    return null;
  }
}

/** An empty folder for a run. */
export function freshFolder(out: string, key: RunKey): string {
  const folder = folderOf(out, key);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

export function writeResult(out: string, result: RunResult): void {
  const file = path.join(folderOf(out, result), 'result.json');
  writeFileSync(`${file}.new`, `${JSON.stringify(result, null, 1)}\n`);
  renameSync(`${file}.new`, file);
}
