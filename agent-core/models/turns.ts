/**
 * The neutral conversation as turns of two sides, for wires whose messages alternate: what the model said, and what it
 * was told. Each call's result stands right behind the turn that made it, wherever it is in the history. (pure)
 */
import type { HistoryItem } from './model-client.ts';
import { asDeveloperText } from './wire-ids.ts';

type Of<T extends HistoryItem['type']> = Extract<HistoryItem, { type: T }>;
type Message = Of<'message'>;

export type ModelItem = Message | Of<'reasoning'> | Of<'toolCall'>;
export type ToldItem = Message | { type: 'result'; call: Of<'toolCall'>; result: Of<'toolResult'> };
export type Turn = { role: 'model'; items: ModelItem[] } | { role: 'user'; items: ToldItem[] };
export type Conversation = { system: string[]; turns: Turn[] };

function textOf(message: Message): string {
  return message.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

function isEmpty(message: Message): boolean {
  return message.content.every((part) => part.type === 'text' && part.text === '');
}

/**
 * The first turn is the user's; neighbours of one side are one turn. `system` is what developer messages say before
 * anything else; later ones are told as the user's, marked. A call without a result is left out, and a result without
 * its call.
 */
export function toConversation(items: readonly HistoryItem[]): Conversation {
  const results = new Map<string, Of<'toolResult'>>();
  for (const item of items) if (item.type === 'toolResult') results.set(item.callId, item);
  const system: string[] = [];
  const turns: Turn[] = [];
  let unanswered: Of<'toolCall'>[] = [];

  const said = (item: ModelItem): void => {
    const last = turns.at(-1);
    if (last?.role === 'model') last.items.push(item);
    else turns.push({ role: 'model', items: [item] });
  };
  const told = (...added: ToldItem[]): void => {
    const last = turns.at(-1);
    if (last?.role === 'user') last.items.push(...added);
    else turns.push({ role: 'user', items: added });
  };
  const answerCalls = (): void => {
    for (const call of unanswered) {
      const result = results.get(call.callId);
      if (result) told({ type: 'result', call, result });
    }
    unanswered = [];
  };

  for (const item of items) {
    if (item.type === 'toolResult') answerCalls();
    else if (item.type === 'reasoning') {
      answerCalls();
      said(item);
    } else if (item.type === 'toolCall') {
      if (!results.has(item.callId)) continue;
      unanswered.push(item);
      said(item);
    } else if (isEmpty(item)) {
      // Every wire refuses a message without content.
    } else if (item.role === 'assistant') {
      answerCalls();
      said(item);
    } else if (item.role === 'developer' && turns.length === 0) system.push(textOf(item));
    else {
      answerCalls();
      const isDeveloper = item.role === 'developer';
      told(isDeveloper ? { ...item, content: [{ type: 'text', text: asDeveloperText(textOf(item)) }] } : item);
    }
  }
  answerCalls();
  if (turns[0]?.role === 'model') {
    const start: Message = { type: 'message', role: 'user', content: [{ type: 'text', text: '(The thread begins.)' }] };
    turns.unshift({ role: 'user', items: [start] });
  }
  return { system, turns };
}
