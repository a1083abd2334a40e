/** Keep, undo and open as the panel asks for them, and what it shows of what waits. */
import * as vscode from 'vscode';
import type { WebviewMessage } from '../../webview/bridge/messages.ts';
import type { BaseProvider } from '../review/base-provider.ts';
import { currentText, savedText } from '../review/file-text.ts';
import type { EndedReviews } from '../review/store/ended-reviews.ts';
import type { ReviewStore } from '../review/store/review-store.ts';
import type { ReviewActions } from '../review/surfaces/review-actions.ts';
import { openReviewDiff, openReviewDiffs } from '../review/surfaces/review-diffs.ts';
import type { ReviewSource } from '../review/surfaces/review-source.ts';
import type { Remembered } from '../session/remembered.ts';
import type { PanelStore } from './panel-store.ts';
import { ReviewView } from './review-view.ts';

type Request = Extract<WebviewMessage, { type: 'review' }>;
type Surfaces = { surfaces: { review: ReviewSource; actions: ReviewActions }; bases: BaseProvider };

/** A file that no longer waits is left alone. */
export async function decideReview({ surfaces, bases }: Surfaces, { action, uri }: Request): Promise<void> {
  const { review, actions } = surfaces;
  if (uri === null) {
    if (action === 'keep') return actions.keepAll();
    if (action === 'undo') return actions.undoAll();
    return openReviewDiffs(review.files, bases);
  }
  const file = review.find(vscode.Uri.parse(uri, true));
  if (!file) return;
  if (action === 'keep') await actions.keepFile(file.uri);
  else if (action === 'undo') await actions.undoFile(file.uri);
  else await openReviewDiff(file, bases);
}

type Ended = Extract<WebviewMessage, { type: 'endedReview' }>;

/** What cannot be brought back is said, and stays in the list. */
export async function answerEnded(
  { reviews, surfaces }: { reviews: { store: { ended: EndedReviews } }; surfaces: { actions: ReviewActions } },
  { action, uri }: Ended,
): Promise<void> {
  const { ended } = reviews.store;
  const meant = uri === null ? ended.all.map((one) => one.uri) : [vscode.Uri.parse(uri, true)];
  if (action === 'dismiss') return ended.dismiss(meant);
  for (const one of meant) await surfaces.actions.bringBack(ended, one);
}

export type ShowDeps = {
  reviews: ReviewSource & Pick<ReviewStore, 'ended'>;
  store: PanelStore;
  remembered: Pick<Remembered, 'reviewed' | 'setReviewed'>;
  log: { error(text: string): void };
};

/** Until it is disposed. */
export function showReviews({ reviews, store, remembered, log }: ShowDeps): { dispose(): void } {
  const view = new ReviewView({
    files: () => reviews.files,
    ended: () => reviews.ended.all,
    labelOf: (path) => vscode.workspace.asRelativePath(path),
    // Of a file that was made, its tab may outlive it.
    textOf: ({ uri, kind }) => (kind === 'add' ? savedText : currentText)(vscode.Uri.file(uri.fsPath)),
    results: remembered.reviewed,
    keep: (results) => remembered.setReviewed(results),
    show: (shown, reviewed, ended) => store.set({ reviews: shown, reviewed, ended }),
  });
  const update = () => void view.update().catch((error) => log.error(`The list of reviews: ${String(error)}`));
  update();
  return reviews.onDidChange(update);
}
