/** Hears of changes of the user's configuration, whoever makes them and however: in place, by a rename, through a link. */
import { type StatsListener, unwatchFile, watchFile } from 'node:fs';

export type ConfigWatch = { close(): void };

/** How often files are looked at. Looking survives what watching does not: links, folders to come, network disks. */
const INTERVAL_MS = 1_000;

/** `onChange` is called after any of the files, which need not exist, has become another. Keeps no process alive. */
export function watchConfig(files: readonly string[], onChange: () => void): ConfigWatch {
  const listener: StatsListener = (now, before) => {
    const isSame = now.mtimeMs === before.mtimeMs && now.size === before.size && now.ino === before.ino;
    if (!isSame) onChange();
  };
  const unique = [...new Set(files)];
  for (const file of unique) watchFile(file, { interval: INTERVAL_MS, persistent: false }, listener);
  return {
    close() {
      for (const file of unique) unwatchFile(file, listener);
    },
  };
}
