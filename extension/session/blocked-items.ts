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

export class BlockedItems {
  readonly #threads = new Map<string, Map<string, Entry>>();
  readonly #changed = new Emitter<{ threadId: string }>();
  /** What is known of this thread is another than before. */
  readonly onChanged: Event<{ threadId: string }> = this.#changed.event;

  note({ threadId, itemId, blocked }: GantryItemBlockedNotification): void {
    const items = this.#threads.get(threadId) ?? new Map<string, Entry>();
    this.#threads.delete(threadId);
    this.#threads.set(threadId, items);
    items.set(itemId, { blocked, granted: new Map() });
    for (const oldest of this.#threads.keys()) {
      if (this.#threads.size <= MAX_THREADS) break;
      this.#threads.delete(oldest);
    }
    this.#changed.fire({ threadId });
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
