/**
 * The views of threads on disk. What was found of a file is remembered, and only what was appended is looked at again.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { emptyHeads, type LineHeads, problemsOf, scanEnd, scanFile } from './line-heads.ts';
import { type LineReader, withLines } from './line-reader.ts';
import type { ThreadLine } from './rollout.ts';
import type { ThreadPaths } from './thread-paths.ts';
import { endView, forkPoint, holds, linesOf, type Past, type ThreadView, viewOf } from './thread-view.ts';

/** Lines that are remembered, of all files together. */
const REMEMBERED = 300_000;

/** How much of a file's end is looked at for its last turns, at first and at most. */
const FIRST_END = 256 * 1024;
const LAST_END = 16 * 1024 * 1024;
const REMEMBERED_ENDS = 8;

type Known = { heads: LineHeads; mtimeMs: number; ino: number; view: ThreadView | null; seen: number };

export type ThreadFiles = {
  /** Throws what the file system throws. */
  view(file: string): ThreadView;
  /**
   * A view that holds at least so many of the last turns, and of their items, with all that belongs to them; of a long
   * file only the end is read for it. Throws what the file system throws.
   */
  end(file: string, wanted: { turns: number; items: number }): ThreadView;
  /** What a fork of the thread refers to. */
  base(view: ThreadView, threadId: string, lastTurnId: string | null): NonNullable<ThreadLine['base']>;
  /** Gives a fork a copy of its own of what it shares with its parent. Does nothing for one that has it. */
  keepPast(threadId: string, file: string): void;
  /** Whether a parent's file is there. */
  hasParent(threadId: string): boolean;
  isKnown(file: string): boolean;
  forget(file: string): void;
};

const MISSING: ThreadView['problems'][number] = {
  line: 1,
  kind: 'lostPast',
  message: 'the thread that this one was forked from is gone, and with it what both share',
};

export function createThreadFiles(paths: ThreadPaths): ThreadFiles {
  const known = new Map<string, Known>();
  const ends = new Map<string, { size: number; mtimeMs: number; ino: number; view: ThreadView }>();

  const remember = (file: string, one: Known): void => {
    known.delete(file);
    known.set(file, one);
    let total = 0;
    for (const { heads } of known.values()) total += heads.heads.length;
    for (const [oldest, { heads }] of known) {
      if (total <= REMEMBERED || oldest === file) return;
      total -= heads.heads.length;
      known.delete(oldest);
    }
  };

  const look = (file: string): Known => {
    const { size, mtimeMs, ino } = statSync(file);
    const before = known.get(file);
    const isSame = before?.ino === ino && (size > before.heads.size || mtimeMs === before.mtimeMs);
    if (isSame && size === before.heads.size) return before;
    // A file that was written over by hand is looked at anew.
    const heads = scanFile(file, isSame ? before.heads : emptyHeads());
    const now: Known = { heads, mtimeMs, ino, view: null, seen: 0 };
    remember(file, now);
    return now;
  };

  const firstLine = (file: string, heads: LineHeads): ThreadLine | null => {
    const head = heads.heads[0];
    if (head?.type !== 'thread') return null;
    const line = withLines([file], (reader) => reader.read({ file: 0, offset: head.offset, length: head.length }));
    return line?.type === 'thread' ? line : null;
  };

  /** The file with the past of a fork: its own copy, else the parent's, also one that is just being deleted. */
  const pastOf = (first: ThreadLine | null, visited: readonly string[]): Past | 'missing' | null => {
    const base = first?.base;
    if (!first || !base || base.lastTurnId === null) return null;
    const own = paths.past(first.threadId);
    if (existsSync(own)) return { view: viewOf(own, look(own).heads, null) };
    const parent = paths.find(base.threadId)?.path ?? paths.deleting(base.threadId);
    if (!parent || visited.includes(parent)) return 'missing';
    const { heads } = look(parent);
    const before = pastOf(firstLine(parent, heads), [...visited, parent]);
    if (before === 'missing') return 'missing';
    return { view: viewOf(parent, heads, before, base.bytes), lastTurnId: base.lastTurnId };
  };

  const view = (file: string): ThreadView => {
    const one = look(file);
    // What it shares may have been archived or copied meanwhile.
    if (one.view && one.seen === one.heads.scanned && one.view.files.every((part) => existsSync(part))) {
      one.view.problems = [...one.view.problems.filter(({ kind }) => kind === 'lostPast'), ...problemsOf(one.heads)];
      return one.view;
    }
    const past = pastOf(firstLine(file, one.heads), [file]);
    one.view = viewOf(file, one.heads, past === 'missing' ? null : past);
    one.view.problems = [...(past === 'missing' ? [MISSING] : []), ...problemsOf(one.heads)];
    one.seen = one.heads.scanned;
    return one.view;
  };

  const write = (file: string, source: ThreadView): void => {
    mkdirSync(path.dirname(file), { recursive: true });
    const draft = `${file}.${process.pid}`;
    const fd = openSync(draft, 'w', 0o600);
    try {
      withLines(source.files, (reader: LineReader) => {
        for (const ref of linesOf(source)) {
          let bytes = Buffer.from(`${reader.text(ref)}\n`);
          while (bytes.length > 0) bytes = bytes.subarray(writeSync(fd, bytes));
        }
      });
      fsyncSync(fd);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    } finally {
      closeSync(fd);
    }
    // Whole or not at all, whatever happens meanwhile.
    renameSync(draft, file);
  };

  const end: ThreadFiles['end'] = (file, wanted) => {
    if (known.has(file)) return view(file);
    const { size, mtimeMs, ino } = statSync(file);
    const last = ends.get(file);
    const isSame = last?.size === size && last.mtimeMs === mtimeMs && last.ino === ino;
    if (isSame && holds(last.view, wanted)) return last.view;
    ends.delete(file);
    for (let bytes = FIRST_END; bytes <= LAST_END && bytes * 2 < size; bytes *= 4) {
      const found = endView(file, scanEnd(file, size, bytes), wanted);
      if (!found) continue;
      ends.set(file, { size, mtimeMs, ino, view: found });
      for (const oldest of ends.keys()) if (ends.size > REMEMBERED_ENDS) ends.delete(oldest);
      return found;
    }
    return view(file);
  };

  return {
    view,
    end,
    base: (of, threadId, lastTurnId) => ({ threadId, ...forkPoint(of, lastTurnId) }),
    keepPast(threadId, file) {
      const own = paths.past(threadId);
      if (existsSync(own)) return;
      const { heads } = look(file);
      const past = pastOf(firstLine(file, heads), [file]);
      if (past === null || past === 'missing') return;
      const empty = { ...emptyHeads(), heads: [] };
      write(own, viewOf(file, empty, past));
      this.forget(file);
    },
    hasParent: (threadId) => paths.find(threadId) !== null,
    isKnown: (file) => known.has(file),
    forget(file) {
      known.delete(file);
      ends.delete(file);
    },
  };
}
