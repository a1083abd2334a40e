import * as z from 'zod/mini';
import { GetAccountParams, GetAccountResponse } from './account.ts';
import {
  CommandExecutionRequestApprovalParams,
  CommandExecutionRequestApprovalResponse,
  FileChangeRequestApprovalParams,
  FileChangeRequestApprovalResponse,
  ServerRequestResolvedNotification,
} from './approval.ts';
import { ConfigReadParams, ConfigReadResponse } from './config.ts';
import {
  ConfigWarningNotification,
  DeprecationNoticeNotification,
  ErrorNotification,
  WarningNotification,
} from './error.ts';
import { HookCompletedNotification, HookStartedNotification } from './hook.ts';
import { InitializeParams, InitializeResponse } from './initialize.ts';
import * as item from './item-notifications.ts';
import { McpServerStatusUpdatedNotification } from './mcp.ts';
import { ModelListParams, ModelListResponse, ModelReroutedNotification } from './model.ts';
import { PermissionsRequestApprovalParams, PermissionsRequestApprovalResponse } from './permission.ts';
import * as thread from './thread.ts';
import * as threadMethods from './thread-methods.ts';
import {
  ThreadForkParams,
  ThreadForkResponse,
  ThreadResumeParams,
  ThreadResumeResponse,
  ThreadStartParams,
  ThreadStartResponse,
} from './thread-start.ts';
import {
  DynamicToolCallParams,
  DynamicToolCallResponse,
  ToolRequestUserInputParams,
  ToolRequestUserInputResponse,
} from './tool-request.ts';
import * as turn from './turn.ts';
import { ThreadTokenUsageUpdatedNotification } from './usage.ts';

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

  'turn/start': { params: turn.TurnStartParams, result: turn.TurnStartResponse },
  'turn/steer': { params: turn.TurnSteerParams, result: turn.TurnSteerResponse },
  'turn/interrupt': { params: turn.TurnInterruptParams, result: turn.TurnInterruptResponse },

  'model/list': { params: ModelListParams, result: ModelListResponse },
  'account/read': { params: GetAccountParams, result: GetAccountResponse },
  'config/read': { params: ConfigReadParams, result: ConfigReadResponse },
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
  'thread/tokenUsage/updated': { params: ThreadTokenUsageUpdatedNotification },

  'turn/started': { params: turn.TurnStartedNotification },
  'turn/completed': { params: turn.TurnCompletedNotification },
  'turn/diff/updated': { params: turn.TurnDiffUpdatedNotification },
  'turn/plan/updated': { params: turn.TurnPlanUpdatedNotification },

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

  'serverRequest/resolved': { params: ServerRequestResolvedNotification },
  'hook/started': { params: HookStartedNotification },
  'hook/completed': { params: HookCompletedNotification },
  'mcpServer/startupStatus/updated': { params: McpServerStatusUpdatedNotification },
  'model/rerouted': { params: ModelReroutedNotification },

  error: { params: ErrorNotification },
  warning: { params: WarningNotification },
  configWarning: { params: ConfigWarningNotification },
  deprecationNotice: { params: DeprecationNoticeNotification },
} satisfies NotificationTable;
