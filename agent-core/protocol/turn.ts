/**
 * A turn: one input and everything that follows until the agent is done. `items` are as complete as `itemsView` says.
 */
import * as z from 'zod/mini';
import { Personality, ReasoningEffort, ReasoningSummary, type SchemaOf } from './common.ts';
import { TurnError } from './error.ts';
import { AnyThreadItem } from './item.ts';
import { FunctionCallOutputBody } from './item-parts.ts';
import { lazy } from './lazy.ts';
import { ApprovalsReviewer, AskForApproval, SandboxPolicy } from './sandbox-policy.ts';
import { UserInput } from './user-input.ts';

export const TurnStatus = z.enum(['completed', 'interrupted', 'failed', 'inProgress']);
export type TurnStatus = z.infer<typeof TurnStatus>;

export const TurnItemsView = z.enum(['notLoaded', 'summary', 'full']);
export type TurnItemsView = z.infer<typeof TurnItemsView>;

const turn = lazy(() =>
  z.object({
    id: z.string(),
    items: z.array(AnyThreadItem),
    status: TurnStatus,
    completedAt: z.nullish(z.int()),
    durationMs: z.nullish(z.int()),
    error: z.nullish(TurnError),
    itemsView: z._default(TurnItemsView, 'full'),
    rootTurnId: z.nullish(z.string()),
    startedAt: z.nullish(z.int()),
  }),
);
export interface TurnSchema extends SchemaOf<typeof turn> {}
export const Turn: TurnSchema = turn;
export type Turn = z.infer<typeof Turn>;

export const ModeKind = z.enum(['plan', 'default']);
export type ModeKind = z.infer<typeof ModeKind>;

export const Settings = lazy(() =>
  z.object({
    model: z.string(),
    developer_instructions: z.nullish(z.string()),
    reasoning_effort: z.nullish(ReasoningEffort),
  }),
);
export type Settings = z.infer<typeof Settings>;

export const CollaborationMode = lazy(() => z.object({ mode: ModeKind, settings: Settings }));
export type CollaborationMode = z.infer<typeof CollaborationMode>;

export const TurnToolOutput = lazy(() =>
  z.object({
    name: z.string(),
    output: FunctionCallOutputBody,
    namespace: z.nullish(z.string()),
    retain: z.optional(z.boolean()),
  }),
);
export type TurnToolOutput = z.infer<typeof TurnToolOutput>;

export const TurnStartParams = lazy(() =>
  z.object({
    threadId: z.string(),
    input: z.array(UserInput),
    approvalPolicy: z.nullish(AskForApproval),
    approvalsReviewer: z.nullish(ApprovalsReviewer),
    clientUserMessageId: z.nullish(z.string()),
    cwd: z.nullish(z.string()),
    disabledPluginIds: z.nullish(z.array(z.string())),
    effort: z.nullish(ReasoningEffort),
    model: z.nullish(z.string()),
    outputSchema: z.optional(z.unknown()),
    parentTurnId: z.nullish(z.string()),
    personality: z.nullish(Personality),
    rootTurnId: z.nullish(z.string()),
    sandboxPolicy: z.nullish(SandboxPolicy),
    serviceTier: z.nullish(z.string()),
    serviceTierForTurn: z.nullish(z.string()),
    summary: z.nullish(ReasoningSummary),
    toolOutput: z.nullish(TurnToolOutput),
    turnTrigger: z.nullish(z.string()),

    // behind `experimentalApi`
    collaborationMode: z.nullish(CollaborationMode),
    permissions: z.nullish(z.string()),
    runtimeWorkspaceRoots: z.nullish(z.array(z.string())),
  }),
);
export type TurnStartParams = z.infer<typeof TurnStartParams>;

export const TurnStartResponse = lazy(() => z.object({ turn: Turn }));
export type TurnStartResponse = z.infer<typeof TurnStartResponse>;

export const TurnSteerParams = lazy(() =>
  z.object({
    threadId: z.string(),
    expectedTurnId: z.string(),
    input: z.array(UserInput),
    clientUserMessageId: z.nullish(z.string()),
  }),
);
export type TurnSteerParams = z.infer<typeof TurnSteerParams>;

export const TurnSteerResponse = lazy(() => z.object({ turnId: z.string() }));
export type TurnSteerResponse = z.infer<typeof TurnSteerResponse>;

export const TurnInterruptParams = lazy(() => z.object({ threadId: z.string(), turnId: z.string() }));
export type TurnInterruptParams = z.infer<typeof TurnInterruptParams>;

export const TurnInterruptResponse = lazy(() => z.object({}));
export type TurnInterruptResponse = z.infer<typeof TurnInterruptResponse>;

export const TurnStartedNotification = lazy(() => z.object({ threadId: z.string(), turn: Turn }));
export type TurnStartedNotification = z.infer<typeof TurnStartedNotification>;

export const TurnCompletedNotification = lazy(() => z.object({ threadId: z.string(), turn: Turn }));
export type TurnCompletedNotification = z.infer<typeof TurnCompletedNotification>;

export const TurnDiffUpdatedNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), diff: z.string() }),
);
export type TurnDiffUpdatedNotification = z.infer<typeof TurnDiffUpdatedNotification>;

export const TurnPlanStepStatus = z.enum(['pending', 'inProgress', 'completed']);
export type TurnPlanStepStatus = z.infer<typeof TurnPlanStepStatus>;

export const TurnPlanStep = lazy(() => z.object({ status: TurnPlanStepStatus, step: z.string() }));
export type TurnPlanStep = z.infer<typeof TurnPlanStep>;

export const TurnPlanUpdatedNotification = lazy(() =>
  z.object({
    threadId: z.string(),
    turnId: z.string(),
    plan: z.array(TurnPlanStep),
    explanation: z.nullish(z.string()),
  }),
);
export type TurnPlanUpdatedNotification = z.infer<typeof TurnPlanUpdatedNotification>;
