/** Items that have begun and not ended, as a client shows them that followed them from the start. (pure) */
import type { ServerNotification, ThreadItem, Turn } from '../../protocol/index.ts';

export type OpenItems = {
  /** Hears every notification of one thread, in order. */
  hear(notification: ServerNotification): void;
  /** Those of a turn, oldest first; what comes later for them goes on from there. */
  of(turnId: string): ThreadItem[];
};

type OpenItem = { turnId: string; item: ThreadItem };

/** `parts[index]` with `more` behind it. */
function longer(parts: readonly string[], index: number, more: string): string[] {
  const next = [...parts];
  while (next.length <= index) next.push('');
  next[index] += more;
  return next;
}

/** The item after a notification about it; itself when that changes nothing in it. */
function after(item: ThreadItem, { method, params }: ServerNotification): ThreadItem {
  switch (method) {
    case 'item/agentMessage/delta':
      return item.type === 'agentMessage' ? { ...item, text: item.text + params.delta } : item;
    case 'item/plan/delta':
      return item.type === 'plan' ? { ...item, text: item.text + params.delta } : item;
    case 'item/commandExecution/outputDelta':
      if (item.type !== 'commandExecution') return item;
      return { ...item, aggregatedOutput: (item.aggregatedOutput ?? '') + params.delta };
    case 'item/reasoning/summaryPartAdded':
      return item.type === 'reasoning'
        ? { ...item, summary: longer(item.summary ?? [], params.summaryIndex, '') }
        : item;
    case 'item/reasoning/summaryTextDelta':
      if (item.type !== 'reasoning') return item;
      return { ...item, summary: longer(item.summary ?? [], params.summaryIndex, params.delta) };
    case 'item/reasoning/textDelta':
      if (item.type !== 'reasoning') return item;
      return { ...item, content: longer(item.content ?? [], params.contentIndex, params.delta) };
    case 'item/fileChange/patchUpdated':
      return item.type === 'fileChange' ? { ...item, changes: params.changes } : item;
    default:
      return item;
  }
}

export function createOpenItems(): OpenItems {
  const open = new Map<string, OpenItem>();
  const key = (turnId: string, itemId: string): string => `${turnId} ${itemId}`;
  return {
    hear(notification) {
      const { method, params } = notification;
      if (method === 'item/started') {
        const { turnId, item } = params;
        // The core says nothing of items that it does not know itself.
        open.set(key(turnId, item.id), { turnId, item: item as ThreadItem });
      } else if (method === 'item/completed') open.delete(key(params.turnId, params.item.id));
      else if (method === 'turn/completed') {
        for (const [of, { turnId }] of open) if (turnId === params.turn.id) open.delete(of);
      } else if ('turnId' in params && 'itemId' in params) {
        const known = open.get(key(String(params.turnId), String(params.itemId)));
        if (known) known.item = after(known.item, notification);
      }
    },
    of: (turnId) => [...open.values()].filter((one) => one.turnId === turnId).map(({ item }) => item),
  };
}

/** The turns of a thread with what is open in the one that runs. */
export const withOpenItems = (turns: readonly Turn[], open: OpenItems): Turn[] =>
  turns.map((turn) => {
    const known = new Set(turn.items.map(({ id }) => id));
    const more = open.of(turn.id).filter(({ id }) => !known.has(id));
    return more.length === 0 ? turn : { ...turn, items: [...turn.items, ...more] };
  });
