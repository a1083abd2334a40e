/** The neutral conversation as a request of Anthropic's Messages wire. Pure. */
import * as z from 'zod/mini';
import { FREEFORM_PARAMETERS, freeformDescription, wrapFreeform } from './freeform.ts';
import type { ContentPart, ModelRequest, ReasoningEffort, ToolSpec } from './model-client.ts';
import { sendableArguments, sendableName } from './sendable-call.ts';
import { type ModelItem, type ToldItem, type Turn, toConversation } from './turns.ts';
import { ANTHROPIC_IDS, dataUrl, NO_IMAGE, wireCallId } from './wire-ids.ts';

export type AnthropicFlavor = {
  providerId: string;
  images: boolean;
  /** How the model is told to think; see `thinkingOf`. */
  thinking: 'none' | 'budget' | 'adaptive';
  efforts: readonly ReasoningEffort[];
  /** The most that the model can say in one answer; null: unknown. */
  maxOutput: number | null;
};

type Json = Record<string, unknown>;

const thinkingBlock = z.union([
  z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() }),
  z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
]);
/** What a reasoning item of this wire keeps. A block is bound to the model that thought it. */
const anthropicReasoning = z.object({ model: z.string(), block: thinkingBlock });
export type AnthropicReasoning = z.infer<typeof anthropicReasoning>;

const CACHE = { cache_control: { type: 'ephemeral' } } as const;
const MOST_OUTPUT = 64_000;
const UNKNOWN_OUTPUT = 8_192;
const BUDGETS: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: 1_024,
  low: 4_096,
  medium: 10_000,
  high: 24_000,
  xhigh: 31_000,
};

function part(content: ContentPart, images: boolean): Json {
  if (content.type === 'text') return { type: 'text', text: content.text };
  if (!images) return { type: 'text', text: NO_IMAGE };
  const data = dataUrl(content.url);
  const source = data
    ? { type: 'base64', media_type: data.mimeType, data: data.base64 }
    : { type: 'url', url: content.url };
  return { type: 'image', source };
}

/** Texts of white space alone are refused. */
function parts(content: readonly ContentPart[], images: boolean): Json[] {
  return content.filter((each) => each.type !== 'text' || each.text.trim() !== '').map((each) => part(each, images));
}

function modelBlock(item: ModelItem, request: ModelRequest, flavor: AnthropicFlavor): Json[] {
  if (item.type === 'message') return parts(item.content, false);
  if (item.type === 'reasoning') {
    const kept = anthropicReasoning.safeParse(item.opaque);
    const isOwn = item.provider === flavor.providerId && kept.success && kept.data.model === request.model;
    return isOwn ? [{ ...kept.data.block }] : [];
  }
  const text = sendableArguments(item.kind === 'freeform' ? wrapFreeform(item.input) : item.input);
  const id = wireCallId(item.callId, ANTHROPIC_IDS);
  return [{ type: 'tool_use', id, name: sendableName(item.name), input: JSON.parse(text) }];
}

function toldBlock(item: ToldItem, flavor: AnthropicFlavor): Json[] {
  if (item.type === 'message') return parts(item.content, flavor.images);
  const content = parts(item.result.output, flavor.images);
  return [
    {
      type: 'tool_result',
      tool_use_id: wireCallId(item.call.callId, ANTHROPIC_IDS),
      ...(content.length > 0 ? { content } : {}),
      ...(item.result.success ? {} : { is_error: true }),
    },
  ];
}

function message(turn: Turn, request: ModelRequest, flavor: AnthropicFlavor): Json & { content: Json[] } {
  if (turn.role === 'model') {
    return { role: 'assistant', content: turn.items.flatMap((item) => modelBlock(item, request, flavor)) };
  }
  const blocks = turn.items.flatMap((item) => toldBlock(item, flavor));
  // Results come before all else in the message that follows their calls.
  const isResult = (block: Json): boolean => block.type === 'tool_result';
  return { role: 'user', content: [...blocks.filter(isResult), ...blocks.filter((block) => !isResult(block))] };
}

/** Neighbours of one role, which are left where a turn held nothing that this provider may see, become one. */
function joined(messages: readonly (Json & { content: Json[] })[]): (Json & { content: Json[] })[] {
  const out: (Json & { content: Json[] })[] = [];
  for (const each of messages) {
    const last = out.at(-1);
    if (each.content.length === 0) continue;
    if (last && last.role === each.role) last.content.push(...each.content);
    else out.push(each);
  }
  return out;
}

/** The last block that may bear a mark; thinking may not. */
function mark(entry: (Json & { content: Json[] }) | undefined): void {
  const at = entry?.content.findLastIndex((block) => !/thinking/.test(String(block.type))) ?? -1;
  if (entry && at >= 0) entry.content[at] = { ...entry.content[at], ...CACHE };
}

function wireTool(tool: ToolSpec): Json {
  const isFunction = tool.kind === 'function';
  return {
    name: tool.name,
    description: isFunction ? tool.description : freeformDescription(tool),
    input_schema: isFunction ? tool.parameters : FREEFORM_PARAMETERS,
  };
}

/**
 * A budget may only be asked for when the turn under way began with a thought: else the service refuses the request,
 * which happens after a change of provider in mid-turn.
 */
function mayThinkNow(messages: readonly (Json & { content: Json[] })[]): boolean {
  const last = messages.at(-1);
  if (!last?.content.some((block) => block.type === 'tool_result')) return true;
  const first = messages.at(-2)?.content[0]?.type;
  return first === 'thinking' || first === 'redacted_thinking';
}

function effortOf(effort: ReasoningEffort, known: readonly ReasoningEffort[]): 'low' | 'medium' | 'high' | 'xhigh' {
  if (effort === 'none' || effort === 'minimal') return 'low';
  return effort === 'xhigh' && !known.includes('xhigh') ? 'high' : effort;
}

function thinkingOf(
  request: ModelRequest,
  flavor: AnthropicFlavor,
  messages: readonly (Json & { content: Json[] })[],
  maxTokens: number,
): Json {
  const { effort } = request;
  if (flavor.thinking === 'adaptive') {
    // Newer models cannot be told not to think: the least effort is as near as it gets.
    const thinking = effort === 'none' ? {} : { thinking: { type: 'adaptive', display: 'summarized' } };
    return { ...thinking, ...(effort === null ? {} : { effort: effortOf(effort, flavor.efforts) }) };
  }
  const budget = Math.min(BUDGETS[effort ?? 'none'], maxTokens - 1_024);
  if (flavor.thinking === 'none' || budget < 1_024 || !mayThinkNow(messages)) return {};
  return { thinking: { type: 'enabled', budget_tokens: budget } };
}

/** What the call can do without, should a server not know it. */
export const ANTHROPIC_OPTIONAL: readonly string[] = ['output_config.effort', 'output_config.format', 'thinking'];

/**
 * Cache marks (four at most): the tools, the system text, and the last two messages of the user's side, so that each
 * request finds what the one before it wrote.
 */
export function toAnthropicBody(request: ModelRequest, flavor: AnthropicFlavor): Json {
  const { system, turns } = toConversation(request.items);
  const messages = joined(turns.map((turn) => message(turn, request, flavor)));
  const maxTokens = Math.min(flavor.maxOutput ?? UNKNOWN_OUTPUT, MOST_OUTPUT);
  const { thinking, effort } = thinkingOf(request, flavor, messages, maxTokens);
  const asked = messages.filter((entry) => entry.role === 'user');
  for (const entry of asked.slice(-2)) mark(entry);
  const tools = request.tools.map(wireTool);
  const blocks: Json[] = system.map((text) => ({ type: 'text', text }));
  for (const list of [tools, blocks]) if (list.length > 0) list.push({ ...list.pop(), ...CACHE });
  const schema = request.outputSchema;
  const format = schema ? { format: { type: 'json_schema', schema } } : {};
  return {
    model: request.model,
    max_tokens: maxTokens,
    ...(blocks.length > 0 ? { system: blocks } : {}),
    messages,
    ...(tools.length > 0 ? { tools } : {}),
    ...(tools.length > 0 && !request.parallelToolCalls
      ? { tool_choice: { type: 'auto', disable_parallel_tool_use: true } }
      : {}),
    ...(thinking ? { thinking } : {}),
    ...(effort || schema ? { output_config: { ...(effort ? { effort } : {}), ...format } } : {}),
    stream: true,
  };
}

/** Without any thought, for a server that does not take one back; null when there is none in it. */
export function withoutThoughts(body: Json, refusal: string): Json | null {
  if (!/thinking|signature/i.test(refusal) || !Array.isArray(body.messages)) return null;
  const isThought = (block: Json): boolean => /^(redacted_)?thinking$/.test(String(block.type));
  const before: (Json & { content: Json[] })[] = body.messages;
  if (!before.some((entry) => entry.content.some(isThought))) return null;
  const messages = before.map((entry) => ({ ...entry, content: entry.content.filter((block) => !isThought(block)) }));
  const thinking = body.thinking as { type?: unknown } | undefined;
  const { thinking: _, ...rest } = body;
  // A budget asks for the very thoughts that are taken out here.
  return { ...(thinking?.type === 'enabled' ? rest : body), messages: joined(messages) };
}
