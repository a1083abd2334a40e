/** A thread's goal: what the agent works towards over many turns, with a token budget if one was set. */
import * as z from 'zod/mini';
import { lazy } from './lazy.ts';

export const ThreadGoalStatus = z.enum(['active', 'paused', 'blocked', 'usageLimited', 'budgetLimited', 'complete']);
export type ThreadGoalStatus = z.infer<typeof ThreadGoalStatus>;

export const ThreadGoal = lazy(() =>
  z.object({
    threadId: z.string(),
    createdAt: z.int(),
    objective: z.string(),
    status: ThreadGoalStatus,
    timeUsedSeconds: z.int(),
    tokensUsed: z.int(),
    updatedAt: z.int(),
    tokenBudget: z.nullish(z.int()),
  }),
);
export type ThreadGoal = z.infer<typeof ThreadGoal>;

/** Whether a person changed the goal or the course of the work did. Without it, nobody is taken to have agreed. */
export const ThreadGoalMutationOrigin = z.enum(['user', 'automatic']);
export type ThreadGoalMutationOrigin = z.infer<typeof ThreadGoalMutationOrigin>;

export const ThreadGoalSetParams = lazy(() =>
  z.object({
    threadId: z.string(),
    objective: z.nullish(z.string()),
    origin: z.nullish(ThreadGoalMutationOrigin),
    status: z.nullish(ThreadGoalStatus),
    tokenBudget: z.nullish(z.int()),
  }),
);
export type ThreadGoalSetParams = z.infer<typeof ThreadGoalSetParams>;

export const ThreadGoalSetResponse = lazy(() => z.object({ goal: ThreadGoal }));
export type ThreadGoalSetResponse = z.infer<typeof ThreadGoalSetResponse>;

export const ThreadGoalGetParams = lazy(() => z.object({ threadId: z.string() }));
export type ThreadGoalGetParams = z.infer<typeof ThreadGoalGetParams>;

export const ThreadGoalGetResponse = lazy(() => z.object({ goal: z.nullish(ThreadGoal) }));
export type ThreadGoalGetResponse = z.infer<typeof ThreadGoalGetResponse>;

export const ThreadGoalClearParams = lazy(() =>
  z.object({ threadId: z.string(), origin: z.nullish(ThreadGoalMutationOrigin) }),
);
export type ThreadGoalClearParams = z.infer<typeof ThreadGoalClearParams>;

export const ThreadGoalClearResponse = lazy(() => z.object({ cleared: z.boolean() }));
export type ThreadGoalClearResponse = z.infer<typeof ThreadGoalClearResponse>;

export const ThreadGoalUpdatedNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.nullish(z.string()), goal: ThreadGoal }),
);
export type ThreadGoalUpdatedNotification = z.infer<typeof ThreadGoalUpdatedNotification>;

export const ThreadGoalClearedNotification = lazy(() => z.object({ threadId: z.string() }));
export type ThreadGoalClearedNotification = z.infer<typeof ThreadGoalClearedNotification>;
