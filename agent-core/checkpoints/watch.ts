/**
 * What happens to the files of one turn: a checkpoint before the first thing that may change them, what the core writes
 * itself, and what commands make of them.
 */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { realish } from '../execution/real-paths.ts';
import type { CommandRunner, FsResult, RunningCommand, WorkspaceFs } from '../ports.ts';
import { madeByCommand, type Span } from './attribution.ts';
import { blobId, type Entry, readDisk, sameEntry } from './entry.ts';
import { hasOurClock } from './own-clock.ts';
import type { TurnCheckpoints } from './port.ts';
import type { Change, Look, Snapshot, Stores } from './store.ts';

export type WatchOptions = {
  stores: Stores;
  /** Real, and in no other. */
  roots: readonly string[];
  maxFileSize: number;
  /** Puts the checkpoint on record. */
  begun(snapshot: Snapshot): Promise<void>;
  /** Puts on record what the agent made of files. */
  left(files: { path: string; before: Entry | null; after: Entry | null }[]): Promise<void>;
  /** What a command changed, for those who look; not called for nothing. */
  onChanged(itemId: string | null, changes: Change[]): Promise<void>;
  /** Told to the user, each text once. */
  notice(message: string): void;
  /** Whether an earlier turn still looks through these files. */
  isBusy(): boolean;
  /** The turn no longer waits for this look. */
  tooSlow(look: Promise<unknown>): void;
  now(): number;
};

/** The longest that a turn waits for its checkpoint, and for what its last command did. */
const FIRST_WAIT_MS = 30_000;
const END_WAIT_MS = 10_000;
/**
 * Before each command of a turn there is a look, but where it takes long and the last ended less than so many times that ago:
 * what the user saved in between, and the command changed as well, is then taken for the command's.
 */
const SLOW_MS = 250;
const YOUNG = 5;

const SLOW = `The files here could not be looked through within ${FIRST_WAIT_MS / 1000} seconds: this turn has no checkpoint, and what its commands change is not listed. [checkpoints] in config.toml tells what to leave out.`;

const unsaved = (was: Entry | null | undefined, text: string): Entry => ({
  mode: was?.mode ?? '100644',
  id: blobId(Buffer.from(text)),
});

/** When what is at a path became what it is; of what is gone, its folder. */
function changedAt(file: string): number | null {
  for (let at = file; ; at = path.dirname(at)) {
    const info = lstatSync(at, { throwIfNoEntry: false });
    if (info) return info.ctimeMs;
    if (path.dirname(at) === at) return null;
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function unlessAborted(work: Promise<boolean>, signal: AbortSignal | undefined): Promise<boolean> {
  if (!signal) return work;
  if (signal.aborted) return false;
  let stop = () => {};
  const aborted = new Promise<false>((resolve) => {
    stop = () => resolve(false);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

export function createWatch(options: WatchOptions): TurnCheckpoints<CommandRunner, WorkspaceFs> {
  const { stores, roots, maxFileSize, notice, now } = options;
  /** `fromMs` is when it began. */
  type Looked = { seen: Look | Snapshot; fromMs: number; atMs: number };
  let last: Looked | null = null;
  let beginning: Promise<boolean> | null = null;
  let isLost = false;
  /** One look at the files after the other. */
  let queue: Promise<unknown> = Promise.resolve();
  /** What the core itself last left at a path. */
  const own = new Map<string, Entry | null>();
  const running = new Map<string, number>();
  const isOurClock = roots.every(hasOurClock);

  const say = (error: unknown): void => {
    isLost = true;
    const reason = error instanceof Error ? error.message : String(error);
    notice(`No checkpoint could be made (${reason}). The turn goes on without one.`);
  };

  const lookWith = async <T extends Look | Snapshot>(how: (root: string) => Promise<T>) => {
    const fromMs = performance.now();
    const parts: T['parts'][number][] = [];
    const notCovered: string[] = [];
    for (const root of roots) {
      const one = await how(root);
      parts.push(...one.parts);
      notCovered.push(...one.notCovered);
    }
    return { seen: { parts, notCovered }, fromMs, atMs: performance.now() };
  };
  const look = (): Promise<Looked> => lookWith(stores.look);

  const inTurn = <T>(use: () => Promise<T>): Promise<T> => {
    const mine = queue.then(use);
    queue = mine.catch(() => undefined);
    return mine;
  };

  const begin = async (): Promise<boolean> => {
    if (options.isBusy()) {
      isLost = true;
      notice(SLOW);
      return false;
    }
    const first = inTurn(async () => {
      const taken = await lookWith(stores.take);
      last = taken;
      await options.begun(taken.seen);
    });
    try {
      if ((await within(FIRST_WAIT_MS, first)) !== 'late') return true;
      options.tooSlow(first);
      isLost = true;
      notice(SLOW);
    } catch (error) {
      say(error);
    }
    return false;
  };

  /** False: no checkpoint is there, or the turn was interrupted before. */
  const ready = async (signal: AbortSignal | undefined): Promise<boolean> => {
    beginning ??= begin();
    return (await unlessAborted(beginning, signal)) && !isLost;
  };

  /** What changed since the last look, and is a command's. */
  const compare = async (itemId: string | null, span: Span): Promise<void> => {
    if (last === null) return;
    const before = last;
    last = await look();
    const changes = await stores.diff(before.seen.parts, last.seen.parts);
    const made = madeByCommand(changes, span, changedAt, (file) => own.get(file));
    if (made.length === 0) return;
    for (const { path: file } of made) own.delete(file);
    await options.left(made.map(({ path: file, before: was, after }) => ({ path: file, before: was, after })));
    await options.onChanged(itemId, made);
  };

  /** `ended`: with all that it started. */
  const afterCommand = (key: string, itemId: string | null, ended: boolean): Promise<void> => {
    // The millisecond that is not over yet counts.
    const endMs = ended ? now() + 1 : null;
    return inTurn(async () => {
      const startMs = Math.min(...running.values());
      running.delete(key);
      await compare(itemId, { startMs, endMs: isOurClock && running.size === 0 ? endMs : null });
    }).catch(say);
  };

  const lookBefore = async (askedMs: number): Promise<void> => {
    // The turn's checkpoint may have been made for this very command.
    if (last === null || running.size > 0 || last.fromMs >= askedMs) return;
    const tookMs = last.atMs - last.fromMs;
    const isSlow = tookMs > SLOW_MS || roots.some((root) => stores.isLarge(root));
    if (isSlow && performance.now() - last.atMs < tookMs * YOUNG) return;
    last = await look();
  };

  /** `askedMs`: when the command was to be run. From now on it counts as running: another one's look is not in between. */
  const beforeCommand = (key: string, askedMs: number): Promise<void> =>
    inTurn(async () => {
      await lookBefore(askedMs).catch(say);
      running.set(key, now());
    });

  const isInside = (file: string): boolean => roots.some((root) => file.startsWith(root + path.sep));

  const entryAt = async (file: string): Promise<Entry | null | undefined> => {
    const found = await readDisk(file, maxFileSize);
    return found.type === 'file' ? found.entry : found.type === 'none' ? null : undefined;
  };

  /** Around a write of the core's. `places` are real. */
  const writing = async <T extends FsResult<unknown>>(
    places: readonly string[],
    write: () => Promise<T>,
    textOf: (result: T) => string | null = () => null,
  ): Promise<T> => {
    const inside = places.filter(isInside);
    if (inside.length === 0 || !(await ready(undefined))) return write();
    const before = await Promise.all(inside.map(entryAt));
    let text: string | null = null;
    try {
      const result = await write();
      text = textOf(result);
      return result;
    } finally {
      const after = await Promise.all(inside.map(entryAt));
      const files = inside.flatMap((file, at) => {
        const was = before[at];
        // An editor that holds the file unsaved keeps it so: on the disk it will be what the user saves.
        const is = sameEntry(was ?? null, after[at] ?? null) && text !== null ? unsaved(was, text) : after[at];
        if (was === undefined || is === undefined || sameEntry(was, is)) return [];
        own.set(file, is);
        return [{ path: file, before: was, after: is }];
      });
      if (files.length > 0) await options.left(files).catch(say);
    }
  };

  const real = (file: string): string => realish(path.normalize(file));
  /** The entry itself, which may be a link. */
  const entryOf = (file: string): string => path.join(real(path.dirname(file)), path.basename(file));

  let count = 0;
  return {
    files(fs): WorkspaceFs {
      const { move } = fs;
      return {
        ...fs,
        writeText: (file, ...rest) =>
          writing(
            [real(file)],
            () => fs.writeText(file, ...rest),
            (result) => (result.ok ? result.value.text : null),
          ),
        remove: (file, ...rest) => writing([entryOf(file)], () => fs.remove(file, ...rest)),
        ...(move
          ? {
              move: (file, target, ...rest) =>
                writing([entryOf(file), real(target)], () => move.call(fs, file, target, ...rest)),
            }
          : {}),
      };
    },
    runner(commands): CommandRunner {
      const start: CommandRunner['start'] = async (spec, signal): Promise<RunningCommand> => {
        const { sandboxPolicy, granted } = spec.settings;
        const askedMs = performance.now();
        const isOpen = sandboxPolicy.type === 'dangerFullAccess' || sandboxPolicy.type === 'externalSandbox';
        const leavesNothing = !spec.unsandboxed && !isOpen;
        const isConfined = !spec.unsandboxed && sandboxPolicy.type === 'readOnly' && !granted?.write.length;
        if (spec.isLooking || isConfined || !(await ready(signal))) return commands.start(spec, signal);
        count += 1;
        const key = String(count);
        await beforeCommand(key, askedMs);
        const command = await commands.start(spec, signal).catch((error: unknown) => {
          running.delete(key);
          throw error;
        });
        void command.exited.then(() => afterCommand(key, spec.itemId ?? null, leavesNothing));
        return command;
      };
      return Object.assign(Object.create(commands) as CommandRunner, { start });
    },
    async end() {
      // Nothing was run or written before there was a checkpoint.
      if (last === null) return;
      const settled = inTurn(async () => {
        if (running.size > 0 && !isLost) await compare(null, { startMs: Math.min(...running.values()), endMs: null });
      }).catch(say);
      if ((await within(END_WAIT_MS, settled)) === 'late') {
        notice('What the last command changed was not found out in time; it may be missing from the list of changes.');
      }
    },
  };
}
