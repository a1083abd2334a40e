/** Raw items of the Responses API, as the neutral conversation has them. */
import * as z from 'zod/mini';
import type { ContentPart, HistoryItem } from '../../models/model-client.ts';
import { AgentError } from '../../protocol/index.ts';
import type { Handlers } from '../wire/connection.ts';
import type { ThreadRegistry } from './thread-registry.ts';

const textPart = z.object({ type: z.enum(['input_text', 'output_text', 'text']), text: z.string() });
const refusalPart = z.object({ type: z.literal('refusal'), refusal: z.string() });
const imagePart = z.object({ type: z.literal('input_image'), image_url: z.string() });
const part = z.discriminatedUnion('type', [textPart, refusalPart, imagePart]);
const content = z.union([z.string(), z.array(part)]);

const id = z.optional(z.nullable(z.string()));
const message = z.object({
  type: z.optional(z.literal('message')),
  role: z.enum(['user', 'assistant', 'developer', 'system']),
  content,
  id,
  phase: z.optional(z.nullable(z.enum(['commentary', 'final_answer']))),
});
const reasoning = z.looseObject({
  type: z.literal('reasoning'),
  id,
  summary: z._default(z.array(z.object({ text: z.string() })), []),
  encrypted_content: z.optional(z.nullable(z.string())),
});
const call = z.object({
  type: z.literal('function_call'),
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
});
const customCall = z.object({
  type: z.literal('custom_tool_call'),
  call_id: z.string(),
  name: z.string(),
  input: z.string(),
});
const output = z.object({
  type: z.enum(['function_call_output', 'custom_tool_call_output']),
  call_id: z.string(),
  output: content,
});
const item = z.union([message, reasoning, call, customCall, output]);

const KNOWN =
  'message, reasoning, function_call, function_call_output, custom_tool_call and custom_tool_call_output are taken';

function refuse(index: number, why: string): AgentError {
  return new AgentError('invalidRequest', `items[${index}] ${why}`);
}

function partsOf(value: z.infer<typeof content>): ContentPart[] {
  if (typeof value === 'string') return [{ type: 'text', text: value }];
  return value.map((one): ContentPart => {
    if (one.type === 'input_image') return { type: 'image', url: one.image_url };
    return { type: 'text', text: one.type === 'refusal' ? one.refusal : one.text };
  });
}

type Item = z.infer<typeof item>;
const isMessage = (value: Item): value is z.infer<typeof message> =>
  value.type === undefined || value.type === 'message';

function convert(value: Item, provider: string, raw: unknown): HistoryItem {
  if (isMessage(value)) {
    return {
      type: 'message',
      role: value.role === 'system' ? 'developer' : value.role,
      content: partsOf(value.content),
      ...(value.id ? { id: value.id } : {}),
      ...(value.phase ? { phase: value.phase } : {}),
    };
  }
  switch (value.type) {
    case 'reasoning':
      return {
        type: 'reasoning',
        id: value.id ?? '',
        summary: value.summary.map(({ text }) => text),
        provider,
        opaque: raw,
      };
    case 'function_call':
      return { type: 'toolCall', callId: value.call_id, name: value.name, kind: 'function', input: value.arguments };
    case 'custom_tool_call':
      return { type: 'toolCall', callId: value.call_id, name: value.name, kind: 'freeform', input: value.input };
    default: {
      const kind = value.type === 'function_call_output' ? 'function' : 'freeform';
      return { type: 'toolResult', callId: value.call_id, kind, output: partsOf(value.output), success: true };
    }
  }
}

/**
 * All of them or none. `provider` is whose thoughts they are. Throws `AgentError` that names the first item that cannot
 * be taken, also a call without its result or a result without its call, which no provider would accept.
 */
export function historyItems(items: readonly unknown[], provider: string): HistoryItem[] {
  const open = new Map<string, number>();
  const converted = items.map((raw, index) => {
    const parsed = item.safeParse(raw);
    if (!parsed.success) {
      const given = typeof raw === 'object' && raw !== null && 'type' in raw ? raw.type : null;
      const type = typeof given === 'string' ? given.slice(0, 80) : typeof raw;
      throw refuse(index, `is no response item that can be added (${type}): ${KNOWN}.`);
    }
    const one = convert(parsed.data, provider, raw);
    if (one.type === 'toolCall') {
      if (open.has(one.callId)) throw refuse(index, `repeats the call ${one.callId}.`);
      open.set(one.callId, index);
    } else if (one.type === 'toolResult' && !open.delete(one.callId)) {
      throw refuse(index, `is the result of call ${one.callId}, which is not among the items before it; add both.`);
    }
    return one;
  });
  for (const [callId, index] of open) throw refuse(index, `is the call ${callId} without its result; add both.`);
  return converted;
}

export function threadInjectHandlers(threads: ThreadRegistry): Pick<Handlers, 'thread/inject_items'> {
  return {
    'thread/inject_items'({ threadId, items }) {
      const thread = threads.loaded(threadId);
      if (items.length === 0) throw new AgentError('invalidRequest', 'items must not be empty');
      thread.inject(historyItems(items, thread.settings.model.provider));
      return {};
    },
  };
}
