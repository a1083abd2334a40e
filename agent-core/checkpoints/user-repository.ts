/** What is read of the user's own repository: never written, never asked by running git in it. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { rebased } from './ignore-rules.ts';

export type UserRepository = {
  /** The folder that holds `.git`. */
  root: string;
  index: string;
  /** Its config, shared by its worktrees. */
  common: string;
};

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

/** The repository at or above `folder`; null outside of any. */
export function userRepositoryOf(folder: string): UserRepository | null {
  for (let root = folder; ; root = path.dirname(root)) {
    const entry = path.join(root, '.git');
    const found = statSync(entry, { throwIfNoEntry: false });
    const pointer = found?.isFile() ? /^gitdir: (.+)$/m.exec(readText(entry))?.[1]?.trim() : undefined;
    const git = pointer ? path.resolve(root, pointer) : found?.isDirectory() ? entry : null;
    if (git && existsSync(path.join(git, 'HEAD'))) {
      const shared = readText(path.join(git, 'commondir')).trim();
      const common = shared ? path.resolve(git, shared) : git;
      return { root, index: path.join(git, 'index'), common };
    }
    if (path.dirname(root) === root) return null;
  }
}

const slashed = (file: string): string => file.replaceAll(path.sep, '/');

/** The rules that hold in `folder` and stand above it: those of the folders up to its repository, and the repository's own. */
export function rulesAbove(folder: string, repository: UserRepository | null): string[] {
  if (!repository) return [];
  const rules = rebased(
    readText(path.join(repository.common, 'info', 'exclude')),
    slashed(path.relative(repository.root, folder)),
  );
  const steps = path.relative(repository.root, folder).split(path.sep).filter(Boolean);
  steps.forEach((_, index) => {
    const above = path.join(repository.root, ...steps.slice(0, index));
    rules.push(...rebased(readText(path.join(above, '.gitignore')), slashed(path.relative(above, folder))));
  });
  return rules;
}

/** Whether its objects hold the bytes of its files, as far as their size tells the rest. */
export function storesPlainBytes({ root, common }: UserRepository, attributeFiles: readonly string[]): boolean {
  if (/objectformat\s*=\s*sha256/i.test(readText(path.join(common, 'config')))) return false;
  const files = [path.join(common, 'info', 'attributes'), ...attributeFiles.map((file) => path.join(root, file))];
  // Files of Git LFS and converted line ends are told by their size; of other filters nothing is known.
  return files.every((file) => !/\bfilter=(?!lfs\b)/.test(readText(file)));
}
