/** What was in hunks that went away, for the editor's own undo and redo: it tells only that text comes back, not whose. */
import type { Mark } from './alignment.ts';

const MAX_HUNKS = 200;
const MAX_LINES = 5_000;
const MAX_SIZE = 100_000;

export class Memory {
  readonly #hunks = new Set<string>();
  readonly #marks = new Map<string, Mark | null>();

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

  /** The hunk was kept: if its text goes and comes back, it is nothing to decide any more. */
  kept(base: readonly string[], live: readonly string[]): void {
    this.#hunks.delete(keyOf(base, live));
    for (const line of live) this.#marks.delete(line);
  }

  /** Lines that leave a hunk, each with its mark. */
  lines(lines: readonly string[], marks: readonly (Mark | undefined)[]): void {
    if (lines.length > MAX_LINES) return;
    lines.forEach((line, index) => {
      this.#marks.delete(line);
      this.#marks.set(line, marks[index] ?? null);
    });
    for (const oldest of this.#marks.keys()) {
      if (this.#marks.size <= MAX_LINES) break;
      this.#marks.delete(oldest);
    }
  }

  /** Undefined: no such line was there. Null: it was the agent's. */
  markOf(line: string): Mark | null | undefined {
    return this.#marks.get(line);
  }
}

const keyOf = (base: readonly string[], live: readonly string[]): string => JSON.stringify([base, live]);
