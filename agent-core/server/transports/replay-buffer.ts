/** The newest events of a session, numbered from 1, for a client that comes back. (pure) */

export type StoredEvent = { id: number; data: string };

export type ReplayBuffer = {
  append(data: string): StoredEvent;
  /** Everything up to and with this event was sent. Sent events may be forgotten. */
  sent(id: number): void;
  /** The number of the last event that was sent. */
  readonly lastSent: number;
  /** Length of the events that were not sent yet, in UTF-16 units. */
  readonly unsentChars: number;
  /**
   * The events after one that the client had, oldest first. `tooOld`: some of them are forgotten; `unknown`: there was
   * no such event.
   */
  after(id: number): StoredEvent[] | 'tooOld' | 'unknown';
};

/** Sent events are kept up to `maxChars` in all, what is not sent yet always. */
export function createReplayBuffer(maxChars: number): ReplayBuffer {
  let events: StoredEvent[] = [];
  /** Index of the first event that is kept; those before are dropped in large steps. */
  let first = 0;
  let nextId = 1;
  let lastSent = 0;
  let keptChars = 0;
  let unsentChars = 0;

  const trim = (): void => {
    for (let event = events[first]; event; event = events[first]) {
      if (keptChars <= maxChars || event.id > lastSent) break;
      keptChars -= event.data.length;
      first += 1;
    }
    if (first * 2 < events.length) return;
    events = events.slice(first);
    first = 0;
  };

  return {
    append(data) {
      const event = { id: nextId++, data };
      events.push(event);
      keptChars += data.length;
      unsentChars += data.length;
      trim();
      return event;
    },
    sent(id) {
      const oldest = events[first]?.id ?? nextId;
      for (let next = lastSent + 1; next <= id; next++) {
        unsentChars -= events[first + next - oldest]?.data.length ?? 0;
      }
      lastSent = Math.max(lastSent, id);
      trim();
    },
    get lastSent() {
      return lastSent;
    },
    get unsentChars() {
      return unsentChars;
    },
    after(id) {
      if (!Number.isSafeInteger(id) || id < 0 || id >= nextId) return 'unknown';
      const oldest = events[first]?.id ?? nextId;
      if (id + 1 < oldest) return 'tooOld';
      return events.slice(first + id + 1 - oldest);
    },
  };
}
