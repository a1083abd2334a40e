/** A command of the client's own, in the server's sandbox, without a thread. It ends when its connection does. */
import * as z from 'zod/mini';
import { Uint } from './common.ts';
import { lazy } from './lazy.ts';
import { SandboxPolicy } from './sandbox-policy.ts';

export const CommandExecOutputStream = z.enum(['stdout', 'stderr']);
export type CommandExecOutputStream = z.infer<typeof CommandExecOutputStream>;

export const CommandExecTerminalSize = lazy(() => z.object({ cols: Uint, rows: Uint }));
export type CommandExecTerminalSize = z.infer<typeof CommandExecTerminalSize>;

/** `command` is argv. `processId` is the client's own name for the process, needed to write to it, to resize, to stop, or to stream. `tty` implies streaming both ways. An `env` value of null unsets. The answer comes after the last output. */
export const CommandExecParams = lazy(() =>
  z.object({
    command: z.array(z.string()),
    cwd: z.nullish(z.string()),
    disableOutputCap: z.optional(z.boolean()),
    disableTimeout: z.optional(z.boolean()),
    env: z.nullish(z.record(z.string(), z.nullable(z.string()))),
    outputBytesCap: z.nullish(Uint),
    processId: z.nullish(z.string()),
    sandboxPolicy: z.nullish(SandboxPolicy),
    size: z.nullish(CommandExecTerminalSize),
    streamStdin: z.optional(z.boolean()),
    streamStdoutStderr: z.optional(z.boolean()),
    timeoutMs: z.nullish(z.int()),
    tty: z.optional(z.boolean()),

    // behind `experimentalApi`
    permissionProfile: z.nullish(z.string()),
  }),
);
export type CommandExecParams = z.infer<typeof CommandExecParams>;

/** Output that was streamed is not repeated here. */
export const CommandExecResponse = lazy(() => z.object({ exitCode: z.int(), stderr: z.string(), stdout: z.string() }));
export type CommandExecResponse = z.infer<typeof CommandExecResponse>;

/** Bytes for stdin, or its end, or both. */
export const CommandExecWriteParams = lazy(() =>
  z.object({ processId: z.string(), closeStdin: z.optional(z.boolean()), deltaBase64: z.nullish(z.string()) }),
);
export type CommandExecWriteParams = z.infer<typeof CommandExecWriteParams>;

export const CommandExecWriteResponse = lazy(() => z.object({}));
export type CommandExecWriteResponse = z.infer<typeof CommandExecWriteResponse>;

export const CommandExecResizeParams = lazy(() => z.object({ processId: z.string(), size: CommandExecTerminalSize }));
export type CommandExecResizeParams = z.infer<typeof CommandExecResizeParams>;

export const CommandExecResizeResponse = lazy(() => z.object({}));
export type CommandExecResizeResponse = z.infer<typeof CommandExecResizeResponse>;

export const CommandExecTerminateParams = lazy(() => z.object({ processId: z.string() }));
export type CommandExecTerminateParams = z.infer<typeof CommandExecTerminateParams>;

export const CommandExecTerminateResponse = lazy(() => z.object({}));
export type CommandExecTerminateResponse = z.infer<typeof CommandExecTerminateResponse>;

/** `capReached` is true on the last piece of a stream that was cut. */
export const CommandExecOutputDeltaNotification = lazy(() =>
  z.object({
    capReached: z.boolean(),
    deltaBase64: z.string(),
    processId: z.string(),
    stream: CommandExecOutputStream,
  }),
);
export type CommandExecOutputDeltaNotification = z.infer<typeof CommandExecOutputDeltaNotification>;
