/** What a client may change on a thread, or add to it, without starting a turn. */
import * as z from 'zod/mini';
import { lazy } from './lazy.ts';
import { Thread } from './thread.ts';

/** A field that is left out stays as it is; null clears it. */
export const ThreadMetadataGitInfoUpdateParams = lazy(() =>
  z.object({ branch: z.nullish(z.string()), originUrl: z.nullish(z.string()), sha: z.nullish(z.string()) }),
);
export type ThreadMetadataGitInfoUpdateParams = z.infer<typeof ThreadMetadataGitInfoUpdateParams>;

/** What is left out stays as it is. An empty `projectId` takes the thread out of its project. */
export const ThreadMetadataUpdateParams = lazy(() =>
  z.object({
    threadId: z.string(),
    gitInfo: z.nullish(ThreadMetadataGitInfoUpdateParams),

    // behind `experimentalApi`
    projectId: z.nullish(z.string()),
  }),
);
export type ThreadMetadataUpdateParams = z.infer<typeof ThreadMetadataUpdateParams>;

export const ThreadMetadataUpdateResponse = lazy(() => z.object({ thread: Thread }));
export type ThreadMetadataUpdateResponse = z.infer<typeof ThreadMetadataUpdateResponse>;

/** `items` are raw items of the Responses API, added to what the model sees. */
export const ThreadInjectItemsParams = lazy(() => z.object({ threadId: z.string(), items: z.array(z.unknown()) }));
export type ThreadInjectItemsParams = z.infer<typeof ThreadInjectItemsParams>;

export const ThreadInjectItemsResponse = lazy(() => z.object({}));
export type ThreadInjectItemsResponse = z.infer<typeof ThreadInjectItemsResponse>;

/** `command` is a line for the thread's shell, run without a sandbox because the user typed it. One hour unless `timeoutMs` says otherwise; 0 times out at once. */
export const ThreadShellCommandParams = lazy(() =>
  z.object({ threadId: z.string(), command: z.string(), timeoutMs: z.nullish(z.int()) }),
);
export type ThreadShellCommandParams = z.infer<typeof ThreadShellCommandParams>;

export const ThreadShellCommandResponse = lazy(() => z.object({}));
export type ThreadShellCommandResponse = z.infer<typeof ThreadShellCommandResponse>;

/** `event` is the review as it was told, unchanged. */
export const ThreadApproveGuardianDeniedActionParams = lazy(() =>
  z.object({ threadId: z.string(), event: z.unknown() }),
);
export type ThreadApproveGuardianDeniedActionParams = z.infer<typeof ThreadApproveGuardianDeniedActionParams>;

export const ThreadApproveGuardianDeniedActionResponse = lazy(() => z.object({}));
export type ThreadApproveGuardianDeniedActionResponse = z.infer<typeof ThreadApproveGuardianDeniedActionResponse>;
