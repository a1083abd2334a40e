/**
 * The files of a workspace that a hook runs, loads or names: those of its command, and what these load in turn, as far as
 * that stands in them. Whoever can write such a file decides what the hook does. It reads what is written, and runs
 * nothing: what a script puts together as it goes, and what a tool finds by its own rules, is not seen.
 */
import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { loadedBy } from './loaded-files.ts';
import { type ShellWord, shellWords, UNKNOWN } from './shell-text.ts';

export type NamedWhere = {
  /** Where the command runs. */
  cwd: string;
  /** Only files in these are meant. */
  folders: readonly string[];
  home?: string;
  /** PATH, by which programs are found. */
  searchPath?: string;
  /** Also what a runner of scripts (npm, make) reads: for hooks that may do more than the agent. */
  isWide?: boolean;
};

export type NamedFiles = {
  /** Run or loaded. */
  code: string[];
  /** Only named, in the command itself. */
  data: string[];
};

/** Scripts that load more than this are not followed further. */
const MOST_FILES = 200;
const MOST_TEXT = 1024 * 1024;

/** Who runs what stands in a file of a fixed name. */
const RUNNERS: readonly { names: RegExp; files: readonly string[] }[] = [
  { names: /^(npm|npx|pnpm|pnpx|yarn|bun|bunx)$/, files: ['package.json', '.npmrc', '.yarnrc.yml', 'bunfig.toml'] },
  { names: /^g?make$/, files: ['GNUmakefile', 'makefile', 'Makefile'] },
  { names: /^just$/, files: ['justfile', 'Justfile', '.justfile'] },
  { names: /^task$/, files: ['Taskfile.yml', 'Taskfile.yaml'] },
  { names: /^rake$/, files: ['Rakefile'] },
  { names: /^composer$/, files: ['composer.json'] },
  { names: /^(pre-commit|lefthook)$/, files: ['.pre-commit-config.yaml', 'lefthook.yml'] },
];

/** Existing files in `folders`, sorted. Rather one too many than one too few. */
export function namedFiles(command: string, where: NamedWhere): NamedFiles {
  const { cwd, folders, home = homedir() } = where;
  const roots = [...new Set([...folders, ...folders.map(real)])];
  // A link in the workspace is the project's word too, wherever it leads; so is a link from elsewhere into it.
  const isInside = (file: string) => [file, real(file)].some((place) => roots.some((root) => isUnder(place, root)));
  const isMeant = (file: string) => isInside(file) && isFile(file);

  const code = new Set<string>();
  const data = new Set<string>();
  const waiting: string[] = [];
  const run = (file: string): void => {
    if (code.has(file) || code.size >= MOST_FILES || !isMeant(file)) return;
    code.add(file);
    waiting.push(file);
  };
  const bySearch = (where.searchPath ?? '')
    .split(path.delimiter)
    .filter((folder) => folder !== '' && isInside(`${path.resolve(cwd, folder)}/x`));
  const look = (word: ShellWord, bases: readonly string[], isCommand: boolean): void => {
    for (const file of placesOf(word.text, bases, home)) {
      if (word.isRun || (isMeant(file) && isProgram(file))) run(file);
      else if (isCommand && isMeant(file)) data.add(file);
    }
    if (word.text.includes(path.sep)) return;
    for (const folder of bySearch) run(path.resolve(cwd, folder, word.text));
    if (where.isWide)
      for (const { names, files } of RUNNERS)
        if (names.test(word.text)) for (const name of files) run(path.join(cwd, name));
  };

  const settle = (text: string) =>
    text
      .replace(/\$\{?(GANTRY_PROJECT_DIR|CLAUDE_PROJECT_DIR|PWD)\b\}?/g, () => cwd)
      .replace(/\$\{?HOME\b\}?/g, () => home);
  for (const word of shellWords(settle(command))) look(word, [cwd], true);
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const text = textOf(file);
    if (text === null) continue;
    const bases = basesOf(file, cwd, roots);
    const { words, files } = loadedBy(file, settle(text), cwd);
    for (const word of words) look(word, bases, false);
    for (const one of files) run(one);
  }
  return { code: [...code].sort(), data: [...data].filter((file) => !code.has(file)).sort() };
}

/** What a word may be the path of, from each of `bases`. What stands before `$HERE/` is not known, so it is each of them. */
function placesOf(word: string, bases: readonly string[], home: string): string[] {
  if (word === '') return [];
  const after = word.slice(word.lastIndexOf(UNKNOWN) + 1);
  if (after.length === word.length) {
    const known = word.replace(/^~(?=\/)/, () => home);
    return path.isAbsolute(known) ? [path.normalize(known)] : bases.map((base) => path.resolve(base, known));
  }
  return after.startsWith('/') ? bases.map((base) => path.join(base, after)) : [];
}

/** From where a script may mean a path: where it runs, where it lies, and the folders above that. */
function basesOf(file: string, cwd: string, roots: readonly string[]): string[] {
  const bases = [cwd];
  for (let folder = path.dirname(file); roots.some((root) => isUnder(folder, root) || folder === root); ) {
    bases.push(folder);
    const above = path.dirname(folder);
    if (above === folder) break;
    folder = above;
  }
  return [...new Set(bases)];
}

/** Null: it is no text, or too long to be a script. */
function textOf(file: string): string | null {
  const bytes = startOf(file, MOST_TEXT + 1);
  return bytes === null || bytes.length > MOST_TEXT || bytes.subarray(0, 4096).includes(0)
    ? null
    : bytes.toString('utf8');
}

function startOf(file: string, most: number): Buffer | null {
  try {
    const handle = openSync(file, 'r');
    try {
      const buffer = Buffer.alloc(Math.min(most, statSync(file).size));
      return buffer.subarray(0, readSync(handle, buffer, 0, buffer.length, 0));
    } finally {
      closeSync(handle);
    }
  } catch {
    return null;
  }
}

/** Whether it can be run by its name. */
function isProgram(file: string): boolean {
  try {
    if ((statSync(file).mode & 0o111) !== 0) return true;
  } catch {
    return false;
  }
  return startOf(file, 2)?.toString('latin1') === '#!';
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
