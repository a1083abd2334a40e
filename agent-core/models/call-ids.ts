import { randomUUID } from 'node:crypto';
import type { HistoryItem } from './model-client.ts';

/**
 * Ids of tool calls, unique in the thread: the model's own, or a new one where it gave none or gave one twice (servers
 * that number the calls of each answer from 0).
 */
export function createCallIds(items: readonly HistoryItem[]): (wanted: string | null | undefined) => string {
  const used = new Set<string>();
  for (const item of items) if (item.type === 'toolCall') used.add(item.callId);
  return (wanted) => {
    const id = wanted && !used.has(wanted) ? wanted : `call_${randomUUID()}`;
    used.add(id);
    return id;
  };
}

export function newItemId(prefix: 'msg' | 'rs'): string {
  return `${prefix}_${randomUUID()}`;
}
