/** A Chat Completions stream as model events, as the many servers that speak it really send it. */
import * as z from 'zod/mini';
import { createCallIds, newItemId } from './call-ids.ts';
import type { ChatReasoning } from './chat-input.ts';
import {
  badResponseError,
  type CallContext,
  contentFilterError,
  disconnectedError,
  emptyAnswerError,
  providerError,
} from './errors.ts';
import { createUnwrapper, freeformNames, unwrapFreeform } from './freeform.ts';
import type { WireDecoder } from './http-call.ts';
import type { ModelEvent, ModelRequest, ModelUsage } from './model-client.ts';
import { errorObject, providerFailure } from './provider-failure.ts';

const text = z.nullish(z.string());
const count = z.nullish(z.number());
const contentPart = z.looseObject({ type: z.optional(z.string()), text, thinking: z.optional(z.unknown()) });
const toolCallDelta = z.looseObject({
  index: count,
  id: text,
  function: z.nullish(
    z.looseObject({ name: text, arguments: z.nullish(z.union([z.string(), z.record(z.string(), z.unknown())])) }),
  ),
  extra_content: z.optional(z.unknown()),
});
const delta = z.looseObject({
  content: z.nullish(z.union([z.string(), z.array(contentPart)])),
  refusal: text,
  reasoning_content: text,
  reasoning: z.optional(z.unknown()),
  reasoning_details: z.nullish(z.array(z.looseObject({}))),
  tool_calls: z.nullish(z.array(toolCallDelta)),
});
const usage = z.looseObject({
  prompt_tokens: count,
  completion_tokens: count,
  prompt_tokens_details: z.nullish(z.looseObject({ cached_tokens: count, cache_write_tokens: count })),
  completion_tokens_details: z.nullish(z.looseObject({ reasoning_tokens: count })),
  prompt_cache_hit_tokens: count,
});
const chunk = z.looseObject({
  choices: z.nullish(
    z.array(z.looseObject({ delta: z.nullish(delta), message: z.nullish(delta), finish_reason: text })),
  ),
  usage: z.nullish(usage),
  error: z.optional(z.unknown()),
});
type Delta = z.infer<typeof delta>;
type CallDelta = z.infer<typeof toolCallDelta>;

type OpenCall = {
  index: number | null;
  wireId: string | null;
  callId: string;
  name: string;
  text: string;
  unwrap: ((piece: string) => string) | null;
  extra: unknown;
};

function toUsage(value: z.infer<typeof usage>): ModelUsage {
  return {
    input: value.prompt_tokens ?? 0,
    cachedInput: value.prompt_tokens_details?.cached_tokens ?? value.prompt_cache_hit_tokens ?? 0,
    cacheWriteInput: value.prompt_tokens_details?.cache_write_tokens ?? 0,
    output: value.completion_tokens ?? 0,
    reasoningOutput: value.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}

function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}

/** Puts pieces of one reasoning detail together; what belongs together has one type and index. */
function mergeDetail(details: Record<string, unknown>[], piece: Record<string, unknown>): void {
  const last = details.at(-1);
  if (!last || last.type !== piece.type || last.index !== piece.index || typeof piece.data === 'string') {
    details.push({ ...piece });
    return;
  }
  for (const [key, value] of Object.entries(piece)) {
    const before = last[key];
    const grows = (key === 'text' || key === 'summary') && typeof before === 'string' && typeof value === 'string';
    if (grows) last[key] = before + value;
    else if (value !== null) last[key] = value;
  }
}

export function createChatDecoder(request: ModelRequest, context: CallContext): WireDecoder {
  const freeform = freeformNames(request);
  const callIds = createCallIds(request.items);
  const calls: OpenCall[] = [];
  let out: ModelEvent[] = [];
  let message: { id: string; text: string } | null = null;
  let thought: { id: string; state: ChatReasoning; details: Record<string, unknown>[] } | null = null;
  let hasText = false;
  let finishReason: string | null = null;
  let lastUsage: ModelUsage | null = null;

  const closeThought = (): void => {
    if (!thought) return;
    const { id, state, details } = thought;
    thought = null;
    const opaque: ChatReasoning = { ...state, details };
    out.push({
      type: 'reasoningDone',
      item: { type: 'reasoning', id, summary: [state.text], provider: context.providerId, opaque },
    });
  };
  const closeMessage = (): void => {
    if (!message) return;
    const { id, text: whole } = message;
    message = null;
    out.push({
      type: 'textDone',
      item: { type: 'message', role: 'assistant', content: [{ type: 'text', text: whole }], id },
    });
  };
  const think = (piece: string, field: ChatReasoning['field']): void => {
    if (piece === '') return;
    if (!thought) {
      closeMessage();
      thought = { id: newItemId('rs'), state: { field, text: '', details: [] }, details: [] };
      out.push({ type: 'reasoningStart', itemId: thought.id });
      out.push({ type: 'reasoningPart', itemId: thought.id, index: 0 });
    }
    thought.state.text += piece;
    out.push({ type: 'reasoningDelta', itemId: thought.id, index: 0, delta: piece });
  };
  const say = (piece: string): void => {
    if (piece === '') return;
    closeThought();
    if (!message) {
      // White space before a tool call is no message.
      if (piece.trim() === '' && !hasText) return;
      message = { id: newItemId('msg'), text: '' };
      out.push({ type: 'textStart', itemId: message.id });
    }
    hasText = true;
    message.text += piece;
    out.push({ type: 'textDelta', itemId: message.id, delta: piece });
  };

  const callFor = (piece: CallDelta): OpenCall | null => {
    const id = piece.id || null;
    const index = piece.index ?? null;
    const name = piece.function?.name || null;
    // Servers number calls by `index`; some give every call index 0 and tell them apart by id, some give no index.
    const isOther = (call: OpenCall): boolean => {
      if (name === null) return false;
      if (id !== null && call.wireId !== null) return id !== call.wireId;
      return id === null && index === null;
    };
    const isSame = (call: OpenCall): boolean =>
      index === null ? id === null || call.wireId === id : call.index === index;
    const found = calls.findLast((call) => !isOther(call) && isSame(call));
    if (found) return found;
    if (name === null) return null;
    closeThought();
    closeMessage();
    const unwrap = freeform.has(name) ? createUnwrapper() : null;
    const call: OpenCall = { index, wireId: id, callId: callIds(id), name, text: '', unwrap, extra: undefined };
    calls.push(call);
    out.push({ type: 'toolCallStart', callId: call.callId, name });
    return call;
  };
  const callDelta = (piece: CallDelta): void => {
    const call = callFor(piece);
    if (!call) return;
    if (piece.extra_content !== undefined && piece.extra_content !== null) call.extra = piece.extra_content;
    const value = piece.function?.arguments ?? '';
    const added = typeof value === 'string' ? value : JSON.stringify(value);
    if (added === '') return;
    call.text += added;
    const shown = call.unwrap ? call.unwrap(added) : added;
    if (shown !== '') out.push({ type: 'toolCallDelta', callId: call.callId, delta: shown });
  };

  const take = (piece: Delta): void => {
    if (piece.reasoning_content) think(piece.reasoning_content, 'reasoning_content');
    else if (typeof piece.reasoning === 'string') think(piece.reasoning, 'reasoning');
    for (const detail of piece.reasoning_details ?? []) if (thought) mergeDetail(thought.details, detail);
    if (typeof piece.content === 'string') say(piece.content);
    else
      for (const part of piece.content ?? []) {
        const inner = Array.isArray(part.thinking) ? part.thinking : [];
        const thinking = inner
          .map((each: { text?: unknown }) => (typeof each?.text === 'string' ? each.text : ''))
          .join('');
        if (thinking) think(thinking, 'reasoning');
        else say(part.text ?? '');
      }
    if (piece.refusal) say(piece.refusal);
    for (const call of piece.tool_calls ?? []) callDelta(call);
  };

  const closeCalls = (): void => {
    for (const call of calls) {
      const isCut = finishReason === 'length' && !isJson(call.text);
      // A call that was cut short must not run.
      if (isCut) continue;
      const input = call.unwrap ? unwrapFreeform(call.text) : call.text || '{}';
      const opaque = call.extra === undefined ? {} : { opaque: { provider: context.providerId, value: call.extra } };
      const kind = call.unwrap ? 'freeform' : 'function';
      out.push({
        type: 'toolCallDone',
        item: { type: 'toolCall', callId: call.callId, name: call.name, kind, input, ...opaque },
      });
    }
  };

  const conclude = (): void => {
    closeThought();
    closeMessage();
    if (finishReason === 'content_filter') {
      out.push({ type: 'failed', error: contentFilterError(context, finishReason) });
      return;
    }
    closeCalls();
    const isLength = finishReason === 'length';
    if (!hasText && calls.length === 0 && !isLength) {
      out.push({ type: 'failed', error: emptyAnswerError(context, finishReason) });
      return;
    }
    const stopReason = isLength ? 'length' : calls.length > 0 ? 'toolCalls' : 'stop';
    out.push({ type: 'done', stopReason, usage: lastUsage });
  };

  return {
    get isWhole() {
      return finishReason !== null;
    },
    push: (payload) => {
      out = [];
      const parsed = chunk.safeParse(payload);
      const error = parsed.success ? parsed.data.error : undefined;
      if (error) {
        out.push({
          type: 'failed',
          error: providerError(providerFailure(null, null, errorObject({ error })), context),
        });
      } else if (!parsed.success) {
        out.push({ type: 'failed', error: badResponseError(context, JSON.stringify(payload)) });
      } else {
        const choice = parsed.data.choices?.[0];
        const piece = choice?.delta ?? choice?.message;
        if (piece) take(piece);
        if (choice?.finish_reason) finishReason = choice.finish_reason;
        if (parsed.data.usage) lastUsage = toUsage(parsed.data.usage);
      }
      return out;
    },
    end: (marked) => {
      out = [];
      if (finishReason === null && !marked) {
        const details = 'The stream ended before finish_reason.';
        out.push({ type: 'failed', error: disconnectedError(context, details) });
      } else conclude();
      return out;
    },
  };
}
