/** Is this what the real Messages service would take? */
import * as z from 'zod/mini';
import { type Checked, firstIssue } from './check-responses.ts';

const cache = {
  cache_control: z.optional(z.strictObject({ type: z.literal('ephemeral'), ttl: z.optional(z.enum(['5m', '1h'])) })),
};
const text = z.strictObject({
  type: z.literal('text'),
  text: z.string().check(z.regex(/\S/, 'text content blocks must contain non-whitespace text')),
  citations: z.optional(z.null()),
  ...cache,
});
const image = z.strictObject({
  type: z.literal('image'),
  source: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('base64'),
      media_type: z.enum(['image/jpeg', 'image/png', 'image/gif', 'image/webp']),
      data: z.string().check(z.regex(/^[A-Za-z0-9+/]+=*$/)),
    }),
    z.strictObject({ type: z.literal('url'), url: z.string().check(z.regex(/^https:\/\//)) }),
  ]),
  ...cache,
});
const id = z.string().check(z.regex(/^[a-zA-Z0-9_-]+$/));
const name = z.string().check(z.regex(/^[a-zA-Z0-9_-]{1,128}$/));
const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: id,
  content: z.optional(z.union([z.string(), z.array(z.discriminatedUnion('type', [text, image]))])),
  is_error: z.optional(z.boolean()),
  ...cache,
});
const thinking = z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() });
const redacted = z.strictObject({ type: z.literal('redacted_thinking'), data: z.string() });
const toolUse = z.strictObject({
  type: z.literal('tool_use'),
  id,
  name,
  input: z.record(z.string(), z.unknown()),
  ...cache,
});
const some = z.minLength(1, 'must have non-empty content');
const message = z.discriminatedUnion('role', [
  z.strictObject({
    role: z.literal('user'),
    content: z.union([
      z.string().check(some),
      z.array(z.discriminatedUnion('type', [text, image, toolResult])).check(some),
    ]),
  }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.union([
      z.string().check(some),
      z.array(z.discriminatedUnion('type', [text, thinking, redacted, toolUse])).check(some),
    ]),
  }),
]);

const body = z.strictObject({
  model: z.string().check(z.minLength(1)),
  max_tokens: z.int().check(z.positive()),
  system: z.optional(z.union([z.string(), z.array(text).check(some)])),
  messages: z.array(message).check(some),
  tools: z.optional(
    z.array(
      z.strictObject({
        name,
        description: z.optional(z.string()),
        input_schema: z.looseObject({ type: z.literal('object') }),
        ...cache,
      }),
    ),
  ),
  tool_choice: z.optional(
    z.strictObject({ type: z.enum(['auto', 'any', 'none']), disable_parallel_tool_use: z.optional(z.boolean()) }),
  ),
  thinking: z.optional(
    z.discriminatedUnion('type', [
      z.strictObject({
        type: z.literal('enabled'),
        budget_tokens: z.int().check(z.gte(1024)),
        display: z.optional(z.enum(['summarized', 'omitted'])),
      }),
      z.strictObject({ type: z.literal('adaptive'), display: z.optional(z.enum(['summarized', 'omitted'])) }),
      z.strictObject({ type: z.literal('disabled') }),
    ]),
  ),
  output_config: z.optional(
    z.strictObject({
      effort: z.optional(z.enum(['low', 'medium', 'high', 'xhigh', 'max'])),
      format: z.optional(z.strictObject({ type: z.literal('json_schema'), schema: z.looseObject({}) })),
    }),
  ),
  metadata: z.optional(z.strictObject({ user_id: z.optional(z.string()) })),
  stop_sequences: z.optional(z.array(z.string())),
  stream: z.literal(true),
});

export type AnthropicBody = z.infer<typeof body>;
type Message = AnthropicBody['messages'][number];
type Block = Exclude<Message['content'], string>[number];

export function blocksOf(entry: Message): Block[] {
  return typeof entry.content === 'string' ? [{ type: 'text', text: entry.content }] : entry.content;
}

/** Which way a Claude of this name is told to think; others may be told either. */
function thinkingProblem({ model, thinking: asked, max_tokens: most, messages }: AnthropicBody): string | null {
  const version = /claude-[a-z]+-(\d)(?:-(\d)(?!\d))?/.exec(model);
  const number = version ? Number(version[1]) * 10 + Number(version[2] ?? 0) : null;
  if (asked?.type === 'enabled') {
    if (number !== null && number >= 47) return '"thinking.type.enabled" is not supported for this model.';
    if (asked.budget_tokens >= most) return 'max_tokens must be greater than thinking.budget_tokens';
    const last = messages.at(-1);
    const isToolLoop = last && blocksOf(last).some((block) => block.type === 'tool_result');
    const before = messages.at(-2);
    const first = before && blocksOf(before)[0]?.type;
    if (isToolLoop && first !== 'thinking' && first !== 'redacted_thinking') {
      return `messages.${messages.length - 2}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\`.`;
    }
  }
  if (asked?.type === 'adaptive' && number !== null && number < 46) {
    return '"thinking.type.adaptive" is not supported for this model.';
  }
  return null;
}

function pairingProblem(messages: readonly Message[]): string | null {
  let open = new Set<string>();
  const seen = new Set<string>();
  for (const [index, entry] of messages.entries()) {
    const blocks = blocksOf(entry);
    const results = blocks.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : []));
    for (const result of results) {
      if (!open.delete(result)) return `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${result}`;
    }
    const [left] = open;
    if (left !== undefined)
      return `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${left}`;
    if (blocks.slice(0, results.length).some((block) => block.type !== 'tool_result') && results.length > 0) {
      return `messages.${index}: tool_result blocks must come before all other content`;
    }
    const calls = blocks.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
    for (const call of calls) {
      if (seen.has(call)) return `\`tool_use\` ids must be unique: ${call}`;
      seen.add(call);
    }
    open = new Set(calls);
  }
  const [left] = open;
  return left === undefined ? null : `\`tool_use\` ids were found without \`tool_result\` blocks: ${left}`;
}

/** `issued`: signature or data → the block and its model, as the server sent them. */
export function checkAnthropic(value: unknown, issued: ReadonlyMap<string, unknown>): Checked<AnthropicBody> {
  const parsed = body.safeParse(value);
  if (!parsed.success) return { ok: false, problem: firstIssue(parsed.error) };
  const { messages, model, tools = [], system } = parsed.data;
  const refuse = (problem: string): Checked<AnthropicBody> => ({ ok: false, problem });
  if (messages[0]?.role !== 'user') return refuse('messages: first message must use the "user" role');
  if (messages.at(-1)?.role !== 'user') return refuse('This model does not support assistant message prefill.');
  const all = messages.flatMap(blocksOf);
  const marked = [...tools, ...(Array.isArray(system) ? system : []), ...all].filter(
    (each) => 'cache_control' in each && each.cache_control,
  );
  if (marked.length > 4)
    return refuse(`A maximum of 4 blocks with cache_control may be provided. Found ${marked.length}.`);
  for (const block of all) {
    if (block.type !== 'thinking' && block.type !== 'redacted_thinking') continue;
    const key = block.type === 'thinking' ? block.signature : block.data;
    if (JSON.stringify(issued.get(key)) !== JSON.stringify({ model, block })) {
      return refuse('Invalid `signature` in `thinking` block');
    }
  }
  const problem = thinkingProblem(parsed.data) ?? pairingProblem(messages);
  return problem ? refuse(problem) : { ok: true, body: parsed.data };
}
