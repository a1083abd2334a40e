/**
 * How the workspace stands when the model first hears of it: git state and files. Cheap and bounded, as it precedes the
 * first answer: what takes too long is left out, since the model can look for itself.
 */
import type { CommandRunner, TurnSettings } from '../ports.ts';
import { listFiles } from '../search/list-files.ts';
import { fileTree } from './file-tree.ts';

const GIT_MS = 700;
const FILES_MS = 400;
const MOST_FILES = 20_000;
const MOST_GIT_BYTES = 4 * 1024;
const TREE_BYTES = 1_200;

export type SnapshotParts = {
  git: { dirty: number; commits: string[] } | null;
  /** Null: they could not be listed. `isWhole` false: there are more than were listed in time. */
  files: { paths: string[]; isWhole: boolean } | null;
};

export type SnapshotOptions = {
  runner: CommandRunner;
  env: Readonly<Record<string, string | undefined>>;
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

/** Never rejects. */
export async function lookAround(
  settings: TurnSettings,
  isRepository: boolean,
  options: SnapshotOptions,
): Promise<SnapshotParts> {
  const [git, files] = await Promise.all([
    isRepository ? gitState(settings, options.runner) : null,
    listed(settings.cwd, options.env),
  ]);
  return { git, files };
}

/**
 * Git runs what a repository configures (filters, monitors), so it runs as the model's own commands do: confined, without
 * writing, or not at all.
 */
async function gitState(settings: TurnSettings, runner: CommandRunner): Promise<SnapshotParts['git']> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), GIT_MS);
  try {
    if (runner.unconfinedReason !== null) return null;
    const git = 'git --no-optional-locks -c core.fsmonitor=false -c core.quotePath=true -c log.showSignature=false';
    const script = `${git} status --porcelain | head -n 1000 | wc -l; ${git} log -3 --no-color --format='%h %<(72,trunc)%s' 2>/dev/null`;
    const confined: TurnSettings = { ...settings, sandboxPolicy: { type: 'readOnly', networkAccess: false } };
    const child = await runner.start(
      { argv: ['/bin/sh', '-c', script], cwd: settings.cwd, settings: confined, unsandboxed: false },
      abort.signal,
    );
    const kill = () => void child.kill();
    abort.signal.addEventListener('abort', kill, { once: true });
    let output = '';
    child.onOutput((chunk) => {
      if (output.length < MOST_GIT_BYTES) output += chunk;
    });
    await child.exited;
    return abort.signal.aborted ? null : readGitState(output);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** The first line is a number unless git failed, and then its complaint stands there. (pure) */
export function readGitState(output: string): SnapshotParts['git'] {
  const [first = '', ...rest] = output.split('\n');
  if (!/^\s*\d+$/.test(first)) return null;
  const commits = rest.map((line) => line.trim()).filter((line) => /^[0-9a-f]{4,40} /.test(line));
  return { dirty: Number(first), commits };
}

async function listed(root: string, env: SnapshotOptions['env']): Promise<SnapshotParts['files']> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), FILES_MS);
  const paths: string[] = [];
  await listFiles({
    root,
    env,
    signal: abort.signal,
    limit: MOST_FILES,
    onFiles: (files) => void paths.push(...files),
  });
  clearTimeout(timer);
  return { paths, isWhole: !abort.signal.aborted && paths.length < MOST_FILES };
}
