/** The model's history: appended to and recorded as it grows, replaced only by a compaction. */
import { tokensOfItems } from '../compaction/size.ts';
import type { HistoryItem } from '../models/model-client.ts';
import type { RecordLine } from '../ports.ts';

export type History = {
  /** The whole conversation as it is now; later appends do not change the returned list. */
  snapshot(): readonly HistoryItem[];
  readonly isEmpty: boolean;
  /** What it weighs: the provider's last count, and bytes ÷ 4 of what was added since. */
  readonly tokens: number;
  /**
   * Appends in memory, then on disk. When the disk refuses it throws what `record` threw; the items stay in memory and go
   * to disk with the next append, so that the file never misses a part in the middle.
   */
  append(turnId: string | null, items: readonly HistoryItem[]): void;
  /** The provider counted all that is here now. */
  measured(tokens: number): void;
  /** A shorter conversation takes the place of this one, on disk first: when the disk refuses, nothing has changed. */
  replace(turnId: string, items: readonly HistoryItem[]): void;
};

export type HistoryOptions = {
  seed: readonly HistoryItem[];
  /** What the seed weighs, when that is known better than by its bytes. */
  tokens?: number | null;
  record: RecordLine;
  now: () => number;
};

export function createHistory({ seed, tokens: known, record, now }: HistoryOptions): History {
  let items = [...seed];
  let tokens = known ?? tokensOfItems(items);
  let unrecorded: HistoryItem[] = [];
  return {
    snapshot: () => items.slice(),
    get isEmpty() {
      return items.length === 0;
    },
    get tokens() {
      return tokens;
    },
    append(turnId, added) {
      items.push(...added);
      unrecorded.push(...added);
      tokens += tokensOfItems(added);
      if (unrecorded.length === 0) return;
      record({ type: 'history', at: now(), turnId, items: unrecorded });
      unrecorded = [];
    },
    measured(count) {
      tokens = count;
    },
    replace(turnId, next) {
      const size = tokensOfItems(next);
      record({ type: 'compacted', at: now(), turnId, items: [...next], tokens: size });
      items = [...next];
      tokens = size;
      unrecorded = [];
    },
  };
}

/** Something Gantry tells the model in the user's place; `tag` keeps it apart from the user's own words. */
export function note(tag: string, text: string): HistoryItem {
  return { type: 'message', role: 'user', content: [{ type: 'text', text: `<${tag}>\n${text}\n</${tag}>` }] };
}

/** Something Gantry tells the model in its own. */
export function instruction(text: string): HistoryItem {
  return { type: 'message', role: 'developer', content: [{ type: 'text', text }] };
}
