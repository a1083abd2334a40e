import { statSync } from 'node:fs';

/** Whether `error` came from the operating system, with one of `codes` when any are given. */
export function isSystemError(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return codes.length === 0 || codes.includes(error.code);
}

/** Null for a file that is not there. Throws what the file system throws otherwise. */
export function statOrNull(file: string): { size: number; mtimeMs: number; ino: number } | null {
  try {
    return statSync(file, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (isSystemError(error, 'ENOTDIR')) return null;
    throw error;
  }
}
