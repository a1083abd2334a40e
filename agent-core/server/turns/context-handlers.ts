/** What the model sees, for people: how full its context is, and the last request as it was sent. */
import { partOf, tokensOfItem, tokensOfTool } from '../../compaction/size.ts';
import type { HistoryItem, ToolSpec } from '../../models/model-client.ts';
import type { GantryPromptItem } from '../../protocol/index.ts';
import type { ThreadRegistry } from '../threads/thread-registry.ts';
import type { Handlers } from '../wire/connection.ts';

type Methods = 'gantry/queue/read' | 'gantry/context/read' | 'gantry/prompt/read';

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value), 'utf8');

function promptItem(item: HistoryItem): GantryPromptItem {
  const common = { part: partOf(item), bytes: bytesOf(item), tokens: tokensOfItem(item) };
  switch (item.type) {
    case 'message':
      return { ...common, type: 'message', role: item.role, content: item.content };
    case 'reasoning': {
      const content = item.summary.map((text) => ({ type: 'text' as const, text }));
      return { ...common, type: 'reasoning', role: 'assistant', content };
    }
    case 'toolCall': {
      const content = [{ type: 'text' as const, text: item.input }];
      return { ...common, type: 'toolCall', role: 'assistant', name: item.name, callId: item.callId, content };
    }
    case 'toolResult':
      return { ...common, type: 'toolResult', role: 'tool', callId: item.callId, content: item.output };
  }
}

const promptTool = (tool: ToolSpec) => ({
  name: tool.name,
  kind: tool.kind,
  description: tool.description,
  definition: tool.kind === 'function' ? JSON.stringify(tool.parameters, null, 2) : tool.grammar,
  bytes: bytesOf(tool),
  tokens: tokensOfTool(tool),
});

export function contextHandlers(threads: ThreadRegistry): Pick<Handlers, Methods> {
  return {
    'gantry/queue/read'({ threadId }) {
      const { waiting } = threads.loaded(threadId).agent;
      return { data: waiting.map(({ turnId, clientId, input }) => ({ turnId, clientId, input })) };
    },

    'gantry/context/read'({ threadId }) {
      const { agent } = threads.loaded(threadId);
      const sent = agent.lastRequest;
      const { tokens, parts } = agent.context();
      return {
        tokens,
        parts,
        contextWindow: sent?.contextWindow ?? null,
        compactLimit: sent?.compactLimit ?? null,
      };
    },

    'gantry/prompt/read'({ threadId }) {
      const sent = threads.loaded(threadId).agent.lastRequest;
      if (!sent) return { request: null };
      const { request, provider, sentAtMs } = sent;
      const items = request.items.map(promptItem);
      const tools = request.tools.map(promptTool);
      const bytes = [...items, ...tools].reduce((sum, one) => sum + one.bytes, 0);
      return { request: { provider, model: request.model, effort: request.effort, sentAtMs, bytes, items, tools } };
    },
  };
}
