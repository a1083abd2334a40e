/** `fileReview/*`: changes that are reviewed after they were written. */
import * as z from 'zod/mini';
import { Uint } from './common.ts';
import { lazy } from './lazy.ts';

/** `fileReview/updated`: how far the review of a file has come, told to the thread's other clients. Counts of hunks; `path` is absolute. */
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

/**
 * A file of the workspace was changed without `host/fs/*`: by a command, or by a tool that wrote to the disk itself.
 * `path` is absolute. `oldText` is null when there was none, `newHash` when there is no file any more. With `isText`
 * false the file is binary or too large, and `oldText` says nothing.
 */
export const FileReviewChangedNotification = lazy(() =>
  z.object({
    threadId: z.string(),
    turnId: z.string(),
    itemId: z.nullable(z.string()),
    path: z.string(),
    source: z.enum(['command', 'tool']),
    oldText: z.nullable(z.string()),
    newHash: z.nullable(z.string()),
    isText: z.boolean(),
  }),
);
export type FileReviewChangedNotification = z.infer<typeof FileReviewChangedNotification>;

/** A command ran while the editor held newer texts of these files than the disk; `paths` are absolute. */
export const GantryCommandStaleNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), itemId: z.string(), paths: z.array(z.string()) }),
);
export type GantryCommandStaleNotification = z.infer<typeof GantryCommandStaleNotification>;
