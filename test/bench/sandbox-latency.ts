/** What the sandbox adds to one command, without an agent around it. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { detect, type SandboxReport, spawnSandboxed, workspaceWrite } from '../../sandbox/index.ts';

const ROUNDS = 100;
const COMMAND = ['/bin/bash', '-c', 'true'] as const;

export type SandboxRow = { key: string; label: string; values: number[] };

function plainly(cwd: string, env: Record<string, string>): Promise<void> {
  const [program, ...args] = COMMAND;
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  child.stdout.resume();
  child.stderr.resume();
  return new Promise((resolve, reject) => {
    child.once('close', () => resolve());
    child.once('error', reject);
  });
}

/** Interleaved wall times of the same command, in milliseconds. Levels that this machine does not have are left out. */
export async function measureSandbox(root: string): Promise<SandboxRow[]> {
  const cwd = path.join(root, 'sandboxed');
  const home = path.join(root, 'sandbox-home');
  const temp = path.join(root, 'sandbox-temp');
  for (const folder of [cwd, home, temp]) mkdirSync(folder, { recursive: true });
  const env = { PATH: process.env.PATH ?? '', HOME: home };
  const policy = workspaceWrite({ roots: [cwd], home, tempFrom: temp });
  const confined = async (report: SandboxReport): Promise<void> => {
    const child = spawnSandboxed({ argv: COMMAND, cwd, env, policy, report });
    child.stdout?.resume();
    child.stderr?.resume();
    const { failure } = await child.exited;
    if (failure) throw new Error(failure);
  };

  const reports = [await detect(), await detect({ forceLevel: 'landlock' })];
  const [best, landlock] = reports;
  const ways: { key: string; label: string; run: () => Promise<void> }[] = [
    { key: 'plain', label: 'no sandbox', run: () => plainly(cwd, env) },
  ];
  if (best && best.level !== 'none')
    ways.push({ key: best.level, label: `level \`${best.level}\``, run: () => confined(best) });
  if (landlock && landlock.level === 'landlock' && best?.level !== 'landlock')
    ways.push({ key: 'landlock', label: 'level `landlock`', run: () => confined(landlock) });

  const rows = ways.map(({ key, label }): SandboxRow => ({ key, label, values: [] }));
  for (let round = -5; round < ROUNDS; round++) {
    for (const [i, { run }] of ways.entries()) {
      const since = performance.now();
      await run();
      if (round >= 0) rows[i]?.values.push(performance.now() - since);
    }
  }
  return rows;
}
