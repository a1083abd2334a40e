/** Small files that are written whole: a reader sees what was there before or what is there now, nothing between. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isSystemError } from './system-error.ts';

/** Undefined when there is no file, or none that is JSON. Throws what the file system throws. */
export function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Throws what the file system throws; the file is then as it was. Unflushed, it may be lost with the power. */
export function writeJson(
  file: string,
  value: unknown,
  { isFlushed }: { isFlushed: boolean } = { isFlushed: true },
): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, `${JSON.stringify(value, null, 1)}\n`, { mode: 0o600, flush: isFlushed });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
