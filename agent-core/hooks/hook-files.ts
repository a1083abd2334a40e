/**
 * The files of a workspace that a hook's command names. Whoever can write there can change what the hook does without
 * touching its command, so what they hold is part of what the user trusts. What those files run in turn is not seen.
 */
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

const MOST_BYTES = 64 * 1024 * 1024;

const QUOTED = /"([^"]*)"|'([^']*)'/g;
/** What ends a word of a shell, and what stands before a path in one (`--config=x`). */
const BETWEEN = /[\s;|&()<>`=,]+/;

export type NamedWhere = {
  /** Where the command runs. */
  cwd: string;
  /** Only files in these are meant. */
  folders: readonly string[];
  home?: string;
};

export type HookPin = { where: NamedWhere; files: readonly { path: string; hash: string }[] };

/** A text is the file that cannot be read, or is too large. */
export function pinned(command: string, where: NamedWhere): HookPin | string {
  const files = namedFiles(command, where).map((file) => ({ path: file, hash: contentHash(file) }));
  const unread = files.find(({ hash }) => hash === null);
  return unread ? unread.path : { where, files: files.map((file) => ({ ...file, hash: file.hash ?? '' })) };
}

/** A file that is another than it was, or was not there; null: all is as it was pinned. */
export function changedSince(command: string, { where, files }: HookPin): string | null {
  const before = new Map(files.map((file) => [file.path, file.hash]));
  const now = namedFiles(command, where);
  return [...before.keys(), ...now].find((file) => contentHash(file) !== before.get(file)) ?? null;
}

/** Existing files in `folders` that words of the command are paths of, sorted. Rather one too many than one too few. */
export function namedFiles(command: string, { cwd, folders, home = homedir() }: NamedWhere): string[] {
  const known = command
    .replace(/\$\{?(GANTRY_PROJECT_DIR|CLAUDE_PROJECT_DIR|PWD)\b\}?/g, () => cwd)
    .replace(/\$\{?HOME\b\}?/g, () => home);
  const quoted = [...known.matchAll(QUOTED)].map(([, double, single]) => double ?? single ?? '');
  const words = [...quoted, ...known.split(BETWEEN), ...known.replace(/["'\\]/g, '').split(BETWEEN)];
  const roots = folders.map(real);
  const files = words.flatMap((word) => {
    if (word === '') return [];
    const file = path.resolve(
      cwd,
      word.replace(/^~(?=\/)/, () => home),
    );
    // A link in the workspace is the project's word too, wherever it leads; so is a link from elsewhere into it.
    const isInside = [file, real(file)].some((place) => [...folders, ...roots].some((root) => isUnder(place, root)));
    return isInside && isFile(file) ? [file] : [];
  });
  return [...new Set(files)].sort();
}

/** Null when it cannot be told, or is too much to read each time. */
function contentHash(file: string): string | null {
  try {
    const info = statSync(file);
    if (!info.isFile() || info.size > MOST_BYTES) return null;
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch {
    return null;
  }
}

const isUnder = (place: string, root: string): boolean =>
  place.startsWith(root.endsWith(path.sep) ? root : root + path.sep);

function real(place: string): string {
  try {
    return realpathSync.native(place);
  } catch {
    return place;
  }
}

function isFile(place: string): boolean {
  try {
    return statSync(place).isFile();
  } catch {
    return false;
  }
}
