/** The neutral conversation as a request of the Chat Completions wire. Pure. */
import { FREEFORM_PARAMETERS, freeformDescription, wrapFreeform } from './freeform.ts';
import type { ContentPart, HistoryItem, ModelRequest, ToolSpec } from './model-client.ts';
import { sendableArguments, sendableName } from './sendable-call.ts';
import { asDeveloperText, CHAT_IDS, NINE_IDS, NO_IMAGE, wireCallId } from './wire-ids.ts';

export type ChatFlavor = {
  providerId: string;
  /** The server knows the `developer` role, anywhere in the conversation. Else: `system`, at the beginning only. */
  developerRole: boolean;
  /** `reasoning_effort` is sent when an effort is asked for. */
  reasoningEffort: boolean;
  /** `prompt_cache_key` is sent. */
  cacheKey: boolean;
  images: boolean;
  /** Ids of calls are nine letters and digits (Mistral). */
  nineLetterIds: boolean;
};

/** What a reasoning item of this wire keeps, to be sent back beside the answer it led to. */
export type ChatReasoning = { field: 'reasoning_content' | 'reasoning'; text: string; details: unknown[] };

type Json = Record<string, unknown>;
type Call = Extract<HistoryItem, { type: 'toolCall' }>;
type Result = Extract<HistoryItem, { type: 'toolResult' }>;

function textOf(content: readonly ContentPart[]): string {
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

function userContent(content: readonly ContentPart[], flavor: ChatFlavor): string | Json[] {
  if (content.every((part) => part.type === 'text')) return textOf(content);
  return content.map((part) => {
    if (part.type === 'text') return { type: 'text', text: part.text };
    return flavor.images ? { type: 'image_url', image_url: { url: part.url } } : { type: 'text', text: NO_IMAGE };
  });
}

function isChatReasoning(value: unknown): value is ChatReasoning {
  return typeof value === 'object' && value !== null && 'field' in value && 'text' in value;
}

function idOf(callId: string, flavor: ChatFlavor): string {
  return wireCallId(callId, flavor.nineLetterIds ? NINE_IDS : CHAT_IDS);
}

function wireCall(call: Call, flavor: ChatFlavor): Json {
  const extra = call.opaque?.provider === flavor.providerId ? { extra_content: call.opaque.value } : {};
  const text = call.kind === 'freeform' ? wrapFreeform(call.input) : call.input;
  const named = { name: sendableName(call.name), arguments: sendableArguments(text) };
  return { id: idOf(call.callId, flavor), type: 'function', function: named, ...extra };
}

/** Builds messages so that each call's result follows at once, wherever it stands in the history. */
function toChatMessages(items: readonly HistoryItem[], flavor: ChatFlavor): Json[] {
  const messages: Json[] = [];
  const results = new Map<string, Result>();
  for (const item of items) if (item.type === 'toolResult') results.set(item.callId, item);
  let reasoning: ChatReasoning | null = null;
  let assistant: { text: string; calls: Call[]; reasoning: ChatReasoning | null } | null = null;
  let system: string[] = [];
  let isBeginning = true;

  const flushSystem = (): void => {
    if (system.length > 0) messages.push({ role: 'system', content: system.join('\n\n') });
    system = [];
  };
  const flushAssistant = (): void => {
    if (!assistant) return;
    const { text, calls } = assistant;
    const thought = assistant.reasoning;
    assistant = null;
    messages.push({
      role: 'assistant',
      content: text === '' && calls.length > 0 ? null : text,
      ...(thought?.text ? { [thought.field]: thought.text } : {}),
      ...(thought && thought.details.length > 0 ? { reasoning_details: thought.details } : {}),
      ...(calls.length > 0 ? { tool_calls: calls.map((call) => wireCall(call, flavor)) } : {}),
    });
    const pictures: ContentPart[] = [];
    for (const call of calls) {
      const result = results.get(call.callId);
      if (!result) continue;
      const images = result.output.filter((part) => part.type === 'image');
      const text = textOf(result.output);
      // Tool messages carry text only: pictures follow in a message of their own.
      const note = images.length > 0 ? (flavor.images ? '[The image follows.]' : NO_IMAGE) : '';
      const content = [text, note].filter(Boolean).join('\n');
      messages.push({ role: 'tool', tool_call_id: idOf(call.callId, flavor), content });
      if (flavor.images) pictures.push(...images);
    }
    if (pictures.length > 0) {
      const label: ContentPart = { type: 'text', text: 'Image of the tool result above:' };
      messages.push({ role: 'user', content: userContent([label, ...pictures], flavor) });
    }
  };
  const answering = (): NonNullable<typeof assistant> => {
    assistant ??= { text: '', calls: [], reasoning };
    reasoning = null;
    return assistant;
  };

  for (const item of items) {
    if (item.type === 'reasoning') {
      flushAssistant();
      if (item.provider === flavor.providerId && isChatReasoning(item.opaque)) reasoning = item.opaque;
    } else if (item.type === 'toolCall') {
      isBeginning = false;
      answering().calls.push(item);
    } else if (item.type === 'toolResult') {
      flushAssistant();
    } else if (item.role === 'assistant') {
      isBeginning = false;
      const text = textOf(item.content);
      if (text === '') continue;
      if (assistant) flushAssistant();
      flushSystem();
      answering().text = text;
    } else {
      flushAssistant();
      const text = textOf(item.content);
      if (item.role === 'user') {
        flushSystem();
        isBeginning = false;
        messages.push({ role: 'user', content: userContent(item.content, flavor) });
      } else if (flavor.developerRole) messages.push({ role: 'developer', content: text });
      else if (isBeginning) system.push(text);
      else messages.push({ role: 'user', content: asDeveloperText(text) });
    }
  }
  flushSystem();
  flushAssistant();
  return messages;
}

function wireTool(tool: ToolSpec): Json {
  const { name } = tool;
  const isFunction = tool.kind === 'function';
  return {
    type: 'function',
    function: {
      name,
      description: isFunction ? tool.description : freeformDescription(tool),
      parameters: isFunction ? tool.parameters : FREEFORM_PARAMETERS,
    },
  };
}

/** What the call can do without, should a server not know it. */
export const CHAT_OPTIONAL: readonly string[] = [
  'stream_options',
  'parallel_tool_calls',
  'reasoning_effort',
  'prompt_cache_key',
  'response_format',
];

export function toChatBody(request: ModelRequest, flavor: ChatFlavor): Json {
  const hasTools = request.tools.length > 0;
  const schema = request.outputSchema;
  return {
    model: request.model,
    messages: toChatMessages(request.items, flavor),
    stream: true,
    stream_options: { include_usage: true },
    ...(hasTools ? { tools: request.tools.map(wireTool) } : {}),
    // Several at once is what every server does when nothing is said.
    ...(hasTools && !request.parallelToolCalls ? { parallel_tool_calls: false } : {}),
    ...(flavor.reasoningEffort && request.effort !== null ? { reasoning_effort: request.effort } : {}),
    ...(flavor.cacheKey ? { prompt_cache_key: request.cacheKey } : {}),
    ...(schema
      ? { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } } }
      : {}),
  };
}
