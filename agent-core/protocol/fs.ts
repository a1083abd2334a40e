/** The files of the machine that the server runs on. Paths are absolute, contents base64. */
import * as z from 'zod/mini';
import { AbsolutePathBuf } from './common.ts';
import { lazy } from './lazy.ts';

export const FsReadFileParams = lazy(() => z.object({ path: AbsolutePathBuf }));
export type FsReadFileParams = z.infer<typeof FsReadFileParams>;

export const FsReadFileResponse = lazy(() => z.object({ dataBase64: z.string() }));
export type FsReadFileResponse = z.infer<typeof FsReadFileResponse>;

export const FsWriteFileParams = lazy(() => z.object({ dataBase64: z.string(), path: AbsolutePathBuf }));
export type FsWriteFileParams = z.infer<typeof FsWriteFileParams>;

export const FsWriteFileResponse = lazy(() => z.object({}));
export type FsWriteFileResponse = z.infer<typeof FsWriteFileResponse>;

/** `recursive` is true unless said otherwise. */
export const FsCreateDirectoryParams = lazy(() =>
  z.object({ path: AbsolutePathBuf, recursive: z.nullish(z.boolean()) }),
);
export type FsCreateDirectoryParams = z.infer<typeof FsCreateDirectoryParams>;

export const FsCreateDirectoryResponse = lazy(() => z.object({}));
export type FsCreateDirectoryResponse = z.infer<typeof FsCreateDirectoryResponse>;

export const FsGetMetadataParams = lazy(() => z.object({ path: AbsolutePathBuf }));
export type FsGetMetadataParams = z.infer<typeof FsGetMetadataParams>;

/** Times are 0 where the file system has none. A link counts as what it leads to, and as a link. */
export const FsGetMetadataResponse = lazy(() =>
  z.object({
    createdAtMs: z.int(),
    isDirectory: z.boolean(),
    isFile: z.boolean(),
    isSymlink: z.boolean(),
    modifiedAtMs: z.int(),
  }),
);
export type FsGetMetadataResponse = z.infer<typeof FsGetMetadataResponse>;

/** `fileName` is the bare name. */
export const FsReadDirectoryEntry = lazy(() =>
  z.object({ fileName: z.string(), isDirectory: z.boolean(), isFile: z.boolean() }),
);
export type FsReadDirectoryEntry = z.infer<typeof FsReadDirectoryEntry>;

export const FsReadDirectoryParams = lazy(() => z.object({ path: AbsolutePathBuf }));
export type FsReadDirectoryParams = z.infer<typeof FsReadDirectoryParams>;

export const FsReadDirectoryResponse = lazy(() => z.object({ entries: z.array(FsReadDirectoryEntry) }));
export type FsReadDirectoryResponse = z.infer<typeof FsReadDirectoryResponse>;

/** `recursive` and `force` (a missing path is no error) are true unless said otherwise. */
export const FsRemoveParams = lazy(() =>
  z.object({ path: AbsolutePathBuf, force: z.nullish(z.boolean()), recursive: z.nullish(z.boolean()) }),
);
export type FsRemoveParams = z.infer<typeof FsRemoveParams>;

export const FsRemoveResponse = lazy(() => z.object({}));
export type FsRemoveResponse = z.infer<typeof FsRemoveResponse>;

/** `recursive` is needed for a folder. */
export const FsCopyParams = lazy(() =>
  z.object({ destinationPath: AbsolutePathBuf, sourcePath: AbsolutePathBuf, recursive: z.optional(z.boolean()) }),
);
export type FsCopyParams = z.infer<typeof FsCopyParams>;

export const FsCopyResponse = lazy(() => z.object({}));
export type FsCopyResponse = z.infer<typeof FsCopyResponse>;

/** `watchId` is the client's own name for the watch, on this connection. */
export const FsWatchParams = lazy(() => z.object({ path: AbsolutePathBuf, watchId: z.string() }));
export type FsWatchParams = z.infer<typeof FsWatchParams>;

/** `path` with its links resolved, as notifications name it. */
export const FsWatchResponse = lazy(() => z.object({ path: AbsolutePathBuf }));
export type FsWatchResponse = z.infer<typeof FsWatchResponse>;

export const FsUnwatchParams = lazy(() => z.object({ watchId: z.string() }));
export type FsUnwatchParams = z.infer<typeof FsUnwatchParams>;

export const FsUnwatchResponse = lazy(() => z.object({}));
export type FsUnwatchResponse = z.infer<typeof FsUnwatchResponse>;

export const FsChangedNotification = lazy(() =>
  z.object({ changedPaths: z.array(AbsolutePathBuf), watchId: z.string() }),
);
export type FsChangedNotification = z.infer<typeof FsChangedNotification>;
