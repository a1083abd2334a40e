/** `fileReview/updated`: how far the review of a file has come, told to every client of the thread. */
import * as z from 'zod/mini';
import { Uint } from './common.ts';
import { lazy } from './lazy.ts';

/** Counts of hunks; `path` is absolute. */
export const FileReviewUpdatedNotification = lazy(() =>
  z.object({
    threadId: z.string(),
    turnId: z.string(),
    path: z.string(),
    pending: Uint,
    kept: Uint,
    undone: Uint,
  }),
);
export type FileReviewUpdatedNotification = z.infer<typeof FileReviewUpdatedNotification>;
