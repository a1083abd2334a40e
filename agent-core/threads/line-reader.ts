/** Reads single lines of a thread's files. */
import { closeSync, openSync, readSync } from 'node:fs';
import { parseLine, type RolloutProblem } from './line-heads.ts';
import type { RolloutLine } from './rollout.ts';
import type { LineRef } from './thread-view.ts';

/** Lines are mostly asked for in order, or against it: so much is read at once. */
const WINDOW = 128 * 1024;
/** Longer than most first lines. */
const FIRST = 4096;

export type LineReader = {
  /** Null, and a problem, for a line that turns out not to be one. Throws what the file system throws. */
  read(ref: LineRef): RolloutLine | null;
  text(ref: LineRef): string;
  readonly problems: RolloutProblem[];
};

/** Calls `use` with a reader of the files, which are closed afterwards. */
export function withLines<T>(files: readonly string[], use: (reader: LineReader) => T): T {
  const open = new Map<number, number>();
  const problems: RolloutProblem[] = [];
  let window = { file: -1, start: 0, bytes: Buffer.alloc(0) };
  const fdOf = (file: number): number => {
    const known = open.get(file);
    if (known !== undefined) return known;
    const fd = openSync(files[file] ?? '', 'r');
    open.set(file, fd);
    return fd;
  };
  const text = (ref: LineRef): string => {
    const isHeld =
      ref.file === window.file &&
      ref.offset >= window.start &&
      ref.offset + ref.length <= window.start + window.bytes.length;
    if (!isHeld) {
      const isBackwards = ref.file === window.file && ref.offset < window.start;
      const bytes = Buffer.allocUnsafe(Math.max(WINDOW, ref.length));
      const at = isBackwards ? Math.max(0, ref.offset + ref.length - bytes.length) : ref.offset;
      const count = readSync(fdOf(ref.file), bytes, 0, bytes.length, at);
      window = { file: ref.file, start: at, bytes: bytes.subarray(0, count) };
    }
    const start = ref.offset - window.start;
    return window.bytes.toString('utf8', start, start + ref.length);
  };
  try {
    return use({
      problems,
      text,
      read(ref) {
        const parsed = parseLine(text(ref));
        if ('line' in parsed) return parsed.line;
        problems.push({ line: 0, kind: 'corrupt', message: `at byte ${ref.offset}: ${parsed.message}` });
        return null;
      },
    });
  } finally {
    for (const fd of open.values()) closeSync(fd);
  }
}

/** The first line of a file, however long; null when it is none of ours. Throws what the file system throws. */
export function readFirstLine(file: string): RolloutLine | null {
  const fd = openSync(file, 'r');
  try {
    let bytes = Buffer.alloc(0);
    for (;;) {
      const more = Buffer.alloc(FIRST);
      const count = readSync(fd, more, 0, FIRST, bytes.length);
      bytes = Buffer.concat([bytes, more.subarray(0, count)]);
      const end = bytes.indexOf(0x0a);
      if (end < 0 && count > 0) continue;
      const parsed = parseLine(bytes.toString('utf8', 0, end < 0 ? bytes.length : end));
      return 'line' in parsed ? parsed.line : null;
    }
  } finally {
    closeSync(fd);
  }
}
