/** The model's history: appended only, recorded as it grows. */
import type { HistoryItem } from '../models/model-client.ts';
import type { RecordLine } from '../ports.ts';

export type History = {
  /** The whole conversation as it is now; later appends do not change the returned list. */
  snapshot(): readonly HistoryItem[];
  readonly isEmpty: boolean;
  /**
   * Appends in memory, then on disk. When the disk refuses it throws what `record` threw; the items stay in memory and go
   * to disk with the next append, so that the file never misses a part in the middle.
   */
  append(turnId: string | null, items: readonly HistoryItem[]): void;
};

export function createHistory(seed: readonly HistoryItem[], record: RecordLine, now: () => number): History {
  const items = [...seed];
  let unrecorded: HistoryItem[] = [];
  return {
    snapshot: () => items.slice(),
    get isEmpty() {
      return items.length === 0;
    },
    append(turnId, added) {
      items.push(...added);
      unrecorded.push(...added);
      if (unrecorded.length === 0) return;
      record({ type: 'history', at: now(), turnId, items: unrecorded });
      unrecorded = [];
    },
  };
}

/** Something Gantry tells the model in the user's place; `tag` keeps it apart from the user's own words. */
export function note(tag: string, text: string): HistoryItem {
  return { type: 'message', role: 'user', content: [{ type: 'text', text: `<${tag}>\n${text}\n</${tag}>` }] };
}
