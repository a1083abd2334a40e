/** The editor's own models (`vscode.lm`), reached through the client that offers them. */

import {
  AgentError,
  type HostLmDelta,
  type HostLmMessage,
  type HostLmStartParams,
  type HostLmStartResponse,
  RpcError,
  rpcErrorCodes,
} from '../protocol/index.ts';
import { createCallIds, newItemId } from './call-ids.ts';
import { cancelledError, contentFilterError, emptyAnswerError, localError } from './errors.ts';
import {
  createUnwrapper,
  FREEFORM_PARAMETERS,
  freeformDescription,
  freeformNames,
  unwrapFreeform,
  wrapFreeform,
} from './freeform.ts';
import type { ContentPart, HistoryItem, ModelClient, ModelEvent, ModelRequest } from './model-client.ts';

/**
 * Contract: `onDelta` is called in order, and never after the promise settled. Rejects with an error whose message the
 * user may read; one that is an invalid request, such as consent that was refused, would fail again the same way.
 * Aborting `signal` cancels the call at the host.
 */
export interface HostLm {
  start(
    params: HostLmStartParams,
    onDelta: (delta: HostLmDelta) => void,
    signal: AbortSignal,
  ): Promise<HostLmStartResponse>;
}

type Part = HostLmMessage['content'][number];
type PlainPart = Extract<Part, { type: 'text' | 'image' }>;

function plainParts(content: readonly ContentPart[]): PlainPart[] {
  return content.map((part) => {
    if (part.type === 'text') return part;
    const data = /^data:([^;,]+);base64,(.*)$/s.exec(part.url);
    return data
      ? { type: 'image', mimeType: data[1] ?? '', dataBase64: data[2] ?? '' }
      : { type: 'text', text: `[Image: ${part.url}]` };
  });
}

function inputOf(call: Extract<HistoryItem, { type: 'toolCall' }>): unknown {
  try {
    return JSON.parse(call.kind === 'freeform' ? wrapFreeform(call.input) : call.input);
  } catch {
    return { input: call.input };
  }
}

/** Neighbours of one role become one message; developer messages are told as the user's. */
function toHostMessages(items: readonly HistoryItem[]): HostLmMessage[] {
  const messages: HostLmMessage[] = [];
  const add = (role: HostLmMessage['role'], parts: Part[]): void => {
    if (parts.length === 0) return;
    const last = messages.at(-1);
    if (last?.role === role) last.content.push(...parts);
    else messages.push({ role, content: parts });
  };
  for (const item of items) {
    if (item.type === 'message') add(item.role === 'assistant' ? 'assistant' : 'user', plainParts(item.content));
    else if (item.type === 'toolCall') {
      add('assistant', [{ type: 'toolCall', callId: item.callId, name: item.name, input: inputOf(item) }]);
    } else if (item.type === 'toolResult') {
      const content = plainParts(item.output);
      add('user', [{ type: 'toolResult', callId: item.callId, content, isError: !item.success }]);
    }
  }
  return messages;
}

function toParams(request: ModelRequest): HostLmStartParams {
  return {
    requestId: newItemId('msg'),
    modelId: request.model,
    messages: toHostMessages(request.items),
    tools: request.tools.map((tool) => ({
      name: tool.name,
      description: tool.kind === 'freeform' ? freeformDescription(tool) : tool.description,
      inputSchema: tool.kind === 'freeform' ? FREEFORM_PARAMETERS : tool.parameters,
    })),
  };
}

/** What has come and not been read, with a way to wait for more. */
function createQueue<T>(): { put(value: T): void; take(): T | undefined; more(): Promise<void> } {
  const values: T[] = [];
  let wake = (): void => {};
  return {
    put: (value) => {
      values.push(value);
      wake();
    },
    take: () => values.shift(),
    more: () =>
      new Promise((settle) => {
        wake = settle;
      }),
  };
}

type Settled =
  | { type: 'ended'; stopReason: HostLmStartResponse['stopReason'] }
  | { type: 'failed'; message: string; isFinal: boolean }
  | { type: 'aborted' };

/** The host said no: asking again would only ask the person again. */
const isFinal = (error: unknown): boolean =>
  (error instanceof RpcError && error.code === rpcErrorCodes.invalidRequest) ||
  (error instanceof AgentError && error.code === 'noModel');

export function createHostLmClient(host: HostLm): ModelClient {
  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const context = {
      providerId: 'host',
      providerName: 'The editor',
      baseUrl: '',
      model: request.model,
      keyHelp: '',
      secrets: [],
    };
    const queue = createQueue<HostLmDelta | Settled>();
    const freeform = freeformNames(request);
    const callIds = createCallIds(request.items);
    let message: { id: string; text: string } | null = null;
    let texts = 0;
    let calls = 0;

    const closeMessage = (): ModelEvent[] => {
      if (!message) return [];
      const { id, text } = message;
      message = null;
      return [
        { type: 'textDone', item: { type: 'message', role: 'assistant', content: [{ type: 'text', text }], id } },
      ];
    };
    const events = (delta: HostLmDelta): ModelEvent[] => {
      if (delta.type === 'text') {
        if (delta.text === '') return [];
        const before: ModelEvent[] = [];
        if (!message) {
          message = { id: newItemId('msg'), text: '' };
          texts++;
          before.push({ type: 'textStart', itemId: message.id });
        }
        message.text += delta.text;
        return [...before, { type: 'textDelta', itemId: message.id, delta: delta.text }];
      }
      calls++;
      const callId = callIds(delta.callId);
      const { name } = delta;
      const json = typeof delta.input === 'string' ? delta.input : JSON.stringify(delta.input ?? {});
      const isFreeform = freeform.has(name);
      const input = isFreeform ? unwrapFreeform(json) : json;
      const kind = isFreeform ? 'freeform' : 'function';
      return [
        ...closeMessage(),
        { type: 'toolCallStart', callId, name },
        { type: 'toolCallDelta', callId, delta: isFreeform ? createUnwrapper()(json) || input : json },
        { type: 'toolCallDone', item: { type: 'toolCall', callId, name, kind, input } },
      ];
    };
    const last = (stopReason: HostLmStartResponse['stopReason']): ModelEvent => {
      if (stopReason === 'cancelled') return { type: 'failed', error: cancelledError() };
      if (stopReason === 'refused') return { type: 'failed', error: contentFilterError(context, null) };
      if (stopReason === 'maxTokens') return { type: 'done', stopReason: 'length', usage: null };
      if (texts + calls === 0) return { type: 'failed', error: emptyAnswerError(context) };
      return { type: 'done', stopReason: calls > 0 ? 'toolCalls' : 'stop', usage: null };
    };

    const abort = new AbortController();
    const onAbort = (): void => {
      abort.abort();
      queue.put({ type: 'aborted' });
    };
    if (signal.aborted) onAbort();
    else {
      signal.addEventListener('abort', onAbort, { once: true });
      host
        .start(toParams(request), (delta) => queue.put(delta), abort.signal)
        .then(
          ({ stopReason }) => queue.put({ type: 'ended', stopReason }),
          (error: unknown) =>
            queue.put({
              type: 'failed',
              message: error instanceof Error ? error.message : String(error),
              isFinal: isFinal(error),
            }),
        );
    }
    try {
      for (;;) {
        const next = signal.aborted ? ({ type: 'aborted' } as const) : queue.take();
        if (next === undefined) await queue.more();
        else if (next.type === 'text' || next.type === 'toolCall') yield* events(next);
        else {
          if (next.type === 'aborted') yield { type: 'failed', error: cancelledError() };
          else if (next.type === 'failed' && next.isFinal) {
            yield { type: 'failed', error: localError('badRequest', next.message) };
          } else if (next.type === 'failed') {
            const text = `The editor's model failed. Choose another model, or send the message again. It said: ${next.message}`;
            yield { type: 'failed', error: localError('serverError', text, next.message) };
          } else {
            yield* closeMessage();
            yield last(next.stopReason);
          }
          return;
        }
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      abort.abort();
    }
  }
  return { stream };
}
