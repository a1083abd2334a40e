/** What the surfaces use of the review. */
import type { ReviewStore } from '../store/review-store.ts';

/** To show it. */
export type ReviewSource = Pick<ReviewStore, 'files' | 'find' | 'hunkAt' | 'onDidChange'>;

/** To decide as well. */
export type ReviewDecider = ReviewSource &
  Pick<ReviewStore, 'keepHunk' | 'undoHunk' | 'keepFile' | 'undoFile' | 'keepAll' | 'undoAll'>;
