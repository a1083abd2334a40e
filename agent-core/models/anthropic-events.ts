/** A stream of Anthropic's Messages wire as model events. */
import * as z from 'zod/mini';
import type { AnthropicReasoning } from './anthropic-input.ts';
import { createCallIds, newItemId } from './call-ids.ts';
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
const usage = z.looseObject({
  input_tokens: count,
  output_tokens: count,
  cache_read_input_tokens: count,
  cache_creation_input_tokens: count,
  output_tokens_details: z.nullish(z.looseObject({ thinking_tokens: count })),
});
const block = z.looseObject({
  type: z.string(),
  id: text,
  name: text,
  text,
  thinking: text,
  signature: text,
  data: text,
  input: z.optional(z.unknown()),
});
const delta = z.looseObject({
  type: text,
  text,
  partial_json: text,
  thinking: text,
  signature: text,
  stop_reason: text,
  stop_details: z.nullish(z.looseObject({ explanation: text })),
});
const wireEvent = z.looseObject({
  type: z.string(),
  index: z.optional(z.number()),
  message: z.nullish(z.looseObject({ usage: z.nullish(usage) })),
  content_block: z.optional(block),
  delta: z.optional(delta),
  usage: z.nullish(usage),
  error: z.optional(z.unknown()),
});
type WireEvent = z.infer<typeof wireEvent>;
type Block = z.infer<typeof block>;

type Open = { index: number } & (
  | { kind: 'text'; id: string; text: string }
  | { kind: 'thinking'; id: string; text: string; signature: string }
  | { kind: 'redacted'; id: string; data: string }
  | { kind: 'call'; callId: string; name: string; json: string; given: unknown; unwrap: ((s: string) => string) | null }
);

function toUsage(total: z.infer<typeof usage>): ModelUsage {
  const cachedInput = total.cache_read_input_tokens ?? 0;
  const cacheWriteInput = total.cache_creation_input_tokens ?? 0;
  return {
    // Here `input_tokens` is what no cache had to do with; ours counts all.
    input: (total.input_tokens ?? 0) + cachedInput + cacheWriteInput,
    cachedInput,
    cacheWriteInput,
    output: total.output_tokens ?? 0,
    reasoningOutput: total.output_tokens_details?.thinking_tokens ?? 0,
  };
}

export function createAnthropicDecoder(request: ModelRequest, context: CallContext): WireDecoder {
  const freeform = freeformNames(request);
  const callIds = createCallIds(request.items);
  const opens: Open[] = [];
  let out: ModelEvent[] = [];
  let total: z.infer<typeof usage> | null = null;
  let stopReason: string | null = null;
  let explanation: string | null = null;
  let texts = 0;
  let calls = 0;

  const start = (index: number, given: Block): void => {
    if (given.type === 'text') {
      const open: Open = { index, kind: 'text', id: newItemId('msg'), text: '' };
      opens.push(open);
      say(open, given.text ?? '');
    } else if (given.type === 'thinking') {
      const open: Open = { index, kind: 'thinking', id: newItemId('rs'), text: '', signature: given.signature ?? '' };
      opens.push(open);
      out.push({ type: 'reasoningStart', itemId: open.id });
      think(open, given.thinking ?? '');
    } else if (given.type === 'redacted_thinking') {
      const open: Open = { index, kind: 'redacted', id: newItemId('rs'), data: given.data ?? '' };
      opens.push(open);
      out.push({ type: 'reasoningStart', itemId: open.id });
    } else if (given.type === 'tool_use') {
      const name = given.name ?? '';
      const callId = callIds(given.id);
      const unwrap = freeform.has(name) ? createUnwrapper() : null;
      opens.push({ index, kind: 'call', callId, name, json: '', given: given.input, unwrap });
      out.push({ type: 'toolCallStart', callId, name });
    }
  };

  const say = (open: Extract<Open, { kind: 'text' }>, piece: string): void => {
    if (piece === '') return;
    if (open.text === '') out.push({ type: 'textStart', itemId: open.id });
    open.text += piece;
    out.push({ type: 'textDelta', itemId: open.id, delta: piece });
  };
  const think = (open: Extract<Open, { kind: 'thinking' }>, piece: string): void => {
    if (piece === '') return;
    if (open.text === '') out.push({ type: 'reasoningPart', itemId: open.id, index: 0 });
    open.text += piece;
    out.push({ type: 'reasoningDelta', itemId: open.id, index: 0, delta: piece });
  };
  const add = (open: Open, piece: z.infer<typeof delta>): void => {
    if (open.kind === 'text') say(open, piece.text ?? '');
    else if (open.kind === 'thinking') {
      think(open, piece.thinking ?? '');
      open.signature += piece.signature ?? '';
    } else if (open.kind === 'call') {
      const added = piece.partial_json ?? '';
      open.json += added;
      const shown = open.unwrap ? open.unwrap(added) : added;
      if (shown !== '') out.push({ type: 'toolCallDelta', callId: open.callId, delta: shown });
    }
  };

  const reasoningDone = (id: string, summary: string[], kept: AnthropicReasoning['block'] | null): void => {
    const opaque: AnthropicReasoning | null = kept && { model: request.model, block: kept };
    out.push({
      type: 'reasoningDone',
      item: { type: 'reasoning', id, summary, provider: context.providerId, opaque },
    });
  };
  const finish = (open: Open): void => {
    opens.splice(opens.indexOf(open), 1);
    if (open.kind === 'text') {
      if (open.text === '') return;
      if (open.text.trim() !== '') texts++;
      const content = [{ type: 'text' as const, text: open.text }];
      out.push({ type: 'textDone', item: { type: 'message', role: 'assistant', content, id: open.id } });
    } else if (open.kind === 'thinking') {
      const { signature } = open;
      // Without its signature the service does not take it back.
      const kept = signature === '' ? null : { type: 'thinking' as const, thinking: open.text, signature };
      reasoningDone(open.id, open.text === '' ? [] : [open.text], kept);
    } else if (open.kind === 'redacted') {
      reasoningDone(open.id, [], { type: 'redacted_thinking', data: open.data });
    } else {
      calls++;
      const given = open.given === undefined ? '{}' : JSON.stringify(open.given);
      const json = open.json === '' ? given : open.json;
      const kind = open.unwrap ? ('freeform' as const) : ('function' as const);
      const input = open.unwrap ? unwrapFreeform(json) : json;
      out.push({ type: 'toolCallDone', item: { type: 'toolCall', callId: open.callId, name: open.name, kind, input } });
    }
  };

  const conclude = (): void => {
    // What was left open was cut short: half a call must not run, half a thought has no signature.
    for (const open of [...opens]) if (open.kind === 'text') finish(open);
    const counted = total && toUsage(total);
    if (stopReason === 'refusal') {
      out.push({ type: 'failed', error: contentFilterError(context, explanation ?? stopReason) });
    } else if (stopReason === 'max_tokens' || (stopReason === 'model_context_window_exceeded' && texts + calls > 0)) {
      out.push({ type: 'done', stopReason: 'length', usage: counted });
    } else if (stopReason === 'model_context_window_exceeded') {
      const failure = { status: null, code: 'context_length_exceeded', message: stopReason, retryAfterMs: null };
      out.push({ type: 'failed', error: providerError(failure, context) });
    } else if (stopReason === 'pause_turn') {
      out.push({ type: 'done', stopReason: 'other', usage: counted });
    } else if (texts + calls === 0) {
      out.push({ type: 'failed', error: emptyAnswerError(context, stopReason) });
    } else out.push({ type: 'done', stopReason: calls > 0 ? 'toolCalls' : 'stop', usage: counted });
  };

  const addUsage = (more: z.infer<typeof usage> | null | undefined): void => {
    if (!more) return;
    const known = Object.entries(more).filter(([, value]) => value !== null && value !== undefined);
    total = { ...total, ...Object.fromEntries(known) } as z.infer<typeof usage>;
  };
  const handle = (event: WireEvent): void => {
    const open = opens.find((each) => each.index === event.index);
    switch (event.type) {
      case 'message_start':
        addUsage(event.message?.usage);
        return;
      case 'content_block_start':
        if (event.content_block) start(event.index ?? 0, event.content_block);
        return;
      case 'content_block_delta':
        if (open && event.delta) add(open, event.delta);
        return;
      case 'content_block_stop':
        if (open) finish(open);
        return;
      case 'message_delta':
        stopReason = event.delta?.stop_reason ?? stopReason;
        explanation = event.delta?.stop_details?.explanation ?? explanation;
        addUsage(event.usage);
        return;
      case 'message_stop':
        conclude();
        return;
      case 'error':
        fail(event);
        return;
    }
  };
  const fail = (payload: unknown): void => {
    out.push({ type: 'failed', error: providerError(providerFailure(null, null, errorObject(payload)), context) });
  };

  return {
    get isWhole() {
      return stopReason !== null;
    },
    push: (payload) => {
      out = [];
      const parsed = wireEvent.safeParse(payload);
      if (parsed.success) handle(parsed.data);
      else if (typeof payload === 'object' && payload !== null && 'error' in payload) fail(payload);
      else out.push({ type: 'failed', error: badResponseError(context, JSON.stringify(payload)) });
      return out;
    },
    end: () => {
      out = [];
      if (stopReason === null) {
        out.push({ type: 'failed', error: disconnectedError(context, 'The stream ended before message_stop.') });
      } else conclude();
      return out;
    },
  };
}
