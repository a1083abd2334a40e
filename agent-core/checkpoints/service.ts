/** Checkpoints for the threads of a core. */
import { existsSync, rmSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { asOpened } from '../execution/host-uri.ts';
import { realish } from '../execution/real-paths.ts';
import type { CommandRunner, Emit, Log, TurnSettings, WorkspaceFs } from '../ports.ts';
import { collect } from './gc.ts';
import { createGit } from './git.ts';
import type { Checkpoints } from './port.ts';
import { createRecords, type Records } from './records.ts';
import { outermost, whyNotKept } from './refusal.ts';
import { createStores, type Stores } from './store.ts';
import { tellChanges } from './tell.ts';
import { createWatch } from './watch.ts';

/** What config.toml says. */
export type CheckpointConfig = {
  enabled: boolean;
  includeIgnored: boolean;
  /** Bytes. */
  maxFileSize: number;
  maxTotal: number;
  maxAgeDays: number;
};

export type CheckpointServiceOptions = {
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  /** The user's. */
  user: string;
  config: () => CheckpointConfig;
  now: () => number;
  newId: () => string;
  log: Log;
};

export type CheckpointService = {
  stores: Stores;
  records: Records;
  config: () => CheckpointConfig;
  /** Puts the files as they are now on record. Throws `GitError`. */
  make(threadId: string, roots: readonly string[], label: string | null): Promise<string>;
  /** `tell` reaches those who can do something with checkpoints. */
  forThread(thread: {
    threadId: string;
    emit: Emit;
    tell: (message: string) => void;
  }): Checkpoints<CommandRunner, WorkspaceFs, TurnSettings>;
  /** Lets old checkpoints go, at most once a day. Rejects when git or the disk refuses. */
  tidy(): Promise<void>;
};

const DAY_MS = 86_400_000;
const LABEL = 120;

export function createCheckpointService(options: CheckpointServiceOptions): CheckpointService {
  const { env, config, now, newId, log } = options;
  const home = realish(options.home);
  const user = realish(options.user);
  const folder = path.join(home, 'checkpoints');
  const git = createGit(env);
  const records = createRecords(path.join(folder, 'threads'));
  const stores = createStores({
    git,
    folder,
    home,
    now,
    includeIgnored: () => config().includeIgnored,
    maxFileSize: () => config().maxFileSize,
  });
  const told = new Set<string>();
  const warming = new Set<string>();
  /** Roots that a turn gave up waiting for, as long as they are looked through. */
  const slow = new Set<string>();
  let isCollecting = false;

  const later = (work: () => Promise<void>, failure: string): void => {
    void work().catch((error) => log('warn', failure, error));
  };

  const put = async (
    threadId: string,
    turnId: string | null,
    label: string | null,
    snapshot: Awaited<ReturnType<Stores['take']>>,
  ): Promise<string> => {
    const id = newId();
    const { parts, notCovered } = snapshot;
    await records.append(threadId, { type: 'checkpoint', id, turnId, at: now(), label, parts, notCovered });
    await stores.keep(id, parts);
    return id;
  };

  const stamp = path.join(folder, 'tidied');

  /** Once a day, whichever core comes first. */
  const tidy = async (): Promise<void> => {
    const last = Number(await readFile(stamp, 'utf8').catch(() => '0'));
    if (isCollecting || now() - last < DAY_MS) return;
    isCollecting = true;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(stamp, String(now()));
      const { maxAgeDays, maxTotal } = config();
      const limits = { maxAgeMs: maxAgeDays * DAY_MS, maxTotalBytes: maxTotal };
      await collect({ git, stores, records, folder, now: now(), limits });
    } catch (error) {
      // The next one tries again.
      rmSync(stamp, { force: true });
      throw error;
    } finally {
      isCollecting = false;
    }
  };

  /** At the end of a turn. On the first day nothing is old, and the next turn may be waiting for the store. */
  const tidyLater = async (): Promise<void> => {
    if (existsSync(stamp)) return tidy();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(stamp, String(now()));
  };

  const rootsOf = (settings: TurnSettings, notice: (message: string) => void): string[] =>
    outermost([settings.cwd, ...settings.roots].map((root) => realish(root))).filter((root) => {
      const why = whyNotKept(root, user);
      if (why) notice(`No checkpoints are made here: ${why}. Open a project folder to have them.`);
      return why === null;
    });

  return {
    stores,
    records,
    config,
    async make(threadId, roots, label) {
      const taken = await Promise.all(roots.map((root) => stores.take(root)));
      const parts = taken.flatMap((one) => one.parts);
      return put(threadId, null, label, { parts, notCovered: taken.flatMap((one) => one.notCovered) });
    },
    forThread: ({ threadId, emit, tell }) => ({
      forTurn({ turnId, settings, label, changed }) {
        if (!config().enabled) return null;
        const notice = (message: string): void => {
          if (told.has(message)) return;
          told.add(message);
          tell(message);
        };
        if (git.program === null) {
          notice(
            'git is not installed here: there are no checkpoints, and changes made by commands are not listed. Install git to have both.',
          );
          return null;
        }
        const roots = rootsOf(settings, notice);
        if (roots.length === 0) return null;
        const opened = (file: string): string => asOpened(file, settings);
        // The first look at a folder takes long: it is made while the model thinks.
        for (const root of roots.filter((one) => !warming.has(one))) {
          warming.add(root);
          later(async () => void (await stores.take(root)), `the first snapshot of ${root} failed`);
        }
        const watch = createWatch({
          stores,
          roots,
          maxFileSize: config().maxFileSize,
          begun: async (snapshot) => {
            await put(threadId, turnId, label()?.slice(0, LABEL) ?? null, snapshot);
            const { notCovered } = snapshot;
            if (notCovered.length > 0)
              log('info', `${notCovered.length} files are in no checkpoint`, notCovered.slice(0, 20));
          },
          left: (files) => records.append(threadId, { type: 'left', files }),
          onChanged: (itemId, changes) =>
            tellChanges(
              {
                stores,
                threadId,
                turnId,
                itemId,
                emit,
                opened,
                changed,
                notice: tell,
              },
              changes,
            ),
          notice,
          isBusy: () => roots.some((root) => slow.has(root)),
          tooSlow(look) {
            for (const root of roots) slow.add(root);
            const over = () => {
              for (const root of roots) slow.delete(root);
            };
            look.then(over, over);
          },
          now,
        });
        return {
          ...watch,
          async end() {
            await watch.end();
            later(tidyLater, 'old checkpoints could not be removed');
          },
        };
      },
    }),
    tidy,
  };
}
