// Which parts of a repository commands may write. Hooks, config and the files that point to another git directory make
// git run programs later, outside the sandbox: they stay closed even where commits are allowed.
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { entryKind, type Resolver } from './paths.ts';

export type GitRules = {
  write: string[];
  protect: string[];
  /** Directories that must keep their names. */
  pin: string[];
};

const CLOSED = [
  'hooks',
  'config',
  'config.worktree',
  'config.lock',
  'info',
  'commondir',
  'gitdir',
  'remotes',
  'branches',
];

/** The rules for the repository that a root is, lies in, or may become. */
export function gitRules(root: string, mode: 'ro' | 'commit', { realish, entryAndTarget }: Resolver): GitRules {
  const own = join(root, '.git');
  const rules: GitRules = { write: [], protect: [], pin: [] };
  if (mode === 'ro' || entryKind(own) === 'missing') rules.protect.push(...entryAndTarget(own));
  if (mode === 'ro') return rules;

  const entry = findEntry(root);
  if (!entry) return rules;
  const gitDir = entryKind(entry) === 'directory' ? realish(entry) : pointedTo(entry, realish);
  if (entryKind(entry) !== 'directory') rules.protect.push(...entryAndTarget(entry));
  if (!gitDir) return rules;
  const common = commonDir(gitDir, realish);
  for (const dir of new Set([gitDir, common])) {
    rules.write.push(dir);
    rules.pin.push(dir);
    rules.protect.push(...CLOSED.flatMap((name) => entryAndTarget(join(dir, name))));
  }
  return rules;
}

function findEntry(root: string): string | null {
  for (let dir = root; ; dir = dirname(dir)) {
    const entry = join(dir, '.git');
    if (entryKind(entry) !== 'missing') return entry;
    if (dirname(dir) === dir) return null;
  }
}

// A `.git` file holds "gitdir: PATH" (worktrees, submodules). Only a real git directory is opened by it.
function pointedTo(file: string, realish: Resolver['realish']): string | null {
  const target = readLine(file)?.match(/^gitdir:\s*(.+)$/)?.[1];
  if (!target) return null;
  const dir = realish(resolve(dirname(file), target));
  return entryKind(join(dir, 'HEAD')) === 'file' && isGitPlace(dir) ? dir : null;
}

// A pointer that the agent itself could have written must not open an arbitrary directory for writing.
function isGitPlace(dir: string): boolean {
  return /[/\\]\.git[/\\](worktrees|modules)[/\\]/.test(dir);
}

function commonDir(gitDir: string, realish: Resolver['realish']): string {
  const target = readLine(join(gitDir, 'commondir'));
  if (!target) return gitDir;
  const dir = realish(resolve(gitDir, target));
  return gitDir.startsWith(join(dir, 'worktrees')) ? dir : gitDir;
}

function readLine(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').split('\n')[0]?.trim() ?? null;
  } catch {
    return null;
  }
}
