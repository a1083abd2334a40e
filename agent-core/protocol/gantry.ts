/**
 * What Codex's wire does not have and is ours alone. It goes only to a peer that declared `capabilities.gantry`
 * (the client in `initialize` params, the server in its result); nothing in here is ever required.
 */
import * as z from 'zod/mini';
import { FileChangeApprovalDecision, FileChangeRequestApprovalParams } from './approval.ts';
import {
  CheckpointListParams,
  CheckpointListResponse,
  CheckpointPreviewParams,
  CheckpointPreviewResponse,
  CheckpointReadFileParams,
  CheckpointReadFileResponse,
  CheckpointRestoreParams,
  CheckpointRestoreResponse,
} from './gantry-checkpoint.ts';
import {
  GantryContextReadParams,
  GantryContextReadResponse,
  GantryPromptReadParams,
  GantryPromptReadResponse,
} from './gantry-context.ts';
import {
  FileReviewChangedNotification,
  FileReviewUpdatedNotification,
  GantryCommandStaleNotification,
} from './gantry-file-review.ts';
import {
  HostFsCreateParams,
  HostFsCreateResponse,
  HostFsDeleteParams,
  HostFsDeleteResponse,
  HostFsDirtyParams,
  HostFsDirtyResponse,
  HostFsReadParams,
  HostFsReadResponse,
  HostFsRenameParams,
  HostFsRenameResponse,
  HostFsSaveParams,
  HostFsSaveResponse,
  HostFsWriteParams,
  HostFsWriteResponse,
} from './gantry-host-fs.ts';
import {
  HostLmCancelNotification,
  HostLmDeltaNotification,
  HostLmStartParams,
  HostLmStartResponse,
} from './gantry-host-lm.ts';
import {
  GantryMcpPermissionsReadParams,
  GantryMcpPermissionsReadResponse,
  GantryMcpPermissionsSetParams,
  GantryMcpPermissionsSetResponse,
} from './gantry-mcp.ts';
import {
  GantryItemBlockedNotification,
  GantryPermissionGrantParams,
  GantryPermissionGrantResponse,
} from './gantry-permission.ts';
import { GantryQueueReadParams, GantryQueueReadResponse } from './gantry-queue.ts';
import { GantryThreadSearchParams, GantryThreadSearchResponse } from './gantry-thread-search.ts';
import {
  GantryPriceRefreshParams,
  GantryPriceRefreshResponse,
  GantryUsageReadParams,
  GantryUsageReadResponse,
} from './gantry-usage.ts';
import { InitializeCapabilities, InitializeParams, InitializeResponse } from './initialize.ts';
import { PatchChangeKind } from './item-parts.ts';
import { lazy } from './lazy.ts';
import type { NotificationTable, RequestTable } from './methods.ts';
import { ThreadResumeParams, ThreadResumeResponse, ThreadStartParams, ThreadStartResponse } from './thread-start.ts';
import { TurnStartParams, TurnStartResponse } from './turn.ts';

/** What a client offers: unsaved buffers, review in the editor, the editor's own models, a place for keys. */
export const GantryClientCapabilities = lazy(() =>
  z.object({
    fs: z.optional(z.boolean()),
    review: z.optional(z.boolean()),
    lm: z.optional(z.boolean()),
    secrets: z.optional(z.boolean()),
  }),
);
export type GantryClientCapabilities = z.infer<typeof GantryClientCapabilities>;

/**
 * What the server answers in its `initialize` result, and only to a client that declared the capability. The flags are
 * those of the client that it will use; an older core leaves them out.
 */
export const GantryServerInfo = lazy(() =>
  z.object({
    version: z.string(),
    features: z.array(z.string()),
    fs: z.optional(z.boolean()),
    review: z.optional(z.boolean()),
    lm: z.optional(z.boolean()),
    secrets: z.optional(z.boolean()),
  }),
);
export type GantryServerInfo = z.infer<typeof GantryServerInfo>;

export const GantryInitializeParams = lazy(() =>
  z.extend(InitializeParams.def.getter(), {
    capabilities: z.nullish(
      z.extend(InitializeCapabilities.def.getter(), { gantry: z.nullish(GantryClientCapabilities) }),
    ),
  }),
);
export type GantryInitializeParams = z.infer<typeof GantryInitializeParams>;

export const GantryInitializeResponse = lazy(() =>
  z.extend(InitializeResponse.def.getter(), { gantry: z.nullish(GantryServerInfo) }),
);
export type GantryInitializeResponse = z.infer<typeof GantryInitializeResponse>;

/** `askFirst`: a patch waits for the user. `editThenReview`: it is written at once and reviewed after. `refuse`: no patch is taken. */
export const EditApproval = z.enum(['askFirst', 'editThenReview', 'refuse']);
export type EditApproval = z.infer<typeof EditApproval>;

/** Options of a thread; in `turn/start` they hold for this turn and those after it. */
export const GantryThreadOptions = lazy(() => z.object({ editApproval: z.optional(EditApproval) }));
export type GantryThreadOptions = z.infer<typeof GantryThreadOptions>;

export const GantryThreadStartParams = lazy(() =>
  z.extend(ThreadStartParams.def.getter(), { gantry: z.nullish(GantryThreadOptions) }),
);
export type GantryThreadStartParams = z.infer<typeof GantryThreadStartParams>;

export const GantryThreadResumeParams = lazy(() =>
  z.extend(ThreadResumeParams.def.getter(), { gantry: z.nullish(GantryThreadOptions) }),
);
export type GantryThreadResumeParams = z.infer<typeof GantryThreadResumeParams>;

/** `whenBusy`: what becomes of the message while a turn runs. Left out, it steers that turn, as in the reference. */
export const GantryTurnOptions = lazy(() =>
  z.object({ editApproval: z.optional(EditApproval), whenBusy: z.optional(z.enum(['steer', 'queue'])) }),
);
export type GantryTurnOptions = z.infer<typeof GantryTurnOptions>;

export const GantryTurnStartParams = lazy(() =>
  z.extend(TurnStartParams.def.getter(), { gantry: z.nullish(GantryTurnOptions) }),
);
export type GantryTurnStartParams = z.infer<typeof GantryTurnStartParams>;

/** A key for a provider, kept in the core's memory only; null forgets it. */
export const GantrySecretSetParams = lazy(() => z.object({ provider: z.string(), key: z.nullable(z.string()) }));
export type GantrySecretSetParams = z.infer<typeof GantrySecretSetParams>;

export const GantrySecretSetResponse = lazy(() => z.object({}));
export type GantrySecretSetResponse = z.infer<typeof GantrySecretSetResponse>;

export const SandboxLevel = z.enum(['namespaces', 'landlock', 'seatbelt', 'none']);
export type SandboxLevel = z.infer<typeof SandboxLevel>;

/** What the kernel here really enforces; `reason` says why something is in `missing`. */
export const SandboxStatus = lazy(() =>
  z.object({
    level: SandboxLevel,
    enforced: z.array(z.string()),
    missing: z.array(z.string()),
    reason: z.nullable(z.string()),
  }),
);
export type SandboxStatus = z.infer<typeof SandboxStatus>;

/** A place in a configuration file that could not be used; line and column count from 1. */
export const ConfigProblem = lazy(() =>
  z.object({
    file: z.string(),
    line: z.nullable(z.int()),
    column: z.nullable(z.int()),
    message: z.string(),
    expected: z.nullable(z.string()),
  }),
);
export type ConfigProblem = z.infer<typeof ConfigProblem>;

export const GantryStatus = lazy(() =>
  z.object({
    sandbox: SandboxStatus,
    config: z.object({ path: z.string(), problems: z.array(ConfigProblem) }),
    home: z.string(),
    version: z.string(),
  }),
);
export type GantryStatus = z.infer<typeof GantryStatus>;

export const GantryStatusReadParams = lazy(() => z.object({}));
export type GantryStatusReadParams = z.infer<typeof GantryStatusReadParams>;

/** Where the right to use a model comes from. */
export const GantryModelSource = z.enum(['config', 'secret', 'environment', 'local', 'host', 'demo']);
export type GantryModelSource = z.infer<typeof GantryModelSource>;

export const GantryModel = lazy(() =>
  z.object({
    provider: z.string(),
    providerName: z.string(),
    model: z.string(),
    displayName: z.string(),
    description: z.nullable(z.string()),
    source: GantryModelSource,
    isDemo: z.boolean(),
    contextWindow: z.nullable(z.int()),
    reasoningEfforts: z.array(z.string()),
    supportsTools: z.nullable(z.boolean()),
    supportsImages: z.optional(z.nullable(z.boolean())),
    hasPrice: z.optional(z.boolean()),
  }),
);
export type GantryModel = z.infer<typeof GantryModel>;

export const GantryModelSelection = lazy(() =>
  z.object({ provider: z.string(), model: z.string(), source: GantryModelSource }),
);
export type GantryModelSelection = z.infer<typeof GantryModelSelection>;

export const GantryModelListParams = lazy(() => z.object({ refresh: z.optional(z.boolean()) }));
export type GantryModelListParams = z.infer<typeof GantryModelListParams>;

/** `problems` are sentences for the user: a provider that did not answer, a key that was refused. */
export const GantryModelListResponse = lazy(() =>
  z.object({
    data: z.array(GantryModel),
    selected: z.nullable(GantryModelSelection),
    problems: z.array(z.string()),
  }),
);
export type GantryModelListResponse = z.infer<typeof GantryModelListResponse>;

/** The list of models or the selected one is not what it was; ask `gantry/model/list` again. */
export const GantryModelChangedNotification = lazy(() => z.object({}));
export type GantryModelChangedNotification = z.infer<typeof GantryModelChangedNotification>;

export const HostModel = lazy(() =>
  z.object({
    id: z.string(),
    name: z.string(),
    vendor: z.string(),
    family: z.string(),
    maxInputTokens: z.int(),
  }),
);
export type HostModel = z.infer<typeof HostModel>;

/** All models that the editor has now; each offer replaces the one before. */
export const GantryModelHostOfferParams = lazy(() => z.object({ models: z.array(HostModel) }));
export type GantryModelHostOfferParams = z.infer<typeof GantryModelHostOfferParams>;

export const GantryModelHostOfferResponse = lazy(() => z.object({}));
export type GantryModelHostOfferResponse = z.infer<typeof GantryModelHostOfferResponse>;

/** Kills one running command; the turn goes on. `stopped` is false when it had already ended. */
export const GantryCommandStopParams = lazy(() => z.object({ threadId: z.string(), itemId: z.string() }));
export type GantryCommandStopParams = z.infer<typeof GantryCommandStopParams>;

export const GantryCommandStopResponse = lazy(() => z.object({ stopped: z.boolean() }));
export type GantryCommandStopResponse = z.infer<typeof GantryCommandStopResponse>;

const Cells = z.int().check(z.gte(1), z.lte(9999));

/** Resizes the terminal of one of the agent's commands. `resized` is false when it has none or has ended. */
export const GantryCommandResizeParams = lazy(() =>
  z.object({ threadId: z.string(), itemId: z.string(), size: z.object({ cols: Cells, rows: Cells }) }),
);
export type GantryCommandResizeParams = z.infer<typeof GantryCommandResizeParams>;

export const GantryCommandResizeResponse = lazy(() => z.object({ resized: z.boolean() }));
export type GantryCommandResizeResponse = z.infer<typeof GantryCommandResizeResponse>;

/** One file of a proposed patch with its whole texts (LF, no BOM). `oldText` is null for a new file, `newText` for a deleted one. */
export const ProposedFileChange = lazy(() =>
  z.object({
    path: z.string(),
    kind: PatchChangeKind,
    oldText: z.nullable(z.string()),
    newText: z.nullable(z.string()),
    baseHash: z.nullable(z.string()),
  }),
);
export type ProposedFileChange = z.infer<typeof ProposedFileChange>;

export const GantryFileChangeRequestApprovalParams = lazy(() =>
  z.extend(FileChangeRequestApprovalParams.def.getter(), {
    gantry: z.nullish(z.object({ changes: z.array(ProposedFileChange) })),
  }),
);
export type GantryFileChangeRequestApprovalParams = z.infer<typeof GantryFileChangeRequestApprovalParams>;

/**
 * The user decided hunk by hunk: `finalText` is what each file shall be, made from the text with `baseHash`.
 * A file that is left out is rejected. `note` is told to the model.
 */
export const AcceptPartialDecision = lazy(() =>
  z.object({
    acceptPartial: z.object({
      files: z.array(
        z.object({ path: z.string(), baseHash: z.nullable(z.string()), finalText: z.nullable(z.string()) }),
      ),
      note: z.nullish(z.string()),
    }),
  }),
);
export type AcceptPartialDecision = z.infer<typeof AcceptPartialDecision>;

export const GantryFileChangeApprovalDecision = lazy(() =>
  z.union([FileChangeApprovalDecision, AcceptPartialDecision]),
);
export type GantryFileChangeApprovalDecision = z.infer<typeof GantryFileChangeApprovalDecision>;

export const GantryFileChangeRequestApprovalResponse = lazy(() =>
  z.object({ decision: GantryFileChangeApprovalDecision }),
);
export type GantryFileChangeRequestApprovalResponse = z.infer<typeof GantryFileChangeRequestApprovalResponse>;

/**
 * The user kept or undid part of a change after it was written; told to the model with its next call.
 * `diff` is what undoing changed, as unified hunks; `path` is absolute.
 */
export const FileReviewDecidedParams = lazy(() =>
  z.object({
    threadId: z.string(),
    turnId: z.string(),
    path: z.string(),
    itemId: z.nullish(z.string()),
    decision: z.enum(['kept', 'undone', 'edited']),
    hunkCount: z.optional(z.int()),
    pendingCount: z.optional(z.int()),
    diff: z.nullish(z.string()),
    note: z.nullish(z.string()),
  }),
);
export type FileReviewDecidedParams = z.infer<typeof FileReviewDecidedParams>;

export const FileReviewDecidedResponse = lazy(() => z.object({}));
export type FileReviewDecidedResponse = z.infer<typeof FileReviewDecidedResponse>;

/** Our own client requests, and the reference's with the fields that we add to them. */
export const gantryClientRequests = {
  initialize: { params: GantryInitializeParams, result: GantryInitializeResponse },
  'thread/start': { params: GantryThreadStartParams, result: ThreadStartResponse },
  'thread/resume': { params: GantryThreadResumeParams, result: ThreadResumeResponse },
  'turn/start': { params: GantryTurnStartParams, result: TurnStartResponse },
  'gantry/status/read': { params: GantryStatusReadParams, result: GantryStatus },
  'gantry/secret/set': { params: GantrySecretSetParams, result: GantrySecretSetResponse },
  'gantry/model/list': { params: GantryModelListParams, result: GantryModelListResponse },
  'gantry/model/hostOffer': { params: GantryModelHostOfferParams, result: GantryModelHostOfferResponse },
  'gantry/command/stop': { params: GantryCommandStopParams, result: GantryCommandStopResponse },
  'gantry/command/resize': { params: GantryCommandResizeParams, result: GantryCommandResizeResponse },
  'gantry/permission/grant': { params: GantryPermissionGrantParams, result: GantryPermissionGrantResponse },
  'gantry/mcpServer/permissions/read': {
    params: GantryMcpPermissionsReadParams,
    result: GantryMcpPermissionsReadResponse,
  },
  'gantry/mcpServer/permissions/set': {
    params: GantryMcpPermissionsSetParams,
    result: GantryMcpPermissionsSetResponse,
  },
  'gantry/queue/read': { params: GantryQueueReadParams, result: GantryQueueReadResponse },
  'gantry/thread/search': { params: GantryThreadSearchParams, result: GantryThreadSearchResponse },
  'gantry/usage/read': { params: GantryUsageReadParams, result: GantryUsageReadResponse },
  'gantry/price/refresh': { params: GantryPriceRefreshParams, result: GantryPriceRefreshResponse },
  'gantry/context/read': { params: GantryContextReadParams, result: GantryContextReadResponse },
  'gantry/prompt/read': { params: GantryPromptReadParams, result: GantryPromptReadResponse },
  'fileReview/decided': { params: FileReviewDecidedParams, result: FileReviewDecidedResponse },
  'checkpoint/list': { params: CheckpointListParams, result: CheckpointListResponse },
  'checkpoint/preview': { params: CheckpointPreviewParams, result: CheckpointPreviewResponse },
  'checkpoint/readFile': { params: CheckpointReadFileParams, result: CheckpointReadFileResponse },
  'checkpoint/restore': { params: CheckpointRestoreParams, result: CheckpointRestoreResponse },
} satisfies RequestTable;

/** Our own server requests, and the reference's with the fields that we add to them. */
export const gantryServerRequests = {
  'item/fileChange/requestApproval': {
    params: GantryFileChangeRequestApprovalParams,
    result: GantryFileChangeRequestApprovalResponse,
  },
  'host/fs/read': { params: HostFsReadParams, result: HostFsReadResponse },
  'host/fs/write': { params: HostFsWriteParams, result: HostFsWriteResponse },
  'host/fs/create': { params: HostFsCreateParams, result: HostFsCreateResponse },
  'host/fs/delete': { params: HostFsDeleteParams, result: HostFsDeleteResponse },
  'host/fs/rename': { params: HostFsRenameParams, result: HostFsRenameResponse },
  'host/fs/save': { params: HostFsSaveParams, result: HostFsSaveResponse },
  'host/fs/dirty': { params: HostFsDirtyParams, result: HostFsDirtyResponse },
  'host/lm/start': { params: HostLmStartParams, result: HostLmStartResponse },
} satisfies RequestTable;

export const gantryClientNotifications = {
  'host/lm/delta': { params: HostLmDeltaNotification },
} satisfies NotificationTable;

export const gantryServerNotifications = {
  'gantry/status/changed': { params: GantryStatus },
  'gantry/item/blocked': { params: GantryItemBlockedNotification },
  'fileReview/updated': { params: FileReviewUpdatedNotification },
  'fileReview/changed': { params: FileReviewChangedNotification },
  'gantry/command/stale': { params: GantryCommandStaleNotification },
  'gantry/model/changed': { params: GantryModelChangedNotification },
  'host/lm/cancel': { params: HostLmCancelNotification },
} satisfies NotificationTable;
