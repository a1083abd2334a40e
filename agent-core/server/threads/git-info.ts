/** Read from git's own files: a process for each thread would cost more, and would run what a repository configures. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { ThreadLine } from '../../threads/rollout.ts';

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** The folder at or above `cwd` that is a working tree: a `.git` without a HEAD makes none. */
export function gitRootOf(cwd: string): string | null {
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    const git = gitFolderOf(folder);
    if (git && statSync(path.join(git, 'HEAD'), { throwIfNoEntry: false })) return folder;
    if (path.dirname(folder) === folder) return null;
  }
}

/** The git folder of a working tree, following the pointer of a worktree or submodule. */
function gitFolderOf(root: string): string | null {
  const entry = path.join(root, '.git');
  const found = statSync(entry, { throwIfNoEntry: false });
  if (!found) return null;
  if (found.isDirectory()) return entry;
  const pointer = /^gitdir: (.+)$/m.exec(read(entry) ?? '')?.[1];
  return pointer ? path.resolve(root, pointer.trim()) : null;
}

function commitOf(ref: string, folders: readonly string[]): string | null {
  for (const folder of folders) {
    const loose = read(path.join(folder, ref))?.trim();
    if (loose) return loose;
    const packed = read(path.join(folder, 'packed-refs'))
      ?.split('\n')
      .find((line) => line.endsWith(` ${ref}`));
    if (packed) return packed.slice(0, packed.indexOf(' '));
  }
  return null;
}

/** Commit, branch and origin of a folder; null outside of a repository. Never throws. */
export function readGitInfo(cwd: string): ThreadLine['gitInfo'] {
  try {
    const root = gitRootOf(cwd);
    const folder = root && gitFolderOf(root);
    const head = folder && read(path.join(folder, 'HEAD'))?.trim();
    if (!folder || !head) return null;
    const shared = read(path.join(folder, 'commondir'))?.trim();
    const common = shared ? path.resolve(folder, shared) : folder;
    const ref = /^ref: (.+)$/.exec(head)?.[1] ?? null;
    const origin = /\[remote "origin"\][^[]*?^\s*url\s*=\s*(.+)$/m.exec(read(path.join(common, 'config')) ?? '')?.[1];
    return {
      sha: ref === null ? head : commitOf(ref, [folder, common]),
      branch: ref?.replace(/^refs\/heads\//, '') ?? null,
      originUrl: origin?.trim() ?? null,
    };
  } catch {
    return null;
  }
}
