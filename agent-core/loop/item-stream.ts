/**
 * One answer of the model, over as many attempts as it takes: its events become items, and its finished parts become
 * history. An attempt that follows a cut one goes on in the same items, so that nothing half is left behind.
 */

import type { HistoryItem, ModelEvent } from '../models/model-client.ts';
import type { ThreadItem } from '../protocol/index.ts';
import type { TurnItems } from './items.ts';

export type ToolCall = Extract<HistoryItem, { type: 'toolCall' }>;

type Kind = 'text' | 'reasoning';

/** One item on the wire. `shown` holds what the client has seen of each part: a message has one part. */
type Slot = {
  kind: Kind;
  wireId: string;
  shown: string[];
  /** What the running attempt has said so far; becomes `shown` wherever it goes on from it. */
  said: string[];
  state: 'open' | 'completed';
  /** The truth, once an attempt has told it. */
  final: string[] | null;
};

export type AnswerStream = {
  /** Takes any event but the last. */
  take(event: Exclude<ModelEvent, { type: 'done' | 'failed' }>): void;
  /** The attempt was cut: what it had finished does not count. */
  restart(): void;
  /** The attempt is done: completes items; `final` marks the last message as the turn's answer. */
  finish(final: (calls: number) => boolean): { items: HistoryItem[]; calls: ToolCall[] };
  /** Nothing more will come: completes what is open as far as it was shown, and returns it as history. */
  abandon(): HistoryItem[];
};

export function createAnswerStream(items: TurnItems): AnswerStream {
  const slots: Slot[] = [];
  let attempt = new Map<string, Slot>();
  let finished: HistoryItem[] = [];
  let held: Slot | null = null;

  const slotFor = (kind: Kind, itemId: string): Slot => {
    const known = attempt.get(itemId);
    if (known) return known;
    const taken = new Set(attempt.values());
    const reused = slots.find((slot) => slot.kind === kind && !taken.has(slot));
    const slot: Slot = reused ?? {
      kind,
      wireId: items.claimId(itemId),
      shown: [],
      said: [],
      state: 'open',
      final: null,
    };
    slot.said = [];
    if (!reused) {
      slots.push(slot);
      items.started(itemOf(slot, null));
    }
    attempt.set(itemId, slot);
    return slot;
  };

  /** Shows what goes beyond what was shown; text that departs from it waits for the completed item. */
  const say = (slot: Slot, index: number, delta: string) => {
    while (slot.said.length <= index) slot.said.push('');
    const before = slot.said[index] as string;
    const said = before + delta;
    slot.said[index] = said;
    if (slot.state === 'completed') return;
    while (slot.shown.length <= index) {
      if (slot.kind === 'reasoning') items.summaryPart(slot.wireId, slot.shown.length);
      slot.shown.push('');
    }
    const shown = slot.shown[index] as string;
    if (said.length <= shown.length) return;
    // Usually in step with what is shown: then the whole text is not gone through again for each piece.
    const isInStep = before === shown;
    if (!isInStep && !said.startsWith(shown)) return;
    slot.shown[index] = said;
    const more = isInStep ? delta : said.slice(shown.length);
    if (slot.kind === 'text') items.textDelta(slot.wireId, more);
    else items.summaryDelta(slot.wireId, index, more);
  };

  const complete = (slot: Slot, phase: 'final_answer' | null) => {
    const truth = slot.final ?? slot.shown;
    const again = slot.state === 'completed' && truth.join('\0') === slot.shown.join('\0');
    slot.shown = truth;
    slot.state = 'completed';
    if (!again || phase !== null) items.completed(itemOf(slot, phase));
  };

  /** A finished message waits one event: only then is it known whether it is the answer. */
  const release = (phase: 'final_answer' | null) => {
    if (held) complete(held, phase);
    held = null;
  };

  const end = (slot: Slot, final: string[]) => {
    for (const [index, part] of final.entries()) say(slot, index, part.slice(slot.said[index]?.length ?? 0));
    slot.final = final;
  };

  return {
    take(event) {
      switch (event.type) {
        case 'textStart':
          release(null);
          slotFor('text', event.itemId);
          break;
        case 'textDelta':
          say(slotFor('text', event.itemId), 0, event.delta);
          break;
        case 'textDone': {
          const slot = slotFor('text', event.item.id);
          if (held !== slot) release(null);
          const text = event.item.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
          end(slot, [text]);
          finished.push(event.item);
          held = slot;
          break;
        }
        case 'reasoningStart':
          release(null);
          slotFor('reasoning', event.itemId);
          break;
        case 'reasoningPart':
          say(slotFor('reasoning', event.itemId), event.index, '');
          break;
        case 'reasoningDelta':
          say(slotFor('reasoning', event.itemId), event.index, event.delta);
          break;
        case 'reasoningDone': {
          const slot = slotFor('reasoning', event.item.id);
          end(slot, event.item.summary);
          finished.push(event.item);
          complete(slot, null);
          break;
        }
        case 'toolCallStart':
          release(null);
          break;
        case 'toolCallDelta':
          break;
        case 'toolCallDone':
          release(null);
          finished.push(event.item);
          break;
      }
    },
    restart() {
      held = null;
      attempt = new Map();
      finished = [];
      for (const slot of slots) slot.final = null;
    },
    finish(final) {
      const calls = finished.filter((item): item is ToolCall => item.type === 'toolCall');
      release(final(calls.length) ? 'final_answer' : null);
      for (const slot of slots) if (slot.state !== 'completed') complete(slot, null);
      return { items: finished, calls };
    },
    abandon() {
      held = null;
      const kept: HistoryItem[] = [];
      for (const slot of slots) {
        if (slot.state !== 'completed') complete(slot, null);
        const text = slot.shown.join('');
        // Without the provider's ids, since what belonged to them is not sent.
        if (slot.kind === 'text' && text)
          kept.push({ type: 'message', role: 'assistant', content: [{ type: 'text', text }] });
      }
      return kept;
    },
  };
}

function itemOf(slot: Slot, phase: 'final_answer' | null): ThreadItem {
  if (slot.kind === 'reasoning') return { type: 'reasoning', id: slot.wireId, summary: [...slot.shown], content: [] };
  return {
    type: 'agentMessage',
    moderation: null,
    id: slot.wireId,
    text: slot.shown.join(''),
    phase,
    memoryCitation: null,
    delivery: null,
    questions: null,
  };
}
