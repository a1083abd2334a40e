/** What a thread has used, in tokens and in money; for people. `thread/tokenUsage/updated` tells when it has grown. */
import * as z from 'zod/mini';
import { Uint } from './common.ts';
import { lazy } from './lazy.ts';

/**
 * Tokens and money of some calls of a model. `inputTokens` counts cached ones too. `costUsd` is what the calls cost whose
 * price is known; null: of none is it known. `unpricedCalls` are the others.
 */
export const GantrySpending = lazy(() =>
  z.object({
    calls: Uint,
    unpricedCalls: Uint,
    inputTokens: Uint,
    cachedInputTokens: Uint,
    outputTokens: Uint,
    costUsd: z.nullable(z.number()),
  }),
);
export type GantrySpending = z.infer<typeof GantrySpending>;

export const GantryUsageReadParams = lazy(() => z.object({ threadId: z.string() }));
export type GantryUsageReadParams = z.infer<typeof GantryUsageReadParams>;

/** Of the whole thread, and of each turn that called a model, oldest first. */
export const GantryUsageReadResponse = lazy(() =>
  z.object({
    thread: GantrySpending,
    turns: z.array(z.object({ turnId: z.string(), spending: GantrySpending })),
  }),
);
export type GantryUsageReadResponse = z.infer<typeof GantryUsageReadResponse>;

/** `source` is an https: URL (http: for this computer) or an absolute path, which the user configured. */
export const GantryPriceRefreshParams = lazy(() => z.object({ source: z.string() }));
export type GantryPriceRefreshParams = z.infer<typeof GantryPriceRefreshParams>;

/** `models` is how many have a price now; `file` is where they are kept. */
export const GantryPriceRefreshResponse = lazy(() => z.object({ models: Uint, file: z.string() }));
export type GantryPriceRefreshResponse = z.infer<typeof GantryPriceRefreshResponse>;
