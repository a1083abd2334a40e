/** Hears of changes to one file, or to the direct entries of one folder; what is not there yet is waited for. */
import { existsSync, type FSWatcher, statSync, watch } from 'node:fs';
import path from 'node:path';

/** One save is several events of the system. */
const GATHER_MS = 50;

export type PathWatch = { close(): void };

function isFolder(file: string): boolean {
  try {
    return statSync(file).isDirectory();
  } catch {
    return false;
  }
}

/** The folder itself, or the nearest one above it that is there. */
function nearestFolder(file: string): string {
  let at = file;
  while (!isFolder(at) && path.dirname(at) !== at) at = path.dirname(at);
  return at;
}

/**
 * Calls `onChange` with absolute paths, each named once per batch, until closed. A file is watched by its folder, so
 * that it is still seen after an editor has replaced it. Throws the system's error when nothing can be watched.
 */
export function watchPath(target: string, onChange: (paths: string[]) => void): PathWatch {
  let watcher: FSWatcher | null = null;
  let timer: NodeJS.Timeout | null = null;
  let isClosed = false;
  let isThere = existsSync(target);
  const changed = new Set<string>();

  const flush = () => {
    timer = null;
    const paths = [...changed];
    changed.clear();
    if (paths.length > 0) onChange(paths);
  };
  const report = (file: string) => {
    changed.add(file);
    timer ??= setTimeout(flush, GATHER_MS);
  };

  const arm = () => {
    watcher?.close();
    const folder = nearestFolder(target);
    const next = path.relative(folder, target).split(path.sep)[0] ?? '';
    watcher = watch(folder, (_event, name) => {
      if (isClosed) return;
      if (next === '') report(name === null ? target : path.join(target, name));
      else if (name !== null && name !== next) return;
      else if (path.join(folder, next) === target) report(target);
      // What is watched went away, or a step nearer to the target appeared.
      if (nearestFolder(target) !== folder) rearm();
    });
    watcher.on('error', () => rearm());
    // Made while nobody watched it.
    if (nearestFolder(target) !== folder) arm();
  };
  const rearm = () => {
    if (isClosed) return;
    const wasThere = isThere;
    try {
      arm();
    } catch {
      // Nothing above it can be watched any more; there is nobody to tell but the one who closes it.
    }
    isThere = existsSync(target);
    if (isThere || wasThere) report(target);
  };

  arm();
  return {
    close() {
      isClosed = true;
      watcher?.close();
      if (timer) clearTimeout(timer);
    },
  };
}
