import * as z from 'zod/mini';
import { GetAccountParams, GetAccountResponse } from './account.ts';
import {
  CommandExecutionRequestApprovalParams,
  CommandExecutionRequestApprovalResponse,
  FileChangeRequestApprovalParams,
  FileChangeRequestApprovalResponse,
  ServerRequestResolvedNotification,
} from './approval.ts';
import * as autoReview from './auto-review.ts';
import * as background from './background-terminal.ts';
import * as command from './command-exec.ts';
import { NoParams } from './common.ts';
import { ConfigReadParams, ConfigReadResponse } from './config.ts';
import * as configRequirements from './config-requirements.ts';
import * as configWrite from './config-write.ts';
import { McpServerElicitationRequestParams, McpServerElicitationRequestResponse } from './elicitation.ts';
import {
  ConfigWarningNotification,
  DeprecationNoticeNotification,
  ErrorNotification,
  WarningNotification,
} from './error.ts';
import * as feature from './experimental-feature.ts';
import * as externalAgent from './external-agent-config.ts';
import { FeedbackSaveParams, FeedbackSaveResponse } from './feedback.ts';
import * as fs from './fs.ts';
import * as fileSearch from './fuzzy-file-search.ts';
import { HookCompletedNotification, HookStartedNotification } from './hook.ts';
import { HooksListParams, HooksListResponse } from './hook-methods.ts';
import { InitializeParams, InitializeResponse } from './initialize.ts';
import * as item from './item-notifications.ts';
import * as legacy from './legacy-approval.ts';
import * as login from './login.ts';
import { McpServerStatusUpdatedNotification } from './mcp.ts';
import * as mcp from './mcp-methods.ts';
import { ModelListParams, ModelListResponse, ModelReroutedNotification } from './model.ts';
import * as modelNotice from './model-notice.ts';
import * as modelProvider from './model-provider.ts';
import { PermissionsRequestApprovalParams, PermissionsRequestApprovalResponse } from './permission.ts';
import { PermissionProfileListParams, PermissionProfileListResponse } from './permission-profile.ts';
import * as process from './process.ts';
import { ReviewStartParams, ReviewStartResponse } from './review.ts';
import * as skill from './skill.ts';
import * as thread from './thread.ts';
import * as attachment from './thread-attachment.ts';
import * as goal from './thread-goal.ts';
import * as threadMethods from './thread-methods.ts';
import * as threadNotification from './thread-notifications.ts';
import * as threadReadState from './thread-read-state.ts';
import * as section from './thread-section.ts';
import {
  ThreadForkParams,
  ThreadForkResponse,
  ThreadResumeParams,
  ThreadResumeResponse,
  ThreadStartParams,
  ThreadStartResponse,
} from './thread-start.ts';
import * as threadUpdate from './thread-update.ts';
import {
  DynamicToolCallParams,
  DynamicToolCallResponse,
  ToolRequestUserInputParams,
  ToolRequestUserInputResponse,
} from './tool-request.ts';
import * as turn from './turn.ts';
import { ThreadTokenUsageUpdatedNotification } from './usage.ts';
import * as windowsSandbox from './windows-sandbox.ts';

/** One row a request. What is sent is the schema's input; what a handler or caller gets is its output. */
export type RequestTable = Record<string, { params: z.ZodMiniType; result: z.ZodMiniType }>;
/** One row a notification. */
export type NotificationTable = Record<string, { params: z.ZodMiniType }>;

/** Requests that the client sends and the server answers. */
export const clientRequests = {
  initialize: { params: InitializeParams, result: InitializeResponse },

  'thread/start': { params: ThreadStartParams, result: ThreadStartResponse },
  'thread/resume': { params: ThreadResumeParams, result: ThreadResumeResponse },
  'thread/fork': { params: ThreadForkParams, result: ThreadForkResponse },
  'thread/list': { params: threadMethods.ThreadListParams, result: threadMethods.ThreadListResponse },
  'thread/search': { params: threadMethods.ThreadSearchParams, result: threadMethods.ThreadSearchResponse },
  'thread/loaded/list': {
    params: threadMethods.ThreadLoadedListParams,
    result: threadMethods.ThreadLoadedListResponse,
  },
  'thread/read': { params: threadMethods.ThreadReadParams, result: threadMethods.ThreadReadResponse },
  'thread/turns/list': { params: threadMethods.ThreadTurnsListParams, result: threadMethods.ThreadTurnsListResponse },
  'thread/items/list': { params: threadMethods.ThreadItemsListParams, result: threadMethods.ThreadItemsListResponse },
  'thread/name/set': { params: threadMethods.ThreadSetNameParams, result: threadMethods.ThreadSetNameResponse },
  'thread/archive': { params: threadMethods.ThreadArchiveParams, result: threadMethods.ThreadArchiveResponse },
  'thread/unarchive': { params: threadMethods.ThreadUnarchiveParams, result: threadMethods.ThreadUnarchiveResponse },
  'thread/delete': { params: threadMethods.ThreadDeleteParams, result: threadMethods.ThreadDeleteResponse },
  'thread/unsubscribe': {
    params: threadMethods.ThreadUnsubscribeParams,
    result: threadMethods.ThreadUnsubscribeResponse,
  },
  'thread/compact/start': {
    params: threadMethods.ThreadCompactStartParams,
    result: threadMethods.ThreadCompactStartResponse,
  },
  'thread/revert': { params: threadMethods.ThreadRevertParams, result: threadMethods.ThreadRevertResponse },
  'thread/metadata/update': {
    params: threadUpdate.ThreadMetadataUpdateParams,
    result: threadUpdate.ThreadMetadataUpdateResponse,
  },
  'thread/inject_items': {
    params: threadUpdate.ThreadInjectItemsParams,
    result: threadUpdate.ThreadInjectItemsResponse,
  },
  'thread/shellCommand': {
    params: threadUpdate.ThreadShellCommandParams,
    result: threadUpdate.ThreadShellCommandResponse,
  },
  'thread/backgroundTerminals/list': {
    params: background.ThreadBackgroundTerminalsListParams,
    result: background.ThreadBackgroundTerminalsListResponse,
  },
  'thread/backgroundTerminals/terminate': {
    params: background.ThreadBackgroundTerminalsTerminateParams,
    result: background.ThreadBackgroundTerminalsTerminateResponse,
  },
  'thread/backgroundTerminals/clean': {
    params: background.ThreadBackgroundTerminalsCleanParams,
    result: background.ThreadBackgroundTerminalsCleanResponse,
  },
  'thread/approveGuardianDeniedAction': {
    params: threadUpdate.ThreadApproveGuardianDeniedActionParams,
    result: threadUpdate.ThreadApproveGuardianDeniedActionResponse,
  },
  'thread/goal/set': { params: goal.ThreadGoalSetParams, result: goal.ThreadGoalSetResponse },
  'thread/goal/get': { params: goal.ThreadGoalGetParams, result: goal.ThreadGoalGetResponse },
  'thread/goal/clear': { params: goal.ThreadGoalClearParams, result: goal.ThreadGoalClearResponse },
  'thread/section/move': { params: section.ThreadSectionMoveParams, result: section.ThreadSectionMoveResponse },
  'threadSection/list': { params: section.ThreadSectionListParams, result: section.ThreadSectionListResponse },
  'threadSection/create': { params: section.ThreadSectionCreateParams, result: section.ThreadSectionCreateResponse },
  'threadSection/update': { params: section.ThreadSectionUpdateParams, result: section.ThreadSectionUpdateResponse },
  'threadSection/delete': { params: section.ThreadSectionDeleteParams, result: section.ThreadSectionDeleteResponse },
  'thread/attachment/add': {
    params: attachment.ThreadAttachmentAddParams,
    result: attachment.ThreadAttachmentAddResponse,
  },
  'thread/attachment/list': {
    params: attachment.ThreadAttachmentListParams,
    result: attachment.ThreadAttachmentListResponse,
  },
  'thread/attachment/remove': {
    params: attachment.ThreadAttachmentRemoveParams,
    result: attachment.ThreadAttachmentRemoveResponse,
  },
  'thread/attachmentOwner/list': {
    params: attachment.ThreadAttachmentOwnerListParams,
    result: attachment.ThreadAttachmentOwnerListResponse,
  },

  'thread/readState/update': {
    params: threadReadState.ThreadReadStateUpdateParams,
    result: threadReadState.ThreadReadStateUpdateResponse,
  },

  'turn/start': { params: turn.TurnStartParams, result: turn.TurnStartResponse },
  'turn/steer': { params: turn.TurnSteerParams, result: turn.TurnSteerResponse },
  'turn/interrupt': { params: turn.TurnInterruptParams, result: turn.TurnInterruptResponse },
  'review/start': { params: ReviewStartParams, result: ReviewStartResponse },

  'model/list': { params: ModelListParams, result: ModelListResponse },
  'modelProvider/list': {
    params: modelProvider.ModelProviderListParams,
    result: modelProvider.ModelProviderListResponse,
  },
  'modelProvider/config/write': {
    params: modelProvider.ModelProviderConfigWriteParams,
    result: modelProvider.ModelProviderConfigWriteResponse,
  },
  'modelProvider/capabilities/read': {
    params: modelProvider.ModelProviderCapabilitiesReadParams,
    result: modelProvider.ModelProviderCapabilitiesReadResponse,
  },

  'account/read': { params: GetAccountParams, result: GetAccountResponse },
  'account/login/start': { params: login.LoginAccountParams, result: login.LoginAccountResponse },
  'account/login/cancel': { params: login.CancelLoginAccountParams, result: login.CancelLoginAccountResponse },
  'account/logout': { params: NoParams, result: login.LogoutAccountResponse },

  'config/read': { params: ConfigReadParams, result: ConfigReadResponse },
  'config/value/write': { params: configWrite.ConfigValueWriteParams, result: configWrite.ConfigWriteResponse },
  'config/batchWrite': { params: configWrite.ConfigBatchWriteParams, result: configWrite.ConfigWriteResponse },
  'config/mcpServer/reload': { params: NoParams, result: mcp.McpServerRefreshResponse },
  'configRequirements/read': { params: NoParams, result: configRequirements.ConfigRequirementsReadResponse },
  'permissionProfile/list': { params: PermissionProfileListParams, result: PermissionProfileListResponse },
  'experimentalFeature/list': {
    params: feature.ExperimentalFeatureListParams,
    result: feature.ExperimentalFeatureListResponse,
  },
  'experimentalFeature/enablement/set': {
    params: feature.ExperimentalFeatureEnablementSetParams,
    result: feature.ExperimentalFeatureEnablementSetResponse,
  },

  'skills/list': { params: skill.SkillsListParams, result: skill.SkillsListResponse },
  'skills/extraRoots/set': { params: skill.SkillsExtraRootsSetParams, result: skill.SkillsExtraRootsSetResponse },
  'skills/config/write': { params: skill.SkillsConfigWriteParams, result: skill.SkillsConfigWriteResponse },
  'hooks/list': { params: HooksListParams, result: HooksListResponse },
  'mcpServerStatus/list': { params: mcp.ListMcpServerStatusParams, result: mcp.ListMcpServerStatusResponse },
  'mcpServer/tool/call': { params: mcp.McpServerToolCallParams, result: mcp.McpServerToolCallResponse },
  'mcpServer/resource/read': { params: mcp.McpResourceReadParams, result: mcp.McpResourceReadResponse },
  'mcpServer/oauth/login': { params: mcp.McpServerOauthLoginParams, result: mcp.McpServerOauthLoginResponse },

  'command/exec': { params: command.CommandExecParams, result: command.CommandExecResponse },
  'command/exec/write': { params: command.CommandExecWriteParams, result: command.CommandExecWriteResponse },
  'command/exec/resize': { params: command.CommandExecResizeParams, result: command.CommandExecResizeResponse },
  'command/exec/terminate': {
    params: command.CommandExecTerminateParams,
    result: command.CommandExecTerminateResponse,
  },
  'process/spawn': { params: process.ProcessSpawnParams, result: process.ProcessSpawnResponse },
  'process/writeStdin': { params: process.ProcessWriteStdinParams, result: process.ProcessWriteStdinResponse },
  'process/resizePty': { params: process.ProcessResizePtyParams, result: process.ProcessResizePtyResponse },
  'process/kill': { params: process.ProcessKillParams, result: process.ProcessKillResponse },

  'fs/readFile': { params: fs.FsReadFileParams, result: fs.FsReadFileResponse },
  'fs/writeFile': { params: fs.FsWriteFileParams, result: fs.FsWriteFileResponse },
  'fs/createDirectory': { params: fs.FsCreateDirectoryParams, result: fs.FsCreateDirectoryResponse },
  'fs/getMetadata': { params: fs.FsGetMetadataParams, result: fs.FsGetMetadataResponse },
  'fs/readDirectory': { params: fs.FsReadDirectoryParams, result: fs.FsReadDirectoryResponse },
  'fs/remove': { params: fs.FsRemoveParams, result: fs.FsRemoveResponse },
  'fs/copy': { params: fs.FsCopyParams, result: fs.FsCopyResponse },
  'fs/watch': { params: fs.FsWatchParams, result: fs.FsWatchResponse },
  'fs/unwatch': { params: fs.FsUnwatchParams, result: fs.FsUnwatchResponse },

  fuzzyFileSearch: { params: fileSearch.FuzzyFileSearchParams, result: fileSearch.FuzzyFileSearchResponse },
  'fuzzyFileSearch/sessionStart': {
    params: fileSearch.FuzzyFileSearchSessionStartParams,
    result: fileSearch.FuzzyFileSearchSessionStartResponse,
  },
  'fuzzyFileSearch/sessionUpdate': {
    params: fileSearch.FuzzyFileSearchSessionUpdateParams,
    result: fileSearch.FuzzyFileSearchSessionUpdateResponse,
  },
  'fuzzyFileSearch/sessionStop': {
    params: fileSearch.FuzzyFileSearchSessionStopParams,
    result: fileSearch.FuzzyFileSearchSessionStopResponse,
  },

  'externalAgentConfig/detect': {
    params: externalAgent.ExternalAgentConfigDetectParams,
    result: externalAgent.ExternalAgentConfigDetectResponse,
  },
  'externalAgentConfig/import': {
    params: externalAgent.ExternalAgentConfigImportParams,
    result: externalAgent.ExternalAgentConfigImportResponse,
  },
  'externalAgentConfig/import/recordHistory': {
    params: externalAgent.ExternalAgentConfigImportHistoryRecordParams,
    result: externalAgent.ExternalAgentConfigImportHistoryRecordResponse,
  },
  'externalAgentConfig/import/readHistories': {
    params: NoParams,
    result: externalAgent.ExternalAgentConfigImportHistoriesReadResponse,
  },

  'feedback/save': { params: FeedbackSaveParams, result: FeedbackSaveResponse },
  'windowsSandbox/readiness': { params: NoParams, result: windowsSandbox.WindowsSandboxReadinessResponse },
  'windowsSandbox/setupStart': {
    params: windowsSandbox.WindowsSandboxSetupStartParams,
    result: windowsSandbox.WindowsSandboxSetupStartResponse,
  },
} satisfies RequestTable;

/** Requests that the server sends and the client answers. */
export const serverRequests = {
  'item/commandExecution/requestApproval': {
    params: CommandExecutionRequestApprovalParams,
    result: CommandExecutionRequestApprovalResponse,
  },
  'item/fileChange/requestApproval': {
    params: FileChangeRequestApprovalParams,
    result: FileChangeRequestApprovalResponse,
  },
  'item/permissions/requestApproval': {
    params: PermissionsRequestApprovalParams,
    result: PermissionsRequestApprovalResponse,
  },
  'item/tool/requestUserInput': { params: ToolRequestUserInputParams, result: ToolRequestUserInputResponse },
  'item/tool/call': { params: DynamicToolCallParams, result: DynamicToolCallResponse },
  'mcpServer/elicitation/request': {
    params: McpServerElicitationRequestParams,
    result: McpServerElicitationRequestResponse,
  },
  applyPatchApproval: { params: legacy.ApplyPatchApprovalParams, result: legacy.ApplyPatchApprovalResponse },
  execCommandApproval: { params: legacy.ExecCommandApprovalParams, result: legacy.ExecCommandApprovalResponse },
} satisfies RequestTable;

/** Notifications from the client. */
export const clientNotifications = {
  initialized: { params: z.optional(z.unknown()) },
} satisfies NotificationTable;

/** Notifications from the server. */
export const serverNotifications = {
  'thread/started': { params: thread.ThreadStartedNotification },
  'thread/status/changed': { params: thread.ThreadStatusChangedNotification },
  'thread/closed': { params: thread.ThreadClosedNotification },
  'thread/archived': { params: thread.ThreadArchivedNotification },
  'thread/unarchived': { params: thread.ThreadUnarchivedNotification },
  'thread/deleted': { params: thread.ThreadDeletedNotification },
  'thread/reverted': { params: thread.ThreadRevertedNotification },
  'thread/compacted': { params: thread.ContextCompactedNotification },
  'thread/name/updated': { params: thread.ThreadNameUpdatedNotification },
  'thread/readState/changed': { params: thread.ThreadReadStateChangedNotification },
  'thread/section/changed': { params: section.ThreadSectionChangedNotification },
  'thread/attachment/updated': { params: attachment.ThreadAttachmentUpdatedNotification },
  'thread/goal/updated': { params: goal.ThreadGoalUpdatedNotification },
  'thread/goal/cleared': { params: goal.ThreadGoalClearedNotification },
  'thread/settings/updated': { params: threadNotification.ThreadSettingsUpdatedNotification },
  'thread/queue/changed': { params: threadNotification.ThreadQueueChangedNotification },
  'thread/prediction/updated': { params: threadNotification.ThreadPredictionUpdatedNotification },
  'thread/project/updated': { params: threadNotification.ThreadProjectUpdatedNotification },
  'thread/environment/connected': { params: threadNotification.EnvironmentConnectionNotification },
  'thread/environment/disconnected': { params: threadNotification.EnvironmentConnectionNotification },
  'thread/tokenUsage/updated': { params: ThreadTokenUsageUpdatedNotification },

  'turn/started': { params: turn.TurnStartedNotification },
  'turn/completed': { params: turn.TurnCompletedNotification },
  'turn/diff/updated': { params: turn.TurnDiffUpdatedNotification },
  'turn/plan/updated': { params: turn.TurnPlanUpdatedNotification },
  'turn/moderationMetadata': { params: threadNotification.TurnModerationMetadataNotification },

  'item/started': { params: item.ItemStartedNotification },
  'item/completed': { params: item.ItemCompletedNotification },
  'item/agentMessage/delta': { params: item.AgentMessageDeltaNotification },
  'item/plan/delta': { params: item.PlanDeltaNotification },
  'item/reasoning/summaryPartAdded': { params: item.ReasoningSummaryPartAddedNotification },
  'item/reasoning/summaryTextDelta': { params: item.ReasoningSummaryTextDeltaNotification },
  'item/reasoning/textDelta': { params: item.ReasoningTextDeltaNotification },
  'item/commandExecution/outputDelta': { params: item.CommandExecutionOutputDeltaNotification },
  'item/commandExecution/terminalInteraction': { params: item.TerminalInteractionNotification },
  'item/fileChange/outputDelta': { params: item.FileChangeOutputDeltaNotification },
  'item/fileChange/patchUpdated': { params: item.FileChangePatchUpdatedNotification },
  'item/mcpToolCall/progress': { params: item.McpToolCallProgressNotification },
  'item/autoApprovalReview/started': { params: autoReview.ItemGuardianApprovalReviewStartedNotification },
  'item/autoApprovalReview/completed': { params: autoReview.ItemGuardianApprovalReviewCompletedNotification },
  'autoApprovalReview/strictReviewRequired': { params: autoReview.StrictReviewRequiredNotification },

  'serverRequest/resolved': { params: ServerRequestResolvedNotification },
  'hook/started': { params: HookStartedNotification },
  'hook/completed': { params: HookCompletedNotification },
  'mcpServer/startupStatus/updated': { params: McpServerStatusUpdatedNotification },
  'mcpServer/oauthLogin/completed': { params: mcp.McpServerOauthLoginCompletedNotification },
  'mcpServer/event/stream/notification': { params: mcp.McpServerEventStreamNotification },
  'model/rerouted': { params: ModelReroutedNotification },
  'model/verification': { params: modelNotice.ModelVerificationNotification },
  'model/safetyBuffering/updated': { params: modelNotice.ModelSafetyBufferingUpdatedNotification },
  'modelProvider/authRecoveryStarted': { params: modelProvider.AuthRecoveryNotification },
  'modelProvider/authRecoveryCompleted': { params: modelProvider.AuthRecoveryNotification },

  'account/updated': { params: login.AccountUpdatedNotification },
  'account/login/completed': { params: login.AccountLoginCompletedNotification },
  'skills/changed': { params: skill.SkillsChangedNotification },
  'project/changed': { params: threadNotification.ProjectChangedNotification },
  'command/exec/outputDelta': { params: command.CommandExecOutputDeltaNotification },
  'process/outputDelta': { params: process.ProcessOutputDeltaNotification },
  'process/exited': { params: process.ProcessExitedNotification },
  'fs/changed': { params: fs.FsChangedNotification },
  'fuzzyFileSearch/sessionUpdated': { params: fileSearch.FuzzyFileSearchSessionUpdatedNotification },
  'fuzzyFileSearch/sessionCompleted': { params: fileSearch.FuzzyFileSearchSessionCompletedNotification },
  'externalAgentConfig/import/progress': { params: externalAgent.ExternalAgentConfigImportProgressNotification },
  'externalAgentConfig/import/completed': { params: externalAgent.ExternalAgentConfigImportCompletedNotification },
  'windowsSandbox/setupCompleted': { params: windowsSandbox.WindowsSandboxSetupCompletedNotification },
  'windows/worldWritableWarning': { params: windowsSandbox.WindowsWorldWritableWarningNotification },

  error: { params: ErrorNotification },
  warning: { params: WarningNotification },
  guardianWarning: { params: autoReview.GuardianWarningNotification },
  configWarning: { params: ConfigWarningNotification },
  deprecationNotice: { params: DeprecationNoticeNotification },
} satisfies NotificationTable;
