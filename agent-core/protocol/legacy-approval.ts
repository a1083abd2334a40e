/** Approvals of the reference's first wire, which some of its clients still answer. Names are snake_case in here. */
import * as z from 'zod/mini';
import { NetworkPolicyAmendment } from './approval.ts';
import { ThreadId } from './common.ts';
import { lazy } from './lazy.ts';

export const FileChange = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('add'), content: z.string() }),
    z.object({ type: z.literal('delete'), content: z.string() }),
    z.object({ type: z.literal('update'), unified_diff: z.string(), move_path: z.nullish(z.string()) }),
  ]),
);
export type FileChange = z.infer<typeof FileChange>;

export const ParsedCommand = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('read'), cmd: z.string(), name: z.string(), path: z.string() }),
    z.object({ type: z.literal('list_files'), cmd: z.string(), path: z.nullish(z.string()) }),
    z.object({ type: z.literal('search'), cmd: z.string(), path: z.nullish(z.string()), query: z.nullish(z.string()) }),
    z.object({ type: z.literal('unknown'), cmd: z.string() }),
  ]),
);
export type ParsedCommand = z.infer<typeof ParsedCommand>;

export const ReviewDecision = lazy(() =>
  z.union([
    z.enum(['approved', 'approved_for_session', 'approved_mcp_policy_amendment', 'timed_out', 'abort']),
    z.object({ approved_execpolicy_amendment: z.object({ proposed_execpolicy_amendment: z.array(z.string()) }) }),
    z.object({ network_policy_amendment: z.object({ network_policy_amendment: NetworkPolicyAmendment }) }),
    z.object({ denied: z.object({ rejection: z.string() }) }),
  ]),
);
export type ReviewDecision = z.infer<typeof ReviewDecision>;

export const ApplyPatchApprovalParams = lazy(() =>
  z.object({
    callId: z.string(),
    conversationId: ThreadId,
    fileChanges: z.record(z.string(), FileChange),
    grantRoot: z.nullish(z.string()),
    reason: z.nullish(z.string()),
  }),
);
export type ApplyPatchApprovalParams = z.infer<typeof ApplyPatchApprovalParams>;

export const ApplyPatchApprovalResponse = lazy(() => z.object({ decision: ReviewDecision }));
export type ApplyPatchApprovalResponse = z.infer<typeof ApplyPatchApprovalResponse>;

export const ExecCommandApprovalParams = lazy(() =>
  z.object({
    callId: z.string(),
    command: z.array(z.string()),
    conversationId: ThreadId,
    cwd: z.string(),
    parsedCmd: z.array(ParsedCommand),
    approvalId: z.nullish(z.string()),
    reason: z.nullish(z.string()),
  }),
);
export type ExecCommandApprovalParams = z.infer<typeof ExecCommandApprovalParams>;

export const ExecCommandApprovalResponse = lazy(() => z.object({ decision: ReviewDecision }));
export type ExecCommandApprovalResponse = z.infer<typeof ExecCommandApprovalResponse>;
