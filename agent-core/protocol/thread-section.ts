/** Sections are the user's own order of threads. They are kept apart from the threads: deleting one deletes no thread. */
import * as z from 'zod/mini';
import { Uint } from './common.ts';
import { lazy } from './lazy.ts';
import { ThreadSection, ThreadSectionAppearance } from './thread.ts';

export const ThreadSectionListParams = lazy(() => z.object({ cursor: z.nullish(z.string()), limit: z.nullish(Uint) }));
export type ThreadSectionListParams = z.infer<typeof ThreadSectionListParams>;

export const ThreadSectionListResponse = lazy(() =>
  z.object({ data: z.array(ThreadSection), nextCursor: z.nullish(z.string()) }),
);
export type ThreadSectionListResponse = z.infer<typeof ThreadSectionListResponse>;

export const ThreadSectionCreateParams = lazy(() =>
  z.object({ name: z.string(), appearance: z.nullish(ThreadSectionAppearance) }),
);
export type ThreadSectionCreateParams = z.infer<typeof ThreadSectionCreateParams>;

export const ThreadSectionCreateResponse = lazy(() => z.object({ section: ThreadSection }));
export type ThreadSectionCreateResponse = z.infer<typeof ThreadSectionCreateResponse>;

/** `appearance` left out stays as it is; null clears it. */
export const ThreadSectionUpdateParams = lazy(() =>
  z.object({ name: z.string(), sectionId: z.string(), appearance: z.nullish(ThreadSectionAppearance) }),
);
export type ThreadSectionUpdateParams = z.infer<typeof ThreadSectionUpdateParams>;

export const ThreadSectionUpdateResponse = lazy(() => z.object({ section: ThreadSection }));
export type ThreadSectionUpdateResponse = z.infer<typeof ThreadSectionUpdateResponse>;

export const ThreadSectionDeleteParams = lazy(() => z.object({ sectionId: z.string() }));
export type ThreadSectionDeleteParams = z.infer<typeof ThreadSectionDeleteParams>;

export const ThreadSectionDeleteResponse = lazy(() => z.object({}));
export type ThreadSectionDeleteResponse = z.infer<typeof ThreadSectionDeleteResponse>;

/** `sectionId` null takes the thread out of its section; without `beforeThreadId` it goes to the end. */
export const ThreadSectionMoveParams = lazy(() =>
  z.object({ threadId: z.string(), sectionId: z.nullable(z.string()), beforeThreadId: z.nullish(z.string()) }),
);
export type ThreadSectionMoveParams = z.infer<typeof ThreadSectionMoveParams>;

export const ThreadSectionMoveResponse = lazy(() => z.object({}));
export type ThreadSectionMoveResponse = z.infer<typeof ThreadSectionMoveResponse>;

/** `sectionId` is where the thread is now, null when in no section. */
export const ThreadSectionChangedNotification = lazy(() =>
  z.object({ threadId: z.string(), sectionId: z.nullable(z.string()) }),
);
export type ThreadSectionChangedNotification = z.infer<typeof ThreadSectionChangedNotification>;
