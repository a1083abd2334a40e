/**
 * How the workspace stands when the model first hears of it: git state and files. Cheap and bounded, as it precedes the
 * first answer: what takes too long is left out, since the model can look for itself.
 */
import type { CommandRunner, TurnSettings } from '../ports.ts';
import { listFiles } from '../search/list-files.ts';
import { fileTree } from './file-tree.ts';

/** A turn waits so long for what is not there yet. */
const WAIT_MS = 2_000;
/** The same in a folder where that was not enough before. */
const SHORT_WAIT_MS = 400;
/** What was looked at ahead of a turn counts for one that begins by then. */
const FRESH_MS = 3_000;
const MOST_FILES = 20_000;
const MOST_GIT_BYTES = 4 * 1024;
const TREE_BYTES = 1_200;

export type SnapshotParts = {
  git: { dirty: number; commits: string[] } | null;
  /** Null: they could not be listed. `isWhole` false: there are more than were listed in time. */
  files: { paths: string[]; isWhole: boolean } | null;
};

export type SnapshotOptions = {
  env: Readonly<Record<string, string | undefined>>;
  /** Replaced by tests. */
  now?: () => number;
  list?: typeof listFiles;
  waitMs?: number;
};

export type Place = { settings: TurnSettings; isRepository: boolean; runner: CommandRunner };

export type WorkspaceSnapshots = {
  /** Begins to look in the background, for a turn that comes soon. Does nothing where that has begun already. */
  ahead(place: Place): void;
  /** What is there within 2 s, or sooner. What was looked at ahead is given once. Never rejects. */
  look(place: Place): Promise<SnapshotParts>;
};

/** Null when there is nothing to tell. (pure) */
export function snapshotText({ git, files }: SnapshotParts): string | null {
  const lines: string[] = [];
  if (git) {
    const { dirty, commits } = git;
    lines.push(
      dirty === 0
        ? 'git: clean'
        : `git: ${dirty >= 1000 ? 'over 1000' : dirty} uncommitted path${dirty === 1 ? '' : 's'}`,
    );
    if (commits.length > 0) lines.push('last commits:', ...commits.map((line) => ` ${line}`));
  }
  const tree = files ? fileTree(files.paths, TREE_BYTES) : '';
  if (tree !== '') lines.push(files?.isWhole === false ? 'files (not all):' : 'files:', tree);
  return lines.length > 0 ? `<workspace>\n${lines.join('\n')}\n</workspace>` : null;
}

/** Of all threads of a core: folders by their paths. */
export function createSnapshots({
  env,
  now = Date.now,
  list = listFiles,
  waitMs = WAIT_MS,
}: SnapshotOptions): WorkspaceSnapshots {
  const begun = new Map<string, Looking>();
  const slow = new Set<string>();

  const freshIn = ({ settings: { cwd }, isRepository }: Place): Looking | undefined => {
    const looking = begun.get(cwd);
    if (!looking) return undefined;
    if (looking.isRepository === isRepository && now() - looking.at <= FRESH_MS) return looking;
    looking.end();
    begun.delete(cwd);
    return undefined;
  };

  const begin = ({ settings, isRepository, runner }: Place): Looking => {
    const abort = new AbortController();
    const { signal } = abort;
    const files: NonNullable<SnapshotParts['files']> = { paths: [], isWhole: false };
    const parts: SnapshotParts = { git: null, files };
    const listing = list({
      root: settings.cwd,
      env,
      signal,
      limit: MOST_FILES,
      onFiles: (found) => void files.paths.push(...found),
    }).then(() => {
      files.isWhole = !signal.aborted && files.paths.length < MOST_FILES;
    });
    const git = isRepository
      ? gitState(settings, runner, signal).then((state) => {
          parts.git = state;
        })
      : null;
    const done = Promise.all([listing, git]);
    return { at: now(), isRepository, parts, done, end: () => abort.abort() };
  };

  return {
    ahead(place) {
      if (freshIn(place)) return;
      const { cwd } = place.settings;
      const looking = begin(place);
      begun.set(cwd, looking);
      // Nobody may ever come for it.
      const timer = setTimeout(() => {
        looking.end();
        if (begun.get(cwd) === looking) begun.delete(cwd);
      }, FRESH_MS + waitMs);
      timer.unref();
    },
    async look(place) {
      const { cwd } = place.settings;
      const looking = freshIn(place) ?? begin(place);
      begun.delete(cwd);
      const limit = slow.has(cwd) ? Math.min(waitMs, SHORT_WAIT_MS) : waitMs;
      if (!(await isDoneWithin(looking.done, limit))) slow.add(cwd);
      const { git, files } = looking.parts;
      const seen = { git, files: files && { ...files, paths: [...files.paths] } };
      looking.end();
      return seen;
    },
  };
}

type Looking = {
  at: number;
  isRepository: boolean;
  /** Filled as it comes. */
  parts: SnapshotParts;
  done: Promise<unknown>;
  /** Idempotent. */
  end: () => void;
};

async function isDoneWithin(done: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const isDone = await Promise.race([done.then(() => true), late]);
  clearTimeout(timer);
  return isDone;
}

/**
 * Git runs what a repository configures (filters, monitors), so it runs as the model's own commands do: confined, without
 * writing, or not at all.
 */
async function gitState(
  settings: TurnSettings,
  runner: CommandRunner,
  signal: AbortSignal,
): Promise<SnapshotParts['git']> {
  try {
    if (runner.unconfinedReason !== null) return null;
    const git = 'git --no-optional-locks -c core.fsmonitor=false -c core.quotePath=true -c log.showSignature=false';
    const script = `${git} status --porcelain | head -n 1000 | wc -l; ${git} log -3 --no-color --format='%h %<(72,trunc)%s' 2>/dev/null`;
    const confined: TurnSettings = { ...settings, sandboxPolicy: { type: 'readOnly', networkAccess: false } };
    const child = await runner.start(
      { argv: ['/bin/sh', '-c', script], cwd: settings.cwd, settings: confined, unsandboxed: false },
      signal,
    );
    let output = '';
    child.onOutput((chunk) => {
      if (output.length < MOST_GIT_BYTES) output += chunk;
    });
    await child.exited;
    return signal.aborted ? null : readGitState(output);
  } catch {
    return null;
  }
}

/** The first line is a number unless git failed, and then its complaint stands there. (pure) */
export function readGitState(output: string): SnapshotParts['git'] {
  const [first = '', ...rest] = output.split('\n');
  if (!/^\s*\d+$/.test(first)) return null;
  const commits = rest.map((line) => line.trim()).filter((line) => /^[0-9a-f]{4,40} /.test(line));
  return { dirty: Number(first), commits };
}
