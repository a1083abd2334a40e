/** Finding files by parts of their names: once, or in a session whose query changes as the user types. */
import * as z from 'zod/mini';
import { Uint } from './common.ts';
import { lazy } from './lazy.ts';

export const FuzzyFileSearchMatchType = z.enum(['file', 'directory']);
export type FuzzyFileSearchMatchType = z.infer<typeof FuzzyFileSearchMatchType>;

/** `indices` are the characters of `path` that matched. */
export const FuzzyFileSearchResult = lazy(() =>
  z.object({
    file_name: z.string(),
    match_type: FuzzyFileSearchMatchType,
    path: z.string(),
    root: z.string(),
    score: Uint,
    indices: z.nullish(z.array(Uint)),
  }),
);
export type FuzzyFileSearchResult = z.infer<typeof FuzzyFileSearchResult>;

/** A new call with the same `cancellationToken` cancels the one before. */
export const FuzzyFileSearchParams = lazy(() =>
  z.object({ query: z.string(), roots: z.array(z.string()), cancellationToken: z.nullish(z.string()) }),
);
export type FuzzyFileSearchParams = z.infer<typeof FuzzyFileSearchParams>;

export const FuzzyFileSearchResponse = lazy(() => z.object({ files: z.array(FuzzyFileSearchResult) }));
export type FuzzyFileSearchResponse = z.infer<typeof FuzzyFileSearchResponse>;

export const FuzzyFileSearchSessionStartParams = lazy(() =>
  z.object({ roots: z.array(z.string()), sessionId: z.string() }),
);
export type FuzzyFileSearchSessionStartParams = z.infer<typeof FuzzyFileSearchSessionStartParams>;

export const FuzzyFileSearchSessionStartResponse = lazy(() => z.object({}));
export type FuzzyFileSearchSessionStartResponse = z.infer<typeof FuzzyFileSearchSessionStartResponse>;

export const FuzzyFileSearchSessionUpdateParams = lazy(() => z.object({ query: z.string(), sessionId: z.string() }));
export type FuzzyFileSearchSessionUpdateParams = z.infer<typeof FuzzyFileSearchSessionUpdateParams>;

export const FuzzyFileSearchSessionUpdateResponse = lazy(() => z.object({}));
export type FuzzyFileSearchSessionUpdateResponse = z.infer<typeof FuzzyFileSearchSessionUpdateResponse>;

export const FuzzyFileSearchSessionStopParams = lazy(() => z.object({ sessionId: z.string() }));
export type FuzzyFileSearchSessionStopParams = z.infer<typeof FuzzyFileSearchSessionStopParams>;

export const FuzzyFileSearchSessionStopResponse = lazy(() => z.object({}));
export type FuzzyFileSearchSessionStopResponse = z.infer<typeof FuzzyFileSearchSessionStopResponse>;

export const FuzzyFileSearchSessionUpdatedNotification = lazy(() =>
  z.object({ files: z.array(FuzzyFileSearchResult), query: z.string(), sessionId: z.string() }),
);
export type FuzzyFileSearchSessionUpdatedNotification = z.infer<typeof FuzzyFileSearchSessionUpdatedNotification>;

export const FuzzyFileSearchSessionCompletedNotification = lazy(() => z.object({ sessionId: z.string() }));
export type FuzzyFileSearchSessionCompletedNotification = z.infer<typeof FuzzyFileSearchSessionCompletedNotification>;
