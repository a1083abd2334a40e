/**
 * The server asks before it runs a command or writes a patch. Field names inside decisions are snake_case on this
 * wire.
 */
import * as z from 'zod/mini';
import { LegacyAppPathString, RequestId } from './common.ts';
import { CommandAction } from './item-parts.ts';
import { lazy } from './lazy.ts';

export const NetworkApprovalProtocol = z.enum(['http', 'https', 'socks5Tcp', 'socks5Udp']);
export type NetworkApprovalProtocol = z.infer<typeof NetworkApprovalProtocol>;

export const NetworkApprovalContext = lazy(() => z.object({ host: z.string(), protocol: NetworkApprovalProtocol }));
export type NetworkApprovalContext = z.infer<typeof NetworkApprovalContext>;

export const NetworkPolicyRuleAction = z.enum(['allow', 'deny']);
export type NetworkPolicyRuleAction = z.infer<typeof NetworkPolicyRuleAction>;

export const NetworkPolicyAmendment = lazy(() => z.object({ action: NetworkPolicyRuleAction, host: z.string() }));
export type NetworkPolicyAmendment = z.infer<typeof NetworkPolicyAmendment>;

export const CommandExecutionApprovalKind = z.enum(['command', 'writeStdin', 'humanCommand']);
export type CommandExecutionApprovalKind = z.infer<typeof CommandExecutionApprovalKind>;

export const CommandExecutionApprovalDecision = lazy(() =>
  z.union([
    z.enum(['accept', 'acceptForSession', 'decline', 'cancel']),
    z.object({ acceptWithExecpolicyAmendment: z.object({ execpolicy_amendment: z.array(z.string()) }) }),
    z.object({ applyNetworkPolicyAmendment: z.object({ network_policy_amendment: NetworkPolicyAmendment }) }),
  ]),
);
export type CommandExecutionApprovalDecision = z.infer<typeof CommandExecutionApprovalDecision>;

export const CommandExecutionRequestApprovalParams = lazy(() =>
  z.object({
    threadId: z.string(),
    turnId: z.string(),
    itemId: z.string(),
    startedAtMs: z.int(),
    approvalId: z.nullish(z.string()),
    command: z.nullish(z.string()),
    commandActions: z.nullish(z.array(CommandAction)),
    cwd: z.nullish(LegacyAppPathString),
    environmentId: z.nullish(z.string()),
    kind: z._default(CommandExecutionApprovalKind, 'command'),
    networkApprovalContext: z.nullish(NetworkApprovalContext),
    proposedExecpolicyAmendment: z.nullish(z.array(z.string())),
    proposedNetworkPolicyAmendments: z.nullish(z.array(NetworkPolicyAmendment)),
    reason: z.nullish(z.string()),

    // behind `experimentalApi`
    availableDecisions: z.nullish(z.array(CommandExecutionApprovalDecision)),
  }),
);
export type CommandExecutionRequestApprovalParams = z.infer<typeof CommandExecutionRequestApprovalParams>;

export const CommandExecutionRequestApprovalResponse = lazy(() =>
  z.object({ decision: CommandExecutionApprovalDecision }),
);
export type CommandExecutionRequestApprovalResponse = z.infer<typeof CommandExecutionRequestApprovalResponse>;

export const FileChangeApprovalDecision = z.enum(['accept', 'acceptForSession', 'decline', 'cancel']);
export type FileChangeApprovalDecision = z.infer<typeof FileChangeApprovalDecision>;

export const FileChangeRequestApprovalParams = lazy(() =>
  z.object({
    threadId: z.string(),
    turnId: z.string(),
    itemId: z.string(),
    startedAtMs: z.int(),
    grantRoot: z.nullish(z.string()),
    reason: z.nullish(z.string()),
  }),
);
export type FileChangeRequestApprovalParams = z.infer<typeof FileChangeRequestApprovalParams>;

export const FileChangeRequestApprovalResponse = lazy(() => z.object({ decision: FileChangeApprovalDecision }));
export type FileChangeRequestApprovalResponse = z.infer<typeof FileChangeRequestApprovalResponse>;

export const ServerRequestResolvedNotification = lazy(() => z.object({ threadId: z.string(), requestId: RequestId }));
export type ServerRequestResolvedNotification = z.infer<typeof ServerRequestResolvedNotification>;
