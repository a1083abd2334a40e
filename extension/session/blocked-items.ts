/** What kept commands and edits from their work, by thread and item, with what was granted since. No editor. */
import { Emitter, type Event } from 'vscode-jsonrpc';
import type {
  GantryBlocked,
  GantryItemBlockedNotification,
  GantryPermission,
} from '../../agent-core/protocol/index.ts';
import type { BlockedView, ThreadExtras } from '../../webview/bridge/thread-extras.ts';

type Entry = { blocked: readonly GantryBlocked[]; granted: Map<string, string> };

/** Threads whose items are remembered; the oldest are forgotten first. */
const MAX_THREADS = 50;
const MAX_NOTED = 500;

/** What was noted in an earlier window, and what hears of all that is noted now. */
export type BlockedMemory = {
  readonly blocked: readonly GantryItemBlockedNotification[];
  setBlocked(all: readonly GantryItemBlockedNotification[]): void;
};

export class BlockedItems {
  readonly #memory: BlockedMemory | null;
  readonly #threads = new Map<string, Map<string, Entry>>();
  /** All that was noted, the newest last. */
  #noted: GantryItemBlockedNotification[] = [];
  readonly #changed = new Emitter<{ threadId: string }>();
  /** What is known of this thread is another than before. */
  readonly onChanged: Event<{ threadId: string }> = this.#changed.event;

  /** What was granted in an earlier window may hold no more: its offers can be taken again. */
  constructor(memory: BlockedMemory | null = null) {
    this.#memory = memory;
    for (const one of memory?.blocked ?? []) this.#put(one);
  }

  note(noted: GantryItemBlockedNotification): void {
    this.#put(noted);
    this.#memory?.setBlocked(this.#noted);
    this.#changed.fire({ threadId: noted.threadId });
  }

  #put(noted: GantryItemBlockedNotification): void {
    const { threadId, itemId, blocked } = noted;
    const others = this.#noted.filter((one) => one.threadId !== threadId || one.itemId !== itemId);
    this.#noted = [...others, noted].slice(-MAX_NOTED);
    const items = this.#threads.get(threadId) ?? new Map<string, Entry>();
    this.#threads.delete(threadId);
    this.#threads.set(threadId, items);
    items.set(itemId, { blocked, granted: new Map() });
    for (const oldest of this.#threads.keys()) {
      if (this.#threads.size <= MAX_THREADS) break;
      this.#threads.delete(oldest);
    }
  }

  /** The permission that an offer is of, as the core sent it; undefined when there is no such offer. */
  offered(threadId: string, itemId: string, blocked: number, offer: number): GantryPermission | undefined {
    return this.#threads.get(threadId)?.get(itemId)?.blocked[blocked]?.offers[offer]?.permission;
  }

  /** `message` says what now holds. The same offer counts as taken wherever it stands in the thread. */
  noteGranted(threadId: string, permission: GantryPermission, message: string): void {
    for (const { granted } of this.#threads.get(threadId)?.values() ?? []) granted.set(keyOf(permission), message);
    this.#changed.fire({ threadId });
  }

  ofThread(threadId: string): ThreadExtras['blocked'] {
    const items = [...(this.#threads.get(threadId) ?? [])];
    return Object.fromEntries(items.map(([itemId, entry]) => [itemId, entry.blocked.map((one) => viewOf(one, entry))]));
  }
}

const keyOf = (permission: GantryPermission) => JSON.stringify(Object.entries(permission).sort());

function viewOf({ message, certainty, offers }: GantryBlocked, { granted }: Entry): BlockedView {
  return {
    message,
    certainty,
    offers: offers.map(({ label, permission }) => ({
      label,
      granted: granted.get(keyOf(permission)) ?? null,
      ...(permission.type === 'outside' ? { once: true as const } : {}),
    })),
  };
}
