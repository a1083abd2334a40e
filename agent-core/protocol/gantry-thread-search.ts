/**
 * Looking for what was said. Every word must stand in one message of the user's or the model's, or in the thread's name,
 * as a part of whatever it is in; what stands in double quotes is one word. Capital letters do not count.
 */
import * as z from 'zod/mini';
import { lazy } from './lazy.ts';
import { Thread } from './thread.ts';

export const GantryThreadSearchParams = lazy(() =>
  z.object({
    query: z.string(),
    cwd: z.nullish(z.union([z.string(), z.array(z.string())])),
    archived: z.nullish(z.boolean()),
    limit: z.nullish(z.int().check(z.minimum(0))),
    cursor: z.nullish(z.string()),
  }),
);
export type GantryThreadSearchParams = z.infer<typeof GantryThreadSearchParams>;

/** `matches` are places in `text`, in UTF-16 units, in order and apart. */
export const GantryThreadSnippet = lazy(() =>
  z.object({ text: z.string(), matches: z.array(z.object({ start: z.int(), end: z.int() })) }),
);
export type GantryThreadSnippet = z.infer<typeof GantryThreadSnippet>;

/** A thread with the newest message that was found in it; without a turn and an item, its name was found. */
export const GantryThreadSearchResult = lazy(() =>
  z.object({
    thread: Thread,
    snippet: GantryThreadSnippet,
    turnId: z.nullable(z.string()),
    itemId: z.nullable(z.string()),
  }),
);
export type GantryThreadSearchResult = z.infer<typeof GantryThreadSearchResult>;

/** The threads that were used last come first. */
export const GantryThreadSearchResponse = lazy(() =>
  z.object({ data: z.array(GantryThreadSearchResult), nextCursor: z.nullable(z.string()) }),
);
export type GantryThreadSearchResponse = z.infer<typeof GantryThreadSearchResponse>;
