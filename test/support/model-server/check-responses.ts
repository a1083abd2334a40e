/** Is this what the real Responses service would take, and what Gantry's own law allows? */
import * as z from 'zod/mini';

const imageUrl = z.string().check(z.regex(/^(data:image\/|https?:\/\/)/));
const inputPart = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('input_text'), text: z.string() }),
  z.strictObject({
    type: z.literal('input_image'),
    image_url: imageUrl,
    detail: z.optional(z.enum(['auto', 'low', 'high', 'original'])),
  }),
]);
const outputPart = z.strictObject({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.optional(z.array(z.unknown())),
});
const toolName = z.string().check(z.regex(/^[a-zA-Z0-9_-]{1,64}$/));
const callId = z.string().check(z.minLength(1));
const outputOf = z.union([z.string(), z.array(inputPart).check(z.minLength(1))]);

const item = z.union([
  z.strictObject({
    type: z.literal('message'),
    role: z.enum(['developer', 'user', 'system']),
    content: z.array(inputPart).check(z.minLength(1)),
  }),
  z.strictObject({
    type: z.literal('message'),
    role: z.literal('assistant'),
    content: z.array(outputPart).check(z.minLength(1)),
    phase: z.optional(z.enum(['commentary', 'final_answer'])),
  }),
  z.strictObject({
    type: z.literal('reasoning'),
    id: z.string().check(z.regex(/^rs_/)),
    summary: z.array(z.strictObject({ type: z.literal('summary_text'), text: z.string() })),
    content: z.optional(z.array(z.unknown())),
    encrypted_content: z.string(),
  }),
  z.strictObject({ type: z.literal('function_call'), call_id: callId, name: toolName, arguments: z.string() }),
  z.strictObject({ type: z.literal('function_call_output'), call_id: callId, output: outputOf }),
  z.strictObject({ type: z.literal('custom_tool_call'), call_id: callId, name: toolName, input: z.string() }),
  z.strictObject({ type: z.literal('custom_tool_call_output'), call_id: callId, output: outputOf }),
]);

const tool = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('function'),
    name: toolName,
    description: z.string(),
    parameters: z.looseObject({ type: z.literal('object') }),
    strict: z.boolean(),
  }),
  z.strictObject({
    type: z.literal('custom'),
    name: toolName,
    description: z.string(),
    format: z.strictObject({ type: z.literal('grammar'), syntax: z.literal('lark'), definition: z.string() }),
  }),
]);

const body = z.strictObject({
  model: z.string().check(z.minLength(1)),
  input: z.array(item).check(z.minLength(1)),
  stream: z.literal(true),
  store: z.literal(false),
  include: z.array(z.literal('reasoning.encrypted_content')),
  prompt_cache_key: z.string().check(z.minLength(1), z.maxLength(64)),
  service_tier: z.optional(z.enum(['auto', 'default', 'flex', 'priority', 'scale'])),
  tools: z.optional(z.array(tool).check(z.minLength(1))),
  tool_choice: z.optional(z.literal('auto')),
  parallel_tool_calls: z.optional(z.boolean()),
  reasoning: z.optional(
    z.strictObject({
      effort: z.optional(z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh'])),
      summary: z.optional(z.enum(['auto', 'concise', 'detailed'])),
    }),
  ),
  text: z.optional(
    z.strictObject({
      format: z.strictObject({
        type: z.literal('json_schema'),
        name: toolName,
        schema: z.looseObject({}),
        strict: z.boolean(),
      }),
    }),
  ),
});

export type ResponsesBody = z.infer<typeof body>;
export type Checked<T> = { ok: true; body: T } | { ok: false; problem: string };

function firstIssue(error: z.core.$ZodError): string {
  let issue = error.issues[0];
  const path = [...(issue?.path ?? [])];
  // In a union, the branch that got furthest tells the most.
  while (issue?.code === 'invalid_union') {
    const branches = [...issue.errors].filter((branch) => branch.length > 0);
    branches.sort((a, b) => score(b) - score(a));
    const next = branches[0]?.[0];
    if (!next) break;
    path.push(...next.path);
    issue = next;
  }
  const keys = issue?.code === 'unrecognized_keys' ? ` ${issue.keys.join(', ')}` : '';
  return `${path.join('.') || 'body'}: ${issue?.message ?? 'wrong'}${keys}`;
}

function score(issues: readonly z.core.$ZodIssue[]): number {
  const typeIsWrong = issues.some((issue) => issue.path.at(-1) === 'type' || issue.path.at(-1) === 'role');
  return (typeIsWrong ? -100 : 0) - issues.length;
}

/** Every call has one output after it, of its own kind; every output has a call before it. */
export function unpaired(
  entries: readonly { kind: 'call' | 'output'; form: 'function' | 'freeform'; callId: string }[],
): string | null {
  const open = new Map<string, string>();
  const seen = new Set<string>();
  for (const entry of entries) {
    if (entry.kind === 'call') {
      if (seen.has(entry.callId)) return `call ${entry.callId} appears twice`;
      seen.add(entry.callId);
      open.set(entry.callId, entry.form);
    } else {
      const form = open.get(entry.callId);
      if (form === undefined) return `No tool call found for tool call output with call_id ${entry.callId}.`;
      if (form !== entry.form) return `output of ${entry.callId} is ${entry.form}, its call is ${form}`;
      open.delete(entry.callId);
    }
  }
  const [left] = open.keys();
  return left === undefined ? null : `No tool output found for tool call ${left}.`;
}

/** `issued` holds the reasoning items that the server sent, by id: they must come back unchanged. */
export function checkResponses(value: unknown, issued: ReadonlyMap<string, unknown>): Checked<ResponsesBody> {
  const parsed = body.safeParse(value);
  if (!parsed.success) return { ok: false, problem: firstIssue(parsed.error) };
  const entries: Parameters<typeof unpaired>[0][number][] = [];
  for (const part of parsed.data.input) {
    if (part.type === 'function_call') entries.push({ kind: 'call', form: 'function', callId: part.call_id });
    if (part.type === 'custom_tool_call') entries.push({ kind: 'call', form: 'freeform', callId: part.call_id });
    if (part.type === 'function_call_output') entries.push({ kind: 'output', form: 'function', callId: part.call_id });
    if (part.type === 'custom_tool_call_output') {
      entries.push({ kind: 'output', form: 'freeform', callId: part.call_id });
    }
    if (part.type === 'reasoning') {
      const sent = issued.get(part.id);
      if (sent !== undefined && JSON.stringify(sent) !== JSON.stringify(part)) {
        return { ok: false, problem: `reasoning ${part.id} did not come back as it was sent` };
      }
    }
  }
  const problem = unpaired(entries);
  return problem ? { ok: false, problem } : { ok: true, body: parsed.data };
}

export { firstIssue };
