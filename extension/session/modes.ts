/** What the four modes mean on the wire. Pure. */
import type { ClientRequestInput } from '../../agent-core/protocol/index.ts';
import type { Mode } from '../../webview/bridge/panel-state.ts';

type StartParams = Pick<
  ClientRequestInput<'thread/start'>,
  'sandbox' | 'approvalPolicy' | 'gantry' | 'config' | 'runtimeWorkspaceRoots'
>;
type TurnParams = Pick<ClientRequestInput<'turn/start'>, 'sandboxPolicy' | 'approvalPolicy' | 'gantry'>;

export type ModeInfo = { mode: Mode; label: string; description: string };

export const MODE_INFOS: readonly ModeInfo[] = [
  { mode: 'read-only', label: 'Read only', description: 'Reads and explains. Changes nothing.' },
  { mode: 'ask', label: 'Ask', description: 'Every edit waits for your approval. Commands run in the sandbox.' },
  { mode: 'auto', label: 'Auto', description: 'Edits are made at once. Commands run in the sandbox.' },
  { mode: 'full', label: 'Full access', description: 'No sandbox and no questions. Only where nothing can be lost.' },
];

/** The mode that holds: a workspace that is not trusted is never changed. */
export function effectiveMode(wanted: Mode, trusted: boolean): Mode {
  return trusted ? wanted : 'read-only';
}

/**
 * `ours`: the peer is Gantry's core. Asking before edits is a thread option there; any other app server is brought to
 * it by approving everything that is not known to be harmless.
 */
function approvalPolicyOf(mode: Mode, ours: boolean): 'untrusted' | 'on-request' | 'never' {
  if (mode === 'full') return 'never';
  return mode === 'ask' && !ours ? 'untrusted' : 'on-request';
}

const EDIT_APPROVAL = {
  'read-only': 'refuse',
  ask: 'askFirst',
  auto: 'editThenReview',
  full: 'editThenReview',
} as const;

/**
 * `roots` are the folders of the window; trust holds for all of them. Another peer gets nothing but the published
 * protocol, so no `gantry`, and the folders only where there are several.
 */
export function threadParams(
  mode: Mode,
  ours: boolean,
  { roots, trusted }: { roots: readonly string[]; trusted: boolean },
): StartParams {
  const sandbox = {
    'read-only': 'read-only',
    ask: 'workspace-write',
    auto: 'workspace-write',
    full: 'danger-full-access',
  } as const;
  const trust = trusted ? 'trusted' : 'untrusted';
  return {
    sandbox: sandbox[mode],
    approvalPolicy: approvalPolicyOf(mode, ours),
    config: { projects: Object.fromEntries(roots.map((root) => [root, { trust_level: trust }])) },
    ...(ours || roots.length > 1 ? { runtimeWorkspaceRoots: [...roots] } : {}),
    ...(ours ? { gantry: { editApproval: EDIT_APPROVAL[mode] } } : {}),
  };
}

/** The same for one turn and those after it, so that a mode holds from the next message on. */
export function turnParams(mode: Mode, ours: boolean): TurnParams {
  const sandboxPolicy = {
    'read-only': { type: 'readOnly' },
    ask: { type: 'workspaceWrite' },
    auto: { type: 'workspaceWrite' },
    full: { type: 'dangerFullAccess' },
  } as const;
  return {
    sandboxPolicy: sandboxPolicy[mode],
    approvalPolicy: approvalPolicyOf(mode, ours),
    ...(ours ? { gantry: { editApproval: EDIT_APPROVAL[mode] } } : {}),
  };
}
