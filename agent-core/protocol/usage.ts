/** Token counts as the provider reported them: the last call, and the sum over the thread. */
import * as z from 'zod/mini';
import { lazy } from './lazy.ts';

export const TokenUsageBreakdown = lazy(() =>
  z.object({
    cachedInputTokens: z.int(),
    inputTokens: z.int(),
    outputTokens: z.int(),
    reasoningOutputTokens: z.int(),
    totalTokens: z.int(),
    cacheWriteInputTokens: z._default(z.int(), 0),
  }),
);
export type TokenUsageBreakdown = z.infer<typeof TokenUsageBreakdown>;

export const ThreadTokenUsage = lazy(() =>
  z.object({ last: TokenUsageBreakdown, total: TokenUsageBreakdown, modelContextWindow: z.nullish(z.int()) }),
);
export type ThreadTokenUsage = z.infer<typeof ThreadTokenUsage>;

export const ThreadTokenUsageUpdatedNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), tokenUsage: ThreadTokenUsage }),
);
export type ThreadTokenUsageUpdatedNotification = z.infer<typeof ThreadTokenUsageUpdatedNotification>;
