/** What the loop's tests say of sequences of notifications, lines and requests. */
import type { HistoryItem, ModelRequest } from '../../../agent-core/models/model-client.ts';
import type { ServerNotification, ThreadItem } from '../../../agent-core/protocol/index.ts';
import type { RolloutLine } from '../../../agent-core/threads/rollout.ts';

/** Events without what no test here is about, in one line each. */
export function brief(events: readonly ServerNotification[]): string[] {
  return events.map((event) => {
    const params = event.params as Record<string, unknown>;
    switch (event.method) {
      case 'thread/status/changed': {
        const { status } = event.params;
        return `status ${status.type === 'active' ? `active[${status.activeFlags}]` : status.type}`;
      }
      case 'turn/completed':
        return `turn/completed ${event.params.turn.status}`;
      case 'item/started':
      case 'item/completed': {
        const item = event.params.item as ThreadItem;
        return `${event.method} ${itemBrief(item)}`;
      }
      case 'item/agentMessage/delta':
      case 'item/commandExecution/outputDelta':
        return `delta ${event.params.itemId} ${JSON.stringify(event.params.delta)}`;
      case 'error':
        return `error ${event.params.error.message} retry=${event.params.willRetry}`;
      case 'turn/diff/updated':
        return `diff ${event.params.diff === '' ? 'empty' : event.params.diff.split('\n')[0]}`;
      default:
        return typeof params.itemId === 'string' ? `${event.method} ${params.itemId}` : event.method;
    }
  });
}

function itemBrief(item: ThreadItem): string {
  switch (item.type) {
    case 'agentMessage':
      return `${item.id} ${JSON.stringify(item.text)}${item.phase ? ` ${item.phase}` : ''}`;
    case 'userMessage':
      return `user ${item.content.map((part) => (part.type === 'text' ? part.text : part.type)).join(' ')}`;
    case 'commandExecution':
      return `command ${item.id} ${item.status}${item.processId ? ` pid ${item.processId}` : ''}`;
    case 'fileChange':
      return `fileChange ${item.id} ${item.status}`;
    case 'dynamicToolCall':
      return `tool ${item.id} ${item.tool} ${item.status}`;
    default:
      return `${item.type} ${item.id}`;
  }
}

/** Text of the last result the model got for `callId`. */
export function resultOf(world: { lines: readonly RolloutLine[] }, callId: string): string {
  const items = world.lines.flatMap((line) =>
    line.type === 'history' ? (line.items as unknown as HistoryItem[]) : [],
  );
  const result = items.findLast((item) => item.type === 'toolResult' && item.callId === callId);
  return result?.type === 'toolResult'
    ? result.output.map((part) => (part.type === 'text' ? part.text : '')).join('')
    : '';
}

/** Every item that starts is completed, and after its start only. */
export function unfinishedItems(events: readonly ServerNotification[]): string[] {
  const open = new Set<string>();
  for (const event of events) {
    if (event.method === 'item/started') open.add(String(event.params.item.id));
    if (event.method === 'item/completed') open.delete(String(event.params.item.id));
  }
  return [...open];
}

/** Violations of the rule that each request begins with the whole of the one before, and that calls are paired. */
export function historyFaults(requests: readonly ModelRequest[]): string[] {
  const faults: string[] = [];
  for (const [at, request] of requests.entries()) {
    const before = requests[at - 1]?.items ?? [];
    if (JSON.stringify(request.items.slice(0, before.length)) !== JSON.stringify(before))
      faults.push(`prefix broken at ${at}`);
    const open = new Set<string>();
    for (const item of request.items) {
      if (item.type === 'toolCall') open.add(item.callId);
      if (item.type === 'toolResult' && !open.delete(item.callId)) faults.push(`result without call ${item.callId}`);
    }
    if (open.size > 0) faults.push(`unanswered at ${at}: ${[...open]}`);
  }
  return faults;
}

/** The last completed form of an item, with whatever fields its type has; undefined when it never completed. */
export function completedItem(
  world: { events: readonly ServerNotification[] },
  id: string,
): Record<string, unknown> | undefined {
  const end = world.events.findLast((event) => event.method === 'item/completed' && event.params.item.id === id);
  return end?.method === 'item/completed' ? { ...end.params.item } : undefined;
}
