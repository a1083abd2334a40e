/** What the calls of a thread used and cost, by turn. Pure. */
import type { GantrySpending } from '../protocol/index.ts';
import type { ModelUsage } from './model-client.ts';

/** One call. `costUsd` null: the model's price was not known when it was made. */
export type Spent = { turnId: string; usage: ModelUsage; costUsd: number | null };

export const noSpending: GantrySpending = {
  calls: 0,
  unpricedCalls: 0,
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  costUsd: null,
};

export function addSpent(sum: GantrySpending, { usage, costUsd }: Spent): GantrySpending {
  return {
    calls: sum.calls + 1,
    unpricedCalls: sum.unpricedCalls + (costUsd === null ? 1 : 0),
    inputTokens: sum.inputTokens + usage.input,
    cachedInputTokens: sum.cachedInputTokens + usage.cachedInput,
    outputTokens: sum.outputTokens + usage.output,
    costUsd: costUsd === null ? sum.costUsd : (sum.costUsd ?? 0) + costUsd,
  };
}

export type SpendingBook = {
  add(spent: Spent): void;
  readonly total: GantrySpending;
  /** Oldest first. */
  readonly turns: { turnId: string; spending: GantrySpending }[];
};

export function createSpendingBook(earlier: readonly Spent[] = []): SpendingBook {
  const byTurn = new Map<string, GantrySpending>();
  let total = noSpending;
  const add = (spent: Spent): void => {
    byTurn.set(spent.turnId, addSpent(byTurn.get(spent.turnId) ?? noSpending, spent));
    total = addSpent(total, spent);
  };
  for (const spent of earlier) add(spent);
  return {
    add,
    get total() {
      return total;
    },
    get turns() {
      return [...byTurn].map(([turnId, spending]) => ({ turnId, spending }));
    },
  };
}
