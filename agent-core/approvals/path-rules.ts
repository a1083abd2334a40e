/** Which files may be written under a sandbox policy: the same answer that a confined command would get. */
import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { PROTECTED_IN_ROOT } from '../../sandbox/index.ts';
import type { TurnSettings } from '../ports.ts';

export type PathRules = {
  settings: Pick<TurnSettings, 'cwd' | 'roots' | 'sandboxPolicy'>;
  /** Absolute; never written without a yes, even below a root. */
  protectedPaths: readonly string[];
  realPath: (path: string) => Promise<string>;
};

/** Null when `path` (absolute) may be written; else why not, as a clause. */
export async function whyBeyond(path: string, rules: PathRules): Promise<string | null> {
  const { sandboxPolicy, roots, cwd } = rules.settings;
  if (sandboxPolicy.type === 'dangerFullAccess' || sandboxPolicy.type === 'externalSandbox') return null;
  if (sandboxPolicy.type === 'readOnly') return 'the sandbox is read-only';
  const real = await rules.realPath(path);
  const writable = [cwd, ...roots, ...sandboxPolicy.writableRoots];
  // Not the temporary folders: commands have one of their own, and what they call /tmp is another place than ours.
  const realRoots = await Promise.all(writable.map(rules.realPath));
  if (!realRoots.some((root) => isWithin(real, root))) return `${path} lies outside of the writable folders`;
  for (const kept of rules.protectedPaths) {
    if (isWithin(real, await rules.realPath(kept))) return `${path} belongs to the agent's own settings`;
  }
  for (const root of realRoots) {
    const kept = PROTECTED_IN_ROOT.find((name) => isWithin(real, join(root, name)));
    if (kept !== undefined) return `${path} could make the editor or an agent run something later`;
  }
  if (hasGitPart(real)) return `${path} lies in the repository's .git`;
  return null;
}

/** Whether `path` is `folder` or below it; both absolute. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

const hasGitPart = (path: string) => path.split(/[/\\]/).some((part) => part.toLowerCase() === '.git');

/** Follows symbolic links of `path`, or of its deepest parent that exists. */
export async function resolveRealPath(path: string): Promise<string> {
  const absolute = resolve(path);
  let at = absolute;
  let rest = '';
  for (;;) {
    try {
      return join(await realpath(at), rest);
    } catch {
      const parent = dirname(at);
      if (parent === at) return absolute;
      rest = join(basename(at), rest);
      at = parent;
    }
  }
}
