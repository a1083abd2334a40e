/** Up to where the user has read a thread. `expectedRevision` is the one that the client's user saw. */
import * as z from 'zod/mini';
import { lazy } from './lazy.ts';
import { ThreadReadState } from './thread.ts';

export const ThreadReadStateOperation = lazy(() =>
  z.discriminatedUnion('type', [z.object({ type: z.literal('read') }), z.object({ type: z.literal('unread') })]),
);
export type ThreadReadStateOperation = z.infer<typeof ThreadReadStateOperation>;

export const ThreadReadStateUpdateParams = lazy(() =>
  z.object({ threadId: z.string(), expectedRevision: z.string(), operation: ThreadReadStateOperation }),
);
export type ThreadReadStateUpdateParams = z.infer<typeof ThreadReadStateUpdateParams>;

export const ThreadReadStateUpdateResponse = lazy(() => z.object({ readState: ThreadReadState }));
export type ThreadReadStateUpdateResponse = z.infer<typeof ThreadReadStateUpdateResponse>;
