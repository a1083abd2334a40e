/** The snapshots of one workspace root, with those of other repositories in it. */

import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lockThread, type ThreadLock } from '../threads/thread-lock.ts';
import { type Entry, type FileMode, sameEntry } from './entry.ts';
import { type Git, GitError, type GitPlace } from './git.ts';
import type { Over } from './glance.ts';
import { isLarge } from './listing.ts';
import { getBlob } from './loose.ts';
import { storeKey } from './store-files.ts';
import { glanceAt, type TreeMemory, takeTree } from './take.ts';

/** `tree` is git's, of the repository or folder at `root` (absolute, real). */
export type Part = { root: string; tree: string };
export type Snapshot = { parts: Part[]; notCovered: string[] };
/** What one look found: `over` is what differs from `tree`. No checkpoint, as it does not outlast the process. */
export type LookPart = Part & { over: Over };
export type Look = { parts: LookPart[]; notCovered: string[] };

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
  /** The same at less cost, to be compared with others of this process. */
  look(root: string, signal?: AbortSignal): Promise<Look>;
  /** Whether a look at `root` costs much. */
  isLarge(root: string): boolean;
  /** By path, sorted. */
  diff(before: readonly (Part | LookPart)[], after: readonly (Part | LookPart)[]): Promise<Change[]>;
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

  const lookOne = (root: string, how: typeof takeTree, signal: AbortSignal | undefined) =>
    alone(root, async () => {
      // A command removed this repository.
      if (!existsSync(root)) return { tree: EMPTY_TREE, over: new Map(), nested: [], notCovered: [] };
      const options = {
        git,
        place: placeOf(root),
        home,
        includeIgnored: includeIgnored(),
        maxFileSize: maxFileSize(),
        signal,
      };
      const { taken, memory } = await how(options, memories.get(root) ?? null);
      memories.set(root, memory);
      return { ...taken, over: memory.over };
    });

  /** With the repositories in it. */
  const lookAt = async (root: string, how: typeof takeTree, signal: AbortSignal | undefined): Promise<Look> => {
    const parts: LookPart[] = [];
    const notCovered: string[] = [];
    let level = [root];
    for (let depth = 0; level.length > 0; depth++) {
      const next: string[] = [];
      for (const one of level) {
        if (depth > MAX_DEPTH || parts.length > MAX_NESTED) {
          notCovered.push(one);
          continue;
        }
        const { tree, over, nested, notCovered: left } = await lookOne(one, how, signal);
        parts.push({ root: one, tree, over });
        notCovered.push(...left);
        next.push(...nested.map((entry) => path.normalize(entry).replace(/[\\/]$/, '')));
      }
      level = next;
    }
    return { parts, notCovered };
  };

  const take = async (root: string, signal?: AbortSignal): Promise<Snapshot> => {
    const { parts, notCovered } = await lookAt(root, takeTree, signal);
    return { parts: parts.map(({ root: place, tree }) => ({ root: place, tree })), notCovered };
  };

  const diffTrees = async (root: string, before: string, after: string): Promise<Change[]> => {
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

  const diffOne = async (root: string, before: Part | LookPart, after: Part | LookPart): Promise<Change[]> => {
    const overOf = (part: Part | LookPart): Over => ('over' in part ? part.over : new Map());
    const [were, are] = [overOf(before), overOf(after)];
    const changes = new Map<string, Change>();
    for (const change of await diffTrees(root, before.tree, after.tree)) changes.set(change.path, change);
    const names = [...new Set([...were.keys(), ...are.keys()])];
    const isSameTree = before.tree === after.tree;
    // What is in one only is in the tree of the other as it was, or in neither.
    const sideOf = async (part: Part | LookPart, over: Over, other: Over): Promise<Map<string, Entry | null>> => {
      const unknown = names.filter((name) => !over.has(name) && !(isSameTree && other.get(name)?.isOther));
      const found = await entries(
        part,
        unknown.map((name) => path.join(root, name)),
      );
      return new Map([
        ...[...over].map(([name, { entry }]) => [name, entry] as const),
        ...unknown.map((name, at) => [name, found[at] ?? null] as const),
      ]);
    };
    const [was, is] = [await sideOf(before, were, are), await sideOf(after, are, were)];
    for (const name of names) {
      const file = path.join(root, name);
      changes.set(file, { path: file, root, before: was.get(name) ?? null, after: is.get(name) ?? null });
    }
    return [...changes.values()];
  };

  const diff: Stores['diff'] = async (before, after) => {
    const byPath = new Map<string, Change>();
    for (const root of new Set([...before, ...after].map((part) => part.root))) {
      const none: Part = { root, tree: EMPTY_TREE };
      const partOf = (parts: readonly (Part | LookPart)[]) => parts.find((part) => part.root === root) ?? none;
      for (const change of await diffOne(root, partOf(before), partOf(after))) {
        if (sameEntry(change.before, change.after)) continue;
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
      .filter((change) => !sameEntry(change.before, change.after))
      .sort((x, y) => (x.path < y.path ? -1 : 1));
  };

  const readPacked = async (root: string, ids: readonly string[]): Promise<(Buffer | null)[]> => {
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

  const read = async (root: string, ids: readonly string[]): Promise<(Buffer | null)[]> => {
    // What a command wrote lies by itself; only for what was there before git is asked.
    const loose = await Promise.all(ids.map((id) => getBlob(placeOf(root), id)));
    const packed = ids.filter((_, at) => !loose[at]);
    const found = await readPacked(root, packed);
    const byId = new Map(packed.map((id, at) => [id, found[at] ?? null]));
    return ids.map((id, at) => loose[at] ?? byId.get(id) ?? null);
  };

  return {
    take,
    look: (root, signal) => lookAt(root, glanceAt, signal),
    isLarge: (root) => isLarge(placeOf(root)),
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
