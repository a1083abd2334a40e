/** Threads as the wire has them, from a loaded thread, a file or a list entry. (pure) */
import type { TurnSettings } from '../../ports.ts';
import type {
  SessionSource,
  Thread,
  ThreadEnvironment,
  ThreadSettings,
  ThreadStartResponse,
  ThreadStatus,
  Turn,
} from '../../protocol/index.ts';
import type { ThreadLine } from '../../threads/rollout.ts';
import type { Sections } from '../../threads/thread-sections.ts';
import type { ThreadSummary } from '../../threads/thread-summary.ts';

export type ThreadFacts = {
  id: string;
  meta: ThreadLine | null;
  path: string | null;
  ephemeral: boolean;
  name: string | null;
  preview: string;
  provider: string;
  model: string;
  effort: string | null;
  createdAtMs: number;
  updatedAtMs: number;
  recencyAtMs: number;
  status: ThreadStatus;
  /** Where the user put it. */
  place: ReturnType<Sections['of']>;
  /** Whether it is loaded here, so that a turn can be started. */
  isLoaded: boolean;
  turns: Turn[];
};

const seconds = (ms: number): number => Math.floor(ms / 1000);

function sourceOf(meta: ThreadLine | null): SessionSource {
  switch (meta?.source) {
    case 'cli':
    case 'vscode':
    case 'exec':
    case 'appServer':
      return meta.source;
    case undefined:
      return 'unknown';
    default:
      return { custom: meta?.source ?? 'unknown' };
  }
}

const localEnvironment = (cwd: string, roots: string[]): ThreadEnvironment[] => [
  { environmentId: 'local', cwd, runtimeWorkspaceRoots: roots },
];

export function wireThread(facts: ThreadFacts): Thread {
  const { meta } = facts;
  return {
    id: facts.id,
    sessionId: facts.id,
    forkedFromId: meta?.forkedFromId ?? null,
    attachedToThreadId: null,
    parentThreadId: null,
    preview: facts.preview,
    ephemeral: facts.ephemeral,
    section: facts.place?.section ?? null,
    sectionEnteredAt: facts.place ? seconds(facts.place.enteredAtMs) : null,
    projectId: null,
    historyMode: 'paginated',
    modelProvider: facts.provider,
    model: facts.model,
    reasoningEffort: facts.effort,
    createdAt: seconds(facts.createdAtMs),
    updatedAt: seconds(facts.updatedAtMs),
    recencyAt: seconds(facts.recencyAtMs),
    status: facts.status,
    path: facts.path,
    cwd: meta?.cwd ?? '',
    cliVersion: meta?.cliVersion ?? '',
    originator: meta?.originator ?? null,
    source: sourceOf(meta),
    canAcceptDirectInput: facts.isLoaded ? true : null,
    environments: facts.isLoaded && meta ? localEnvironment(meta.cwd, [meta.cwd]) : null,
    extra: null,
    daybreakEnabled: null,
    threadSource: meta?.threadSource ?? null,
    agentNickname: null,
    agentRole: null,
    gitInfo: meta?.gitInfo ?? null,
    name: facts.name,
    turns: facts.turns,
  };
}

/** A thread that is not loaded here, from what its file says. */
export function wireSummary(
  summary: ThreadSummary,
  status: ThreadStatus,
  place: ThreadFacts['place'],
  turns: Turn[] = [],
): Thread {
  return wireThread({
    ...summary,
    place,
    id: summary.threadId,
    path: summary.path,
    ephemeral: false,
    status,
    isLoaded: status.type !== 'notLoaded',
    turns,
  });
}

const wireProfile = ({ permissionProfile }: TurnSettings) =>
  permissionProfile ? { id: permissionProfile, extends: null } : null;

/** What `thread/start`, `resume` and `fork` say beside the thread. */
export function wireSettings(settings: TurnSettings): Omit<ThreadStartResponse, 'thread'> {
  return {
    model: settings.model.model,
    modelProvider: settings.model.provider,
    serviceTier: settings.serviceTier ?? null,
    disabledPluginIds: [],
    cwd: settings.cwd,
    runtimeWorkspaceRoots: settings.roots,
    instructionSources: [],
    approvalPolicy: settings.approvalPolicy,
    approvalsReviewer: 'user',
    sandbox: settings.sandboxPolicy,
    activePermissionProfile: wireProfile(settings),
    reasoningEffort: settings.effort,
    multiAgentMode: 'explicitRequestOnly',
  };
}

/** What `thread/settings/updated` says. */
export function wireThreadSettings(settings: TurnSettings): ThreadSettings {
  const { model, effort, developerInstructions } = settings;
  return {
    environments: localEnvironment(settings.cwd, settings.roots),
    cwd: settings.cwd,
    approvalPolicy: settings.approvalPolicy,
    approvalsReviewer: 'user',
    sandboxPolicy: settings.sandboxPolicy,
    activePermissionProfile: wireProfile(settings),
    model: model.model,
    modelProvider: model.provider,
    serviceTier: settings.serviceTier ?? null,
    effort,
    summary: settings.summary ?? null,
    personality: settings.personality ?? null,
    disabledPluginIds: [],
    multiAgentMode: 'explicitRequestOnly',
    collaborationMode: {
      mode: settings.mode?.kind ?? 'default',
      settings: {
        model: model.model,
        reasoning_effort: effort,
        developer_instructions: settings.mode?.instructions ?? developerInstructions,
      },
    },
  };
}
