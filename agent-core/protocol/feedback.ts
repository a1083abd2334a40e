/** A report for the makers, saved to a file. Nothing is sent. */
import * as z from 'zod/mini';
import { LegacyAppPathString } from './common.ts';
import { lazy } from './lazy.ts';

/** `savePath` is absolute and must not exist; the file belongs to the client. */
export const FeedbackSaveParams = lazy(() =>
  z.object({
    threadId: z.nullish(z.string()),
    classification: z.string(),
    savePath: LegacyAppPathString,
    extraLogFiles: z.nullish(z.array(z.string())),
    includeLogs: z.optional(z.boolean()),
    reason: z.nullish(z.string()),
    tags: z.nullish(z.record(z.string(), z.string())),
  }),
);
export type FeedbackSaveParams = z.infer<typeof FeedbackSaveParams>;

export const FeedbackSaveResponse = lazy(() =>
  z.object({ threadId: z.string(), savedPath: LegacyAppPathString, promptHash: z.nullish(z.string()) }),
);
export type FeedbackSaveResponse = z.infer<typeof FeedbackSaveResponse>;
