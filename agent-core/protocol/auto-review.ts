/** A reviewing agent that answers approvals in the user's place, when `approvalsReviewer` says so. */
import * as z from 'zod/mini';
import { NetworkApprovalProtocol } from './approval.ts';
import { AbsolutePathBuf, LegacyAppPathString, Uint } from './common.ts';
import { lazy } from './lazy.ts';
import { RequestPermissionProfile } from './permission.ts';

export const GuardianCommandSource = z.enum(['shell', 'unifiedExec']);
export type GuardianCommandSource = z.infer<typeof GuardianCommandSource>;

export const GuardianApprovalReviewAction = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({
      type: z.literal('command'),
      command: z.string(),
      cwd: LegacyAppPathString,
      source: GuardianCommandSource,
    }),
    z.object({
      type: z.literal('execve'),
      argv: z.array(z.string()),
      cwd: AbsolutePathBuf,
      program: z.string(),
      source: GuardianCommandSource,
    }),
    z.object({
      type: z.literal('writeStdin'),
      approvalId: z.string(),
      cwd: LegacyAppPathString,
      processId: z.string(),
      stdin: z.string(),
    }),
    z.object({ type: z.literal('applyPatch'), cwd: LegacyAppPathString, files: z.array(LegacyAppPathString) }),
    z.object({
      type: z.literal('networkAccess'),
      host: z.string(),
      port: Uint,
      protocol: NetworkApprovalProtocol,
      target: z.string(),
    }),
    z.object({
      type: z.literal('mcpToolCall'),
      server: z.string(),
      toolName: z.string(),
      connectorId: z.nullish(z.string()),
      connectorName: z.nullish(z.string()),
      toolTitle: z.nullish(z.string()),
    }),
    z.object({
      type: z.literal('requestPermissions'),
      permissions: RequestPermissionProfile,
      reason: z.nullish(z.string()),
    }),
  ]),
);
export type GuardianApprovalReviewAction = z.infer<typeof GuardianApprovalReviewAction>;

export const GuardianApprovalReviewStatus = z.enum(['inProgress', 'approved', 'denied', 'timedOut', 'aborted']);
export type GuardianApprovalReviewStatus = z.infer<typeof GuardianApprovalReviewStatus>;

export const GuardianRiskLevel = z.enum(['low', 'medium', 'high', 'critical']);
export type GuardianRiskLevel = z.infer<typeof GuardianRiskLevel>;

export const GuardianUserAuthorization = z.enum(['unknown', 'low', 'medium', 'high']);
export type GuardianUserAuthorization = z.infer<typeof GuardianUserAuthorization>;

/** Not stable on the reference's side: show it, do not build on it. */
export const GuardianApprovalReview = lazy(() =>
  z.object({
    status: GuardianApprovalReviewStatus,
    rationale: z.nullish(z.string()),
    riskLevel: z.nullish(GuardianRiskLevel),
    userAuthorization: z.nullish(GuardianUserAuthorization),
  }),
);
export type GuardianApprovalReview = z.infer<typeof GuardianApprovalReview>;

export const AutoReviewDecisionSource = z.literal('agent');
export type AutoReviewDecisionSource = z.infer<typeof AutoReviewDecisionSource>;

/** `targetItemId` is the reviewed item, when there is one. */
export const ItemGuardianApprovalReviewStartedNotification = lazy(() =>
  z.object({
    threadId: z.string(),
    turnId: z.string(),
    action: GuardianApprovalReviewAction,
    review: GuardianApprovalReview,
    reviewId: z.string(),
    startedAtMs: z.int(),
    targetItemId: z.nullish(z.string()),
  }),
);
export type ItemGuardianApprovalReviewStartedNotification = z.infer<
  typeof ItemGuardianApprovalReviewStartedNotification
>;

export const ItemGuardianApprovalReviewCompletedNotification = lazy(() =>
  z.object({
    threadId: z.string(),
    turnId: z.string(),
    action: GuardianApprovalReviewAction,
    completedAtMs: z.int(),
    decisionSource: AutoReviewDecisionSource,
    review: GuardianApprovalReview,
    reviewId: z.string(),
    startedAtMs: z.int(),
    targetItemId: z.nullish(z.string()),
  }),
);
export type ItemGuardianApprovalReviewCompletedNotification = z.infer<
  typeof ItemGuardianApprovalReviewCompletedNotification
>;

export const StrictReviewRequiredNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), startedAtMs: z.int() }),
);
export type StrictReviewRequiredNotification = z.infer<typeof StrictReviewRequiredNotification>;

export const GuardianWarningNotification = lazy(() => z.object({ threadId: z.string(), message: z.string() }));
export type GuardianWarningNotification = z.infer<typeof GuardianWarningNotification>;
