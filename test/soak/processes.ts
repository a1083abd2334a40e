/** What the kernel knows of processes. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Resident memory in MB; 0 when the process is gone. */
export function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;
}

/** The command lines of running processes, by id; without those that are only waiting to be buried. */
export function running(): Map<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const state = /^State:\s+(\S)/m.exec(read(`/proc/${name}/status`))?.[1];
    if (state === undefined || state === 'Z' || state === 'X') continue;
    found.set(Number(name), read(`/proc/${name}/cmdline`).replaceAll('\u0000', ' ').trim());
  }
  return found;
}

/** The processes of this process namespace that are neither this one nor its first, once they had time to end. */
export function leftProcesses(): Promise<string[]> {
  return lasting((pid) => pid !== 1 && pid !== process.pid);
}

/** The processes that `isMeant`, if they do not end by themselves within ten seconds. */
export async function lasting(isMeant: (pid: number, command: string) => boolean): Promise<string[]> {
  const until = Date.now() + 10_000;
  for (;;) {
    const left = [...running()].filter(([pid, command]) => isMeant(pid, command));
    if (left.length === 0 || Date.now() > until) return left.map(([pid, command]) => `${pid} ${command.slice(0, 200)}`);
    await pause(20);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
