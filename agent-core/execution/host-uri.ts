/** Files as the editor names them: roots as the user opened them, links below them resolved. */
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { TurnSettings } from '../ports.ts';
import { isUnder, realish } from './real-paths.ts';

type Roots = Pick<TurnSettings, 'cwd' | 'roots'> | undefined;

/**
 * What `real` is called below a root as the user spelled it: documents are open under that name. A link inside the
 * workspace is not kept, so that it cannot lead elsewhere once it was looked at.
 */
export function asOpened(real: string, settings: Roots): string {
  for (const root of settings ? [settings.cwd, ...settings.roots] : []) {
    const realRoot = realish(root);
    if (isUnder(real, realRoot)) return path.join(root, path.relative(realRoot, real));
  }
  return real;
}

/** The file that holds the text; `file` is absolute. */
export const textUri = (file: string, settings: Roots): string =>
  pathToFileURL(asOpened(realish(path.normalize(file)), settings)).href;

/** The entry itself, which may be a link. */
export function entryUri(file: string, settings: Roots): string {
  const folder = realish(path.dirname(path.normalize(file)));
  return pathToFileURL(asOpened(path.join(folder, path.basename(file)), settings)).href;
}

/** Null for what is no file of this machine. */
export function pathOfUri(uri: string): string | null {
  try {
    return path.normalize(fileURLToPath(uri));
  } catch {
    return null;
  }
}
