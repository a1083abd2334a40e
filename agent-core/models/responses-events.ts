/** A Responses stream as model events. Bears what compatible servers leave out, repeat or send in another order. */
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
import type { HistoryItem, ModelEvent, ModelRequest, ModelUsage } from './model-client.ts';
import { errorObject, providerFailure } from './provider-failure.ts';
import { type WireEvent, type WireItem, type WireUsage, wireEvent } from './responses-wire.ts';

type Open = { wireId: string | null; index: number | null; done: boolean } & (
  | { kind: 'text'; id: string; text: string }
  | { kind: 'reasoning'; id: string; parts: string[] }
  | {
      kind: 'call';
      /** The server's own, which `callId` is not where it was given twice. */
      wireCallId: string | null;
      callId: string;
      name: string;
      form: 'function' | 'freeform';
      /** Set when a freeform tool was called as a function. */
      unwrap: ((piece: string) => string) | null;
      text: string;
    }
);

function toUsage(usage: WireUsage | null | undefined): ModelUsage | null {
  if (!usage) return null;
  return {
    input: usage.input_tokens ?? 0,
    cachedInput: usage.input_tokens_details?.cached_tokens ?? 0,
    cacheWriteInput: usage.input_tokens_details?.cache_write_tokens ?? 0,
    output: usage.output_tokens ?? 0,
    reasoningOutput: usage.output_tokens_details?.reasoning_tokens ?? 0,
  };
}

function textOf(item: WireItem): string {
  if (typeof item.content === 'string') return item.content;
  return (item.content ?? []).map((part) => part.text ?? part.refusal ?? '').join('');
}

function argumentsOf(item: WireItem): string | null {
  const value = item.arguments;
  return value === null || value === undefined || typeof value === 'string' ? (value ?? null) : JSON.stringify(value);
}

function phaseOf(item: WireItem | null): { phase?: 'commentary' | 'final_answer' } {
  return item?.phase === 'commentary' || item?.phase === 'final_answer' ? { phase: item.phase } : {};
}

/** The item as it goes back: what only answers carry is left out. */
function opaqueOf(item: WireItem): unknown {
  const { status: _, ...rest } = item;
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null && value !== undefined));
}

export function createResponsesDecoder(request: ModelRequest, context: CallContext): WireDecoder {
  const opens: Open[] = [];
  const freeform = freeformNames(request);
  const callIds = createCallIds(request.items);
  let out: ModelEvent[] = [];

  const find = (id: string | null, index: number | null, kind: Open['kind']): Open | undefined => {
    const fits = (open: Open): boolean => open.kind === kind;
    const byId = id === null ? undefined : opens.find((open) => open.wireId === id);
    const byIndex = index === null ? undefined : opens.find((open) => open.index === index && fits(open));
    return (
      byId ??
      byIndex ??
      (id === null && index === null ? opens.findLast((open) => fits(open) && !open.done) : undefined)
    );
  };

  const start = (item: WireItem, index: number | null): Open | null => {
    const at = { wireId: item.id || null, index, done: false };
    let open: Open;
    if (item.type === 'message') {
      open = { ...at, kind: 'text', id: item.id || newItemId('msg'), text: '' };
      out.push({ type: 'textStart', itemId: open.id });
    } else if (item.type === 'reasoning') {
      open = { ...at, kind: 'reasoning', id: item.id || newItemId('rs'), parts: [] };
      out.push({ type: 'reasoningStart', itemId: open.id });
    } else if (item.type === 'function_call' || item.type === 'custom_tool_call') {
      const name = item.name ?? '';
      const wrapped = item.type === 'function_call' && freeform.has(name);
      open = {
        ...at,
        kind: 'call',
        wireCallId: item.call_id || null,
        callId: callIds(item.call_id || item.id),
        name,
        form: item.type === 'custom_tool_call' || wrapped ? 'freeform' : 'function',
        unwrap: wrapped ? createUnwrapper() : null,
        text: '',
      };
      out.push({ type: 'toolCallStart', callId: open.callId, name });
    } else return null;
    opens.push(open);
    return open;
  };

  const kindOf = (item: WireItem): Open['kind'] =>
    item.type === 'message' ? 'text' : item.type === 'reasoning' ? 'reasoning' : 'call';

  /** Some servers give all items of an answer one id; then calls are told apart by theirs. */
  const findItem = (item: WireItem, index: number | null): Open | undefined => {
    const open = find(item.id || null, index, kindOf(item));
    const { call_id: callId } = item;
    if (open?.kind !== 'call' || !callId || open.wireCallId === null || open.wireCallId === callId) return open;
    return opens.find((one) => one.kind === 'call' && one.wireCallId === callId);
  };

  const finish = (open: Open, item: WireItem | null): void => {
    if (open.done) return;
    open.done = true;
    if (open.kind === 'text') {
      const text = (item && textOf(item)) || open.text;
      const content = text === '' ? [] : [{ type: 'text' as const, text }];
      out.push({
        type: 'textDone',
        item: { type: 'message', role: 'assistant', content, id: open.id, ...phaseOf(item) },
      });
    } else if (open.kind === 'reasoning') {
      const said = item?.summary?.length ? item.summary : Array.isArray(item?.content) ? item.content : null;
      const summary = said?.map((part) => part.text ?? '') ?? open.parts.map((part) => part ?? '');
      const opaque = item ? opaqueOf(item) : null;
      out.push({
        type: 'reasoningDone',
        item: { type: 'reasoning', id: open.id, summary, provider: context.providerId, opaque },
      });
    } else {
      const raw = (item && (item.type === 'custom_tool_call' ? item.input : argumentsOf(item))) ?? open.text;
      const input = open.unwrap ? unwrapFreeform(raw) : raw;
      const call: Extract<HistoryItem, { type: 'toolCall' }> = {
        type: 'toolCall',
        callId: open.callId,
        name: open.name,
        kind: open.form,
        input,
      };
      out.push({ type: 'toolCallDone', item: item?.id ? { ...call, id: item.id } : call });
    }
  };

  /** A call that was cut short is left without its `Done`: it must not run. */
  const itemDone = (item: WireItem, index: number | null): void => {
    const open = findItem(item, index) ?? start(item, index);
    if (open && !(open.kind === 'call' && item.status === 'incomplete')) finish(open, item);
  };

  const delta = (event: WireEvent, kind: Open['kind'], itemType: string): void => {
    const piece = event.delta ?? '';
    if (piece === '') return;
    const index = event.output_index ?? null;
    const open =
      find(event.item_id || null, index, kind) ??
      (kind === 'call' ? null : start({ type: itemType, id: event.item_id ?? null }, index));
    if (!open || open.done) return;
    if (open.kind === 'text') {
      open.text += piece;
      out.push({ type: 'textDelta', itemId: open.id, delta: piece });
    } else if (open.kind === 'call') {
      open.text += piece;
      const shown = open.unwrap ? open.unwrap(piece) : piece;
      if (shown !== '') out.push({ type: 'toolCallDelta', callId: open.callId, delta: shown });
    } else {
      const at = event.summary_index ?? event.content_index ?? 0;
      if (open.parts[at] === undefined) {
        open.parts[at] = '';
        out.push({ type: 'reasoningPart', itemId: open.id, index: at });
      }
      open.parts[at] += piece;
      out.push({ type: 'reasoningDelta', itemId: open.id, index: at, delta: piece });
    }
  };

  const completed = (event: WireEvent): void => {
    // Servers that send no `output_item.done` put the items here only.
    for (const [index, item] of (event.response?.output ?? []).entries()) itemDone(item, index);
    for (const open of opens) finish(open, null);
    if (opens.every((open) => open.kind === 'reasoning'))
      out.push({ type: 'failed', error: emptyAnswerError(context) });
    else {
      const stopReason = opens.some((open) => open.kind === 'call') ? 'toolCalls' : 'stop';
      out.push({ type: 'done', stopReason, usage: toUsage(event.response?.usage) });
    }
  };

  const incomplete = (event: WireEvent): void => {
    const reason = event.response?.incomplete_details?.reason ?? null;
    if (reason === 'content_filter') {
      out.push({ type: 'failed', error: contentFilterError(context, reason) });
      return;
    }
    for (const open of opens) if (open.kind !== 'call') finish(open, null);
    const stopReason = reason === 'max_output_tokens' ? 'length' : 'other';
    out.push({ type: 'done', stopReason, usage: toUsage(event.response?.usage) });
  };

  const failed = (error: Record<string, unknown>): void => {
    out.push({ type: 'failed', error: providerError(providerFailure(null, null, error), context) });
  };

  const handle = (event: WireEvent): void => {
    switch (event.type) {
      case 'response.output_item.added':
        if (event.item && !findItem(event.item, event.output_index ?? null)) {
          start(event.item, event.output_index ?? null);
        }
        return;
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        delta(event, 'text', 'message');
        return;
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        delta(event, 'reasoning', 'reasoning');
        return;
      case 'response.reasoning_summary_part.added': {
        const open = find(event.item_id || null, event.output_index ?? null, 'reasoning');
        const at = event.summary_index ?? 0;
        if (open?.kind !== 'reasoning' || open.done || open.parts[at] !== undefined) return;
        open.parts[at] = '';
        out.push({ type: 'reasoningPart', itemId: open.id, index: at });
        return;
      }
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        delta(event, 'call', '');
        return;
      case 'response.output_item.done':
        if (event.item) itemDone(event.item, event.output_index ?? null);
        return;
      case 'response.completed':
      case 'response.done':
        completed(event);
        return;
      case 'response.incomplete':
        incomplete(event);
        return;
      case 'response.failed':
        failed(errorObject({ error: event.response?.error ?? { message: 'response.failed' } }));
        return;
      case 'error': {
        const { type: _type, sequence_number: _number, ...rest } = event;
        failed(errorObject(rest));
        return;
      }
    }
  };

  return {
    isWhole: false,
    push: (payload) => {
      out = [];
      const parsed = wireEvent.safeParse(payload);
      if (parsed.success) handle(parsed.data);
      else if (typeof payload === 'object' && payload !== null && 'error' in payload) failed(errorObject(payload));
      else out.push({ type: 'failed', error: badResponseError(context, JSON.stringify(payload)) });
      return out;
    },
    end: () => [{ type: 'failed', error: disconnectedError(context, 'The stream ended before response.completed.') }],
  };
}
