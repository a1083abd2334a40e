/** The directory that all commands of one core see as their /tmp, so that one finds what another wrote. */
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const PREFIX = 'gantry-tmp-';
const STALE_MS = 24 * 60 * 60 * 1000;

export type SharedTemp = {
  /** Made when first asked for, and again when it has gone. */
  folder(): string;
  /** Removes it with all that is in it. */
  remove(): void;
};

export function createSharedTemp(parent = tmpdir()): SharedTemp {
  let folder: string | null = null;
  return {
    folder() {
      if (folder === null || !existsSync(folder)) {
        sweep(parent);
        folder = mkdtempSync(path.join(parent, `${PREFIX}${process.pid}-`));
      }
      return folder;
    },
    remove() {
      if (folder !== null) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
      folder = null;
    },
  };
}

/**
 * What killed cores left. The age is looked at too: a process of that number may live in another container that shares
 * the folder.
 */
function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const stale = path.join(parent, name);
    try {
      if (Date.now() - statSync(stale).mtimeMs > STALE_MS) rmSync(stale, { recursive: true, force: true });
    } catch {
      // Another core swept it first, or it is another user's: either way it is not ours to remove.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
