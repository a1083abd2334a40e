/** What a process and everything that it started has used so far, from Linux's /proc. */
import { readdirSync, readFileSync } from 'node:fs';

export type Usage = {
  /** User and system time of the tree, children that have ended and were waited for included. */
  cpuMs: number;
  /** Resident memory of the processes that live, shared pages counted in each. */
  rssMb: number;
};

/** Linux reports times to user space in hundredths of a second, on every architecture. */
const MS_PER_TICK = 10;
const PAGE_SIZE = 4096;

type Stat = { pid: number; parent: number; ownMs: number; waitedMs: number; rssMb: number };

/** Null for a process that has gone. */
function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function statOf(pid: number): Stat | null {
  const text = read(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The name before it, in brackets, may hold anything.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const at = (i: number): number => fields[i] ?? 0;
  return {
    pid,
    parent: at(1),
    ownMs: (at(11) + at(12)) * MS_PER_TICK,
    waitedMs: (at(13) + at(14)) * MS_PER_TICK,
    rssMb: (at(21) * PAGE_SIZE) / 1e6,
  };
}

/** Nanosecond accounting of the threads that live; 0 where the kernel has none. */
function threadMs(pid: number): number {
  const tasks = list(`/proc/${pid}/task`);
  return (
    tasks.reduce((sum, task) => sum + Number(read(`/proc/${pid}/task/${task}/schedstat`)?.split(' ')[0] ?? 0), 0) / 1e6
  );
}

/** Null where there is no /proc, and when the process has gone. */
export function usageOf(root: number): Usage | null {
  const all = list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? []);
  const tree = all.filter(({ pid }) => pid === root);
  if (tree.length === 0) return null;
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid));
  return {
    // Ticks are cut off, so the finer account is the better one, but it does not know of threads that have ended.
    cpuMs: tree.reduce((sum, { pid, ownMs, waitedMs }) => sum + Math.max(ownMs, threadMs(pid)) + waitedMs, 0),
    rssMb: tree.reduce((sum, { rssMb }) => sum + rssMb, 0),
  };
}
