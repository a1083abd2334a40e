/** What the core asks before it does something, as a card shows it, and how the wire says the answer. Pure. */
import type {
  AnyThreadItem,
  CommandExecutionApprovalDecision,
  CommandExecutionRequestApprovalParams,
  FileSystemPath,
  GantryFileChangeRequestApprovalParams,
  PermissionsRequestApprovalParams,
  PermissionsRequestApprovalResponse,
} from '../../agent-core/protocol/index.ts';
import type { ApprovalDecision, ApprovalView } from '../../webview/bridge/panel-state.ts';

const PLAIN_DECISIONS = [
  'accept',
  'acceptForSession',
  'decline',
  'cancel',
] as const satisfies readonly ApprovalDecision[];

/** In the order of their buttons. `acceptAlways` and `declineAlways` are added where there is a rule to write. */
export function commandApprovalView(
  id: string,
  params: CommandExecutionRequestApprovalParams,
  sandboxed: boolean,
): ApprovalView {
  const host = params.networkApprovalContext ?? null;
  const rule = host ? null : ruleOf(params);
  const given = params.availableDecisions?.filter((decision) => typeof decision === 'string');
  // Declining is always understood, also where the peer does not list it.
  const plain = given ? PLAIN_DECISIONS.filter((d) => given.includes(d) || d === 'decline') : PLAIN_DECISIONS;
  const always = host ? hostActions(params) : { allow: rule !== null, deny: false };
  const decisions = plain.flatMap((decision): ApprovalDecision[] => {
    if (decision === 'decline')
      return [
        ...(always.allow ? ['acceptAlways' as const] : []),
        decision,
        ...(always.deny ? ['declineAlways' as const] : []),
      ];
    return [decision];
  });
  return {
    id,
    itemId: params.itemId,
    turnId: params.turnId,
    kind: 'command',
    reason: params.reason ?? null,
    command: params.command ?? null,
    cwd: params.cwd ?? null,
    // The wire has no field for it: a stated reason is how leaving the sandbox is asked for. Reaching a host is another question.
    unsandboxed: host === null && (!sandboxed || (params.reason ?? null) !== null),
    files: [],
    decisions,
    ...(host ? { host: host.host } : {}),
    ...(rule ? { rule } : {}),
  };
}

/** The rule is offered only where the peer takes it as an answer. */
function ruleOf({ proposedExecpolicyAmendment, availableDecisions }: CommandExecutionRequestApprovalParams) {
  const taken = availableDecisions?.some((one) => typeof one !== 'string' && 'acceptWithExecpolicyAmendment' in one);
  if (availableDecisions && !taken) return null;
  return proposedExecpolicyAmendment?.length ? proposedExecpolicyAmendment : null;
}

function hostActions({ proposedNetworkPolicyAmendments }: CommandExecutionRequestApprovalParams) {
  const actions = new Set(proposedNetworkPolicyAmendments?.map(({ action }) => action));
  return { allow: actions.has('allow'), deny: actions.has('deny') };
}

/** What was decided about the command or the host of `view`. */
export function commandAnswer(view: ApprovalView, decision: ApprovalDecision): CommandExecutionApprovalDecision {
  if (decision !== 'acceptAlways' && decision !== 'declineAlways') return decision;
  if (view.host !== undefined) {
    const action = decision === 'acceptAlways' ? 'allow' : 'deny';
    return { applyNetworkPolicyAmendment: { network_policy_amendment: { action, host: view.host } } };
  }
  if (decision === 'declineAlways' || !view.rule) return 'decline';
  return { acceptWithExecpolicyAmendment: { execpolicy_amendment: [...view.rule] } };
}

/** `item` is the change that the request is about, when it is known; `labelOf` shortens a path for people. */
export function fileApprovalView(
  id: string,
  params: GantryFileChangeRequestApprovalParams,
  item: AnyThreadItem | undefined,
  labelOf: (path: string) => string,
): ApprovalView {
  const changes = params.gantry?.changes ?? (item?.type === 'fileChange' ? item.changes : []);
  return {
    id,
    itemId: params.itemId,
    turnId: params.turnId,
    kind: 'fileChange',
    reason: params.reason ?? null,
    command: null,
    cwd: null,
    unsandboxed: false,
    files: changes.map(({ path, kind }) => ({ path, label: labelOf(path), kind: kind.type })),
    decisions: [...PLAIN_DECISIONS],
  };
}

export function permissionsApprovalView(
  id: string,
  params: PermissionsRequestApprovalParams,
  labelOf: (path: string) => string,
): ApprovalView {
  return {
    id,
    itemId: params.itemId,
    turnId: params.turnId,
    kind: 'permissions',
    reason: params.reason ?? null,
    command: null,
    cwd: params.cwd,
    unsandboxed: false,
    files: [],
    decisions: ['accept', 'acceptForSession', 'decline'],
    wanted: wantedBy(params, labelOf),
  };
}

/** All that was asked for, for this turn or the session; nothing when it was declined or taken back. */
export function permissionsAnswer(
  { permissions }: PermissionsRequestApprovalParams,
  decision: ApprovalDecision,
): PermissionsRequestApprovalResponse {
  if (decision === 'accept') return { permissions, scope: 'turn' };
  if (decision === 'acceptForSession') return { permissions, scope: 'session' };
  return { permissions: {}, scope: 'turn' };
}

function wantedBy(
  { permissions: { fileSystem, network } }: PermissionsRequestApprovalParams,
  labelOf: (path: string) => string,
): string[] {
  const wanted = [
    ...(network?.enabled ? ['Use the network'] : []),
    ...(fileSystem?.write ?? []).map((path) => `Write ${labelOf(path)}`),
    ...(fileSystem?.read ?? []).map((path) => `Read ${labelOf(path)}`),
    ...(fileSystem?.entries ?? []).map(({ access, path }) => `${ACCESS[access]} ${placeOf(path, labelOf)}`),
  ];
  // A path may stand in both lists.
  return wanted.length > 0
    ? [...new Set(wanted)]
    : ['Something that this version does not know. Decline it when in doubt.'];
}

const ACCESS = { read: 'Read', write: 'Write', deny: 'Give up' } as const;

const SPECIAL = {
  root: 'any file of this computer',
  minimal: 'what programs need to run',
  project_roots: 'the project',
  tmpdir: 'the temporary folder',
  slash_tmp: '/tmp',
} as const;

function placeOf(path: FileSystemPath, labelOf: (path: string) => string): string {
  if (path.type === 'path') return labelOf(path.path);
  if (path.type === 'glob_pattern') return `files that match ${path.pattern}`;
  const { value } = path;
  const place = value.kind === 'unknown' ? value.path : SPECIAL[value.kind];
  const below = 'subpath' in value && value.subpath ? `, in ${value.subpath}` : '';
  return `${place}${below}`;
}
