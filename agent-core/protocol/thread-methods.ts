/** Finding, reading and keeping threads. Lists are `cursor/limit -> data/nextCursor`; a cursor is opaque. */
import * as z from 'zod/mini';
import { SortDirection, Uint } from './common.ts';
import { AnyThreadItem } from './item.ts';
import { lazy } from './lazy.ts';
import { Thread, ThreadReadState, ThreadSourceKind } from './thread.ts';
import { Turn, TurnItemsView } from './turn.ts';

export const ThreadSortKey = z.enum(['created_at', 'updated_at', 'recency_at', 'section_position']);
export type ThreadSortKey = z.infer<typeof ThreadSortKey>;

export const ThreadListCwdFilter = lazy(() => z.union([z.string(), z.array(z.string())]));
export type ThreadListCwdFilter = z.infer<typeof ThreadListCwdFilter>;

export const ThreadListParams = lazy(() =>
  z.object({
    archived: z.nullish(z.boolean()),
    currentAccountOnly: z.optional(z.boolean()),
    cursor: z.nullish(z.string()),
    cwd: z.nullish(ThreadListCwdFilter),
    excludedThreadIds: z.nullish(z.array(z.string())),
    limit: z.nullish(Uint),
    modelProviders: z.nullish(z.array(z.string())),
    originators: z.nullish(z.array(z.string())),
    searchTerm: z.nullish(z.string()),
    sectionId: z.nullish(z.string()),
    sortDirection: z.nullish(SortDirection),
    sortKey: z.nullish(ThreadSortKey),
    sourceKinds: z.nullish(z.array(ThreadSourceKind)),
    useStateDbOnly: z.optional(z.boolean()),
  }),
);
export type ThreadListParams = z.infer<typeof ThreadListParams>;

export const ThreadListResponse = lazy(() =>
  z.object({
    data: z.array(Thread),
    backwardsCursor: z.nullish(z.string()),
    nextCursor: z.nullish(z.string()),

    // behind `experimentalApi`
    readStates: z.nullish(z.record(z.string(), ThreadReadState)),
  }),
);
export type ThreadListResponse = z.infer<typeof ThreadListResponse>;

export const ThreadSearchSortKey = z.enum(['created_at', 'updated_at', 'recency_at']);
export type ThreadSearchSortKey = z.infer<typeof ThreadSearchSortKey>;

/** Looks for `searchTerm` in names and in what was said. */
export const ThreadSearchParams = lazy(() =>
  z.object({
    searchTerm: z.string(),
    archived: z.nullish(z.boolean()),
    currentAccountOnly: z.optional(z.boolean()),
    cursor: z.nullish(z.string()),
    includeAttachedThreads: z.optional(z.boolean()),
    limit: z.nullish(Uint),
    sortDirection: z.nullish(SortDirection),
    sortKey: z.nullish(ThreadSearchSortKey),
    sourceKinds: z.nullish(z.array(ThreadSourceKind)),
  }),
);
export type ThreadSearchParams = z.infer<typeof ThreadSearchParams>;

/** `snippet` is the place where it was found. */
export const ThreadSearchResult = lazy(() => z.object({ snippet: z.string(), thread: Thread }));
export type ThreadSearchResult = z.infer<typeof ThreadSearchResult>;

export const ThreadSearchResponse = lazy(() =>
  z.object({
    data: z.array(ThreadSearchResult),
    backwardsCursor: z.nullish(z.string()),
    nextCursor: z.nullish(z.string()),
  }),
);
export type ThreadSearchResponse = z.infer<typeof ThreadSearchResponse>;

export const ThreadLoadedListParams = lazy(() => z.object({ cursor: z.nullish(z.string()), limit: z.nullish(Uint) }));
export type ThreadLoadedListParams = z.infer<typeof ThreadLoadedListParams>;

export const ThreadLoadedListResponse = lazy(() =>
  z.object({ data: z.array(z.string()), nextCursor: z.nullish(z.string()) }),
);
export type ThreadLoadedListResponse = z.infer<typeof ThreadLoadedListResponse>;

export const ThreadReadParams = lazy(() => z.object({ threadId: z.string(), includeTurns: z.optional(z.boolean()) }));
export type ThreadReadParams = z.infer<typeof ThreadReadParams>;

export const ThreadReadResponse = lazy(() =>
  z.object({
    thread: Thread,

    // behind `experimentalApi`
    readState: z.nullish(ThreadReadState),
  }),
);
export type ThreadReadResponse = z.infer<typeof ThreadReadResponse>;

export const ThreadTurnsListParams = lazy(() =>
  z.object({
    threadId: z.string(),
    cursor: z.nullish(z.string()),
    itemsView: z.nullish(TurnItemsView),
    limit: z.nullish(Uint),
    sortDirection: z.nullish(SortDirection),
  }),
);
export type ThreadTurnsListParams = z.infer<typeof ThreadTurnsListParams>;

export const ThreadTurnsListResponse = lazy(() =>
  z.object({ data: z.array(Turn), backwardsCursor: z.nullish(z.string()), nextCursor: z.nullish(z.string()) }),
);
export type ThreadTurnsListResponse = z.infer<typeof ThreadTurnsListResponse>;

export const ThreadItemsListAnchor = lazy(() => z.object({ type: z.literal('item'), itemId: z.string() }));
export type ThreadItemsListAnchor = z.infer<typeof ThreadItemsListAnchor>;

export const ThreadItemsListCursor = lazy(() => z.union([z.string(), ThreadItemsListAnchor]));
export type ThreadItemsListCursor = z.infer<typeof ThreadItemsListCursor>;

export const ThreadItemOutputDeferral = lazy(() => z.record(z.string(), z.unknown()));
export type ThreadItemOutputDeferral = z.infer<typeof ThreadItemOutputDeferral>;

export const ThreadItemsListParams = lazy(() =>
  z.object({
    threadId: z.string(),
    turnId: z.nullish(z.string()),
    cursor: z.nullish(ThreadItemsListCursor),
    deferOutput: z.nullish(ThreadItemOutputDeferral),
    limit: z.nullish(Uint),
    sortDirection: z.nullish(SortDirection),
  }),
);
export type ThreadItemsListParams = z.infer<typeof ThreadItemsListParams>;

export const ThreadItemEntry = lazy(() =>
  z.object({
    turnId: z.string(),
    item: AnyThreadItem,
    completedAtMs: z.nullish(z.int()),
    startedAtMs: z.nullish(z.int()),
  }),
);
export type ThreadItemEntry = z.infer<typeof ThreadItemEntry>;

export const ThreadItemsListResponse = lazy(() =>
  z.object({
    data: z.array(ThreadItemEntry),
    backwardsCursor: z.nullish(z.string()),
    nextCursor: z.nullish(z.string()),
  }),
);
export type ThreadItemsListResponse = z.infer<typeof ThreadItemsListResponse>;

export const ThreadSetNameParams = lazy(() => z.object({ threadId: z.string(), name: z.string() }));
export type ThreadSetNameParams = z.infer<typeof ThreadSetNameParams>;

export const ThreadSetNameResponse = lazy(() => z.object({}));
export type ThreadSetNameResponse = z.infer<typeof ThreadSetNameResponse>;

export const ThreadArchiveParams = lazy(() => z.object({ threadId: z.string() }));
export type ThreadArchiveParams = z.infer<typeof ThreadArchiveParams>;

export const ThreadArchiveResponse = lazy(() => z.object({}));
export type ThreadArchiveResponse = z.infer<typeof ThreadArchiveResponse>;

export const ThreadUnarchiveParams = lazy(() => z.object({ threadId: z.string() }));
export type ThreadUnarchiveParams = z.infer<typeof ThreadUnarchiveParams>;

export const ThreadUnarchiveResponse = lazy(() => z.object({ thread: Thread }));
export type ThreadUnarchiveResponse = z.infer<typeof ThreadUnarchiveResponse>;

export const ThreadDeleteParams = lazy(() => z.object({ threadId: z.string() }));
export type ThreadDeleteParams = z.infer<typeof ThreadDeleteParams>;

export const ThreadDeleteResponse = lazy(() => z.object({}));
export type ThreadDeleteResponse = z.infer<typeof ThreadDeleteResponse>;

export const ThreadUnsubscribeStatus = z.enum(['notLoaded', 'notSubscribed', 'unsubscribed']);
export type ThreadUnsubscribeStatus = z.infer<typeof ThreadUnsubscribeStatus>;

export const ThreadUnsubscribeParams = lazy(() => z.object({ threadId: z.string() }));
export type ThreadUnsubscribeParams = z.infer<typeof ThreadUnsubscribeParams>;

export const ThreadUnsubscribeResponse = lazy(() => z.object({ status: ThreadUnsubscribeStatus }));
export type ThreadUnsubscribeResponse = z.infer<typeof ThreadUnsubscribeResponse>;

export const ThreadCompactStartParams = lazy(() => z.object({ threadId: z.string() }));
export type ThreadCompactStartParams = z.infer<typeof ThreadCompactStartParams>;

export const ThreadCompactStartResponse = lazy(() => z.object({}));
export type ThreadCompactStartResponse = z.infer<typeof ThreadCompactStartResponse>;

export const ThreadRevertParams = lazy(() => z.object({ threadId: z.string(), beforeTurnId: z.string() }));
export type ThreadRevertParams = z.infer<typeof ThreadRevertParams>;

export const ThreadRevertResponse = lazy(() =>
  z.object({
    thread: Thread,
    itemsBackwardsCursor: z.nullish(z.string()),
    turnsBackwardsCursor: z.nullish(z.string()),
  }),
);
export type ThreadRevertResponse = z.infer<typeof ThreadRevertResponse>;
