/** The sandbox on Windows needs a set-up. */
import * as z from 'zod/mini';
import { AbsolutePathBuf, Uint } from './common.ts';

export const WindowsSandboxSetupMode = z.enum(['elevated', 'unelevated']);
export type WindowsSandboxSetupMode = z.infer<typeof WindowsSandboxSetupMode>;

export const WindowsSandboxReadiness = z.enum(['ready', 'notConfigured', 'updateRequired']);
export type WindowsSandboxReadiness = z.infer<typeof WindowsSandboxReadiness>;

export const WindowsSandboxReadinessResponse = z.lazy(() => z.object({ status: WindowsSandboxReadiness }));
export type WindowsSandboxReadinessResponse = z.infer<typeof WindowsSandboxReadinessResponse>;

export const WindowsSandboxSetupStartParams = z.lazy(() =>
  z.object({ mode: WindowsSandboxSetupMode, cwd: z.nullish(AbsolutePathBuf) }),
);
export type WindowsSandboxSetupStartParams = z.infer<typeof WindowsSandboxSetupStartParams>;

export const WindowsSandboxSetupStartResponse = z.lazy(() => z.object({ started: z.boolean() }));
export type WindowsSandboxSetupStartResponse = z.infer<typeof WindowsSandboxSetupStartResponse>;

export const WindowsSandboxSetupCompletedNotification = z.lazy(() =>
  z.object({ mode: WindowsSandboxSetupMode, success: z.boolean(), error: z.nullish(z.string()) }),
);
export type WindowsSandboxSetupCompletedNotification = z.infer<typeof WindowsSandboxSetupCompletedNotification>;

export const WindowsWorldWritableWarningNotification = z.lazy(() =>
  z.object({ extraCount: Uint, failedScan: z.boolean(), samplePaths: z.array(z.string()) }),
);
export type WindowsWorldWritableWarningNotification = z.infer<typeof WindowsWorldWritableWarningNotification>;
