/** Start, resume and fork: the three ways to a loaded thread, with the same overrides and the same answer. */
import * as z from 'zod/mini';
import { AbsolutePathBuf, LegacyAppPathString, Personality, ReasoningEffort, SortDirection, Uint } from './common.ts';
import { lazy } from './lazy.ts';
import {
  ActivePermissionProfile,
  ApprovalsReviewer,
  AskForApproval,
  SandboxMode,
  SandboxPolicy,
} from './sandbox-policy.ts';
import { Thread, ThreadSource, ThreadStartSource } from './thread.ts';
import { MultiAgentMode } from './thread-notifications.ts';
import { DynamicToolSpec } from './tool-request.ts';
import { CollaborationMode, Turn, TurnItemsView } from './turn.ts';

export const TurnsPage = lazy(() =>
  z.object({ data: z.array(Turn), backwardsCursor: z.nullish(z.string()), nextCursor: z.nullish(z.string()) }),
);
export type TurnsPage = z.infer<typeof TurnsPage>;

export const ThreadResumeInitialTurnsPageParams = lazy(() =>
  z.object({ itemsView: z.nullish(TurnItemsView), limit: z.nullish(Uint), sortDirection: z.nullish(SortDirection) }),
);
export type ThreadResumeInitialTurnsPageParams = z.infer<typeof ThreadResumeInitialTurnsPageParams>;

export const ThreadStartParams = lazy(() =>
  z.object({
    approvalPolicy: z.nullish(AskForApproval),
    approvalsReviewer: z.nullish(ApprovalsReviewer),
    baseInstructions: z.nullish(z.string()),
    config: z.nullish(z.record(z.string(), z.unknown())),
    cwd: z.nullish(z.string()),
    developerInstructions: z.nullish(z.string()),
    ephemeral: z.nullish(z.boolean()),
    model: z.nullish(z.string()),
    modelProvider: z.nullish(z.string()),
    personality: z.nullish(Personality),
    sandbox: z.nullish(SandboxMode),
    serviceName: z.nullish(z.string()),
    serviceTier: z.nullish(z.string()),
    sessionStartSource: z.nullish(ThreadStartSource),
    threadSource: z.nullish(ThreadSource),

    // behind `experimentalApi`
    dynamicTools: z.nullish(z.array(DynamicToolSpec)),
    permissions: z.nullish(z.string()),
    runtimeWorkspaceRoots: z.nullish(z.array(z.string())),
  }),
);
export type ThreadStartParams = z.infer<typeof ThreadStartParams>;

/** What start, resume and fork all answer: the thread and what its next turn runs under. */
const openedThread = () => ({
  approvalPolicy: AskForApproval,
  approvalsReviewer: ApprovalsReviewer,
  cwd: AbsolutePathBuf,
  model: z.string(),
  modelProvider: z.string(),
  sandbox: SandboxPolicy,
  thread: Thread,
  disabledPluginIds: z._default(z.array(z.string()), []),
  instructionSources: z._default(z.array(LegacyAppPathString), []),
  reasoningEffort: z.nullish(ReasoningEffort),
  serviceTier: z.nullish(z.string()),

  // behind `experimentalApi`
  activePermissionProfile: z.nullish(ActivePermissionProfile),
  multiAgentMode: z.optional(MultiAgentMode),
  runtimeWorkspaceRoots: z.optional(z.array(z.string())),
});

export const ThreadStartResponse = lazy(() => z.object(openedThread()));
export type ThreadStartResponse = z.infer<typeof ThreadStartResponse>;

export const ThreadResumeParams = lazy(() =>
  z.object({
    threadId: z.string(),
    approvalPolicy: z.nullish(AskForApproval),
    approvalsReviewer: z.nullish(ApprovalsReviewer),
    baseInstructions: z.nullish(z.string()),
    config: z.nullish(z.record(z.string(), z.unknown())),
    cwd: z.nullish(z.string()),
    developerInstructions: z.nullish(z.string()),
    excludeTurns: z.optional(z.boolean()),
    model: z.nullish(z.string()),
    modelProvider: z.nullish(z.string()),
    personality: z.nullish(Personality),
    sandbox: z.nullish(SandboxMode),
    serviceTier: z.nullish(z.string()),

    // behind `experimentalApi`
    history: z.nullish(z.array(z.unknown())),
    initialTurnsPage: z.nullish(ThreadResumeInitialTurnsPageParams),
    path: z.nullish(z.string()),
    permissions: z.nullish(z.string()),
    runtimeWorkspaceRoots: z.nullish(z.array(z.string())),
  }),
);
export type ThreadResumeParams = z.infer<typeof ThreadResumeParams>;

export const ThreadResumeResponse = lazy(() =>
  z.object({
    ...openedThread(),
    collaborationMode: z.nullish(CollaborationMode),
    itemsBackwardsCursor: z.nullish(z.string()),
    turnsBackwardsCursor: z.nullish(z.string()),

    // behind `experimentalApi`
    initialTurnsPage: z.nullish(TurnsPage),
  }),
);
export type ThreadResumeResponse = z.infer<typeof ThreadResumeResponse>;

export const ThreadForkParams = lazy(() =>
  z.object({
    threadId: z.string(),
    approvalPolicy: z.nullish(AskForApproval),
    approvalsReviewer: z.nullish(ApprovalsReviewer),
    baseInstructions: z.nullish(z.string()),
    config: z.nullish(z.record(z.string(), z.unknown())),
    cwd: z.nullish(z.string()),
    developerInstructions: z.nullish(z.string()),
    ephemeral: z.optional(z.boolean()),
    excludeTurns: z.optional(z.boolean()),
    lastTurnId: z.nullish(z.string()),
    model: z.nullish(z.string()),
    modelProvider: z.nullish(z.string()),
    sandbox: z.nullish(SandboxMode),
    serviceTier: z.nullish(z.string()),
    threadSource: z.nullish(ThreadSource),

    // behind `experimentalApi`
    beforeTurnId: z.nullish(z.string()),
    path: z.nullish(z.string()),
    permissions: z.nullish(z.string()),
    runtimeWorkspaceRoots: z.nullish(z.array(z.string())),
  }),
);
export type ThreadForkParams = z.infer<typeof ThreadForkParams>;

export const ThreadForkResponse = lazy(() => z.object(openedThread()));
export type ThreadForkResponse = z.infer<typeof ThreadForkResponse>;
