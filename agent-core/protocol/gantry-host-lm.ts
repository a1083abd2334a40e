/** `host/lm/*`: a model of the editor answers. The request lasts as long as the answer streams. */
import * as z from 'zod/mini';
import { lazy } from './lazy.ts';

export const HostLmPart = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('text'), text: z.string() }),
    z.object({ type: z.literal('image'), mimeType: z.string(), dataBase64: z.string() }),
    z.object({ type: z.literal('toolCall'), callId: z.string(), name: z.string(), input: z.unknown() }),
    z.object({
      type: z.literal('toolResult'),
      callId: z.string(),
      content: z.array(
        z.discriminatedUnion('type', [
          z.object({ type: z.literal('text'), text: z.string() }),
          z.object({ type: z.literal('image'), mimeType: z.string(), dataBase64: z.string() }),
        ]),
      ),
      isError: z.optional(z.boolean()),
    }),
  ]),
);
export type HostLmPart = z.infer<typeof HostLmPart>;

/** The editor's models know no system role: instructions come as the first user message. */
export const HostLmMessage = lazy(() =>
  z.object({ role: z.enum(['user', 'assistant']), content: z.array(HostLmPart) }),
);
export type HostLmMessage = z.infer<typeof HostLmMessage>;

export const HostLmTool = lazy(() => z.object({ name: z.string(), description: z.string(), inputSchema: z.unknown() }));
export type HostLmTool = z.infer<typeof HostLmTool>;

/** `requestId` is the core's own and ties the deltas to this call. */
export const HostLmStartParams = lazy(() =>
  z.object({
    requestId: z.string(),
    modelId: z.string(),
    messages: z.array(HostLmMessage),
    tools: z.array(HostLmTool),
  }),
);
export type HostLmStartParams = z.infer<typeof HostLmStartParams>;

export const HostLmStopReason = z.enum(['endTurn', 'toolCalls', 'cancelled', 'maxTokens', 'refused']);
export type HostLmStopReason = z.infer<typeof HostLmStopReason>;

/** Sent after the last delta. A failure is an RPC error whose message the user may read. */
export const HostLmStartResponse = lazy(() => z.object({ stopReason: HostLmStopReason }));
export type HostLmStartResponse = z.infer<typeof HostLmStartResponse>;

export const HostLmDelta = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('text'), text: z.string() }),
    z.object({ type: z.literal('toolCall'), callId: z.string(), name: z.string(), input: z.unknown() }),
  ]),
);
export type HostLmDelta = z.infer<typeof HostLmDelta>;

export const HostLmDeltaNotification = lazy(() => z.object({ requestId: z.string(), delta: HostLmDelta }));
export type HostLmDeltaNotification = z.infer<typeof HostLmDeltaNotification>;

export const HostLmCancelNotification = lazy(() => z.object({ requestId: z.string() }));
export type HostLmCancelNotification = z.infer<typeof HostLmCancelNotification>;
