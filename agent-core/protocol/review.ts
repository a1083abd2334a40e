/** Code review by the agent: `review/start` runs as a turn of the thread that it is given. */
import * as z from 'zod/mini';
import { lazy } from './lazy.ts';
import { Turn } from './turn.ts';

export const ReviewTarget = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('uncommittedChanges') }),
    z.object({ type: z.literal('baseBranch'), branch: z.string() }),
    z.object({ type: z.literal('commit'), sha: z.string(), title: z.nullish(z.string()) }),
    z.object({ type: z.literal('custom'), instructions: z.string() }),
  ]),
);
export type ReviewTarget = z.infer<typeof ReviewTarget>;

/** To review on another thread, start one and name it. */
export const ReviewDelivery = z.literal('inline');
export type ReviewDelivery = z.infer<typeof ReviewDelivery>;

export const ReviewStartParams = lazy(() =>
  z.object({ threadId: z.string(), target: ReviewTarget, delivery: z.nullish(ReviewDelivery) }),
);
export type ReviewStartParams = z.infer<typeof ReviewStartParams>;

/** `reviewThreadId` is the thread that was given. */
export const ReviewStartResponse = lazy(() => z.object({ reviewThreadId: z.string(), turn: Turn }));
export type ReviewStartResponse = z.infer<typeof ReviewStartResponse>;
