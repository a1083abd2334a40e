/** A stream of Gemini's own wire as model events. Its calls come whole, and mostly without ids. */
import * as z from 'zod/mini';
import { createCallIds, newItemId } from './call-ids.ts';
import {
  badResponseError,
  type CallContext,
  contentFilterError,
  disconnectedError,
  emptyAnswerError,
  localError,
  providerError,
} from './errors.ts';
import { freeformNames, unwrapFreeform } from './freeform.ts';
import type { GeminiSignature } from './gemini-input.ts';
import type { WireDecoder } from './http-call.ts';
import type { ModelEvent, ModelRequest, ModelUsage } from './model-client.ts';
import { errorObject, providerFailure } from './provider-failure.ts';

const text = z.nullish(z.string());
const count = z.nullish(z.number());
const wirePart = z.looseObject({
  text,
  thought: z.nullish(z.boolean()),
  thoughtSignature: text,
  functionCall: z.nullish(z.looseObject({ id: text, name: text, args: z.nullish(z.record(z.string(), z.unknown())) })),
});
const usage = z.looseObject({
  promptTokenCount: count,
  cachedContentTokenCount: count,
  candidatesTokenCount: count,
  thoughtsTokenCount: count,
  toolUsePromptTokenCount: count,
});
const chunk = z.looseObject({
  candidates: z.nullish(
    z.array(
      z.looseObject({
        content: z.nullish(z.looseObject({ parts: z.nullish(z.array(wirePart)) })),
        finishReason: text,
        finishMessage: text,
      }),
    ),
  ),
  promptFeedback: z.nullish(z.looseObject({ blockReason: text, blockReasonMessage: text })),
  usageMetadata: z.nullish(usage),
  error: z.optional(z.unknown()),
});
type WirePart = z.infer<typeof wirePart>;

const FILTERED =
  /^(SAFETY|RECITATION|LANGUAGE|BLOCKLIST|PROHIBITED_CONTENT|SPII|IMAGE_(SAFETY|PROHIBITED_CONTENT|RECITATION))$/;
const MALFORMED = /^(MALFORMED_FUNCTION_CALL|UNEXPECTED_TOOL_CALL|TOO_MANY_TOOL_CALLS|MALFORMED_RESPONSE)$/;

function toUsage(value: z.infer<typeof usage>): ModelUsage {
  const thoughts = value.thoughtsTokenCount ?? 0;
  return {
    input: (value.promptTokenCount ?? 0) + (value.toolUsePromptTokenCount ?? 0),
    cachedInput: value.cachedContentTokenCount ?? 0,
    cacheWriteInput: 0,
    // Here thoughts are counted beside the answer; ours counts them in it.
    output: (value.candidatesTokenCount ?? 0) + thoughts,
    reasoningOutput: thoughts,
  };
}

export function createGeminiDecoder(request: ModelRequest, context: CallContext): WireDecoder {
  const freeform = freeformNames(request);
  const callIds = createCallIds(request.items);
  const { providerId } = context;
  let out: ModelEvent[] = [];
  let message: { id: string; text: string; signature: string | null } | null = null;
  let thought: { id: string; text: string } | null = null;
  let hasText = false;
  let calls = 0;
  let finish: { reason: string; message: string | null } | null = null;
  let lastUsage: ModelUsage | null = null;

  const signed = (thoughtSignature: string): GeminiSignature => ({ model: request.model, thoughtSignature });
  const closeThought = (): void => {
    if (!thought) return;
    const { id, text: summary } = thought;
    thought = null;
    const item = { type: 'reasoning' as const, id, summary: [summary], provider: providerId, opaque: null };
    out.push({ type: 'reasoningDone', item });
  };
  const closeMessage = (): void => {
    if (!message) return;
    const { id, text: whole, signature } = message;
    message = null;
    const content = [{ type: 'text' as const, text: whole }];
    out.push({ type: 'textDone', item: { type: 'message', role: 'assistant', content, id } });
    if (signature === null) return;
    // Kept right behind the text that it belongs to.
    const kept = newItemId('rs');
    out.push({ type: 'reasoningStart', itemId: kept });
    const opaque = signed(signature);
    out.push({
      type: 'reasoningDone',
      item: { type: 'reasoning', id: kept, summary: [], provider: providerId, opaque },
    });
  };

  const think = (piece: string): void => {
    if (piece === '') return;
    closeMessage();
    if (!thought) {
      thought = { id: newItemId('rs'), text: '' };
      out.push({ type: 'reasoningStart', itemId: thought.id });
      out.push({ type: 'reasoningPart', itemId: thought.id, index: 0 });
    }
    thought.text += piece;
    out.push({ type: 'reasoningDelta', itemId: thought.id, index: 0, delta: piece });
  };
  const say = (piece: string, signature: string | null): void => {
    if (piece !== '') {
      closeThought();
      if (!message) {
        message = { id: newItemId('msg'), text: '', signature: null };
        out.push({ type: 'textStart', itemId: message.id });
      }
      if (piece.trim() !== '') hasText = true;
      message.text += piece;
      out.push({ type: 'textDelta', itemId: message.id, delta: piece });
    }
    if (message && signature) message.signature = signature;
  };
  const call = (part: WirePart, given: NonNullable<WirePart['functionCall']>): void => {
    closeThought();
    closeMessage();
    calls++;
    const name = given.name ?? '';
    const callId = callIds(given.id);
    const json = JSON.stringify(given.args ?? {});
    const isFreeform = freeform.has(name);
    const input = isFreeform ? unwrapFreeform(json) : json;
    const opaque = part.thoughtSignature
      ? { opaque: { provider: providerId, value: signed(part.thoughtSignature) } }
      : {};
    out.push({ type: 'toolCallStart', callId, name });
    if (input !== '') out.push({ type: 'toolCallDelta', callId, delta: input });
    const kind = isFreeform ? 'freeform' : 'function';
    out.push({ type: 'toolCallDone', item: { type: 'toolCall', callId, name, kind, input, ...opaque } });
  };
  const take = (part: WirePart): void => {
    if (part.functionCall) call(part, part.functionCall);
    else if (part.thought) think(part.text ?? '');
    else say(part.text ?? '', part.thoughtSignature ?? null);
  };

  const conclude = (reason: string, said: string | null): void => {
    closeThought();
    closeMessage();
    if (FILTERED.test(reason)) {
      out.push({ type: 'failed', error: contentFilterError(context, said ?? reason) });
    } else if (MALFORMED.test(reason)) {
      const text = `${context.model} tried to call a tool and did it wrongly (${reason}). Send the message again, or choose another model.`;
      out.push({ type: 'failed', error: localError('badResponse', text, said) });
    } else if (reason === 'MAX_TOKENS') out.push({ type: 'done', stopReason: 'length', usage: lastUsage });
    else if (!hasText && calls === 0) out.push({ type: 'failed', error: emptyAnswerError(context, reason) });
    else out.push({ type: 'done', stopReason: calls > 0 ? 'toolCalls' : 'stop', usage: lastUsage });
  };

  return {
    get isWhole() {
      return finish !== null;
    },
    push: (payload) => {
      out = [];
      const first: unknown = Array.isArray(payload) ? payload[0] : payload;
      const parsed = chunk.safeParse(first);
      if (!parsed.success) {
        out.push({ type: 'failed', error: badResponseError(context, JSON.stringify(payload)) });
        return out;
      }
      const { error, candidates, promptFeedback, usageMetadata } = parsed.data;
      if (error) {
        const failure = providerFailure(null, null, errorObject({ error }));
        out.push({ type: 'failed', error: providerError(failure, context) });
        return out;
      }
      if (usageMetadata) lastUsage = toUsage(usageMetadata);
      const [candidate] = candidates ?? [];
      for (const part of candidate?.content?.parts ?? []) take(part);
      if (candidate?.finishReason) {
        finish = { reason: candidate.finishReason, message: candidate.finishMessage ?? null };
      }
      const { blockReason, blockReasonMessage } = promptFeedback ?? {};
      if (blockReason) {
        out.push({ type: 'failed', error: contentFilterError(context, blockReasonMessage ?? blockReason) });
      }
      return out;
    },
    // There is no mark for the end: the reason says that the answer is whole.
    end: () => {
      out = [];
      if (finish) conclude(finish.reason, finish.message);
      else out.push({ type: 'failed', error: disconnectedError(context, 'The stream ended before finishReason.') });
      return out;
    },
  };
}
