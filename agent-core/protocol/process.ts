/** Processes that a client spawns outside of the sandbox, and what they say. Bytes are base64. */
import * as z from 'zod/mini';
import { AbsolutePathBuf, Uint } from './common.ts';
import { lazy } from './lazy.ts';

export const ProcessTerminalSize = lazy(() => z.object({ cols: Uint, rows: Uint }));
export type ProcessTerminalSize = z.infer<typeof ProcessTerminalSize>;

/** `command` is argv. `tty` implies streaming both ways. `outputBytesCap` and `timeoutMs`: null for none. The answer comes once it runs. */
export const ProcessSpawnParams = lazy(() =>
  z.object({
    command: z.array(z.string()),
    processHandle: z.string(),
    cwd: AbsolutePathBuf,
    tty: z.optional(z.boolean()),
    streamStdin: z.optional(z.boolean()),
    streamStdoutStderr: z.optional(z.boolean()),
    outputBytesCap: z.nullish(Uint),
    timeoutMs: z.nullish(z.int()),
    env: z.nullish(z.record(z.string(), z.nullable(z.string()))),
    size: z.nullish(ProcessTerminalSize),
  }),
);
export type ProcessSpawnParams = z.infer<typeof ProcessSpawnParams>;

export const ProcessSpawnResponse = lazy(() => z.object({}));
export type ProcessSpawnResponse = z.infer<typeof ProcessSpawnResponse>;

/** Bytes for stdin, or its end, or both. */
export const ProcessWriteStdinParams = lazy(() =>
  z.object({ processHandle: z.string(), closeStdin: z.optional(z.boolean()), deltaBase64: z.nullish(z.string()) }),
);
export type ProcessWriteStdinParams = z.infer<typeof ProcessWriteStdinParams>;

export const ProcessWriteStdinResponse = lazy(() => z.object({}));
export type ProcessWriteStdinResponse = z.infer<typeof ProcessWriteStdinResponse>;

export const ProcessKillParams = lazy(() => z.object({ processHandle: z.string() }));
export type ProcessKillParams = z.infer<typeof ProcessKillParams>;

export const ProcessKillResponse = lazy(() => z.object({}));
export type ProcessKillResponse = z.infer<typeof ProcessKillResponse>;

export const ProcessResizePtyParams = lazy(() => z.object({ processHandle: z.string(), size: ProcessTerminalSize }));
export type ProcessResizePtyParams = z.infer<typeof ProcessResizePtyParams>;

export const ProcessResizePtyResponse = lazy(() => z.object({}));
export type ProcessResizePtyResponse = z.infer<typeof ProcessResizePtyResponse>;

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
