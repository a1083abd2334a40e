/** How a turn fails, and the notices that belong to no item. */
import * as z from 'zod/mini';
import { TextRange, Uint } from './common.ts';
import { lazy } from './lazy.ts';

export const NonSteerableTurnKind = z.enum(['review', 'compact']);
export type NonSteerableTurnKind = z.infer<typeof NonSteerableTurnKind>;

export const CodexErrorInfo = lazy(() =>
  z.catch(
    z.union([
      z.enum([
        'contextWindowExceeded',
        'sessionBudgetExceeded',
        'usageLimitExceeded',
        'rateLimitExceeded',
        'flexUnavailable',
        'serverOverloaded',
        'modelNotFound',
        'policyCapacityUnavailable',
        'cyberPolicy',
        'misalignmentPolicyViolation',
        'tooManyDenials',
        'internalServerError',
        'unauthorized',
        'badRequest',
        'threadRollbackFailed',
        'sandboxError',
        'other',
        'inferenceHookDenied',
      ]),
      z.object({ httpConnectionFailed: z.object({ httpStatusCode: z.nullish(Uint) }) }),
      z.object({ responseStreamConnectionFailed: z.object({ httpStatusCode: z.nullish(Uint) }) }),
      z.object({ responseStreamDisconnected: z.object({ httpStatusCode: z.nullish(Uint) }) }),
      z.object({ responseTooManyFailedAttempts: z.object({ httpStatusCode: z.nullish(Uint) }) }),
      z.object({ activeTurnNotSteerable: z.object({ turnKind: NonSteerableTurnKind }) }),
    ]),
    'other',
  ),
);
export type CodexErrorInfo = z.infer<typeof CodexErrorInfo>;

export const MisalignmentSteer = lazy(() => z.object({ message: z.string() }));
export type MisalignmentSteer = z.infer<typeof MisalignmentSteer>;

export const MisalignmentErrorDetails = lazy(() =>
  z.object({
    detailedExplanation: z.nullish(z.string()),
    errorType: z.nullish(z.string()),
    reviewTarget: z.nullish(z.string()),
    steer: z.nullish(MisalignmentSteer),
  }),
);
export type MisalignmentErrorDetails = z.infer<typeof MisalignmentErrorDetails>;

export const TurnError = lazy(() =>
  z.object({
    message: z.string(),
    additionalDetails: z.nullish(z.string()),
    codexErrorInfo: z.nullish(CodexErrorInfo),
    misalignment: z.nullish(MisalignmentErrorDetails),
  }),
);
export type TurnError = z.infer<typeof TurnError>;

export const ErrorNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), error: TurnError, willRetry: z.boolean() }),
);
export type ErrorNotification = z.infer<typeof ErrorNotification>;

export const WarningNotification = lazy(() => z.object({ threadId: z.nullish(z.string()), message: z.string() }));
export type WarningNotification = z.infer<typeof WarningNotification>;

export const ConfigWarningNotification = lazy(() =>
  z.object({
    summary: z.string(),
    details: z.nullish(z.string()),
    path: z.nullish(z.string()),
    range: z.nullish(TextRange),
  }),
);
export type ConfigWarningNotification = z.infer<typeof ConfigWarningNotification>;

export const DeprecationNoticeNotification = lazy(() =>
  z.object({ summary: z.string(), details: z.nullish(z.string()) }),
);
export type DeprecationNoticeNotification = z.infer<typeof DeprecationNoticeNotification>;
