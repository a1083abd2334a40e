/** What a review speaks of: hunks, edits by lines, edits as an editor tells them. Types alone. */

/** One difference between the baseline and the live text. Lines are what is between line breaks, as an editor counts them. */
export type Hunk = {
  /** The same for as long as old and new lines are the same, whatever happens around them. */
  readonly id: string;
  /** From 0, in the baseline. */
  readonly baseStart: number;
  readonly baseLines: readonly string[];
  /** From 0, in the live text. */
  readonly start: number;
  readonly lines: readonly string[];
  /** No finer difference was found within the budget: this is everything between the first and the last one. */
  readonly isWhole: boolean;
};

/** Replaces lines `startLine` up to, but without, `endLine` of the live text, counted from 0. */
export type LineEdit = { startLine: number; endLine: number; lines: readonly string[] };

/** One change of a document, in the coordinates of the text before the event. */
export type TextChange = {
  readonly range: { startLine: number; startCharacter: number; endLine: number; endCharacter: number };
  readonly text: string;
};

/**
 * `edits`: in order and apart; `left` hunks stay, because the user's own text in them cannot be told from the agent's.
 * `gone`: there is no such hunk any more. `overlap`: nothing can be undone without the user's own text.
 */
export type UndoPlan = { type: 'edits'; edits: LineEdit[]; left: number } | { type: 'gone' } | { type: 'overlap' };

/** What a review must remember beyond the two texts: which lines of the hunks are the user's. */
export type SavedMark = { line: number; text: string; from: string | null; isMixed: boolean };
