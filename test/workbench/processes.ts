/** What runs on this machine, by /proc. */
import { readdirSync, readFileSync } from 'node:fs';

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // It ended in the meantime, or is not ours to look into.
  }
};

const argumentsOf = (pid: string): string[] => read(`/proc/${pid}/cmdline`).split('\0');
const pids = (): string[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

/** Ids of the processes that run exactly this: `running('sleep', '5')`. */
export function running(...command: string[]): number[] {
  const wanted = [...command, ''].join('\0');
  return pids()
    .filter((pid) => argumentsOf(pid).join('\0') === wanted)
    .map(Number);
}

/** Id of the agent's core that the editor with this home has started. */
export function coreOf(home: string): number | undefined {
  const found = pids().find(
    (pid) =>
      argumentsOf(pid).includes('app-server') &&
      read(`/proc/${pid}/environ`).split('\0').includes(`GANTRY_HOME=${home}/.gantry`),
  );
  return found === undefined ? undefined : Number(found);
}

/** Id of the process that started this one, which must be running. */
export const parentOf = (pid: number): number => Number(/^PPid:\s*(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1]);
