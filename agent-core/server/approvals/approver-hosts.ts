/** The question whether a command may reach a host, as the wire has it. (pure) */
import { quoteWord } from '../../approvals/shell-words.ts';
import type { HostApproval, HostDecision } from '../../ports.ts';
import type {
  CommandExecutionApprovalDecision,
  CommandExecutionRequestApprovalParams,
  NetworkPolicyAmendment,
} from '../../protocol/index.ts';

const amendments = (host: string): NetworkPolicyAmendment[] => [
  { action: 'allow', host },
  { action: 'deny', host },
];

const choices = (kept: readonly NetworkPolicyAmendment[]): CommandExecutionApprovalDecision[] => [
  'accept',
  'acceptForSession',
  ...kept.map((network_policy_amendment) => ({
    applyNetworkPolicyAmendment: { network_policy_amendment },
  })),
  'decline',
  'cancel',
];

type Asked = { threadId: string; startedAtMs: number; request: HostApproval };

/** One item may ask for several hosts, so each question has an id of its own. */
export function hostParams(
  { threadId, startedAtMs, request }: Asked,
  isExperimental: boolean,
): CommandExecutionRequestApprovalParams {
  const { turnId, itemId, host, protocol, command, cwd, commandActions, canKeep } = request;
  const kept = canKeep ? amendments(host) : [];
  return {
    threadId,
    turnId,
    itemId,
    startedAtMs,
    approvalId: `${itemId}:${protocol}:${host}`,
    environmentId: 'local',
    kind: 'command',
    reason: `The command wants to reach ${host}.`,
    command: command.map(quoteWord).join(' '),
    cwd,
    commandActions,
    networkApprovalContext: { host, protocol },
    proposedNetworkPolicyAmendments: kept,
    ...(isExperimental ? { availableDecisions: choices(kept) } : {}),
  };
}

/** A rule about commands is no answer to this question. */
export function hostDecision(decision: CommandExecutionApprovalDecision): HostDecision {
  if (typeof decision === 'string') return decision;
  if (!('applyNetworkPolicyAmendment' in decision)) return 'failed';
  const { action, host } = decision.applyNetworkPolicyAmendment.network_policy_amendment;
  return { always: action, host };
}
