/** What the rest of the extension sees of a review. Types alone. */
import type * as vscode from 'vscode';
import type { Hunk } from '../model/hunks.ts';

export type ReviewKind = 'update' | 'add' | 'delete' | 'rename';

/** A file with something to decide. A new object after every change. */
export type ReviewedFile = {
  readonly uri: vscode.Uri;
  readonly kind: ReviewKind;
  readonly movedFrom: vscode.Uri | null;
  /** Of the last agent that wrote it: decisions are told to that thread. */
  readonly threadId: string;
  readonly turnId: string;
  readonly itemIds: readonly string[];
  readonly hunks: readonly Hunk[];
  /** Empty for a file that did not exist. */
  readonly baseline: string;
  /** Why the old text is not known; such a file can be kept, not undone. */
  readonly whyNoUndo: string | null;
  /** Its differences were too many to be told apart. */
  readonly isTooLarge: boolean;
  /** Hunks decided so far. */
  readonly kept: number;
  readonly undone: number;
};

/** `gone`: it was decided or changed away meanwhile. `overlap`: the user's own text is in it; `discardMine` takes that, too. */
export type Outcome = { type: 'done' } | { type: 'gone' } | { type: 'overlap' } | { type: 'refused'; why: string };

export type UndoOptions = { discardMine?: boolean };
