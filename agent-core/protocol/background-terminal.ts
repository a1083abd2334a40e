/** Commands of a thread that go on in the background. */
import * as z from 'zod/mini';
import { Uint } from './common.ts';
import { lazy } from './lazy.ts';

/** `osPid` is the process to look at in the system; what it and all it started take, where the system tells. */
export const ThreadBackgroundTerminal = lazy(() =>
  z.object({
    itemId: z.string(),
    processId: z.string(),
    command: z.string(),
    cwd: z.string(),
    osPid: z.nullish(Uint),
    cpuPercent: z.nullish(z.number()),
    rssKb: z.nullish(Uint),
  }),
);
export type ThreadBackgroundTerminal = z.infer<typeof ThreadBackgroundTerminal>;

export const ThreadBackgroundTerminalsListParams = lazy(() =>
  z.object({ threadId: z.string(), cursor: z.nullish(z.string()), limit: z.nullish(Uint) }),
);
export type ThreadBackgroundTerminalsListParams = z.infer<typeof ThreadBackgroundTerminalsListParams>;

export const ThreadBackgroundTerminalsListResponse = lazy(() =>
  z.object({ data: z.array(ThreadBackgroundTerminal), nextCursor: z.nullish(z.string()) }),
);
export type ThreadBackgroundTerminalsListResponse = z.infer<typeof ThreadBackgroundTerminalsListResponse>;

export const ThreadBackgroundTerminalsTerminateParams = lazy(() =>
  z.object({ threadId: z.string(), processId: z.string() }),
);
export type ThreadBackgroundTerminalsTerminateParams = z.infer<typeof ThreadBackgroundTerminalsTerminateParams>;

/** `terminated` is false when no such command runs. */
export const ThreadBackgroundTerminalsTerminateResponse = lazy(() => z.object({ terminated: z.boolean() }));
export type ThreadBackgroundTerminalsTerminateResponse = z.infer<typeof ThreadBackgroundTerminalsTerminateResponse>;

export const ThreadBackgroundTerminalsCleanParams = lazy(() => z.object({ threadId: z.string() }));
export type ThreadBackgroundTerminalsCleanParams = z.infer<typeof ThreadBackgroundTerminalsCleanParams>;

export const ThreadBackgroundTerminalsCleanResponse = lazy(() => z.object({}));
export type ThreadBackgroundTerminalsCleanResponse = z.infer<typeof ThreadBackgroundTerminalsCleanResponse>;
