/**
 * Thread items: what happened in a turn, one card each. Started, then deltas, then completed; completed is the truth.
 */
import * as z from 'zod/mini';
import { AbsolutePathBuf, hasOneOf, LegacyAppPathString, ReasoningEffort, type SchemaOf, Uint } from './common.ts';
import {
  AgentMessageDelivery,
  AgentMessageModeration,
  AsyncUserInputQuestion,
  CollabAgentState,
  CollabAgentTool,
  CollabAgentToolCallStatus,
  CommandAction,
  CommandExecutionSource,
  CommandExecutionStatus,
  DynamicToolCallOutputContentItem,
  DynamicToolCallStatus,
  FileUpdateChange,
  FunctionCallOutputBody,
  HookPromptFragment,
  ImageGenerationFailure,
  ImageGenerationInputImage,
  McpAppUi,
  McpToolCallAppContext,
  McpToolCallError,
  McpToolCallResult,
  McpToolCallStatus,
  MemoryCitation,
  MessagePhase,
  PatchApplyStatus,
  SubAgentActivityKind,
  WebSearchAction,
} from './item-parts.ts';
import { lazy } from './lazy.ts';
import { UserInput } from './user-input.ts';

const itemTimes = { completedAtMs: z.nullish(z.int()), startedAtMs: z.nullish(z.int()) };

export const UserMessageThreadItem = lazy(() =>
  z.object({
    type: z.literal('userMessage'),
    id: z.string(),
    content: z.array(UserInput),
    clientId: z.nullish(z.string()),
    ...itemTimes,
  }),
);
export type UserMessageThreadItem = z.infer<typeof UserMessageThreadItem>;

export const HookPromptThreadItem = lazy(() =>
  z.object({ type: z.literal('hookPrompt'), id: z.string(), fragments: z.array(HookPromptFragment), ...itemTimes }),
);
export type HookPromptThreadItem = z.infer<typeof HookPromptThreadItem>;

export const AgentMessageThreadItem = lazy(() =>
  z.object({
    type: z.literal('agentMessage'),
    id: z.string(),
    text: z.string(),
    delivery: z.nullish(AgentMessageDelivery),
    memoryCitation: z.nullish(MemoryCitation),
    moderation: z.nullish(AgentMessageModeration),
    phase: z.nullish(MessagePhase),
    questions: z.nullish(z.array(AsyncUserInputQuestion)),
    ...itemTimes,
  }),
);
export type AgentMessageThreadItem = z.infer<typeof AgentMessageThreadItem>;

export const FunctionCallOutputThreadItem = lazy(() =>
  z.object({
    type: z.literal('functionCallOutput'),
    id: z.string(),
    name: z.string(),
    output: FunctionCallOutputBody,
    namespace: z.nullish(z.string()),
    ...itemTimes,
  }),
);
export type FunctionCallOutputThreadItem = z.infer<typeof FunctionCallOutputThreadItem>;

export const PlanThreadItem = lazy(() =>
  z.object({ type: z.literal('plan'), id: z.string(), text: z.string(), ...itemTimes }),
);
export type PlanThreadItem = z.infer<typeof PlanThreadItem>;

export const ReasoningThreadItem = lazy(() =>
  z.object({
    type: z.literal('reasoning'),
    id: z.string(),
    content: z._default(z.array(z.string()), []),
    summary: z._default(z.array(z.string()), []),
    ...itemTimes,
  }),
);
export type ReasoningThreadItem = z.infer<typeof ReasoningThreadItem>;

export const CommandExecutionThreadItem = lazy(() =>
  z.object({
    type: z.literal('commandExecution'),
    id: z.string(),
    command: z.string(),
    commandActions: z.array(CommandAction),
    cwd: LegacyAppPathString,
    status: CommandExecutionStatus,
    aggregatedOutput: z.nullish(z.string()),
    durationMs: z.nullish(z.int()),
    exitCode: z.nullish(z.int()),
    pluginId: z.nullish(z.string()),
    processId: z.nullish(z.string()),
    scriptPath: z.nullish(z.string()),
    source: z._default(CommandExecutionSource, 'agent'),
    ...itemTimes,
  }),
);
export type CommandExecutionThreadItem = z.infer<typeof CommandExecutionThreadItem>;

export const FileChangeThreadItem = lazy(() =>
  z.object({
    type: z.literal('fileChange'),
    id: z.string(),
    changes: z.array(FileUpdateChange),
    status: PatchApplyStatus,
    ...itemTimes,
  }),
);
export type FileChangeThreadItem = z.infer<typeof FileChangeThreadItem>;

export const McpToolCallThreadItem = lazy(() =>
  z.object({
    type: z.literal('mcpToolCall'),
    id: z.string(),
    arguments: z.unknown(),
    server: z.string(),
    status: McpToolCallStatus,
    tool: z.string(),
    appContext: z.nullish(McpToolCallAppContext),
    durationMs: z.nullish(z.int()),
    error: z.nullish(McpToolCallError),
    mcpAppResourceUri: z.nullish(z.string()),
    mcpAppUi: z.nullish(McpAppUi),
    pluginId: z.nullish(z.string()),
    readOnlyHint: z.nullish(z.boolean()),
    result: z.nullish(McpToolCallResult),
    ...itemTimes,
  }),
);
export type McpToolCallThreadItem = z.infer<typeof McpToolCallThreadItem>;

export const DynamicToolCallThreadItem = lazy(() =>
  z.object({
    type: z.literal('dynamicToolCall'),
    id: z.string(),
    arguments: z.unknown(),
    status: DynamicToolCallStatus,
    tool: z.string(),
    contentItems: z.nullish(z.array(DynamicToolCallOutputContentItem)),
    durationMs: z.nullish(z.int()),
    namespace: z.nullish(z.string()),
    success: z.nullish(z.boolean()),
    ...itemTimes,
  }),
);
export type DynamicToolCallThreadItem = z.infer<typeof DynamicToolCallThreadItem>;

export const CollabAgentToolCallThreadItem = lazy(() =>
  z.object({
    type: z.literal('collabAgentToolCall'),
    id: z.string(),
    agentsStates: z.record(z.string(), CollabAgentState),
    receiverThreadIds: z.array(z.string()),
    senderThreadId: z.string(),
    status: CollabAgentToolCallStatus,
    tool: CollabAgentTool,
    model: z.nullish(z.string()),
    prompt: z.nullish(z.string()),
    reasoningEffort: z.nullish(ReasoningEffort),
    ...itemTimes,
  }),
);
export type CollabAgentToolCallThreadItem = z.infer<typeof CollabAgentToolCallThreadItem>;

export const SubAgentActivityThreadItem = lazy(() =>
  z.object({
    type: z.literal('subAgentActivity'),
    id: z.string(),
    agentPath: z.string(),
    agentThreadId: z.string(),
    kind: SubAgentActivityKind,
    model: z.nullish(z.string()),
    reasoningEffort: z.nullish(ReasoningEffort),
    ...itemTimes,
  }),
);
export type SubAgentActivityThreadItem = z.infer<typeof SubAgentActivityThreadItem>;

export const WebSearchThreadItem = lazy(() =>
  z.object({
    type: z.literal('webSearch'),
    id: z.string(),
    query: z.string(),
    action: z.nullish(WebSearchAction),
    results: z.nullish(z.array(z.unknown())),
    ...itemTimes,
  }),
);
export type WebSearchThreadItem = z.infer<typeof WebSearchThreadItem>;

export const ImageViewThreadItem = lazy(() =>
  z.object({ type: z.literal('imageView'), id: z.string(), path: LegacyAppPathString, ...itemTimes }),
);
export type ImageViewThreadItem = z.infer<typeof ImageViewThreadItem>;

export const SleepThreadItem = lazy(() =>
  z.object({ type: z.literal('sleep'), id: z.string(), durationMs: Uint, ...itemTimes }),
);
export type SleepThreadItem = z.infer<typeof SleepThreadItem>;

/** The image is either in `result` (base64) or kept under `fileId`. */
export const ImageGenerationThreadItem = lazy(() =>
  z
    .object({
      type: z.literal('imageGeneration'),
      id: z.string(),
      status: z.string(),
      result: z.optional(z.string()),
      fileId: z.optional(z.string()),
      failure: z.nullish(ImageGenerationFailure),
      generationId: z.nullish(z.string()),
      inputImages: z.optional(z.array(ImageGenerationInputImage)),
      revisedPrompt: z.nullish(z.string()),
      savedPath: z.nullish(AbsolutePathBuf),
      transparentBackground: z.nullish(z.boolean()),
      ...itemTimes,
    })
    .check(hasOneOf('result', 'fileId')),
);
export type ImageGenerationThreadItem = z.infer<typeof ImageGenerationThreadItem>;

export const EnteredReviewModeThreadItem = lazy(() =>
  z.object({ type: z.literal('enteredReviewMode'), id: z.string(), review: z.string(), ...itemTimes }),
);
export type EnteredReviewModeThreadItem = z.infer<typeof EnteredReviewModeThreadItem>;

export const ExitedReviewModeThreadItem = lazy(() =>
  z.object({ type: z.literal('exitedReviewMode'), id: z.string(), review: z.string(), ...itemTimes }),
);
export type ExitedReviewModeThreadItem = z.infer<typeof ExitedReviewModeThreadItem>;

export const ContextCompactionThreadItem = lazy(() =>
  z.object({ type: z.literal('contextCompaction'), id: z.string(), ...itemTimes }),
);
export type ContextCompactionThreadItem = z.infer<typeof ContextCompactionThreadItem>;

const threadItem = lazy(() =>
  z.discriminatedUnion('type', [
    UserMessageThreadItem,
    HookPromptThreadItem,
    AgentMessageThreadItem,
    FunctionCallOutputThreadItem,
    PlanThreadItem,
    ReasoningThreadItem,
    CommandExecutionThreadItem,
    FileChangeThreadItem,
    McpToolCallThreadItem,
    DynamicToolCallThreadItem,
    CollabAgentToolCallThreadItem,
    SubAgentActivityThreadItem,
    WebSearchThreadItem,
    ImageViewThreadItem,
    SleepThreadItem,
    ImageGenerationThreadItem,
    EnteredReviewModeThreadItem,
    ExitedReviewModeThreadItem,
    ContextCompactionThreadItem,
  ]),
);
export interface ThreadItemSchema extends SchemaOf<typeof threadItem> {}
export const ThreadItem: ThreadItemSchema = threadItem;
export type ThreadItem = z.infer<typeof ThreadItem>;

const knownItemTypes: ReadonlySet<string> = new Set<ThreadItem['type']>([
  'userMessage',
  'hookPrompt',
  'agentMessage',
  'functionCallOutput',
  'plan',
  'reasoning',
  'commandExecution',
  'fileChange',
  'mcpToolCall',
  'dynamicToolCall',
  'collabAgentToolCall',
  'subAgentActivity',
  'webSearch',
  'imageView',
  'sleep',
  'imageGeneration',
  'enteredReviewMode',
  'exitedReviewMode',
  'contextCompaction',
]);

/** A string at run time. Not a string to the compiler, so that comparing `type` with a known name rules it out. */
export interface UnknownItemType {
  readonly __unknownItemType: true;
  toString(): string;
}

/** An item of a type that this version does not know, with all its fields kept. */
export interface UnknownThreadItem {
  type: UnknownItemType;
  id: string;
  [field: string]: unknown;
}

export const UnknownThreadItem: z.ZodMiniType<UnknownThreadItem, UnknownThreadItem> = lazy(
  () =>
    z.looseObject({
      type: z
        .string()
        .check(z.refine((type) => !knownItemTypes.has(type), { error: 'an item of a known type with wrong fields' })),
      id: z.string(),
    }) as unknown as z.ZodMiniType<UnknownThreadItem, UnknownThreadItem>,
);

const anyThreadItem = lazy(() => z.union([ThreadItem, UnknownThreadItem]));
export interface AnyThreadItemSchema extends SchemaOf<typeof anyThreadItem> {}
/** What a peer may send as an item: one of ours, or one from a newer version, which is shown as a generic card. */
export const AnyThreadItem: AnyThreadItemSchema = anyThreadItem;
export type AnyThreadItem = z.infer<typeof AnyThreadItem>;

/** Whether `item` is one of the types that this version knows. */
export function isKnownItem(item: AnyThreadItem): item is ThreadItem {
  return knownItemTypes.has(String(item.type));
}
