/** The ripgrep that lists and searches files: our own copy, the one that npm brought, or the user's. */
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const NAME = process.platform === 'win32' ? 'rg.exe' : 'rg';

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The copy of npm's optional package. Null where there is none for this machine. */
function fromPackage(): string | null {
  try {
    return createRequire(import.meta.url).resolve(`@vscode/ripgrep-${process.platform}-${process.arch}/bin/${NAME}`);
  } catch {
    return null;
  }
}

/** An absolute path, or null: then the caller walks the folders itself. `searchPath` is the user's `PATH`. */
export function findRipgrep(searchPath: string | undefined): string | null {
  const shipped = path.join(import.meta.dirname, '..', 'bin', NAME);
  if (isProgram(shipped)) return shipped;
  const packaged = fromPackage();
  if (packaged !== null && isProgram(packaged)) return packaged;
  const folders = (searchPath ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return folders.map((folder) => path.join(folder, NAME)).find(isProgram) ?? null;
}
