/** Old checkpoints go, and stores that nothing refers to any more; what is borrowed of the user's repository is copied. */
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Git } from './git.ts';
import type { CheckpointLine, Records } from './records.ts';
import { refOf, type Stores } from './store.ts';
import { alternatesOf, storeKey } from './store-files.ts';

export type Limits = { maxAgeMs: number; maxTotalBytes: number };

export type CollectOptions = {
  git: Git;
  stores: Stores;
  records: Records;
  folder: string;
  now: number;
  limits: Limits;
};

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const sizes = entries.map(async (entry) =>
    entry.isFile() ? ((await stat(path.join(entry.parentPath, entry.name)).catch(() => null))?.size ?? 0) : 0,
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Roots that have a store, as each says itself. */
async function rootsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const roots = names.map((name) => readFile(path.join(folder, name, 'root'), 'utf8').catch(() => ''));
  const found = (await Promise.all(roots)).map((text) => text.trimEnd());
  return found.filter((root, index) => root !== '' && storeKey(root) === names[index]);
}

/** The checkpoints that are on record, oldest first. */
async function recorded(records: Records): Promise<CheckpointLine[]> {
  const threads = await Promise.all((await records.threads()).map((threadId) => records.read(threadId)));
  const lines = threads.flat().flatMap((line) => (line.type === 'checkpoint' ? [line] : []));
  return lines.sort((a, b) => a.at - b.at);
}

/** Removes what no checkpoint on record needs from the store of `root`. */
async function sweep({ git, stores, records }: CollectOptions, root: string): Promise<void> {
  const place = stores.placeOf(root);
  await stores.alone(root, async () => {
    // Read now, with the store locked: a checkpoint is on record before its objects are referred to.
    const lines = await recorded(records);
    const mine = lines.filter(({ parts }) => parts.some((part) => part.root === root));
    // A repository that a command removed is given back with the workspace that held it.
    const isHeld = mine.some(({ parts }) => parts.some((part) => existsSync(part.root)));
    if (!isHeld) return rm(place.folder, { recursive: true, force: true });
    const kept = new Set(mine.map(({ id }) => refOf(id)));
    const out = await git.run(place, ['for-each-ref', '--format=%(refname)', 'refs/checkpoints']);
    const old = out
      .toString('utf8')
      .split('\n')
      .filter((ref) => ref !== '' && !kept.has(ref));
    if (old.length > 0) {
      const input = old.map((ref) => `delete ${ref}\n`).join('');
      await git.run(place, ['update-ref', '--stdin'], { input });
    }
    // The index counts as in use. What it needs of the user's repository is copied, whose own git may drop it one day.
    await git.run(place, ['repack', '-a', '-d', '-q']);
    await rm(alternatesOf(place), { force: true });
    // What running turns have looked at since is in no index yet.
    await git.run(place, ['prune', '--expire=1.hour.ago']);
  });
}

/** Not to be called twice at a time. Rejects when git or the disk refuses; the next time takes it up again. */
export async function collect(options: CollectOptions): Promise<void> {
  const { records, folder, now, limits } = options;
  let old: CheckpointLine[] = (await recorded(records)).filter(({ at }) => at < now - limits.maxAgeMs);
  for (;;) {
    const ids = new Set(old.map(({ id }) => id));
    for (const threadId of await records.threads()) await records.prune(threadId, ({ id }) => !ids.has(id));
    for (const root of await rootsIn(folder)) await sweep(options, root);
    const left = await recorded(records);
    if (left.length <= 1 || (await sizeOf(folder)) <= limits.maxTotalBytes) return;
    // The older half goes.
    old = left.slice(0, Math.ceil(left.length / 2));
  }
}
