/** Items of one turn on their way out: stamped, recorded, then emitted. */

import type { ThreadPorts } from '../ports.ts';
import type { ThreadItem } from '../protocol/index.ts';
import type { ItemSink } from '../tools/item-sink.ts';

export type ItemPorts = Pick<ThreadPorts, 'threadId' | 'clock' | 'newId' | 'record' | 'emit'>;

export type TurnItems = ItemSink & {
  /** Deltas of answers and thoughts. */
  textDelta(itemId: string, delta: string): void;
  planDelta(itemId: string, delta: string): void;
  summaryPart(itemId: string, index: number): void;
  summaryDelta(itemId: string, index: number, delta: string): void;
  /** An id for a new item: `wanted`, or a fresh one when the turn has that already. */
  claimId(wanted: string): string;
  /** Completes what is open, each as it is given by `finish`. */
  readonly open: ReadonlyMap<string, ThreadItem>;
  lastAgentMessage(): ThreadItem | null;
};

/** `onRefused` hears that the disk took a line no more; items still reach the client. */
export function createTurnItems(ports: ItemPorts, turnId: string, onRefused: (error: unknown) => void): TurnItems {
  const { threadId, clock } = ports;
  const startedAt = new Map<string, number>();
  const open = new Map<string, ThreadItem>();
  const ids = new Set<string>();
  let lastMessage: ThreadItem | null = null;
  let recordedDiff: string | null = null;

  const record = (line: Parameters<ThreadPorts['record']>[0]) => {
    try {
      ports.record(line);
    } catch (error) {
      onRefused(error);
    }
  };

  return {
    open,
    lastAgentMessage: () => lastMessage,
    claimId(wanted) {
      const id = wanted === '' || ids.has(wanted) ? ports.newId() : wanted;
      ids.add(id);
      return id;
    },
    started(item) {
      const at = clock.now();
      startedAt.set(item.id, at);
      open.set(item.id, item);
      const stamped = { ...item, startedAtMs: at, completedAtMs: null };
      ports.emit({ method: 'item/started', params: { threadId, turnId, item: stamped, startedAtMs: at } });
    },
    completed(item) {
      const at = clock.now();
      const stamped: ThreadItem = { ...item, startedAtMs: startedAt.get(item.id) ?? at, completedAtMs: at };
      open.delete(item.id);
      if (stamped.type === 'agentMessage') lastMessage = stamped;
      record({ type: 'item', at, turnId, item: stamped });
      ports.emit({
        method: 'item/completed',
        params: { threadId, turnId, item: stamped, contentTokenCount: null, completedAtMs: at },
      });
    },
    outputDelta(itemId, delta) {
      ports.emit({ method: 'item/commandExecution/outputDelta', params: { threadId, turnId, itemId, delta } });
    },
    blocked(itemId, blocked) {
      ports.emit({ method: 'gantry/item/blocked', params: { threadId, turnId, itemId, blocked } });
    },
    terminalInteraction(itemId, processId, stdin) {
      const params = { threadId, turnId, itemId, processId, stdin };
      ports.emit({ method: 'item/commandExecution/terminalInteraction', params });
    },
    ranStale(itemId, paths) {
      ports.emit({ method: 'gantry/command/stale', params: { threadId, turnId, itemId, paths: [...paths] } });
    },
    toolProgress(itemId, message) {
      ports.emit({ method: 'item/mcpToolCall/progress', params: { threadId, turnId, itemId, message } });
    },
    planUpdated(explanation, plan) {
      record({ type: 'plan', at: clock.now(), turnId, explanation, plan });
      ports.emit({ method: 'turn/plan/updated', params: { threadId, turnId, explanation, plan } });
    },
    diffUpdated(diff) {
      if (diff !== recordedDiff) record({ type: 'diff', at: clock.now(), turnId, diff });
      recordedDiff = diff;
      ports.emit({ method: 'turn/diff/updated', params: { threadId, turnId, diff } });
    },
    textDelta(itemId, delta) {
      ports.emit({ method: 'item/agentMessage/delta', params: { threadId, turnId, itemId, delta } });
    },
    planDelta(itemId, delta) {
      ports.emit({ method: 'item/plan/delta', params: { threadId, turnId, itemId, delta } });
    },
    summaryPart(itemId, summaryIndex) {
      ports.emit({ method: 'item/reasoning/summaryPartAdded', params: { threadId, turnId, itemId, summaryIndex } });
    },
    summaryDelta(itemId, summaryIndex, delta) {
      ports.emit({
        method: 'item/reasoning/summaryTextDelta',
        params: { threadId, turnId, itemId, delta, summaryIndex },
      });
    },
  };
}
