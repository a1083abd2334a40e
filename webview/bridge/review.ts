/** What the panel shows of changes that were written and wait to be kept or undone. */

/** `uri` names it to the host. Counts are of what is still to decide; `kept` and `undone` are hunks decided so far. */
export type ReviewFile = {
  uri: string;
  /** Absolute, as items name it. */
  path: string;
  /** For people. */
  label: string;
  kind: 'update' | 'add' | 'delete' | 'rename';
  /** For people; null when it was not moved. */
  movedFrom: string | null;
  itemIds: readonly string[];
  hunks: number;
  added: number;
  removed: number;
  kept: number;
  undone: number;
  /** It can be kept, not undone, for this reason; null: both. */
  whyNoUndo: string | null;
  /** Too many differences to tell them apart: it is one. */
  isTooLarge: boolean;
};

/** A review that ended without a decision: its file was deleted, stashed, or checked out in another state. */
export type EndedReview = {
  uri: string;
  /** For people. */
  label: string;
  /** In words, as part of a sentence. */
  why: string;
  /** What the agent had written can be written again. */
  canBringBack: boolean;
};

/** What became of a file of an item whose review is over. `ended`: without a decision. */
export type ReviewResult = { itemId: string; path: string; result: 'kept' | 'undone' | 'both' | 'ended' };
