/** An MCP server asks the user through the agent. Approvals of MCP tool calls come this way too, marked in `_meta`. */
import * as z from 'zod/mini';
import { McpElicitationSchema } from './elicitation-schema.ts';
import { lazy } from './lazy.ts';

export const McpServerElicitationAction = z.enum(['accept', 'decline', 'cancel']);
export type McpServerElicitationAction = z.infer<typeof McpServerElicitationAction>;

/** `turnId` is null when the request could not be tied to a turn. */
export const McpServerElicitationRequestParams = lazy(() => {
  const common = { threadId: z.string(), turnId: z.nullish(z.string()), serverName: z.string() };
  return z.discriminatedUnion('mode', [
    z.object({
      mode: z.literal('form'),
      ...common,
      message: z.string(),
      requestedSchema: McpElicitationSchema,
      _meta: z.optional(z.unknown()),
    }),
    z.object({
      mode: z.literal('openai/form'),
      ...common,
      message: z.string(),
      requestedSchema: z.unknown(),
      _meta: z.optional(z.unknown()),
    }),
    z.object({
      mode: z.literal('openaiForm'),
      ...common,
      message: z.string(),
      requestedSchema: z.unknown(),
      _meta: z.optional(z.unknown()),
    }),
    z.object({
      mode: z.literal('url'),
      ...common,
      elicitationId: z.string(),
      message: z.string(),
      url: z.string(),
      _meta: z.optional(z.unknown()),
    }),
  ]);
});
export type McpServerElicitationRequestParams = z.infer<typeof McpServerElicitationRequestParams>;

/** `content` is what the user filled in, null unless accepted. */
export const McpServerElicitationRequestResponse = lazy(() =>
  z.object({ action: McpServerElicitationAction, _meta: z.optional(z.unknown()), content: z.optional(z.unknown()) }),
);
export type McpServerElicitationRequestResponse = z.infer<typeof McpServerElicitationRequestResponse>;
