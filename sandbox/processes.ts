// Ending what a command started where no helper does it: without a sandbox, and on macOS and Windows.
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** In the environment of every command that runs without a helper, to find what it left behind (Linux). */
export const RUN_MARK = 'SANDBOX_RUN_ID';

/**
 * Kills the process group of `pid`, its descendants, and on Linux whatever else carries the mark. `since`: the seconds
 * that the system had been up when `pid` was started, or less; what is older is none of its own. Resolves when none of
 * them can be seen any more. Never rejects.
 */
export async function endTree(pid: number, mark: string, since = 0): Promise<void> {
  if (process.platform === 'win32') {
    const killer = spawn('taskkill', ['/PID', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
    await new Promise<void>((resolve) => killer.once('close', () => resolve()).once('error', () => resolve()));
    return;
  }
  for (let clean = 0, round = 0; clean < 2 && round < 400; round++) {
    const { hasKilled, isSure } = killRound(pid, mark, since);
    if (hasKilled) clean = 0;
    else clean += isSure ? 2 : 1;
    if (clean < 2) await setTimeout(5);
  }
}

/** `isSure`: what was not seen is not there; else one look that finds nothing is not enough. */
type Look = { family: number[]; isSure: boolean };

function killRound(pid: number, mark: string, since: number): { hasKilled: boolean; isSure: boolean } {
  const { family, isSure } =
    process.platform === 'linux'
      ? linuxFamily(pid, mark, since)
      : { family: descendants(pid, psTable()), isSure: false };
  const group = killOne(-pid);
  for (const one of family) killOne(one);
  // A group is there as long as one of its dead has not been buried, which an idle init may never do.
  return { hasKilled: family.length > 0 || (group && process.platform !== 'linux'), isSure };
}

function killOne(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false; // gone already, or not ours
  }
}

/** Times in /proc are in hundredths of a second. */
const TICKS = 100;

function linuxFamily(pid: number, mark: string, since: number): Look {
  const parents = new Map<number, number>();
  const marked: number[] = []; // or in its group
  let isSure = true;
  for (const name of readdirSync('/proc')) {
    const one = Number(name);
    if (!Number.isInteger(one) || one === process.pid) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // The environment is what costs, and on a busy machine nearly everything is older than the command.
      if (Number(fields[19]) / TICKS < since || fields[0] === 'Z') continue;
      parents.set(one, Number(fields[1]));
      if (Number(fields[2]) === pid) marked.push(one);
      const environment = readFileSync(`/proc/${name}/environ`, 'latin1');
      if (environment.includes(`${RUN_MARK}=${mark}\0`)) marked.push(one);
      // In the middle of an exec there is none.
      else if (environment === '') isSure = false;
    } catch (error) {
      // One that ended since the list was made may have started another; one that belongs to someone else has not.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EACCES' && code !== 'EPERM') isSure = false;
    }
  }
  return { family: [...descendants(pid, parents), ...marked], isSure };
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
