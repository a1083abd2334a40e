/** What the tests of the wires share. */

import type { HttpClientOptions } from '../../../agent-core/models/http-call.ts';
import type {
  HistoryItem,
  ModelClient,
  ModelEvent,
  ModelRequest,
  ToolSpec,
} from '../../../agent-core/models/model-client.ts';

export const PATCH_TOOL: ToolSpec = {
  kind: 'freeform',
  name: 'apply_patch',
  description: 'Changes files.',
  grammar: 'start: /.+/',
};
export const SHELL_TOOL: ToolSpec = {
  kind: 'function',
  name: 'exec_command',
  description: 'Runs a command.',
  parameters: { type: 'object', properties: { cmd: { type: 'string' } } },
};

export function say(role: 'user' | 'assistant' | 'developer', text: string): HistoryItem {
  return { type: 'message', role, content: [{ type: 'text', text }] };
}

export function requestOf(items: readonly HistoryItem[], rest: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: 'gpt-5.5',
    items: [...items],
    tools: [SHELL_TOOL, PATCH_TOOL],
    parallelToolCalls: true,
    effort: null,
    outputSchema: null,
    cacheKey: 'thread-1',
    ...rest,
  };
}

export function httpOptions(baseUrl: string, rest: Partial<HttpClientOptions> = {}): HttpClientOptions {
  return {
    providerId: 'mock',
    providerName: 'Mock',
    baseUrl,
    apiKey: 'sk-secret-123',
    headers: {},
    queryParams: {},
    idleTimeoutMs: 60_000,
    keyHelp: 'Set MOCK_KEY.',
    ...rest,
  };
}

export async function collect(
  client: ModelClient,
  request: ModelRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of client.stream(request, signal)) events.push(event);
  return events;
}

/** The items of an answer, with a result for every call: what the loop appends. */
export function answerOf(events: readonly ModelEvent[]): HistoryItem[] {
  const items = events.flatMap((event) => ('item' in event ? [event.item] : []));
  const results = items.flatMap((item): HistoryItem[] =>
    item.type === 'toolCall'
      ? [
          {
            type: 'toolResult',
            callId: item.callId,
            kind: item.kind,
            output: [{ type: 'text', text: 'ok' }],
            success: true,
          },
        ]
      : [],
  );
  return [...items, ...results];
}

/** The last event, short: its type with the code or the reason. */
export function endOf(events: readonly ModelEvent[]): string {
  const last = events.at(-1);
  if (last?.type === 'failed') return `failed ${last.error.code}`;
  return last?.type === 'done' ? `done ${last.stopReason}` : `${last?.type}`;
}

/** Events with generated ids numbered, so that whole lists can be compared. */
export function withPlainIds(events: readonly ModelEvent[]): unknown {
  const seen = new Map<string, string>();
  const text = JSON.stringify(events).replace(/(msg|rs|call)_[0-9a-f]{8}-[0-9a-f-]{27}/g, (id, prefix: string) => {
    if (!seen.has(id)) seen.set(id, `${prefix}-${seen.size + 1}`);
    return seen.get(id) ?? id;
  });
  return JSON.parse(text);
}
