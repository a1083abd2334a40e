/** What belongs to the program of a server, and what programs of PATH belong to: folders that it must be able to read. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import type { StdioServer } from './server-config.ts';

/** The home, or what is above it: never part of a program. */
const isAbove = (folder: string, home: string): boolean =>
  folder === home || home.startsWith(`${folder}${path.sep}`) || folder === path.parse(folder).root;

const isFile = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isFile() === true;

/** Files that the command line names: the program, and what it is told to run (`node server.js`). */
export function namedFiles({ command, args, cwd }: Pick<StdioServer, 'command' | 'args' | 'cwd'>): string[] {
  return [command, ...args]
    .filter((word) => !word.startsWith('-') && word.includes(path.sep))
    .map((word) => path.resolve(cwd, word))
    .concat(
      args.filter((word) => !word.startsWith('-') && !word.includes(path.sep)).map((word) => path.join(cwd, word)),
    );
}

/** A named file is part of the program, and so is the package or the environment around it with what it needs. */
export function programFolders(server: StdioServer, home: string): string[] {
  return namedFiles(server)
    .filter(isFile)
    .flatMap((file) => [...new Set([file, realpathSync(file)])])
    .flatMap((file) => {
      const folder = path.dirname(file);
      const around = [packageOf(folder, home), installationOf(folder, home)].filter((one) => one !== null);
      return [...(around.length > 0 ? around : [file]), ...moduleFolders(folder)];
    });
}

/** By what a folder is known to be a program as a whole. */
export const PACKAGE_FILES: readonly string[] = [
  'package.json',
  'pyproject.toml',
  'requirements.txt',
  'setup.py',
  '.venv',
];

/** The nearest folder that is a package. */
function packageOf(folder: string, home: string): string | null {
  for (let at = folder; !isAbove(at, home); at = path.dirname(at)) {
    if (PACKAGE_FILES.some((name) => existsSync(path.join(at, name)))) return at;
  }
  return null;
}

/** What a `bin` belongs to, where that says that it is one whole: an environment of Python's or conda's. */
function installationOf(folder: string, home: string): string | null {
  const at = path.dirname(folder);
  if (path.basename(folder) !== 'bin' || isAbove(at, home)) return null;
  return ['pyvenv.cfg', 'conda-meta'].some((name) => existsSync(path.join(at, name))) ? at : null;
}

/** Where Node looks for what a program imports. */
function moduleFolders(folder: string): string[] {
  const found: string[] = [];
  for (let at = folder; path.dirname(at) !== at; at = path.dirname(at)) {
    const modules = path.basename(at) === 'node_modules' ? at : path.join(at, 'node_modules');
    if (existsSync(modules)) found.push(modules);
  }
  return [...new Set(found)];
}

/** The folders of PATH and, for a `bin`, what it belongs to; never a whole home, nor `~/.local`, where all programs keep data. */
export function toolFolders(searchPath: string, home: string): string[] {
  const folders = searchPath.split(path.delimiter).filter((folder) => path.isAbsolute(folder) && existsSync(folder));
  return folders
    .flatMap((folder) => (/^\.?bin$/.test(path.basename(folder)) ? [folder, path.dirname(folder)] : [folder]))
    .filter((folder) => !isAbove(folder, home) && path.normalize(folder) !== path.join(home, '.local'));
}
