/** The neutral conversation as a request of the Responses wire. Pure; the same request gives the same body. */
import { FREEFORM_PARAMETERS, freeformDescription, wrapFreeform } from './freeform.ts';
import type { ContentPart, HistoryItem, ModelRequest, ToolSpec } from './model-client.ts';
import { sendableName } from './sendable-call.ts';
import { NO_IMAGE, RESPONSES_IDS, wireCallId } from './wire-ids.ts';

export type ResponsesFlavor = {
  providerId: string;
  /** The server takes custom tools with a grammar; else they go as functions. */
  freeform: boolean;
  /** False: a model that is known not to reason, and refuses to be asked for it. */
  reasoning: boolean;
  /** False: pictures are left out, with a word in their place. */
  images: boolean;
};

type Json = Record<string, unknown>;

function inputParts(content: readonly ContentPart[], images: boolean): Json[] {
  return content.map((part) => {
    if (part.type === 'text') return { type: 'input_text', text: part.text };
    return images
      ? { type: 'input_image', image_url: part.url, detail: 'auto' }
      : { type: 'input_text', text: NO_IMAGE };
  });
}

function resultOutput(output: readonly ContentPart[], images: boolean): string | Json[] {
  const isText = output.every((part) => part.type === 'text');
  return isText ? output.map((part) => part.text).join('\n') : inputParts(output, images);
}

function messageItem(item: Extract<HistoryItem, { type: 'message' }>, flavor: ResponsesFlavor): Json | null {
  if (item.role !== 'assistant') {
    const content = inputParts(item.content, flavor.images);
    return {
      type: 'message',
      role: item.role,
      content: content.length > 0 ? content : [{ type: 'input_text', text: '' }],
    };
  }
  const texts = item.content.flatMap((part) => (part.type === 'text' && part.text !== '' ? [part.text] : []));
  if (texts.length === 0) return null;
  return {
    type: 'message',
    role: 'assistant',
    content: texts.map((text) => ({ type: 'output_text', text })),
    ...(item.phase ? { phase: item.phase } : {}),
  };
}

function reasoningItem(item: Extract<HistoryItem, { type: 'reasoning' }>, flavor: ResponsesFlavor): Json | null {
  const { opaque } = item;
  if (item.provider !== flavor.providerId || typeof opaque !== 'object' || opaque === null) return null;
  // Without its encrypted content the service looks for the item in its store, where nothing is ever kept.
  const isWhole = 'encrypted_content' in opaque && typeof opaque.encrypted_content === 'string';
  return isWhole ? { ...opaque } : null;
}

function wireItem(item: HistoryItem, flavor: ResponsesFlavor): Json | null {
  switch (item.type) {
    case 'message':
      return messageItem(item, flavor);
    case 'reasoning':
      return reasoningItem(item, flavor);
    case 'toolCall': {
      const { input } = item;
      const call_id = wireCallId(item.callId, RESPONSES_IDS);
      const name = sendableName(item.name);
      if (item.kind === 'function') return { type: 'function_call', call_id, name, arguments: input };
      if (flavor.freeform) return { type: 'custom_tool_call', call_id, name, input };
      return { type: 'function_call', call_id, name, arguments: wrapFreeform(input) };
    }
    case 'toolResult': {
      const custom = item.kind === 'freeform' && flavor.freeform;
      return {
        type: custom ? 'custom_tool_call_output' : 'function_call_output',
        call_id: wireCallId(item.callId, RESPONSES_IDS),
        output: resultOutput(item.output, flavor.images),
      };
    }
  }
}

function wireTool(tool: ToolSpec, flavor: ResponsesFlavor): Json {
  const { name, description } = tool;
  if (tool.kind === 'function') {
    return { type: 'function', name, description, parameters: tool.parameters, strict: false };
  }
  if (flavor.freeform) {
    return { type: 'custom', name, description, format: { type: 'grammar', syntax: 'lark', definition: tool.grammar } };
  }
  return {
    type: 'function',
    name,
    description: freeformDescription(tool),
    parameters: FREEFORM_PARAMETERS,
    strict: false,
  };
}

/** What the call can do without, should a server not know it. */
export const RESPONSES_OPTIONAL: readonly string[] = [
  'reasoning.summary',
  'reasoning',
  'include',
  'prompt_cache_key',
  'parallel_tool_calls',
];

const summaryOf = ({ reasoningSummary }: ModelRequest): Json =>
  reasoningSummary === 'none' ? {} : { summary: reasoningSummary ?? 'auto' };

export function toResponsesBody(request: ModelRequest, flavor: ResponsesFlavor): Json {
  const hasTools = request.tools.length > 0;
  const effort = request.effort === null ? {} : { effort: request.effort };
  const schema = request.outputSchema;
  return {
    model: request.model,
    input: request.items.flatMap((item) => wireItem(item, flavor) ?? []),
    ...(hasTools
      ? {
          tools: request.tools.map((tool) => wireTool(tool, flavor)),
          tool_choice: 'auto',
          parallel_tool_calls: request.parallelToolCalls,
        }
      : {}),
    ...(flavor.reasoning ? { reasoning: { ...effort, ...summaryOf(request) } } : {}),
    ...(request.serviceTier ? { service_tier: request.serviceTier } : {}),
    ...(schema ? { text: { format: { type: 'json_schema', name: 'answer', schema, strict: true } } } : {}),
    include: flavor.reasoning ? ['reasoning.encrypted_content'] : [],
    prompt_cache_key: request.cacheKey,
    store: false,
    stream: true,
  };
}
