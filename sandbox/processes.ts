// Ending what a command started where no helper does it: without a sandbox, and on macOS and Windows.
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** In the environment of every command that runs without a helper, to find what it left behind (Linux). */
export const RUN_MARK = 'SANDBOX_RUN_ID';

/**
 * Kills the process group of `pid`, its descendants, and on Linux whatever else carries the mark. Resolves when none of
 * them can be seen any more. Never rejects.
 */
export async function endTree(pid: number, mark: string): Promise<void> {
  if (process.platform === 'win32') {
    const killer = spawn('taskkill', ['/PID', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
    await new Promise<void>((resolve) => killer.once('close', () => resolve()).once('error', () => resolve()));
    return;
  }
  // A process in the middle of an exec shows no environment, so one look that finds nothing is not enough.
  for (let clean = 0, round = 0; clean < 2 && round < 400; round++) {
    clean = killRound(pid, mark) ? 0 : clean + 1;
    if (clean < 2) await setTimeout(5);
  }
}

function killRound(pid: number, mark: string): boolean {
  const family = process.platform === 'linux' ? linuxFamily(pid, mark) : descendants(pid, psTable());
  const group = killOne(-pid);
  for (const one of family) killOne(one);
  return group || family.length > 0;
}

function killOne(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false; // gone already, or not ours
  }
}

function linuxFamily(pid: number, mark: string): number[] {
  const parents = new Map<number, number>();
  const marked: number[] = [];
  for (const name of readdirSync('/proc')) {
    const one = Number(name);
    if (!Number.isInteger(one) || one === process.pid) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      parents.set(one, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
      if (readFileSync(`/proc/${name}/environ`, 'latin1').includes(`${RUN_MARK}=${mark}\0`)) marked.push(one);
    } catch {
      // It ended, or belongs to someone else.
    }
  }
  return [...descendants(pid, parents), ...marked];
}

function psTable(): Map<number, number> {
  try {
    const text = execFileSync('/bin/ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8', timeout: 5000 });
    return new Map(
      text
        .trim()
        .split('\n')
        .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]),
    );
  } catch {
    return new Map();
  }
}

/** Everything below `pid` in a table of parents. */
export function descendants(pid: number, parents: ReadonlyMap<number, number>): number[] {
  const found = new Set<number>([pid]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const [child, parent] of parents) if (found.has(parent)) found.add(child);
  }
  found.delete(pid);
  return [...found];
}
