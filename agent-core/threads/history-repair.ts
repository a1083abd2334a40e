/** Providers refuse a conversation in which a call has no result or a result no call; a crash can leave either. (pure) */
import type { HistoryItem } from '../models/model-client.ts';

const LOST_RESULT = 'The call was interrupted before it finished; its effects are unknown.';

/**
 * The same conversation with every call answered right after its group of calls, and every result that answers
 * nothing, or answers twice, left out.
 */
export function repairHistory(items: readonly HistoryItem[]): HistoryItem[] {
  const repaired: HistoryItem[] = [];
  const open = new Map<string, Extract<HistoryItem, { type: 'toolCall' }>>();
  const answerOpen = () => {
    for (const call of open.values()) {
      const output = [{ type: 'text' as const, text: LOST_RESULT }];
      repaired.push({ type: 'toolResult', callId: call.callId, kind: call.kind, output, success: false });
    }
    open.clear();
  };
  for (const item of items) {
    if (item.type === 'toolCall') {
      if (open.has(item.callId)) continue;
      open.set(item.callId, item);
    } else if (item.type === 'toolResult') {
      if (!open.delete(item.callId)) continue;
    } else if (item.type === 'message' && item.role !== 'assistant') {
      answerOpen();
    }
    repaired.push(item);
  }
  answerOpen();
  return repaired;
}

/** What a model is told of a turn that a crash cut off. */
export const cutTurnNote = (): HistoryItem => ({
  type: 'message',
  role: 'user',
  content: [
    {
      type: 'text',
      text: '<turn_aborted>\nGantry stopped in the middle of the previous turn. Commands and edits of that turn may have been done in part: look before you rely on them.\n</turn_aborted>',
    },
  ],
});
