/** What was in hunks that went away, for the editor's own undo and redo: it tells only that text comes back, not whose. */
import type { Mark } from './alignment.ts';

const MAX_HUNKS = 200;
const MAX_LINES = 5_000;
const MAX_SIZE = 100_000;
/** Of a larger hunk it is not remembered which lines it replaced. */
const MAX_BASE = 200;

/** `base`: what the hunk replaced that the line was in, null when that was too much to remember. */
type Known = { mark: Mark | null; base: readonly string[] | null };

const NOBODY_KNOWS: Mark = { isMixed: true, from: null };

export class Memory {
  readonly #hunks = new Set<string>();
  readonly #marks = new Map<string, Known>();

  /** A hunk that was not kept, but is gone. */
  hunk(base: readonly string[], live: readonly string[]): void {
    const key = keyOf(base, live);
    if (key.length > MAX_SIZE) return;
    this.#hunks.delete(key);
    this.#hunks.add(key);
    for (const oldest of this.#hunks) {
      if (this.#hunks.size <= MAX_HUNKS) break;
      this.#hunks.delete(oldest);
    }
  }

  /** Whether these lines in place of those are a hunk that went away, or lines that left one. */
  has(base: readonly string[], live: readonly string[]): boolean {
    if (this.#hunks.has(keyOf(base, live))) return true;
    return live.every((line) => this.#marks.has(line)) && live.some((line) => /\w/.test(line));
  }

  /**
   * The hunk was kept: if its text goes and comes back, it is nothing to decide any more. An agent's line may have text of
   * the user's that it took from `base`, which now nobody else has: it cannot be written over like one of the agent's.
   */
  kept(base: readonly string[], live: readonly string[]): void {
    this.#hunks.delete(keyOf(base, live));
    for (const line of live) this.#marks.delete(line);
    const gone = new Set(base.filter((line) => /\S/.test(line)));
    if (gone.size === 0) return;
    for (const known of this.#marks.values())
      if (known.mark === null && (known.base?.some((line) => gone.has(line)) ?? true)) known.mark = NOBODY_KNOWS;
  }

  /** Lines that leave a hunk, each with its mark, and what that hunk replaced. */
  lines(lines: readonly string[], marks: readonly (Mark | undefined)[], base: readonly string[]): void {
    if (lines.length > MAX_LINES) return;
    const replaced = base.length > MAX_BASE ? null : base;
    lines.forEach((line, index) => {
      this.#marks.delete(line);
      this.#marks.set(line, { mark: marks[index] ?? null, base: replaced });
    });
    for (const oldest of this.#marks.keys()) {
      if (this.#marks.size <= MAX_LINES) break;
      this.#marks.delete(oldest);
    }
  }

  /** Undefined: no such line was there. Null: it was the agent's. */
  markOf(line: string): Mark | null | undefined {
    return this.#marks.get(line)?.mark;
  }
}

const keyOf = (base: readonly string[], live: readonly string[]): string => JSON.stringify([base, live]);
