/** What a turn runs under, from the config and from what the client asks for. */
import { statSync } from 'node:fs';
import path from 'node:path';
import type { ReasoningEffort } from '../models/model-client.ts';
import type { EditApproval, TurnSettings } from '../ports.ts';
import {
  AgentError,
  type AskForApproval,
  type ClientRequestParams,
  type SandboxMode,
  type SandboxPolicy,
} from '../protocol/index.ts';

/** What the config says about a thread, with the client's overrides already over it. */
export type ThreadConfig = {
  model: { provider: string; model: string };
  effort: ReasoningEffort | null;
  approvalPolicy: AskForApproval | null;
  sandboxMode: SandboxMode | null;
  workspaceWrite: Omit<Extract<SandboxPolicy, { type: 'workspaceWrite' }>, 'type'>;
  developerInstructions: string | null;
  editApproval: EditApproval | null;
  isTrusted: boolean;
};

type StartParams = Pick<
  ClientRequestParams<'thread/start'>,
  'approvalPolicy' | 'sandbox' | 'developerInstructions' | 'runtimeWorkspaceRoots'
>;
type TurnParams = ClientRequestParams<'turn/start'>;

const EFFORTS: readonly string[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] satisfies ReasoningEffort[];

export function parseEffort(effort: string): ReasoningEffort {
  if (EFFORTS.includes(effort)) return effort as ReasoningEffort;
  throw new AgentError('invalidParams', `Unknown reasoning effort ${effort}: use one of ${EFFORTS.join(', ')}.`);
}

/** The absolute folder. Throws for one that is not there. */
export function resolveFolder(folder: string | null | undefined, base: string): string {
  const resolved = path.resolve(base, folder ?? '.');
  const info = statSync(resolved, { throwIfNoEntry: false });
  if (!info) throw new AgentError('invalidRequest', `The folder ${resolved} does not exist; pass a cwd that does.`);
  if (!info.isDirectory()) throw new AgentError('invalidRequest', `${resolved} is not a folder; pass a folder as cwd.`);
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
    outputSchema: null,
  };
}

function moveTo(settings: TurnSettings, cwd: string): TurnSettings {
  const roots = settings.roots.map((root) => (root === settings.cwd ? cwd : root));
  return { ...settings, cwd, roots: [...new Set(roots)] };
}

/** Relative roots are meant from the working folder; the sandbox takes absolute ones only. */
function rooted(policy: SandboxPolicy, cwd: string): SandboxPolicy {
  if (policy.type !== 'workspaceWrite') return policy;
  return { ...policy, writableRoots: policy.writableRoots.map((root) => path.resolve(cwd, root)) };
}

/**
 * Settings from this turn on. `outputSchema` is of this turn only, so it is null in `next`.
 * Throws for a folder that is not there.
 */
export function turnSettings(
  before: TurnSettings,
  params: TurnParams,
  editApproval: EditApproval | undefined,
): { turn: TurnSettings; next: TurnSettings } {
  const moved = params.cwd ? moveTo(before, resolveFolder(params.cwd, before.cwd)) : before;
  const roots = params.runtimeWorkspaceRoots?.map((root) => path.resolve(moved.cwd, root));
  const next: TurnSettings = {
    ...moved,
    roots: roots && roots.length > 0 ? roots : moved.roots,
    model: params.model ? { ...moved.model, model: params.model } : moved.model,
    effort: params.effort ? parseEffort(params.effort) : moved.effort,
    approvalPolicy: params.approvalPolicy ?? moved.approvalPolicy,
    sandboxPolicy: params.sandboxPolicy ? rooted(params.sandboxPolicy, moved.cwd) : moved.sandboxPolicy,
    editApproval: editApproval ?? moved.editApproval,
    outputSchema: null,
  };
  const schema = params.outputSchema;
  const outputSchema = typeof schema === 'object' && schema !== null ? (schema as Record<string, unknown>) : null;
  return { turn: { ...next, outputSchema }, next };
}
