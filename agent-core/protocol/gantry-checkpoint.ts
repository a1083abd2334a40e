/**
 * `checkpoint/*`: the files as they were before a turn, kept apart from the user's repository. Restoring touches only
 * what is as the agent left it; the rest is named as a conflict.
 */
import * as z from 'zod/mini';
import { Uint } from './common.ts';
import { lazy } from './lazy.ts';

/**
 * `turnId` is the turn that the checkpoint was made before; null for one that a restore made. `createdAt` in seconds.
 * `notCovered` are files and folders that it does not hold, for their size or because they cannot be read.
 */
export const Checkpoint = lazy(() =>
  z.object({
    id: z.string(),
    threadId: z.string(),
    turnId: z.nullable(z.string()),
    createdAt: z.int(),
    label: z.nullable(z.string()),
    notCovered: z.optional(z.array(z.string())),
  }),
);
export type Checkpoint = z.infer<typeof Checkpoint>;

export const CheckpointListParams = lazy(() =>
  z.object({ threadId: z.string(), cursor: z.nullish(z.string()), limit: z.nullish(Uint) }),
);
export type CheckpointListParams = z.infer<typeof CheckpointListParams>;

/** Newest first. */
export const CheckpointListResponse = lazy(() =>
  z.object({ data: z.array(Checkpoint), nextCursor: z.nullish(z.string()) }),
);
export type CheckpointListResponse = z.infer<typeof CheckpointListResponse>;

export const CheckpointConflictReason = z.enum(['changedByUser', 'notReadable', 'tooLarge', 'outsideWorkspace']);
export type CheckpointConflictReason = z.infer<typeof CheckpointConflictReason>;

/**
 * What restoring would do to one file: `path` is absolute, `diff` unified from what is there now, null for what is no
 * text. `conflict` says why the file would be left alone.
 */
export const CheckpointFile = lazy(() =>
  z.object({
    path: z.string(),
    change: z.enum(['add', 'update', 'delete']),
    diff: z.nullable(z.string()),
    conflict: z.nullable(CheckpointConflictReason),
  }),
);
export type CheckpointFile = z.infer<typeof CheckpointFile>;

export const CheckpointPreviewParams = lazy(() => z.object({ threadId: z.string(), id: z.string() }));
export type CheckpointPreviewParams = z.infer<typeof CheckpointPreviewParams>;

export const CheckpointPreviewResponse = lazy(() => z.object({ files: z.array(CheckpointFile) }));
export type CheckpointPreviewResponse = z.infer<typeof CheckpointPreviewResponse>;

/** `code`: the files. `thread`: the conversation, back to before the turn. */
export const CheckpointScope = z.enum(['code', 'thread', 'both']);
export type CheckpointScope = z.infer<typeof CheckpointScope>;

/** Without `paths`, all files. `overwrite` are the paths whose conflicts the user saw and decided against. */
export const CheckpointRestoreParams = lazy(() =>
  z.object({
    threadId: z.string(),
    id: z.string(),
    scope: CheckpointScope,
    paths: z.nullish(z.array(z.string())),
    overwrite: z.nullish(z.array(z.string())),
  }),
);
export type CheckpointRestoreParams = z.infer<typeof CheckpointRestoreParams>;

export const CheckpointConflict = lazy(() => z.object({ path: z.string(), reason: CheckpointConflictReason }));
export type CheckpointConflict = z.infer<typeof CheckpointConflict>;

/** `undoId` is a checkpoint of what was there before; null when no file was touched. */
export const CheckpointRestoreResponse = lazy(() =>
  z.object({
    restored: z.array(z.string()),
    conflicts: z.array(CheckpointConflict),
    undoId: z.nullable(z.string()),
  }),
);
export type CheckpointRestoreResponse = z.infer<typeof CheckpointRestoreResponse>;

/** `path` is absolute. */
export const CheckpointReadFileParams = lazy(() =>
  z.object({ threadId: z.string(), id: z.string(), path: z.string() }),
);
export type CheckpointReadFileParams = z.infer<typeof CheckpointReadFileParams>;

/** The file as it was then: LF, no BOM. Null when there was none; with `isText` false also when it was no text. */
export const CheckpointReadFileResponse = lazy(() => z.object({ text: z.nullable(z.string()), isText: z.boolean() }));
export type CheckpointReadFileResponse = z.infer<typeof CheckpointReadFileResponse>;
