/** What processes take, each with everything below it, as the kernel tells it (Linux). */
import { readdirSync, readFileSync } from 'node:fs';
import { uptime } from 'node:os';

export type ProcessUse = {
  /** Of one CPU, since the process was started. */
  cpuPercent: number;
  rssKb: number;
};

/** Times in /proc are in hundredths of a second, sizes in pages. */
const TICKS = 100;
const PAGE_KB = 4;

type Row = { parent: number; ticks: number; startedAt: number; rssKb: number };

/** By process id; those that are gone, and all where there is no /proc, are missing. */
export function readUse(pids: readonly number[]): Map<number, ProcessUse> {
  const rows = pids.length > 0 && process.platform === 'linux' ? readRows() : new Map<number, Row>();
  const children = new Map<number, number[]>();
  for (const [pid, { parent }] of rows) children.set(parent, [...(children.get(parent) ?? []), pid]);
  const found = new Map<number, ProcessUse>();
  for (const pid of pids) {
    const root = rows.get(pid);
    if (!root) continue;
    let ticks = 0;
    let rssKb = 0;
    const left = [pid];
    for (let one = left.pop(); one !== undefined; one = left.pop()) {
      ticks += rows.get(one)?.ticks ?? 0;
      rssKb += rows.get(one)?.rssKb ?? 0;
      left.push(...(children.get(one) ?? []));
    }
    const seconds = Math.max(1 / TICKS, uptime() - root.startedAt / TICKS);
    found.set(pid, { cpuPercent: Math.round((ticks / TICKS / seconds) * 1000) / 10, rssKb });
  }
  return found;
}

function readRows(): Map<number, Row> {
  const rows = new Map<number, Row>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      // The name in parentheses may hold anything; from the state on there are only numbers.
      const fields = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      const [, parent = 0, , , , , , , , , , user = 0, system = 0] = fields;
      rows.set(Number(name), {
        parent,
        ticks: user + system,
        startedAt: fields[19] ?? 0,
        rssKb: (fields[21] ?? 0) * PAGE_KB,
      });
    } catch {
      // It has ended meanwhile.
    }
  }
  return rows;
}
