/** What is told about a thread beside its turns, and about what it belongs to. */
import * as z from 'zod/mini';
import { AbsolutePathBuf, Personality, ReasoningEffort, ReasoningSummary } from './common.ts';
import { lazy } from './lazy.ts';
import { ActivePermissionProfile, ApprovalsReviewer, AskForApproval, SandboxPolicy } from './sandbox-policy.ts';
import { ThreadEnvironment } from './thread.ts';
import { CollaborationMode } from './turn.ts';

export const MultiAgentMode = lazy(() =>
  z.union([z.enum(['explicitRequestOnly', 'proactive']), z.object({ custom: z.string() })]),
);
export type MultiAgentMode = z.infer<typeof MultiAgentMode>;

/** What the next turn will run with. */
export const ThreadSettings = lazy(() =>
  z.object({
    approvalPolicy: AskForApproval,
    approvalsReviewer: ApprovalsReviewer,
    collaborationMode: CollaborationMode,
    cwd: AbsolutePathBuf,
    model: z.string(),
    modelProvider: z.string(),
    sandboxPolicy: SandboxPolicy,
    activePermissionProfile: z.nullish(ActivePermissionProfile),
    disabledPluginIds: z._default(z.array(z.string()), []),
    effort: z.nullish(ReasoningEffort),
    personality: z.nullish(Personality),
    serviceTier: z.nullish(z.string()),
    summary: z.nullish(ReasoningSummary),

    // behind `experimentalApi`
    environments: z.nullish(z.array(ThreadEnvironment)),
    multiAgentMode: z._default(MultiAgentMode, 'explicitRequestOnly'),
  }),
);
export type ThreadSettings = z.infer<typeof ThreadSettings>;

export const ThreadSettingsUpdatedNotification = lazy(() =>
  z.object({ threadId: z.string(), threadSettings: ThreadSettings }),
);
export type ThreadSettingsUpdatedNotification = z.infer<typeof ThreadSettingsUpdatedNotification>;

export const ThreadPredictionResult = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('completed'), text: z.nullish(z.string()) }),
    z.object({ type: z.literal('failed') }),
  ]),
);
export type ThreadPredictionResult = z.infer<typeof ThreadPredictionResult>;

export const ThreadPredictionUpdatedNotification = lazy(() =>
  z.object({ threadId: z.string(), result: ThreadPredictionResult, sourceTurnId: z.string() }),
);
export type ThreadPredictionUpdatedNotification = z.infer<typeof ThreadPredictionUpdatedNotification>;

/** Messages that wait for the running turn to end have changed. */
export const ThreadQueueChangedNotification = lazy(() => z.object({ threadId: z.string() }));
export type ThreadQueueChangedNotification = z.infer<typeof ThreadQueueChangedNotification>;

export const ThreadProjectUpdatedNotification = lazy(() =>
  z.object({ threadId: z.string(), projectId: z.nullable(z.string()) }),
);
export type ThreadProjectUpdatedNotification = z.infer<typeof ThreadProjectUpdatedNotification>;

export const ProjectChangeType = z.enum(['created', 'updated', 'deleted']);
export type ProjectChangeType = z.infer<typeof ProjectChangeType>;

export const ProjectChangedNotification = lazy(() =>
  z.object({ changeType: ProjectChangeType, projectId: z.string() }),
);
export type ProjectChangedNotification = z.infer<typeof ProjectChangedNotification>;

export const EnvironmentConnectionNotification = lazy(() =>
  z.object({ threadId: z.string(), environmentId: z.string() }),
);
export type EnvironmentConnectionNotification = z.infer<typeof EnvironmentConnectionNotification>;

export const TurnModerationMetadataNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), metadata: z.unknown() }),
);
export type TurnModerationMetadataNotification = z.infer<typeof TurnModerationMetadataNotification>;
