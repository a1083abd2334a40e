/** What thread items are made of. */
import * as z from 'zod/mini';
import { AbsolutePathBuf, hasOneOf, ImageDetail, LegacyAppPathString, Uint } from './common.ts';
import { lazy } from './lazy.ts';

export const CommandAction = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('read'), command: z.string(), name: z.string(), path: LegacyAppPathString }),
    z.object({ type: z.literal('listFiles'), command: z.string(), path: z.nullish(z.string()) }),
    z.object({
      type: z.literal('search'),
      command: z.string(),
      path: z.nullish(z.string()),
      query: z.nullish(z.string()),
    }),
    z.object({ type: z.literal('unknown'), command: z.string() }),
  ]),
);
export type CommandAction = z.infer<typeof CommandAction>;

export const CommandExecutionSource = z.enum(['agent', 'userShell', 'unifiedExecStartup', 'unifiedExecInteraction']);
export type CommandExecutionSource = z.infer<typeof CommandExecutionSource>;

export const CommandExecutionStatus = z.enum(['inProgress', 'completed', 'failed', 'declined']);
export type CommandExecutionStatus = z.infer<typeof CommandExecutionStatus>;

export const PatchChangeKind = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('add') }),
    z.object({ type: z.literal('delete') }),
    z.object({ type: z.literal('update'), move_path: z.nullish(z.string()) }),
  ]),
);
export type PatchChangeKind = z.infer<typeof PatchChangeKind>;

export const FileUpdateChange = lazy(() => z.object({ diff: z.string(), kind: PatchChangeKind, path: z.string() }));
export type FileUpdateChange = z.infer<typeof FileUpdateChange>;

export const PatchApplyStatus = z.enum(['inProgress', 'completed', 'failed', 'declined']);
export type PatchApplyStatus = z.infer<typeof PatchApplyStatus>;

export const McpToolCallStatus = z.enum(['inProgress', 'completed', 'failed']);
export type McpToolCallStatus = z.infer<typeof McpToolCallStatus>;

export const McpToolCallError = lazy(() => z.object({ message: z.string() }));
export type McpToolCallError = z.infer<typeof McpToolCallError>;

export const McpToolCallResult = lazy(() =>
  z.object({
    content: z.array(z.unknown()),
    _meta: z.optional(z.unknown()),
    structuredContent: z.optional(z.unknown()),
  }),
);
export type McpToolCallResult = z.infer<typeof McpToolCallResult>;

export const McpAppDisplayMode = z.enum(['inline', 'fullscreen']);
export type McpAppDisplayMode = z.infer<typeof McpAppDisplayMode>;

export const McpAppUi = lazy(() => z.object({ preferredModelDisplayMode: McpAppDisplayMode, resourceUri: z.string() }));
export type McpAppUi = z.infer<typeof McpAppUi>;

export const McpToolCallAppContext = lazy(() =>
  z.object({
    connectorId: z.string(),
    actionName: z.nullish(z.string()),
    appName: z.nullish(z.string()),
    linkId: z.nullish(z.string()),
    resourceUri: z.nullish(z.string()),
  }),
);
export type McpToolCallAppContext = z.infer<typeof McpToolCallAppContext>;

export const DynamicToolCallStatus = z.enum(['inProgress', 'completed', 'failed']);
export type DynamicToolCallStatus = z.infer<typeof DynamicToolCallStatus>;

export const DynamicToolCallOutputContentItem = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('inputText'), text: z.string() }),
    z.object({ type: z.literal('inputImage'), imageUrl: z.string() }),
    z.object({ type: z.literal('inputAudio'), audioUrl: z.string() }),
  ]),
);
export type DynamicToolCallOutputContentItem = z.infer<typeof DynamicToolCallOutputContentItem>;

export const CollabAgentStatus = z.enum([
  'pendingInit',
  'running',
  'interrupted',
  'completed',
  'errored',
  'shutdown',
  'notFound',
]);
export type CollabAgentStatus = z.infer<typeof CollabAgentStatus>;

export const CollabAgentState = lazy(() => z.object({ status: CollabAgentStatus, message: z.nullish(z.string()) }));
export type CollabAgentState = z.infer<typeof CollabAgentState>;

export const CollabAgentTool = z.enum([
  'spawnAgent',
  'sendInput',
  'resumeAgent',
  'wait',
  'closeAgent',
  'sendMessage',
  'followupTask',
  'interruptAgent',
  'listAgents',
]);
export type CollabAgentTool = z.infer<typeof CollabAgentTool>;

export const CollabAgentToolCallStatus = z.enum(['inProgress', 'completed', 'failed', 'interrupted']);
export type CollabAgentToolCallStatus = z.infer<typeof CollabAgentToolCallStatus>;

export const SubAgentActivityKind = z.enum(['started', 'interacted', 'interrupted', 'completed']);
export type SubAgentActivityKind = z.infer<typeof SubAgentActivityKind>;

export const WebSearchAction = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('search'), queries: z.nullish(z.array(z.string())), query: z.nullish(z.string()) }),
    z.object({ type: z.literal('openPage'), url: z.nullish(z.string()) }),
    z.object({ type: z.literal('findInPage'), pattern: z.nullish(z.string()), url: z.nullish(z.string()) }),
    z.object({ type: z.literal('other') }),
  ]),
);
export type WebSearchAction = z.infer<typeof WebSearchAction>;

export const ImageGenerationFailure = lazy(() =>
  z.object({ type: z.literal('usageLimitExceeded'), limitId: z.string(), resetsAt: z.nullish(z.int()) }),
);
export type ImageGenerationFailure = z.infer<typeof ImageGenerationFailure>;

export const ImageGenerationInputImage = lazy(() => z.object({ path: AbsolutePathBuf, sha256: z.string() }));
export type ImageGenerationInputImage = z.infer<typeof ImageGenerationInputImage>;

export const HookPromptFragment = lazy(() => z.object({ hookRunId: z.string(), text: z.string() }));
export type HookPromptFragment = z.infer<typeof HookPromptFragment>;

export const MessagePhase = z.enum(['commentary', 'partial_answer', 'final_answer']);
export type MessagePhase = z.infer<typeof MessagePhase>;

export const AgentMessageDelivery = z.literal('async');
export type AgentMessageDelivery = z.infer<typeof AgentMessageDelivery>;

export const AgentMessageDisplay = lazy(() =>
  z.object({
    action: z.string(),
    blockType: z.nullish(z.string()),
    checkTrustedContacts: z.nullish(z.boolean()),
    cyberTrustedAccess: z.nullish(z.boolean()),
  }),
);
export type AgentMessageDisplay = z.infer<typeof AgentMessageDisplay>;

export const AgentMessageModeration = lazy(() =>
  z.object({ moderated: z.boolean(), display: z.nullish(AgentMessageDisplay) }),
);
export type AgentMessageModeration = z.infer<typeof AgentMessageModeration>;

export const AsyncUserInputQuestion = lazy(() =>
  z.object({ title: z.string(), options: z.nullish(z.array(z.string())) }),
);
export type AsyncUserInputQuestion = z.infer<typeof AsyncUserInputQuestion>;

export const MemoryCitationEntry = lazy(() =>
  z.object({ lineEnd: Uint, lineStart: Uint, note: z.string(), path: z.string() }),
);
export type MemoryCitationEntry = z.infer<typeof MemoryCitationEntry>;

export const MemoryCitation = lazy(() =>
  z.object({ entries: z.array(MemoryCitationEntry), threadIds: z.array(z.string()) }),
);
export type MemoryCitation = z.infer<typeof MemoryCitation>;

export const FunctionCallOutputContentItem = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('input_text'), text: z.string() }),
    z
      .object({
        type: z.literal('input_image'),
        image_url: z.optional(z.string()),
        file_id: z.optional(z.string()),
        detail: z.nullish(ImageDetail),
      })
      .check(hasOneOf('image_url', 'file_id')),
    z
      .object({ type: z.literal('input_audio'), audio_url: z.optional(z.string()), file_id: z.optional(z.string()) })
      .check(hasOneOf('audio_url', 'file_id')),
    z.object({ type: z.literal('encrypted_content'), encrypted_content: z.string() }),
  ]),
);
export type FunctionCallOutputContentItem = z.infer<typeof FunctionCallOutputContentItem>;

export const FunctionCallOutputBody = lazy(() => z.union([z.string(), z.array(FunctionCallOutputContentItem)]));
export type FunctionCallOutputBody = z.infer<typeof FunctionCallOutputBody>;
