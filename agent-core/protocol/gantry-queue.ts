/**
 * Messages that wait for the running turn to end, each to become a turn of its own: sent with `turn/start` and
 * `gantry.whenBusy: "queue"`, or while a review or a compaction runs. `turn/interrupt` with a waiting turn's id takes it
 * back; `thread/queue/changed` tells of every change.
 */
import * as z from 'zod/mini';
import { lazy } from './lazy.ts';
import { UserInput } from './user-input.ts';

export const GantryQueueReadParams = lazy(() => z.object({ threadId: z.string() }));
export type GantryQueueReadParams = z.infer<typeof GantryQueueReadParams>;

/** In the order in which they will run. */
export const GantryQueueReadResponse = lazy(() =>
  z.object({
    data: z.array(z.object({ turnId: z.string(), clientId: z.nullable(z.string()), input: z.array(UserInput) })),
  }),
);
export type GantryQueueReadResponse = z.infer<typeof GantryQueueReadResponse>;
