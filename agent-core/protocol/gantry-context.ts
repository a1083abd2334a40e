/** What the model sees, for people to look at. Sizes in tokens are estimates: bytes ÷ 4 where no provider counted. */
import * as z from 'zod/mini';
import { Uint } from './common.ts';
import { lazy } from './lazy.ts';

/** Tokens by what they are spent on. `project` is AGENTS.md, skills and the environment. */
export const GantryContextParts = lazy(() =>
  z.object({
    instructions: Uint,
    tools: Uint,
    project: Uint,
    messages: Uint,
    toolOutput: Uint,
    images: Uint,
  }),
);
export type GantryContextParts = z.infer<typeof GantryContextParts>;

export const GantryContextReadParams = lazy(() => z.object({ threadId: z.string() }));
export type GantryContextReadParams = z.infer<typeof GantryContextReadParams>;

/**
 * `tokens` is the provider's last count with what was added since; the parts are estimated and need not add up to it.
 * At `compactLimit` the conversation is compacted; null: only when the provider says that it is full.
 */
export const GantryContextReadResponse = lazy(() =>
  z.object({
    tokens: Uint,
    parts: GantryContextParts,
    contextWindow: z.nullable(Uint),
    compactLimit: z.nullable(Uint),
  }),
);
export type GantryContextReadResponse = z.infer<typeof GantryContextReadResponse>;

export const GantryPromptContent = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('text'), text: z.string() }),
    z.object({ type: z.literal('image'), url: z.string() }),
  ]),
);
export type GantryPromptContent = z.infer<typeof GantryPromptContent>;

export const GantryPromptItem = lazy(() =>
  z.object({
    type: z.enum(['message', 'reasoning', 'toolCall', 'toolResult']),
    role: z.enum(['developer', 'user', 'assistant', 'tool']),
    part: z.enum(['instructions', 'project', 'messages', 'toolOutput']),
    name: z.optional(z.string()),
    callId: z.optional(z.string()),
    content: z.array(GantryPromptContent),
    bytes: Uint,
    tokens: Uint,
  }),
);
export type GantryPromptItem = z.infer<typeof GantryPromptItem>;

/** `definition` is the JSON Schema of a function, or the grammar of a freeform tool. */
export const GantryPromptTool = lazy(() =>
  z.object({
    name: z.string(),
    kind: z.enum(['function', 'freeform']),
    description: z.string(),
    definition: z.string(),
    bytes: Uint,
    tokens: Uint,
  }),
);
export type GantryPromptTool = z.infer<typeof GantryPromptTool>;

export const GantryPromptReadParams = lazy(() => z.object({ threadId: z.string() }));
export type GantryPromptReadParams = z.infer<typeof GantryPromptReadParams>;

/** The last request to the model, in the form that all providers' wires are made from; null before the first. */
export const GantryPromptReadResponse = lazy(() =>
  z.object({
    request: z.nullable(
      z.object({
        provider: z.string(),
        model: z.string(),
        effort: z.nullable(z.string()),
        sentAtMs: z.int(),
        bytes: Uint,
        items: z.array(GantryPromptItem),
        tools: z.array(GantryPromptTool),
      }),
    ),
  }),
);
export type GantryPromptReadResponse = z.infer<typeof GantryPromptReadResponse>;
