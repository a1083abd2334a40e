/** The agent asks the user (`item/tool/requestUserInput`) or a tool of the client's own (`item/tool/call`). */
import * as z from 'zod/mini';
import { Uint } from './common.ts';
import { DynamicToolCallOutputContentItem } from './item-parts.ts';
import { lazy } from './lazy.ts';

export const DynamicToolNamespaceTool = lazy(() =>
  z.object({
    type: z.literal('function'),
    description: z.string(),
    inputSchema: z.unknown(),
    name: z.string(),
    deferLoading: z.optional(z.boolean()),
  }),
);
export type DynamicToolNamespaceTool = z.infer<typeof DynamicToolNamespaceTool>;

export const DynamicToolSpec = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({
      type: z.literal('function'),
      description: z.string(),
      inputSchema: z.unknown(),
      name: z.string(),
      deferLoading: z.optional(z.boolean()),
    }),
    z.object({
      type: z.literal('namespace'),
      description: z.string(),
      name: z.string(),
      tools: z.array(DynamicToolNamespaceTool),
    }),
  ]),
);
export type DynamicToolSpec = z.infer<typeof DynamicToolSpec>;

export const ToolRequestUserInputOption = lazy(() => z.object({ description: z.string(), label: z.string() }));
export type ToolRequestUserInputOption = z.infer<typeof ToolRequestUserInputOption>;

export const ToolRequestUserInputQuestion = lazy(() =>
  z.object({
    id: z.string(),
    header: z.string(),
    question: z.string(),
    isOther: z._default(z.boolean(), false),
    isSecret: z._default(z.boolean(), false),
    options: z.nullish(z.array(ToolRequestUserInputOption)),
  }),
);
export type ToolRequestUserInputQuestion = z.infer<typeof ToolRequestUserInputQuestion>;

export const ToolRequestUserInputParams = lazy(() =>
  z.object({
    threadId: z.string(),
    turnId: z.string(),
    itemId: z.string(),
    isBlocking: z.boolean(),
    questions: z.array(ToolRequestUserInputQuestion),
    autoResolutionMs: z.nullish(Uint),
  }),
);
export type ToolRequestUserInputParams = z.infer<typeof ToolRequestUserInputParams>;

export const ToolRequestUserInputAnswer = lazy(() => z.object({ answers: z.array(z.string()) }));
export type ToolRequestUserInputAnswer = z.infer<typeof ToolRequestUserInputAnswer>;

export const ToolRequestUserInputResponse = lazy(() =>
  z.object({ answers: z.record(z.string(), ToolRequestUserInputAnswer) }),
);
export type ToolRequestUserInputResponse = z.infer<typeof ToolRequestUserInputResponse>;

export const DynamicToolCallParams = lazy(() =>
  z.object({
    threadId: z.string(),
    turnId: z.string(),
    arguments: z.unknown(),
    callId: z.string(),
    tool: z.string(),
    namespace: z.nullish(z.string()),
  }),
);
export type DynamicToolCallParams = z.infer<typeof DynamicToolCallParams>;

export const DynamicToolCallResponse = lazy(() =>
  z.object({ contentItems: z.array(DynamicToolCallOutputContentItem), success: z.boolean() }),
);
export type DynamicToolCallResponse = z.infer<typeof DynamicToolCallResponse>;
