/** A thread and what is told about it. `turns` is filled by resume, fork and read only. */
import * as z from 'zod/mini';
import { AbsolutePathBuf, AgentPath, LegacyAppPathString, ReasoningEffort, type SchemaOf, ThreadId } from './common.ts';
import { lazy } from './lazy.ts';
import { Turn } from './turn.ts';

export const ThreadActiveFlag = z.enum(['waitingOnApproval', 'waitingOnUserInput']);
export type ThreadActiveFlag = z.infer<typeof ThreadActiveFlag>;

export const ThreadStatus = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('notLoaded') }),
    z.object({ type: z.literal('idle') }),
    z.object({ type: z.literal('systemError') }),
    z.object({ type: z.literal('active'), activeFlags: z.array(ThreadActiveFlag) }),
  ]),
);
export type ThreadStatus = z.infer<typeof ThreadStatus>;

export const SubAgentSource = lazy(() =>
  z.union([
    z.enum(['review', 'compact', 'memory_consolidation']),
    z.object({
      thread_spawn: z.object({
        depth: z.int(),
        parent_thread_id: ThreadId,
        agent_nickname: z.nullish(z.string()),
        agent_path: z.nullish(AgentPath),
        agent_role: z.nullish(z.string()),
      }),
    }),
    z.object({ other: z.string() }),
  ]),
);
export type SubAgentSource = z.infer<typeof SubAgentSource>;

export const SessionSource = lazy(() =>
  z.union([
    z.enum(['cli', 'vscode', 'exec', 'appServer', 'unknown']),
    z.object({ custom: z.string() }),
    z.object({ subAgent: SubAgentSource }),
  ]),
);
export type SessionSource = z.infer<typeof SessionSource>;

export const ThreadSource = z.string();
export type ThreadSource = z.infer<typeof ThreadSource>;

export const ThreadSourceKind = z.enum([
  'cli',
  'vscode',
  'exec',
  'appServer',
  'subAgent',
  'subAgentReview',
  'subAgentCompact',
  'subAgentThreadSpawn',
  'subAgentOther',
  'unknown',
]);
export type ThreadSourceKind = z.infer<typeof ThreadSourceKind>;

export const ThreadStartSource = z.enum(['startup', 'clear']);
export type ThreadStartSource = z.infer<typeof ThreadStartSource>;

export const ThreadHistoryMode = z.enum(['legacy', 'paginated']);
export type ThreadHistoryMode = z.infer<typeof ThreadHistoryMode>;

export const GitInfo = lazy(() =>
  z.object({ branch: z.nullish(z.string()), originUrl: z.nullish(z.string()), sha: z.nullish(z.string()) }),
);
export type GitInfo = z.infer<typeof GitInfo>;

export const ThreadSectionAppearance = lazy(() =>
  z.object({ color: z.nullish(z.string()), icon: z.nullish(z.string()) }),
);
export type ThreadSectionAppearance = z.infer<typeof ThreadSectionAppearance>;

export const ThreadSection = lazy(() =>
  z.object({ id: z.string(), name: z.string(), appearance: z.nullish(ThreadSectionAppearance) }),
);
export type ThreadSection = z.infer<typeof ThreadSection>;

export const ThreadUnreadPosition = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('threadStart') }),
    z.object({ type: z.literal('turn'), turnId: z.string() }),
  ]),
);
export type ThreadUnreadPosition = z.infer<typeof ThreadUnreadPosition>;

export const ThreadReadState = lazy(() =>
  z.object({ revision: z.string(), firstUnread: z.nullish(ThreadUnreadPosition) }),
);
export type ThreadReadState = z.infer<typeof ThreadReadState>;

/** Where a loaded thread's commands run. Gantry knows one environment, `local`. */
export const ThreadEnvironment = lazy(() =>
  z.object({
    environmentId: z.string(),
    cwd: LegacyAppPathString,
    runtimeWorkspaceRoots: z.array(LegacyAppPathString),
  }),
);
export type ThreadEnvironment = z.infer<typeof ThreadEnvironment>;

export const ThreadExtra = lazy(() => z.object({}));
export type ThreadExtra = z.infer<typeof ThreadExtra>;

const thread = lazy(() =>
  z.object({
    id: z.string(),
    cliVersion: z.string(),
    createdAt: z.int(),
    cwd: AbsolutePathBuf,
    ephemeral: z.boolean(),
    modelProvider: z.string(),
    preview: z.string(),
    projectId: z.nullable(z.string()),
    sessionId: z.string(),
    source: SessionSource,
    status: ThreadStatus,
    turns: z.array(Turn),
    updatedAt: z.int(),
    agentNickname: z.nullish(z.string()),
    agentRole: z.nullish(z.string()),
    forkedFromId: z.nullish(z.string()),
    gitInfo: z.nullish(GitInfo),
    historyMode: z._default(ThreadHistoryMode, 'legacy'),
    model: z.nullish(z.string()),
    name: z.nullish(z.string()),
    originator: z.nullish(z.string()),
    parentThreadId: z.nullish(z.string()),
    path: z.nullish(z.string()),
    reasoningEffort: z.nullish(ReasoningEffort),
    recencyAt: z.nullish(z.int()),
    section: z.nullish(ThreadSection),
    sectionEnteredAt: z.nullish(z.int()),
    threadSource: z.nullish(ThreadSource),

    // behind `experimentalApi`
    attachedToThreadId: z.nullish(z.string()),
    canAcceptDirectInput: z.nullish(z.boolean()),
    daybreakEnabled: z.nullish(z.boolean()),
    environments: z.nullish(z.array(ThreadEnvironment)),
    extra: z.nullish(ThreadExtra),
  }),
);
export interface ThreadSchema extends SchemaOf<typeof thread> {}
export const Thread: ThreadSchema = thread;
export type Thread = z.infer<typeof Thread>;

export const ThreadStartedNotification = lazy(() => z.object({ thread: Thread }));
export type ThreadStartedNotification = z.infer<typeof ThreadStartedNotification>;

export const ThreadStatusChangedNotification = lazy(() => z.object({ threadId: z.string(), status: ThreadStatus }));
export type ThreadStatusChangedNotification = z.infer<typeof ThreadStatusChangedNotification>;

export const ThreadClosedNotification = lazy(() => z.object({ threadId: z.string() }));
export type ThreadClosedNotification = z.infer<typeof ThreadClosedNotification>;

export const ThreadArchivedNotification = lazy(() => z.object({ threadId: z.string() }));
export type ThreadArchivedNotification = z.infer<typeof ThreadArchivedNotification>;

export const ThreadUnarchivedNotification = lazy(() => z.object({ threadId: z.string() }));
export type ThreadUnarchivedNotification = z.infer<typeof ThreadUnarchivedNotification>;

export const ThreadDeletedNotification = lazy(() => z.object({ threadId: z.string() }));
export type ThreadDeletedNotification = z.infer<typeof ThreadDeletedNotification>;

export const ThreadNameUpdatedNotification = lazy(() =>
  z.object({ threadId: z.string(), threadName: z.nullish(z.string()) }),
);
export type ThreadNameUpdatedNotification = z.infer<typeof ThreadNameUpdatedNotification>;

export const ThreadReadStateChangedNotification = lazy(() =>
  z.object({ threadId: z.string(), readState: ThreadReadState }),
);
export type ThreadReadStateChangedNotification = z.infer<typeof ThreadReadStateChangedNotification>;

export const ThreadRevertedNotification = lazy(() => z.object({ threadId: z.string() }));
export type ThreadRevertedNotification = z.infer<typeof ThreadRevertedNotification>;

export const ContextCompactedNotification = lazy(() => z.object({ threadId: z.string(), turnId: z.string() }));
export type ContextCompactedNotification = z.infer<typeof ContextCompactedNotification>;
