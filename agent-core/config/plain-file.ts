/** Reading small files that others may have put there. */
import { readFileSync, statSync } from 'node:fs';

/** More than anybody writes by hand. */
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Why it could not be read is in `problem`, as a word for brackets; null text without a problem: there is none. What is no
 * plain file is not opened: a link to a terminal, a pipe or /dev/zero would keep the reader for good. Never throws.
 */
export function readPlainFile(file: string): { text: string | null; problem: string | null } {
  try {
    const info = statSync(file);
    if (!info.isFile()) return { text: null, problem: 'no plain file' };
    if (info.size > MOST_BYTES) return { text: null, problem: `larger than ${MOST_BYTES / 1024 / 1024} MB` };
    return { text: readFileSync(file, 'utf8'), problem: null };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { text: null, problem: code === 'ENOENT' || code === 'ENOTDIR' ? null : code };
  }
}
