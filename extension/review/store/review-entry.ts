/** The review of one file: its two texts, what became of the file itself, and whose changes they are. */
import type * as vscode from 'vscode';
import type { FileReviewChangedNotification } from '../../../agent-core/protocol/index.ts';
import { hashOf } from '../../host-fs/plain-text.ts';
import type { Hunk } from '../model/hunks.ts';
import { ReviewModel, type SavedReview } from '../model/review-model.ts';
import type { ReviewedFile, ReviewKind } from './reviewed-file.ts';
import type { SavedFile } from './saved-reviews.ts';

export type Writer = { threadId: string; turnId: string; itemId: string | null };

/** `whyNoUndo`: what it was before is not known, and why. */
export type OutsideChange = FileReviewChangedNotification & { whyNoUndo?: string };

const KEPT_STATES = 5;
const UNSAVED = 'It has unsaved text, and the file below it was changed. Save it or revert it to see what changed.';

export class ReviewEntry {
  uri: vscode.Uri;
  kind: ReviewKind;
  movedFrom: vscode.Uri | null = null;
  model: ReviewModel;
  threadId = '';
  turnId = '';
  itemIds: string[] = [];
  whyNoUndo: string | null = null;
  kept = 0;
  undone = 0;
  /** The text as the agent knows it: what differs from it, the user or a formatter changed. */
  told: string;
  /** A change of ours is under way; what the document tells meanwhile is looked at when it is over. */
  isBusy = false;
  /** The text that a change of ours brings; its event is nothing new. */
  expected: string | null = null;
  /** The text when saving began. */
  saving: string | null = null;
  /** Somebody outside has written it since this was looked at last. */
  isWrittenOutside = false;
  /** As it was before the last changes from outside, which may turn out to be the agent's. */
  #before: SavedReview[] = [];
  /** As it was before the last change from outside; counts as long as nothing else has happened. */
  #last: { before: SavedReview; hunks: readonly Hunk[] } | null = null;
  #below: OutsideChange | null = null;
  /** The disk held more than was told: the hash of the text that was told. */
  #ahead: string | null = null;
  #view: { hunks: readonly Hunk[]; file: ReviewedFile } | null = null;

  constructor(uri: vscode.Uri, kind: ReviewKind, model: ReviewModel) {
    this.uri = uri;
    this.kind = kind;
    this.model = model;
    this.told = model.text;
  }

  get isPending(): boolean {
    return this.kind !== 'update' || this.whyNoUndo !== null || this.model.hunks.length > 0;
  }

  /** The last who wrote it is whom decisions are told. */
  writtenBy({ threadId, turnId, itemId }: Writer): void {
    if (this.threadId !== threadId) this.itemIds = [];
    this.threadId = threadId;
    this.turnId = turnId;
    if (itemId !== null && !this.itemIds.includes(itemId)) this.itemIds = [...this.itemIds, itemId];
  }

  /** What was changed on the disk while the document had unsaved text; null: nothing, or it has been looked at. */
  get below(): OutsideChange | null {
    return this.#below;
  }

  cover(change: OutsideChange): void {
    this.whyNoUndo ??= UNSAVED;
    if (this.whyNoUndo !== UNSAVED) return;
    this.#below = this.#below ? { ...change, oldText: this.#below.oldText } : change;
  }

  /** False when nothing was covered. */
  uncover(): boolean {
    if (!this.#below) return false;
    this.#below = null;
    this.whyNoUndo = null;
    return true;
  }

  /** From here on it can be kept, not undone. */
  forgetBefore(why: string): void {
    this.#below = null;
    this.whyNoUndo = why;
  }

  /** What came from outside, by a reload of the document or a change on the disk. */
  outsideText(text: string): void {
    if (this.model.text === text) return;
    this.isWrittenOutside = true;
    const last = this.#last?.hunks === this.model.hunks ? this.#last.before : null;
    // A file that is written anew is empty for a moment, and what is told late is taken back: both are one change.
    if (last && (this.model.text === '' || last.text === text)) this.model = ReviewModel.restore(last);
    else this.#before = [...this.#before.slice(1 - KEPT_STATES), this.model.save()];
    const before = this.model.save();
    this.model.userText(text);
    this.#last = before.text === text ? null : { before, hunks: this.model.hunks };
  }

  /** What came from outside since the file had this text is the agent's, after all. */
  backTo(text: string): void {
    if (this.model.text === text) return;
    const before = this.#before.findLast((saved) => saved.text === text);
    if (before) this.model = ReviewModel.restore(before);
    else this.model.userText(text);
  }

  /** The next text comes of this change. `isSeen`: it is that of the change alone; else what is told next is in it already. */
  madeFrom({ oldText, newHash }: OutsideChange, isSeen: boolean): void {
    const isIn = oldText !== null && this.#ahead !== null && hashOf(oldText) === this.#ahead;
    if (oldText !== null && !isIn) this.backTo(oldText);
    this.#ahead = isSeen ? null : newHash;
  }

  /** To the last that was to be decided, before it was taken away from outside; false when there is nothing of that. */
  goBack(): boolean {
    if (this.isPending) return true;
    const before = this.#before.at(-1);
    const model = before && ReviewModel.restore(before);
    if (!model || model.hunks.length === 0) return false;
    this.model = model;
    return true;
  }

  agentText(text: string): void {
    this.model.agentEdit(text);
    this.told = text;
    this.#before = [];
  }

  /** The same object until something changes. */
  get file(): ReviewedFile {
    const { model, uri, kind, movedFrom, threadId, turnId, itemIds, whyNoUndo, kept, undone } = this;
    const { hunks } = model;
    if (this.#view?.hunks === hunks && this.#view.file.uri === uri) return this.#view.file;
    const file: ReviewedFile = {
      ...{ uri, kind, movedFrom, threadId, turnId, itemIds, hunks, whyNoUndo, kept, undone },
      baseline: model.baseline,
      isTooLarge: model.isWhole,
    };
    this.#view = { hunks, file };
    return file;
  }

  /** Of an earlier window, on what the file holds now. */
  static restored(file: SavedFile, parseUri: (uri: string) => vscode.Uri, text: string | null): ReviewEntry {
    const entry = new ReviewEntry(parseUri(file.uri), file.kind, ReviewModel.restore(file.review));
    entry.movedFrom = file.movedFrom === null ? null : parseUri(file.movedFrom);
    entry.writtenBy({ threadId: file.threadId, turnId: file.turnId, itemId: null });
    entry.itemIds = [...file.itemIds];
    entry.whyNoUndo = file.whyNoUndo;
    entry.kept = file.kept;
    entry.undone = file.undone;
    if (text !== null) entry.model.userText(text);
    entry.told = entry.model.text;
    return entry;
  }

  saved(): SavedFile {
    const { uri, kind, movedFrom, threadId, turnId, itemIds, whyNoUndo, kept, undone, model } = this;
    return {
      ...{ kind, threadId, turnId, itemIds, whyNoUndo, kept, undone },
      ...{ uri: uri.toString(), movedFrom: movedFrom?.toString() ?? null, review: model.save() },
    };
  }

  /** Something beside the hunks has changed. */
  touched(): void {
    this.#view = null;
  }
}
