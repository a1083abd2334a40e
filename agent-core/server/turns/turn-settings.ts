/** What a turn runs under, from the config and from what the client asks for. */
import { statSync } from 'node:fs';
import path from 'node:path';
import type { ReasoningEffort } from '../../models/model-client.ts';
import type { EditApproval, TurnSettings } from '../../ports.ts';
import {
  AgentError,
  type AskForApproval,
  type ClientRequestParams,
  type SandboxMode,
  type SandboxPolicy,
} from '../../protocol/index.ts';

/** What the config says about a thread, with the client's overrides already over it. */
export type ThreadConfig = {
  model: { provider: string; model: string };
  effort: ReasoningEffort | null;
  approvalPolicy: AskForApproval | null;
  sandboxMode: SandboxMode | null;
  workspaceWrite: Omit<Extract<SandboxPolicy, { type: 'workspaceWrite' }>, 'type'>;
  developerInstructions: string | null;
  baseInstructions?: string | null;
  editApproval: EditApproval | null;
  isTrusted: boolean;
};

type StartParams = Pick<
  ClientRequestParams<'thread/start'>,
  'approvalPolicy' | 'sandbox' | 'developerInstructions' | 'baseInstructions' | 'runtimeWorkspaceRoots'
>;
type TurnParams = ClientRequestParams<'turn/start'>;

const EFFORTS: readonly string[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] satisfies ReasoningEffort[];

export function parseEffort(effort: string): ReasoningEffort {
  if (EFFORTS.includes(effort)) return effort as ReasoningEffort;
  throw new AgentError('invalidParams', `Unknown reasoning effort ${effort}: use one of ${EFFORTS.join(', ')}.`);
}

/** The absolute folder, which need not be there yet. Throws for what is no folder. */
export function resolveFolder(folder: string | null | undefined, base: string): string {
  const resolved = path.resolve(base, folder ?? '.');
  const info = statSync(resolved, { throwIfNoEntry: false });
  if (info && !info.isDirectory())
    throw new AgentError('invalidRequest', `${resolved} is not a folder; pass a folder as cwd.`);
  return resolved;
}

export function sandboxPolicyOf(mode: SandboxMode, workspaceWrite: ThreadConfig['workspaceWrite']): SandboxPolicy {
  switch (mode) {
    case 'read-only':
      return { type: 'readOnly', networkAccess: false };
    case 'workspace-write':
      return { type: 'workspaceWrite', ...workspaceWrite };
    case 'danger-full-access':
      return { type: 'dangerFullAccess' };
    default:
      return mode satisfies never;
  }
}

/** Settings of a new thread. Nothing is written down as trusted here; an untrusted folder is read-only. */
export function newSettings(
  cwd: string,
  config: ThreadConfig,
  params: StartParams,
  editApproval: EditApproval | undefined,
): TurnSettings {
  const mode = params.sandbox ?? config.sandboxMode ?? (config.isTrusted ? 'workspace-write' : 'read-only');
  const roots = (params.runtimeWorkspaceRoots ?? []).map((root) => path.resolve(cwd, root));
  return {
    cwd,
    roots: roots.length > 0 ? roots : [cwd],
    model: config.model,
    effort: config.effort,
    approvalPolicy: params.approvalPolicy ?? config.approvalPolicy ?? 'on-request',
    sandboxPolicy: sandboxPolicyOf(mode, config.workspaceWrite),
    editApproval: editApproval ?? config.editApproval ?? 'editThenReview',
    developerInstructions: params.developerInstructions ?? config.developerInstructions,
    ...baseOf(params.baseInstructions ?? config.baseInstructions),
    outputSchema: null,
    permissionProfile: !params.sandbox && mode === 'read-only' ? ':read-only' : null,
  };
}

/** Left out where they are ours. */
export const baseOf = (baseInstructions: string | null | undefined): Pick<TurnSettings, 'baseInstructions'> =>
  baseInstructions?.trim() ? { baseInstructions } : {};

function moveTo(settings: TurnSettings, cwd: string): TurnSettings {
  const roots = settings.roots.map((root) => (root === settings.cwd ? cwd : root));
  return { ...settings, cwd, roots: [...new Set(roots)] };
}

/** Relative roots are meant from the working folder; the sandbox takes absolute ones only. */
function rooted(policy: SandboxPolicy, cwd: string): SandboxPolicy {
  if (policy.type !== 'workspaceWrite') return policy;
  return { ...policy, writableRoots: policy.writableRoots.map((root) => path.resolve(cwd, root)) };
}

/** What a client may ask for and would be misled to believe that it got. */
function refuseUnbuilt({ approvalsReviewer, toolOutput }: TurnParams): void {
  const refuse = (what: string, instead: string) =>
    new AgentError('notSupported', `turn/start.${what} is not built into Gantry; ${instead}`);
  if (approvalsReviewer && approvalsReviewer !== 'user') {
    throw refuse(`approvalsReviewer ${approvalsReviewer}`, 'leave it out, and the user is asked.');
  }
  if (toolOutput) throw refuse('toolOutput', 'send its text as input.');
}

/** What stays as it was where the client says nothing; keys that were never set stay away. */
function stickyOverrides(before: TurnSettings, params: TurnParams): Partial<TurnSettings> {
  const { summary, personality, serviceTier, collaborationMode } = params;
  return {
    ...(summary ? { summary } : {}),
    ...(personality ? { personality } : {}),
    // Null goes back to the provider's own tier.
    ...(serviceTier === undefined || (serviceTier === null && !before.serviceTier) ? {} : { serviceTier }),
    ...(collaborationMode
      ? {
          mode: {
            kind: collaborationMode.mode,
            instructions: collaborationMode.settings.developer_instructions ?? null,
          },
        }
      : {}),
  };
}

/**
 * Settings from this turn on. `outputSchema` is of this turn only, so it is null in `next`.
 * Throws for a cwd that is no folder.
 */
export function turnSettings(
  before: TurnSettings,
  params: TurnParams,
  editApproval: EditApproval | undefined,
): { turn: TurnSettings; next: TurnSettings } {
  const moved = params.cwd ? moveTo(before, resolveFolder(params.cwd, before.cwd)) : before;
  const roots = params.runtimeWorkspaceRoots?.map((root) => path.resolve(moved.cwd, root));
  refuseUnbuilt(params);
  const collaboration = params.collaborationMode;
  // A mode comes with its model and effort, and these count more than what stands beside it.
  const model = collaboration?.settings.model || params.model;
  const effort = collaboration ? collaboration.settings.reasoning_effort : params.effort;
  const next: TurnSettings = {
    ...moved,
    roots: roots && roots.length > 0 ? roots : moved.roots,
    model: model ? { ...moved.model, model } : moved.model,
    effort: effort ? parseEffort(effort) : moved.effort,
    ...stickyOverrides(moved, params),
    approvalPolicy: params.approvalPolicy ?? moved.approvalPolicy,
    sandboxPolicy: params.sandboxPolicy ? rooted(params.sandboxPolicy, moved.cwd) : moved.sandboxPolicy,
    ...(params.sandboxPolicy && moved.permissionProfile ? { permissionProfile: null } : {}),
    editApproval: editApproval ?? moved.editApproval,
    outputSchema: null,
  };
  const schema = params.outputSchema;
  const outputSchema = typeof schema === 'object' && schema !== null ? (schema as Record<string, unknown>) : null;
  const serviceTier = params.serviceTierForTurn ?? next.serviceTier;
  return { turn: { ...next, outputSchema, ...(serviceTier === undefined ? {} : { serviceTier }) }, next };
}
