/** What the user said that no model got: the process ended first, or no model could be reached. */
import * as z from 'zod/mini';
import { isUserMessage } from '../compaction/new-history.ts';
import { UserInput } from '../protocol/index.ts';
import { parseHistoryItem } from './history-schema.ts';
import type { LineReader } from './line-reader.ts';
import { type ItemRef, isAfter, type LineRef, type ThreadView, type TurnView } from './thread-view.ts';

export type UnsentInput = { input: UserInput[]; clientId: string | null };

const shownMessage = z.object({ content: z.array(UserInput), clientId: z.nullish(z.string()) });

/** The first one of a review is what was asked of the reviewer, who has a conversation of its own. */
function messagesOf({ items }: TurnView): ItemRef[] {
  const messages = items.filter(({ type }) => type === 'userMessage');
  return items.some(({ type }) => type === 'enteredReviewMode') ? messages.slice(1) : messages;
}

/**
 * A message is written first as it was shown, then as the model gets it. So the last ones that were shown are unsent when
 * no line behind them holds the user's words; one that does says so of all before it. Reads a line or two as a rule.
 */
export function loadUnsent(view: ThreadView, reader: LineReader): UnsentInput[] {
  const holdsWords = (ref: LineRef): boolean => {
    const line = reader.read(ref);
    if (line?.type !== 'history') return false;
    return line.items.some((value) => {
      const item = parseHistoryItem(value);
      return item !== null && isUserMessage(item);
    });
  };
  const unsent: UnsentInput[] = [];
  let behind = view.history.map(({ ref }) => ref);
  for (const shown of view.turns.flatMap(messagesOf).toReversed()) {
    const at = behind.findLastIndex((ref) => !isAfter(ref, shown));
    if (behind.slice(at + 1).some(holdsWords)) break;
    behind = behind.slice(0, at + 1);
    const line = reader.read(shown);
    const message = line?.type === 'item' ? shownMessage.safeParse(line.item) : null;
    if (message?.success) unsent.unshift({ input: message.data.content, clientId: message.data.clientId ?? null });
  }
  return unsent;
}
