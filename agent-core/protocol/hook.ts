/** Hooks that ran, as the user sees them. */
import * as z from 'zod/mini';
import { LegacyAppPathString } from './common.ts';
import { lazy } from './lazy.ts';

export const HookEventName = z.enum([
  'preModelRequest',
  'postModelRequest',
  'preToolUse',
  'permissionRequest',
  'postToolUse',
  'preCompact',
  'postCompact',
  'sessionStart',
  'sessionEnd',
  'userPromptSubmit',
  'subagentStart',
  'subagentStop',
  'stop',
  'interrupt',
]);
export type HookEventName = z.infer<typeof HookEventName>;

export const HookExecutionMode = z.enum(['sync', 'async']);
export type HookExecutionMode = z.infer<typeof HookExecutionMode>;

export const HookHandlerType = z.enum(['command', 'mcpTool', 'prompt', 'agent']);
export type HookHandlerType = z.infer<typeof HookHandlerType>;

export const HookScope = z.enum(['thread', 'turn']);
export type HookScope = z.infer<typeof HookScope>;

export const HookSource = z.enum([
  'system',
  'user',
  'project',
  'mdm',
  'sessionFlags',
  'plugin',
  'cloudRequirements',
  'cloudManagedConfig',
  'legacyManagedConfigFile',
  'legacyManagedConfigMdm',
  'unknown',
]);
export type HookSource = z.infer<typeof HookSource>;

export const HookRunStatus = z.enum(['running', 'completed', 'failed', 'blocked', 'stopped']);
export type HookRunStatus = z.infer<typeof HookRunStatus>;

export const HookOutputEntryKind = z.enum(['warning', 'stop', 'feedback', 'context', 'error']);
export type HookOutputEntryKind = z.infer<typeof HookOutputEntryKind>;

export const HookOutputEntry = lazy(() => z.object({ kind: HookOutputEntryKind, text: z.string() }));
export type HookOutputEntry = z.infer<typeof HookOutputEntry>;

export const HookRunSummary = lazy(() =>
  z.object({
    id: z.string(),
    displayOrder: z.int(),
    entries: z.array(HookOutputEntry),
    eventName: HookEventName,
    executionMode: HookExecutionMode,
    handlerType: HookHandlerType,
    scope: HookScope,
    sourcePath: LegacyAppPathString,
    startedAt: z.int(),
    status: HookRunStatus,
    completedAt: z.nullish(z.int()),
    durationMs: z.nullish(z.int()),
    source: z._default(HookSource, 'unknown'),
    statusMessage: z.nullish(z.string()),
  }),
);
export type HookRunSummary = z.infer<typeof HookRunSummary>;

export const HookStartedNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.nullish(z.string()), run: HookRunSummary }),
);
export type HookStartedNotification = z.infer<typeof HookStartedNotification>;

export const HookCompletedNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.nullish(z.string()), run: HookRunSummary }),
);
export type HookCompletedNotification = z.infer<typeof HookCompletedNotification>;
