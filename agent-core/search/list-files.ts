/** The files below a folder, as a person thinks of them: without what git ignores and without `.git` itself. */
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { findRipgrep } from './ripgrep.ts';

export type ListFilesOptions = {
  /** Absolute. A folder that cannot be read holds nothing. */
  root: string;
  /** For `PATH`. */
  env: Readonly<Record<string, string | undefined>>;
  /** Ends the listing; what was found so far was given. */
  signal: AbortSignal;
  /** Relative paths with `/`, in no order, in batches. */
  onFiles: (files: string[]) => void;
  /** The listing ends here, so that a whole disk opened as a folder does not fill the memory. */
  limit?: number;
};

const LIMIT = 1_000_000;
/** What nobody looks for and no `.gitignore` needs to name; only where ripgrep is missing. */
const SKIPPED = new Set(['.git', '.hg', '.svn', 'node_modules']);

/** Resolves when all was given, or the signal aborted. Never rejects. */
export async function listFiles(options: ListFilesOptions): Promise<void> {
  const program = findRipgrep(options.env.PATH);
  if (program === null || !(await listWithRipgrep(program, options))) await walk(options);
}

/** False: it could not be started. */
function listWithRipgrep(
  program: string,
  { root, signal, onFiles, limit = LIMIT }: ListFilesOptions,
): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(true);
  return new Promise((resolve) => {
    let rest = '';
    let count = 0;
    // Ignore files count in a folder that is no repository, too.
    const flags = ['--files', '--hidden', '--null', '--no-messages', '--no-config', '--no-require-git', '--glob=!.git'];
    const child = spawn(program, flags, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true });
    const stop = () => child.kill('SIGKILL');
    const end = (isDone: boolean) => {
      signal.removeEventListener('abort', stop);
      resolve(isDone);
    };
    signal.addEventListener('abort', stop, { once: true });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (signal.aborted || count >= limit) return;
      const names = (rest + text).split('\0');
      rest = names.pop() ?? '';
      const files = names
        .slice(0, limit - count)
        .map((name) => (path.sep === '/' ? name : name.replaceAll(path.sep, '/')));
      count += files.length;
      if (files.length > 0) onFiles(files);
      if (count >= limit) stop();
    });
    child.once('error', () => end(count > 0));
    child.once('close', () => end(true));
  });
}

async function walk({ root, signal, onFiles, limit = LIMIT }: ListFilesOptions): Promise<void> {
  let count = 0;
  const folders = [''];
  while (folders.length > 0 && !signal.aborted && count < limit) {
    const folder = folders.pop() ?? '';
    const entries = await readdir(path.join(root, folder), { withFileTypes: true }).catch(() => []);
    const files: string[] = [];
    for (const entry of entries) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) folders.push(name);
      } else if (entry.isFile()) files.push(name);
    }
    count += files.length;
    if (files.length > 0) onFiles(files);
  }
}
