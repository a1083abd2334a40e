/** Is this what a strict Chat Completions service would take? */
import * as z from 'zod/mini';
import { type Checked, firstIssue } from './check-responses.ts';

const toolName = z.string().check(z.regex(/^[a-zA-Z0-9_-]{1,64}$/));
const text = z.union([
  z.string(),
  z.array(z.strictObject({ type: z.literal('text'), text: z.string() })).check(z.minLength(1)),
]);
const userContent = z.union([
  z.string(),
  z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('text'), text: z.string() }),
        z.strictObject({ type: z.literal('image_url'), image_url: z.strictObject({ url: z.string() }) }),
      ]),
    )
    .check(z.minLength(1)),
]);
const toolCall = z.strictObject({
  id: z.string().check(z.minLength(1), z.maxLength(40)),
  type: z.literal('function'),
  function: z.strictObject({ name: toolName, arguments: z.string() }),
  extra_content: z.optional(z.looseObject({})),
});
const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: text }),
  z.strictObject({ role: z.literal('developer'), content: text }),
  z.strictObject({ role: z.literal('user'), content: userContent }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.optional(z.nullable(text)),
    tool_calls: z.optional(z.array(toolCall).check(z.minLength(1))),
    reasoning_content: z.optional(z.string()),
    reasoning: z.optional(z.string()),
    reasoning_details: z.optional(z.array(z.unknown())),
  }),
  z.strictObject({ role: z.literal('tool'), tool_call_id: z.string(), content: text }),
]);

const body = z.strictObject({
  model: z.string().check(z.minLength(1)),
  messages: z.array(message).check(z.minLength(1)),
  stream: z.literal(true),
  stream_options: z.optional(z.strictObject({ include_usage: z.literal(true) })),
  tools: z.optional(
    z
      .array(
        z.strictObject({
          type: z.literal('function'),
          function: z.strictObject({
            name: toolName,
            description: z.string(),
            parameters: z.looseObject({ type: z.literal('object') }),
          }),
        }),
      )
      .check(z.minLength(1)),
  ),
  parallel_tool_calls: z.optional(z.boolean()),
  reasoning_effort: z.optional(z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh'])),
  prompt_cache_key: z.optional(z.string()),
  response_format: z.optional(
    z.strictObject({
      type: z.literal('json_schema'),
      json_schema: z.strictObject({ name: toolName, schema: z.looseObject({}), strict: z.boolean() }),
    }),
  ),
});

export type ChatBody = z.infer<typeof body>;

export function checkChat(value: unknown): Checked<ChatBody> {
  const parsed = body.safeParse(value);
  if (!parsed.success) return { ok: false, problem: firstIssue(parsed.error) };
  let open = new Set<string>();
  let systemMayCome = true;
  for (const entry of parsed.data.messages) {
    if (entry.role === 'tool') {
      if (!open.delete(entry.tool_call_id)) {
        return { ok: false, problem: `tool message ${entry.tool_call_id} does not follow its tool call` };
      }
      continue;
    }
    const [left] = open;
    if (left !== undefined) return { ok: false, problem: `tool call ${left} has no tool message after it` };
    if (entry.role === 'system' && !systemMayCome) {
      return { ok: false, problem: 'a system message must be at the beginning' };
    }
    if (entry.role !== 'developer') systemMayCome = false;
    if (entry.role === 'assistant') {
      if (!entry.content && !entry.tool_calls) return { ok: false, problem: 'assistant message without content' };
      open = new Set(entry.tool_calls?.map((call) => call.id));
      if (open.size !== (entry.tool_calls?.length ?? 0)) return { ok: false, problem: 'two tool calls with one id' };
    }
  }
  const [left] = open;
  if (left !== undefined) return { ok: false, problem: `tool call ${left} has no tool message after it` };
  return { ok: true, body: parsed.data };
}
