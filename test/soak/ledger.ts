/**
 * What a client may rely on, from the messages that it really got: built when the core is gone, and held against what the
 * next core says.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Message } from '../support/core-process.ts';
import type { Asked } from './load.ts';

type Item = { id: string; type: string };
type Turn = { id: string; status: string; items: Item[] };
export type Thread = { id: string; name: string | null; path: string | null; turns: Turn[] };

/** What is known of one thread. A set holds all that may be so, for a request that was not answered may have been done. */
type Known = {
  items: Map<string, { turnId: string; item: Item }>;
  turns: Map<string, string>;
  /** Turns as they follow each other. */
  order: string[];
  /** Turns that may have been taken back. */
  doubtful: Set<string>;
  /** Null: it was there before anything was told of it. */
  names: Set<string | null> | null;
  archived: Set<boolean>;
  deleted: Set<boolean>;
};

const none = (): Known => ({
  items: new Map(),
  turns: new Map(),
  order: [],
  doubtful: new Set(),
  names: null,
  archived: new Set([false]),
  deleted: new Set([false]),
});

export class Ledger {
  readonly threads = new Map<string, Known>();

  /** All that came since the last look, and what was asked meanwhile. */
  enter(messages: readonly Message[], asked: readonly Asked[]): void {
    const byAnswer = new Map(asked.flatMap((one): [Message, Asked][] => (one.answer ? [[one.answer, one]] : [])));
    for (const message of messages) {
      const answered = byAnswer.get(message);
      if (answered && !message.error) this.#answer(answered, message.result as Record<string, unknown>);
      else if (message.method === 'item/completed') {
        const { threadId, turnId, item } = message.params as { threadId: string; turnId: string; item: Item };
        this.#of(threadId).items.set(item.id, { turnId, item });
      } else if (message.method === 'turn/started') {
        const { threadId, turn } = message.params as { threadId: string; turn: Turn };
        this.#of(threadId).order.push(turn.id);
      } else if (message.method === 'turn/completed') {
        const { threadId, turn } = message.params as { threadId: string; turn: Turn };
        this.#of(threadId).turns.set(turn.id, turn.status);
      }
    }
    for (const one of asked) if (!one.answer || !messages.includes(one.answer)) this.#unanswered(one);
  }

  /** Threads that must be there. */
  living(): string[] {
    return [...this.threads].flatMap(([id, { items, deleted }]) => (items.size > 0 && !deleted.has(true) ? [id] : []));
  }

  /** Threads that are archived, or may be. */
  archived(): string[] {
    return [...this.threads].flatMap(([id, { archived }]) => (archived.has(true) ? [id] : []));
  }

  /** What of it does not hold. `shown` is what the next core says of the thread; null: there is none. */
  problems(id: string, shown: { thread: Thread; archived: boolean } | null): string[] {
    const known = this.#of(id);
    if (shown === null) return known.deleted.has(true) || known.items.size === 0 ? [] : [`${id} is lost`];
    const { thread, archived } = shown;
    const found: string[] = [];
    if (!known.deleted.has(false)) found.push(`${id} was deleted, and is there`);
    if (known.names && !known.names.has(thread.name))
      found.push(`${id} is named ${thread.name}, not ${[...known.names].join(' or ')}`);
    if (!known.archived.has(archived)) found.push(`${id} is ${archived ? '' : 'not '}archived`);
    const turns = new Map(thread.turns.map((turn) => [turn.id, turn]));
    for (const { turnId, item } of known.items.values()) {
      const there = turns.get(turnId)?.items.find((one) => one.id === item.id);
      if (!there && !known.doubtful.has(turnId)) found.push(`${id}: ${item.type} ${item.id} of ${turnId} is lost`);
      else if (there && !isDeepStrictEqual(there, item)) {
        found.push(`${id}: ${JSON.stringify(item)} came back as ${JSON.stringify(there)}`);
      }
    }
    for (const [turnId, status] of known.turns) {
      const there = turns.get(turnId);
      if (!there && !known.doubtful.has(turnId)) found.push(`${id}: turn ${turnId} is lost`);
      else if (there && there.status !== status) found.push(`${id}: turn ${turnId} is ${there.status}, not ${status}`);
    }
    const running = thread.turns.filter(({ status }) => status === 'inProgress').map((turn) => turn.id);
    if (running.length > 0) found.push(`${id}: turns run in a core that was just started: ${running.join(', ')}`);
    const ids = thread.turns.flatMap((turn) => turn.items.map((item) => item.id));
    if (new Set(ids).size < ids.length) found.push(`${id}: an item is there twice`);
    return found;
  }

  /** After a look, what was in doubt is what it was seen to be. */
  settle(id: string, shown: { thread: Thread; archived: boolean } | null): void {
    if (shown === null) {
      this.threads.delete(id);
      return;
    }
    const { thread, archived } = shown;
    const items = thread.turns.flatMap((turn) => turn.items.map((item) => ({ turnId: turn.id, item })));
    this.threads.set(id, {
      ...none(),
      items: new Map(items.map((one) => [one.item.id, one])),
      turns: new Map(thread.turns.map((turn) => [turn.id, turn.status])),
      order: thread.turns.map((turn) => turn.id),
      names: new Set([thread.name]),
      archived: new Set([archived]),
    });
  }

  #answer({ method, params }: Asked, result: Record<string, unknown>): void {
    const known = this.#of(String(params.threadId ?? (result.thread as Thread | undefined)?.id));
    if (method === 'thread/start') known.names = new Set([null]);
    else if (method === 'thread/name/set') known.names = new Set([String(params.name)]);
    else if (method === 'thread/archive') known.archived = new Set([true]);
    else if (method === 'thread/unarchive') known.archived = new Set([false]);
    else if (method === 'thread/delete') known.deleted = new Set([true]);
    else if (method === 'thread/revert') this.#takeBack(known, String(params.beforeTurnId), false);
    else if (method === 'thread/fork') {
      const fork = result.thread as Thread;
      const own = this.#of(fork.id);
      own.names = new Set([fork.name]);
      own.order = fork.turns.map((turn) => turn.id);
      for (const turn of fork.turns) {
        for (const item of turn.items) own.items.set(item.id, { turnId: turn.id, item });
      }
    }
  }

  #unanswered({ method, params }: Asked): void {
    const known = this.#of(String(params.threadId));
    if (method === 'thread/name/set') known.names?.add(String(params.name));
    else if (method === 'thread/archive') known.archived.add(true);
    else if (method === 'thread/unarchive') known.archived.add(false);
    else if (method === 'thread/delete') known.deleted.add(true);
    else if (method === 'thread/revert') this.#takeBack(known, String(params.beforeTurnId), true);
  }

  #takeBack(known: Known, before: string, maybe: boolean): void {
    const gone = new Set(known.order.slice(Math.max(0, known.order.indexOf(before))));
    for (const turnId of gone) {
      if (maybe) known.doubtful.add(turnId);
      else known.turns.delete(turnId);
    }
    if (maybe) return;
    known.order = known.order.filter((turnId) => !gone.has(turnId));
    for (const [id, { turnId }] of known.items) if (gone.has(turnId)) known.items.delete(id);
  }

  #of(id: string): Known {
    const known = this.threads.get(id) ?? none();
    this.threads.set(id, known);
    return known;
  }
}
