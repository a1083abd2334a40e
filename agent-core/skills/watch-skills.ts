/** Tells when something changes in folders that may hold skills. A hint, never the truth: lists are read from disk. */
import { existsSync, type FSWatcher, watch } from 'node:fs';
import path from 'node:path';

const QUIET_MS = 100;
/** Each takes the system's handles; who has more folders asks for a list with `forceReload`. */
const MOST_WATCHERS = 64;

export type SkillWatch = {
  /** Watches these folders too, existing or not. */
  add(folders: readonly string[]): void;
  close(): void;
};

/** `onChanged` comes once for what happens together. Keeps no process alive. */
export function watchSkills(onChanged: () => void): SkillWatch {
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | null = null;

  const changed = (): void => {
    timer ??= setTimeout(() => {
      timer = null;
      onChanged();
    }, QUIET_MS);
    timer.unref();
  };

  const drop = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };

  /** The folder with all that is in it; where it does not exist, what is missing of it in the nearest one that does. */
  const arm = (folder: string): void => {
    drop(folder);
    if (watchers.size >= MOST_WATCHERS) return;
    const exists = existsSync(folder);
    let at = folder;
    let missing = '';
    while (!existsSync(at)) {
      missing = path.basename(at);
      const parent = path.dirname(at);
      if (parent === at) return;
      at = parent;
    }
    try {
      const watcher = watch(at, { recursive: exists, persistent: false }, (_event, name) => {
        if (!exists && name !== null && name !== missing) return;
        changed();
        // It has come or gone: from here on something else has to be looked at.
        if (!exists || !existsSync(folder)) arm(folder);
      });
      watcher.on('error', () => drop(folder));
      watchers.set(folder, watcher);
    } catch {
      // Too many watchers on this machine, or no right to read: lists are still read from disk.
    }
  };

  return {
    add(folders) {
      for (const folder of folders) if (!watchers.has(folder)) arm(folder);
    },
    close() {
      if (timer) clearTimeout(timer);
      for (const folder of [...watchers.keys()]) drop(folder);
    },
  };
}
