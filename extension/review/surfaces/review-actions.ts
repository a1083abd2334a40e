/** Keep and undo, whoever asks for it; what came of it is said, and what would take typing along is asked about. */
import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { EndedReviews } from '../store/ended-reviews.ts';
import type { Outcome, ReviewedFile } from '../store/review-store.ts';
import { plural } from './hunk-text.ts';
import type { ReviewDecider } from './review-source.ts';

export type ReviewActionsDeps = {
  review: ReviewDecider;
  /** Formats a file after the last of its changes was kept; may be left out by the setting. */
  afterKept(uri: vscode.Uri): Promise<void>;
};

const UNDO_ANYWAY = 'Undo Anyway';

export class ReviewActions implements vscode.Disposable {
  readonly #deps: ReviewActionsDeps;
  readonly #announced = new vscode.EventEmitter<string>();
  /** What a screen reader should say; the panel has a live region for it. */
  readonly onDidAnnounce = this.#announced.event;

  constructor(deps: ReviewActionsDeps) {
    this.#deps = deps;
  }

  dispose(): void {
    this.#announced.dispose();
  }

  /** Whether it was kept. */
  async keepHunk(uri: vscode.Uri, id: string): Promise<boolean> {
    const outcome = await this.#deps.review.keepHunk(uri, id);
    return this.#settle(uri, outcome, 'Kept 1 change', true);
  }

  /** Whether it was undone. */
  async undoHunk(uri: vscode.Uri, id: string): Promise<boolean> {
    const { review } = this.#deps;
    let outcome = await review.undoHunk(uri, id);
    if (outcome.type === 'overlap') {
      if (!(await this.#mayDiscard(uri, 'this change'))) return false;
      outcome = await review.undoHunk(uri, id, { discardMine: true });
    }
    return this.#settle(uri, outcome, 'Undid 1 change', false);
  }

  async keepFile(uri: vscode.Uri): Promise<boolean> {
    const count = countOf(this.#deps.review.find(uri));
    const outcome = await this.#deps.review.keepFile(uri);
    return this.#settle(uri, outcome, `Kept ${plural(count, 'change')}`, true);
  }

  /** Hunks in which the person has typed are asked about; the others do not wait for the answer. */
  async undoFile(uri: vscode.Uri): Promise<boolean> {
    const { review } = this.#deps;
    const before = countOf(review.find(uri));
    let outcome = await review.undoFile(uri);
    if (outcome.type === 'overlap') {
      const undone = before - countOf(review.find(uri));
      if (!(await this.#mayDiscard(uri, undone > 0 ? 'some of the changes' : 'the changes'))) {
        if (undone > 0) this.#announce(`Undid ${plural(undone, 'change')} in ${nameOf(uri)}.${this.#left()}`);
        return false;
      }
      outcome = await review.undoFile(uri, { discardMine: true });
    }
    return this.#settle(uri, outcome, `Undid ${plural(before, 'change')}`, false);
  }

  /** Writes again what the agent had written, where its review ended without a decision. */
  async bringBack(ended: Pick<EndedReviews, 'bringBack'>, uri: vscode.Uri): Promise<boolean> {
    return this.#settle(uri, await ended.bringBack(uri), 'Brought the changes back', false);
  }

  /** All files, or those of one thread. */
  async keepAll(threadId?: string): Promise<void> {
    const files = this.#filesOf(threadId);
    await this.#deps.review.keepAll(threadId);
    const kept = files.filter(({ uri }) => !this.#deps.review.find(uri));
    for (const { uri } of kept) await this.#deps.afterKept(uri);
    this.#announce(`Kept the changes of ${plural(kept.length, 'file')}.${this.#left()}`);
  }

  /** A file in which the undoing would take typing along is asked about; the others do not wait for it. */
  async undoAll(threadId?: string): Promise<void> {
    const files = this.#filesOf(threadId);
    await this.#deps.review.undoAll(threadId);
    const left = files.filter(({ uri }) => this.#deps.review.find(uri));
    this.#announce(`Undid the changes of ${plural(files.length - left.length, 'file')}.${this.#left()}`);
    await Promise.all(left.map(({ uri }) => this.undoFile(uri)));
  }

  #filesOf(threadId: string | undefined): readonly ReviewedFile[] {
    const { files } = this.#deps.review;
    return threadId === undefined ? files : files.filter((file) => file.threadId === threadId);
  }

  async #mayDiscard(uri: vscode.Uri, what: string): Promise<boolean> {
    const name = vscode.workspace.asRelativePath(uri);
    const choice = await vscode.window.showWarningMessage(
      `You have edited ${what} of Gantry in ${name}. Undoing takes your edit along; the editor’s own Undo brings it back.`,
      UNDO_ANYWAY,
    );
    return choice === UNDO_ANYWAY;
  }

  async #settle(uri: vscode.Uri, outcome: Outcome, done: string, kept: boolean): Promise<boolean> {
    const name = nameOf(uri);
    if (outcome.type !== 'done') {
      this.#refuse(outcome, name);
      return false;
    }
    if (kept && !this.#deps.review.find(uri)) await this.#deps.afterKept(uri);
    this.#announce(`${done} in ${name}.${this.#left()}`);
    return true;
  }

  #refuse(outcome: Exclude<Outcome, { type: 'done' }>, name: string): void {
    if (outcome.type === 'gone') this.#announce(`This change is no longer in ${name}.`);
    if (outcome.type === 'refused') void vscode.window.showWarningMessage(`Gantry: ${outcome.why}`);
    if (outcome.type === 'overlap')
      void vscode.window.showWarningMessage(`Gantry: ${name} was edited in the meantime. Nothing was undone.`);
  }

  #left(): string {
    const { files } = this.#deps.review;
    const count = files.reduce((sum, file) => sum + countOf(file), 0);
    return count === 0 ? ' Nothing is left to review.' : ` ${plural(count, 'change')} left to review.`;
  }

  #announce(text: string): void {
    this.#announced.fire(text);
    vscode.window.setStatusBarMessage(`$(diff) ${text}`, ANNOUNCED_MS);
  }
}

const ANNOUNCED_MS = 4_000;
const countOf = (file: ReviewedFile | undefined): number => (file ? Math.max(1, file.hunks.length) : 0);
const nameOf = (uri: vscode.Uri): string => posix.basename(uri.path);
