/** What the editor tells of a document. */
import type { TextChange } from '../model/hunks.ts';
import type { ReviewEntry } from './review-entry.ts';

/** A change of a document as its event tells. */
export type DocumentChange = {
  changes: readonly TextChange[];
  isUndoRedo: boolean;
  isDirty: boolean;
  lineCount: number;
  /** The document's text now, plain. */
  text(): string;
};

/** Whose the change is, when it is none of the agent's. */
export const editKind = (entry: ReviewEntry, { isUndoRedo }: DocumentChange) =>
  entry.saving !== null ? 'formatter' : isUndoRedo ? 'undoRedo' : 'typed';
