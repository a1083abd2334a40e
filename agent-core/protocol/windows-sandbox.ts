/** The sandbox on Windows needs a set-up. */
import * as z from 'zod/mini';
import { AbsolutePathBuf, Uint } from './common.ts';
import { lazy } from './lazy.ts';

export const WindowsSandboxSetupMode = z.enum(['elevated', 'unelevated']);
export type WindowsSandboxSetupMode = z.infer<typeof WindowsSandboxSetupMode>;

export const WindowsSandboxReadiness = z.enum(['ready', 'notConfigured', 'updateRequired']);
export type WindowsSandboxReadiness = z.infer<typeof WindowsSandboxReadiness>;

export const WindowsSandboxReadinessResponse = lazy(() => z.object({ status: WindowsSandboxReadiness }));
export type WindowsSandboxReadinessResponse = z.infer<typeof WindowsSandboxReadinessResponse>;

export const WindowsSandboxSetupStartParams = lazy(() =>
  z.object({ mode: WindowsSandboxSetupMode, cwd: z.nullish(AbsolutePathBuf) }),
);
export type WindowsSandboxSetupStartParams = z.infer<typeof WindowsSandboxSetupStartParams>;

export const WindowsSandboxSetupStartResponse = lazy(() => z.object({ started: z.boolean() }));
export type WindowsSandboxSetupStartResponse = z.infer<typeof WindowsSandboxSetupStartResponse>;

export const WindowsSandboxSetupCompletedNotification = lazy(() =>
  z.object({ mode: WindowsSandboxSetupMode, success: z.boolean(), error: z.nullish(z.string()) }),
);
export type WindowsSandboxSetupCompletedNotification = z.infer<typeof WindowsSandboxSetupCompletedNotification>;

export const WindowsWorldWritableWarningNotification = lazy(() =>
  z.object({ extraCount: Uint, failedScan: z.boolean(), samplePaths: z.array(z.string()) }),
);
export type WindowsWorldWritableWarningNotification = z.infer<typeof WindowsWorldWritableWarningNotification>;
