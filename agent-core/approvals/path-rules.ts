/** Where paths lead. */
import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

/** Whether `path` is `folder` or below it; both absolute. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

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
