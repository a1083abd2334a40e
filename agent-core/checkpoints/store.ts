/** The snapshots of one workspace root, with those of other repositories in it. */

import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lockThread, type ThreadLock } from '../threads/thread-lock.ts';
import type { Entry, FileMode } from './entry.ts';
import { type Git, GitError, type GitPlace } from './git.ts';
import { storeKey } from './store-files.ts';
import { type TreeMemory, takeTree } from './take.ts';

/** `tree` is git's, of the repository or folder at `root` (absolute, real). */
export type Part = { root: string; tree: string };
export type Snapshot = { parts: Part[]; notCovered: string[] };

/** A file that differs between two snapshots; `path` is absolute. */
export type Change = { path: string; root: string; before: Entry | null; after: Entry | null };

export type StoreOptions = {
  git: Git;
  /** Where the stores are. */
  folder: string;
  /** Gantry's own folder, real. */
  home: string;
  now: () => number;
  includeIgnored: () => boolean;
  maxFileSize: () => number;
};

export type Stores = {
  /** What is in `root` now. Throws `GitError`, and when another process is busy with it for long. */
  take(root: string, signal?: AbortSignal): Promise<Snapshot>;
  /** By path, sorted. */
  diff(before: readonly Part[], after: readonly Part[]): Promise<Change[]>;
  /** What is at paths below the part's root; null where nothing is. */
  entries(part: Part, paths: readonly string[]): Promise<(Entry | null)[]>;
  /** The bytes of files; null where they are not there any more. In the order of `ids`. */
  read(root: string, ids: readonly string[]): Promise<(Buffer | null)[]>;
  /** From now on the snapshot is kept, until it is released. */
  keep(id: string, parts: readonly Part[]): Promise<void>;
  placeOf(root: string): GitPlace;
  /** Nobody else, here or in another process, uses the store meanwhile. */
  alone<T>(root: string, use: () => Promise<T>): Promise<T>;
};

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const MAX_DEPTH = 3;
const MAX_NESTED = 40;
const LOCK_WAIT_MS = 20_000;
const LOCK_POLL_MS = 15;

/** Under which the trees of a checkpoint are kept. */
export const refOf = (id: string): string => `refs/checkpoints/${id}`;

function entryOf(mode: string, id: string): Entry | null {
  return mode === '100644' || mode === '100755' || mode === '120000' ? { mode: mode as FileMode, id } : null;
}

export function createStores({ git, folder, home, now, includeIgnored, maxFileSize }: StoreOptions): Stores {
  const queues = new Map<string, Promise<unknown>>();
  const memories = new Map<string, TreeMemory>();
  const placeOf = (root: string): GitPlace => ({ folder: path.join(folder, storeKey(root)), workTree: root });

  const lock = async (root: string): Promise<ThreadLock> => {
    const until = performance.now() + LOCK_WAIT_MS;
    for (;;) {
      const result = lockThread(path.join(folder, 'locks'), storeKey(root), now());
      if (result.ok) return result.lock;
      if (performance.now() > until) {
        throw new GitError(['lock'], `another Gantry (process ${result.owner.pid}) is busy with ${root}`);
      }
      await delay(LOCK_POLL_MS);
    }
  };

  const alone = <T>(root: string, use: () => Promise<T>): Promise<T> => {
    const before = queues.get(root) ?? Promise.resolve();
    const run = async (): Promise<T> => {
      const held = await lock(root);
      try {
        return await use();
      } finally {
        held.release();
      }
    };
    const mine = before.then(run, run);
    queues.set(
      root,
      mine.catch(() => undefined),
    );
    return mine;
  };

  const takeOne = (root: string, signal: AbortSignal | undefined) =>
    alone(root, async () => {
      const options = {
        git,
        place: placeOf(root),
        home,
        includeIgnored: includeIgnored(),
        maxFileSize: maxFileSize(),
        signal,
      };
      const { taken, memory } = await takeTree(options, memories.get(root) ?? null);
      memories.set(root, memory);
      return taken;
    });

  const take = async (root: string, signal?: AbortSignal): Promise<Snapshot> => {
    const parts: Part[] = [];
    const notCovered: string[] = [];
    let level = [root];
    for (let depth = 0; level.length > 0; depth++) {
      const next: string[] = [];
      for (const one of level) {
        if (depth > MAX_DEPTH || parts.length > MAX_NESTED) {
          notCovered.push(one);
          continue;
        }
        const { tree, nested, notCovered: left } = await takeOne(one, signal);
        parts.push({ root: one, tree });
        notCovered.push(...left);
        next.push(...nested.map((entry) => path.normalize(entry).replace(/[\\/]$/, '')));
      }
      level = next;
    }
    return { parts, notCovered };
  };

  const diffOne = async (root: string, before: string, after: string): Promise<Change[]> => {
    if (before === after) return [];
    const out = await git.run(placeOf(root), ['diff-tree', '-r', '-z', '--no-renames', '--raw', before, after]);
    const fields = out.toString('utf8').split('\0');
    const changes: Change[] = [];
    for (let at = 0; at + 1 < fields.length; at += 2) {
      const [oldMode = '', newMode = '', oldId = '', newId = ''] = (fields[at] ?? '').slice(1).split(' ');
      const file = path.join(root, fields[at + 1] ?? '');
      changes.push({ path: file, root, before: entryOf(oldMode, oldId), after: entryOf(newMode, newId) });
    }
    return changes;
  };

  const diff = async (before: readonly Part[], after: readonly Part[]): Promise<Change[]> => {
    const byPath = new Map<string, Change>();
    for (const root of new Set([...before, ...after].map((part) => part.root))) {
      const tree = (parts: readonly Part[]) => parts.find((part) => part.root === root)?.tree ?? EMPTY_TREE;
      for (const change of await diffOne(root, tree(before), tree(after))) {
        // A folder that becomes a repository, or is none any more, goes from one part to another.
        const other = byPath.get(change.path);
        byPath.set(change.path, {
          ...change,
          before: change.before ?? other?.before ?? null,
          after: change.after ?? other?.after ?? null,
        });
      }
    }
    return [...byPath.values()]
      .filter((change) => change.before?.id !== change.after?.id || change.before?.mode !== change.after?.mode)
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  };

  const entries = async ({ root, tree }: Part, paths: readonly string[]): Promise<(Entry | null)[]> => {
    const found = new Map<string, Entry>();
    for (let at = 0; at < paths.length; at += 200) {
      const names = paths.slice(at, at + 200).map((file) => path.relative(root, file).replaceAll(path.sep, '/'));
      const out = await git.run(placeOf(root), [
        '--literal-pathspecs',
        'ls-tree',
        '-z',
        '--full-tree',
        tree,
        '--',
        ...names,
      ]);
      for (const row of out.toString('utf8').split('\0')) {
        const [facts = '', name = ''] = row.split('\t');
        const [mode = '', , id = ''] = facts.split(' ');
        const entry = entryOf(mode, id);
        if (entry) found.set(path.join(root, name), entry);
      }
    }
    return paths.map((file) => found.get(file) ?? null);
  };

  const read = async (root: string, ids: readonly string[]): Promise<(Buffer | null)[]> => {
    if (ids.length === 0) return [];
    const out = await git.run(placeOf(root), ['cat-file', '--batch', '--buffer'], { input: `${ids.join('\n')}\n` });
    const found: (Buffer | null)[] = [];
    for (let at = 0; at < out.length; ) {
      const end = out.indexOf(10, at);
      const size = /^\w+ blob (\d+)$/.exec(out.toString('latin1', at, end))?.[1];
      at = end + 1;
      if (size === undefined) found.push(null);
      else {
        found.push(out.subarray(at, at + Number(size)));
        at += Number(size) + 1;
      }
    }
    return ids.map((_, index) => found[index] ?? null);
  };

  return {
    take,
    diff,
    entries,
    read,
    async keep(id, parts) {
      for (const { root, tree } of parts) await git.run(placeOf(root), ['update-ref', refOf(id), tree]);
    },
    placeOf,
    alone,
  };
}
