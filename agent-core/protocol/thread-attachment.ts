/** What the user attached to a thread from elsewhere. `attachmentType` and `identityKey` name it, on each thread once. */
import * as z from 'zod/mini';
import { Uint } from './common.ts';
import { lazy } from './lazy.ts';

export const ThreadAttachment = lazy(() =>
  z.object({
    id: z.string(),
    attachmentType: z.string(),
    createdAt: z.int(),
    identityKey: z.string(),
    payload: z.unknown(),
  }),
);
export type ThreadAttachment = z.infer<typeof ThreadAttachment>;

/** A thread that has the attachment; `archived` is about the thread. */
export const ThreadAttachmentOwner = lazy(() => z.object({ threadId: z.string(), archived: z.boolean() }));
export type ThreadAttachmentOwner = z.infer<typeof ThreadAttachmentOwner>;

export const ThreadAttachmentAddOutcome = z.enum(['created', 'existing']);
export type ThreadAttachmentAddOutcome = z.infer<typeof ThreadAttachmentAddOutcome>;

export const ThreadAttachmentOperation = z.enum(['created', 'deleted']);
export type ThreadAttachmentOperation = z.infer<typeof ThreadAttachmentOperation>;

export const ThreadAttachmentAddParams = lazy(() =>
  z.object({ threadId: z.string(), attachmentType: z.string(), identityKey: z.string(), payload: z.unknown() }),
);
export type ThreadAttachmentAddParams = z.infer<typeof ThreadAttachmentAddParams>;

export const ThreadAttachmentAddResponse = lazy(() =>
  z.object({ attachment: ThreadAttachment, outcome: ThreadAttachmentAddOutcome }),
);
export type ThreadAttachmentAddResponse = z.infer<typeof ThreadAttachmentAddResponse>;

export const ThreadAttachmentListParams = lazy(() =>
  z.object({ threadId: z.string(), cursor: z.nullish(z.string()), limit: z.nullish(Uint) }),
);
export type ThreadAttachmentListParams = z.infer<typeof ThreadAttachmentListParams>;

export const ThreadAttachmentListResponse = lazy(() =>
  z.object({ data: z.array(ThreadAttachment), nextCursor: z.nullish(z.string()) }),
);
export type ThreadAttachmentListResponse = z.infer<typeof ThreadAttachmentListResponse>;

/** Without `archived`, all owners; false leaves the archived ones out. */
export const ThreadAttachmentOwnerListParams = lazy(() =>
  z.object({
    attachmentType: z.string(),
    identityKey: z.string(),
    archived: z.nullish(z.boolean()),
    cursor: z.nullish(z.string()),
    limit: z.nullish(Uint),
  }),
);
export type ThreadAttachmentOwnerListParams = z.infer<typeof ThreadAttachmentOwnerListParams>;

export const ThreadAttachmentOwnerListResponse = lazy(() =>
  z.object({ data: z.array(ThreadAttachmentOwner), nextCursor: z.nullish(z.string()) }),
);
export type ThreadAttachmentOwnerListResponse = z.infer<typeof ThreadAttachmentOwnerListResponse>;

export const ThreadAttachmentRemoveParams = lazy(() =>
  z.object({ threadId: z.string(), attachmentType: z.string(), identityKey: z.string() }),
);
export type ThreadAttachmentRemoveParams = z.infer<typeof ThreadAttachmentRemoveParams>;

export const ThreadAttachmentRemoveResponse = lazy(() => z.object({}));
export type ThreadAttachmentRemoveResponse = z.infer<typeof ThreadAttachmentRemoveResponse>;

export const ThreadAttachmentUpdatedNotification = lazy(() =>
  z.object({
    threadId: z.string(),
    attachmentId: z.string(),
    attachmentType: z.string(),
    identityKey: z.string(),
    operation: ThreadAttachmentOperation,
  }),
);
export type ThreadAttachmentUpdatedNotification = z.infer<typeof ThreadAttachmentUpdatedNotification>;
