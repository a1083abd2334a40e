/** The life of an item on the wire. All deltas of one item, put together, equal what its completion says. */
import * as z from 'zod/mini';
import { Uint } from './common.ts';
import { AnyThreadItem } from './item.ts';
import { FileUpdateChange } from './item-parts.ts';
import { lazy } from './lazy.ts';

export const ItemStartedNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), item: AnyThreadItem, startedAtMs: z.int() }),
);
export type ItemStartedNotification = z.infer<typeof ItemStartedNotification>;

export const ItemCompletedNotification = lazy(() =>
  z.object({
    threadId: z.string(),
    turnId: z.string(),
    completedAtMs: z.int(),
    item: AnyThreadItem,
    contentTokenCount: z.nullish(Uint),
  }),
);
export type ItemCompletedNotification = z.infer<typeof ItemCompletedNotification>;

export const AgentMessageDeltaNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), itemId: z.string(), delta: z.string() }),
);
export type AgentMessageDeltaNotification = z.infer<typeof AgentMessageDeltaNotification>;

export const PlanDeltaNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), itemId: z.string(), delta: z.string() }),
);
export type PlanDeltaNotification = z.infer<typeof PlanDeltaNotification>;

export const ReasoningSummaryPartAddedNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), itemId: z.string(), summaryIndex: z.int() }),
);
export type ReasoningSummaryPartAddedNotification = z.infer<typeof ReasoningSummaryPartAddedNotification>;

export const ReasoningSummaryTextDeltaNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), itemId: z.string(), delta: z.string(), summaryIndex: z.int() }),
);
export type ReasoningSummaryTextDeltaNotification = z.infer<typeof ReasoningSummaryTextDeltaNotification>;

export const ReasoningTextDeltaNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), itemId: z.string(), contentIndex: z.int(), delta: z.string() }),
);
export type ReasoningTextDeltaNotification = z.infer<typeof ReasoningTextDeltaNotification>;

export const CommandExecutionOutputDeltaNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), itemId: z.string(), delta: z.string() }),
);
export type CommandExecutionOutputDeltaNotification = z.infer<typeof CommandExecutionOutputDeltaNotification>;

export const TerminalInteractionNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), itemId: z.string(), processId: z.string(), stdin: z.string() }),
);
export type TerminalInteractionNotification = z.infer<typeof TerminalInteractionNotification>;

export const FileChangeOutputDeltaNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), itemId: z.string(), delta: z.string() }),
);
export type FileChangeOutputDeltaNotification = z.infer<typeof FileChangeOutputDeltaNotification>;

export const FileChangePatchUpdatedNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), itemId: z.string(), changes: z.array(FileUpdateChange) }),
);
export type FileChangePatchUpdatedNotification = z.infer<typeof FileChangePatchUpdatedNotification>;

export const McpToolCallProgressNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), itemId: z.string(), message: z.string() }),
);
export type McpToolCallProgressNotification = z.infer<typeof McpToolCallProgressNotification>;
