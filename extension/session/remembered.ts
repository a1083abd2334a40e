/** What the panel shows of the past and the agent does not keep, over a reload of the window. By workspace, and bounded. No editor. */
import * as z from 'zod/mini';
import { FileReviewDecidedParams, GantryItemBlockedNotification } from '../../agent-core/protocol/index.ts';
import type { ReviewResult } from '../../webview/bridge/review.ts';

/** The editor's own, of a workspace. */
export type Memory = {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
};

/** What an agent is told of its work with the next message of this thread. */
export type ToldLater = { threadId: string; decided: readonly FileReviewDecidedParams[] };

/** Of each list the newest are kept. */
export const MAX_KEPT = { reviewed: 300, blocked: 100, told: 20, decided: 200 } as const;
/** A longer diff is not told anyway. */
const MAX_DIFF = 2_000;

const Reviewed = z.object({
  itemId: z.string(),
  path: z.string(),
  result: z.enum(['kept', 'undone', 'both', 'ended']),
});

export class Remembered {
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  get reviewed(): ReviewResult[] {
    return this.#read('gantry.reviewed', Reviewed);
  }

  setReviewed(results: readonly ReviewResult[]): void {
    this.#write('gantry.reviewed', results.slice(-MAX_KEPT.reviewed));
  }

  get blocked(): GantryItemBlockedNotification[] {
    return this.#read('gantry.blocked', GantryItemBlockedNotification);
  }

  setBlocked(blocked: readonly GantryItemBlockedNotification[]): void {
    this.#write('gantry.blocked', blocked.slice(-MAX_KEPT.blocked));
  }

  get told(): ToldLater[] {
    return this.#read('gantry.told', z.object({ threadId: z.string(), decided: z.array(FileReviewDecidedParams) }));
  }

  setTold(told: readonly ToldLater[]): void {
    const short = (one: FileReviewDecidedParams) => ((one.diff?.length ?? 0) > MAX_DIFF ? { ...one, diff: null } : one);
    this.#write(
      'gantry.told',
      told.slice(-MAX_KEPT.told).map(({ threadId, decided }) => ({
        ...{ threadId, decided: decided.slice(-MAX_KEPT.decided).map(short) },
      })),
    );
  }

  /** What another version has left there, or somebody else, is not read. */
  #read<T>(key: string, one: z.core.$ZodType<T>): T[] {
    const list = z.safeParse(z.array(z.unknown()), this.#memory.get(key));
    if (!list.success) return [];
    return list.data.flatMap((value) => {
      const parsed = z.safeParse(one, value);
      return parsed.success ? [parsed.data] : [];
    });
  }

  #write(key: string, list: readonly unknown[]): void {
    if (JSON.stringify(this.#memory.get(key) ?? []) === JSON.stringify(list)) return;
    void this.#memory.update(key, list.length > 0 ? list : undefined);
  }
}
