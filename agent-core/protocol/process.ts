/** What processes that a client spawned outside of the sandbox say. Bytes are base64. */
import * as z from 'zod/mini';
import { lazy } from './lazy.ts';

export const ProcessOutputStream = z.enum(['stdout', 'stderr']);
export type ProcessOutputStream = z.infer<typeof ProcessOutputStream>;

export const ProcessOutputDeltaNotification = lazy(() =>
  z.object({
    capReached: z.boolean(),
    deltaBase64: z.string(),
    processHandle: z.string(),
    stream: ProcessOutputStream,
  }),
);
export type ProcessOutputDeltaNotification = z.infer<typeof ProcessOutputDeltaNotification>;

/** Output that was streamed is not repeated here. */
export const ProcessExitedNotification = lazy(() =>
  z.object({
    exitCode: z.int(),
    processHandle: z.string(),
    stderr: z.string(),
    stderrCapReached: z.boolean(),
    stdout: z.string(),
    stdoutCapReached: z.boolean(),
    outputDrainTimedOut: z.nullish(z.boolean()),
  }),
);
export type ProcessExitedNotification = z.infer<typeof ProcessExitedNotification>;
