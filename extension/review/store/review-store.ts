/** Every file with changes of an agent that wait to be kept or undone. */
import type * as vscode from 'vscode';
import type { AgentWrite } from '../../host-fs/document-writer.ts';
import { hashOf } from '../../host-fs/plain-text.ts';
import type { Hunk } from '../model/hunks.ts';
import { ReviewModel } from '../model/review-model.ts';
import { type DocumentChange, editKind } from './document-change.ts';
import { Emitter } from './emitter.ts';
import { DELETED, EndedReviews, endedNotice } from './ended-reviews.ts';
import { EntryMap } from './entry-map.ts';
import { Reports } from './reports.ts';
import { type OutsideChange, ReviewEntry, type Writer } from './review-entry.ts';
import type { Outcome, ReviewedFile, UndoOptions } from './reviewed-file.ts';
import type { SavedFile } from './saved-reviews.ts';
import type { StorePorts } from './store-ports.ts';
import { undoFile, undoHunk } from './undo-file.ts';
import { worst } from './worst-outcome.ts';

export type { Outcome, ReviewedFile, ReviewKind, UndoOptions } from './reviewed-file.ts';

const DONE: Outcome = { type: 'done' };
const GONE: Outcome = { type: 'gone' };
const BACK_AGAIN = 'the deleted file is there again';
const UNKNOWN = 'Its old text is not known: the file is binary or too large.';

export class ReviewStore implements vscode.Disposable {
  readonly #ports: StorePorts;
  readonly #entries: EntryMap;
  readonly #didChange = new Emitter<readonly vscode.Uri[]>();
  readonly #reports: Reports;
  #queue: Promise<unknown> = Promise.resolve();
  #files: readonly ReviewedFile[] | null = null;

  /** The files whose review began, moved on or ended. */
  readonly onDidChange = this.#didChange.event;
  /** What was taken away without a decision. */
  readonly ended: EndedReviews;

  constructor(ports: StorePorts) {
    this.#ports = ports;
    this.#entries = new EntryMap((uri) => ports.keyOf(uri));
    this.#reports = new Reports((params) => ports.report(params));
    this.ended = new EndedReviews({
      ...{ ports, entries: this.#entries },
      inTurn: (work) => this.#inTurn(work),
      changed: (entries) => this.#changed(entries),
      broughtBack: (entry) => {
        this.#tellEdits(entry, entry.model.text);
        this.#reports.flush();
      },
    });
  }

  dispose(): void {
    this.#didChange.dispose();
  }

  /** With something to decide, in the order in which their reviews began. */
  get files(): readonly ReviewedFile[] {
    this.#files ??= this.#entries.all.filter(({ isPending }) => isPending).map(({ file }) => file);
    return this.#files;
  }

  find(uri: vscode.Uri): ReviewedFile | undefined {
    const entry = this.#entry(uri);
    return entry?.isPending ? entry.file : undefined;
  }

  /** The live text of a file with something to decide. */
  textOf(uri: vscode.Uri): string | undefined {
    const entry = this.#entry(uri);
    return entry?.isPending ? entry.model.text : undefined;
  }

  /** The hunk that holds this line (from 0) of the live text; lines that only went belong to the line below them. */
  hunkAt(uri: vscode.Uri, line: number): Hunk | undefined {
    return this.#entry(uri)?.model.hunks.find(
      ({ start, lines }) => start <= line && line < start + Math.max(lines.length, 1),
    );
  }

  async keepHunk(uri: vscode.Uri, id: string): Promise<Outcome> {
    const entry = this.#entry(uri);
    if (!entry || entry.isBusy) return GONE;
    const before = entry.model.text;
    if (!entry.model.keep(id)) return GONE;
    this.#tellEdits(entry, before);
    entry.kept++;
    // Whoever has kept all there is in a new file has kept the file.
    if (entry.kind === 'add' && entry.model.hunks.length === 0) entry.kind = 'update';
    this.#decided(entry, 'kept', 1);
    return DONE;
  }

  async keepFile(uri: vscode.Uri): Promise<Outcome> {
    const entry = this.#entry(uri);
    if (!entry?.isPending || entry.isBusy) return GONE;
    const hunks = entry.model.hunks.length;
    this.#tellEdits(entry, entry.model.text);
    entry.model.keepAll();
    entry.kept += hunks;
    entry.kind = 'update';
    entry.uncover();
    entry.whyNoUndo = null;
    this.#decided(entry, 'kept', Math.max(hunks, 1));
    return DONE;
  }

  /** `overlap` changes nothing. */
  undoHunk(uri: vscode.Uri, id: string, options: UndoOptions = {}): Promise<Outcome> {
    return this.#undoing(uri, (entry) => undoHunk(this.#ports, entry, id, options));
  }

  /** What can be undone is; with `overlap` the hunks are left that hold text of the user's. */
  undoFile(uri: vscode.Uri, options: UndoOptions = {}): Promise<Outcome> {
    return this.#undoing(uri, (entry) => undoFile(this.#ports, entry, options));
  }

  async keepAll(threadId?: string): Promise<Outcome> {
    return worst(await Promise.all(this.#of(threadId).map(({ uri }) => this.keepFile(uri))));
  }

  /** All files, also when one of them cannot be undone; says the worst of what became of them. */
  async undoAll(threadId?: string, options: UndoOptions = {}): Promise<Outcome> {
    const outcomes: Outcome[] = [];
    for (const { uri } of this.#of(threadId).reverse()) outcomes.push(await this.undoFile(uri, options));
    return worst(outcomes);
  }

  /** A change that is being made through the editor; its document's event may come before or after. */
  agentWrote({ uri, newUri, kind, before, after, origin }: AgentWrite): void {
    const known = this.#entry(uri);
    if (known?.isBusy) return;
    if (!origin || origin.decided) {
      if (kind === 'rename' && newUri) this.renamed([{ from: uri, to: newUri }]);
      else if (known && after === null) this.#drop(known);
      else if (known && after !== null) this.#outside(known, after);
      return;
    }
    const entry = this.#goesOn(uri, before) ?? this.#begin(uri, before);
    if (before !== null) entry.backTo(before);
    this.ended.drop(uri);
    entry.writtenBy(origin);
    if (kind === 'rename' && newUri) {
      const from = entry.movedFrom ?? uri;
      this.renamed([{ from: uri, to: newUri }]);
      if (entry.kind === 'add') return;
      entry.movedFrom = this.#ports.keyOf(from) === this.#ports.keyOf(newUri) ? null : from;
      entry.kind = entry.movedFrom ? 'rename' : 'update';
      this.#changed([entry]);
      return;
    }
    this.#write(entry, before, after);
    entry.expected = after;
    this.#changed([entry]);
  }

  /** A change that a command or a tool made on the disk. Settles when the review has it. */
  commandChanged(change: OutsideChange): Promise<void> {
    return this.#inTurn(async () => {
      const uri = this.#ports.uriOf(change.path);
      const { text, isDirty } = await this.#ports.read(uri);
      const writer: Writer = change;
      // The disk was quicker to tell that what the agent had made is gone: it was the agent.
      if (this.ended.wasMade(uri) && text === null) return this.ended.dismiss([uri]);
      this.ended.drop(uri);
      const isSeen = change.isText && (text === null ? change.newHash === null : hashOf(text) === change.newHash);
      if (change.isText && !isSeen && !isDirty && (text === null) !== (change.newHash === null)) return;
      const why = change.whyNoUndo ?? (change.isText ? null : UNKNOWN);
      const isBelow = isDirty && !isSeen;
      if (why !== null || isBelow) {
        const entry = this.#entry(uri) ?? this.#begin(uri, text);
        entry.writtenBy(writer);
        if (why === null) entry.cover(change);
        else entry.forgetBefore(why);
        this.#changed([entry]);
        return;
      }
      // A review that only said that there is something below unsaved text begins anew.
      const isBegun = this.#entry(uri)?.uncover() === true;
      const entry = this.#goesOn(uri, isBegun ? null : change.oldText) ?? this.#begin(uri, change.oldText);
      entry.madeFrom(change, isSeen);
      entry.writtenBy(writer);
      this.#write(entry, change.oldText, text);
      this.#changed([entry]);
    });
  }

  /** The document shows its file, by saving, reverting or reading it: what was changed below unsaved text can be seen. */
  cleaned(uri: vscode.Uri): void {
    const change = this.#entry(uri)?.below;
    if (!change) return;
    void this.#inTurn(async () => {
      const { text, isDirty } = await this.#ports.read(uri);
      if (isDirty || this.#entry(uri)?.below !== change) return;
      if ((text === null ? null : hashOf(text)) === change.newHash) void this.commandChanged(change);
      else this.forget(uri, 'other text was saved over what had been written');
    });
  }

  /** Every change of a document, to be called in the order of the events. */
  documentChanged(uri: vscode.Uri, change: DocumentChange): void {
    const entry = this.#entry(uri);
    if (!entry || entry.isBusy || change.changes.length === 0) return;
    const { model } = entry;
    if (entry.expected !== null || !change.isDirty) {
      entry.expected = null;
      const text = change.text();
      if (text === model.text) return;
      // The first change of a clean document may be told before it counts as unsaved; a reload is never an undo.
      if (!change.isDirty && !change.isUndoRedo) {
        this.#outside(entry, text);
        return;
      }
    }
    const hunks = model.hunks.length;
    model.userEdit(change.changes, editKind(entry, change));
    // Whatever was missed: the document is right.
    if (model.lineCount !== change.lineCount) model.userText(change.text());
    if (hunks > 0 && !entry.isPending) this.#vanished(entry);
    else this.#changed([entry]);
  }

  /** From here to `saved`, what changes is a formatter's. */
  willSave(uri: vscode.Uri): void {
    const entry = this.#entry(uri);
    if (entry) entry.saving = entry.model.text;
  }

  saved(uri: vscode.Uri): void {
    const entry = this.#entry(uri);
    const before = entry?.saving;
    if (!entry || before === null || before === undefined) return;
    entry.saving = null;
    const after = entry.model.text;
    if (before === after) return;
    this.#tellEdits(entry, before);
    this.#reports.add(entry, { decision: 'edited', hunks: 0, before, after, note: 'Changed by a formatter on save.' });
    this.#reports.flush();
    entry.told = after;
  }

  /** The file was changed on the disk, by whomever. Documents that are open tell of it themselves. */
  diskChanged(uri: vscode.Uri): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#entry(uri)) return;
      const { text, isDirty } = await this.#ports.read(uri);
      const entry = this.#entry(uri);
      if (!entry || entry.isBusy || isDirty || (text === null && this.#ports.isMoving?.(uri))) return;
      if (text !== null && entry.kind !== 'delete') this.#outside(entry, text);
      else if (text === null && entry.kind === 'add') this.#end(entry, DELETED, null);
      else if (text === null && entry.kind !== 'delete') this.forget(uri, DELETED, null);
      else if (text !== null) this.forget(uri, BACK_AGAIN, text);
    });
  }

  /** The document was closed: the editor's undo cannot bring anything back into it any more. */
  closed(uri: vscode.Uri): void {
    const entry = this.#entry(uri);
    if (entry && !entry.isPending) this.#entries.remove(entry);
  }

  /** Files and folders, from the editor or by the agent: the reviews go with them. */
  renamed(moves: readonly { from: vscode.Uri; to: vscode.Uri }[]): void {
    for (const { from, to } of moves) {
      for (const { entry, isItself } of this.#entries.below(from)) {
        const was = entry.uri;
        entry.uri = isItself ? to : to.with({ path: to.path + was.path.slice(from.path.length) });
        entry.touched();
        this.#entries.put(entry);
        this.#changed([entry], [was]);
      }
    }
  }

  /** The review ends without a decision; the user reads why. The file is left as it is. */
  forget(uri: vscode.Uri, why: string, left?: string | null): void {
    const entry = this.#entry(uri);
    if (!entry) return;
    this.#end(entry, why, left === undefined ? entry.model.text : left);
    this.#ports.notice(`The review of ${nameOf(uri)} ended: ${why}.`);
  }

  /** As `forget`, for several files, with one notice. What is not known is not counted. */
  forgetAll(uris: readonly vscode.Uri[], why: string): void {
    const gone = uris.map((uri) => this.#entry(uri)).filter((entry) => entry !== undefined);
    for (const entry of gone) this.#end(entry, why, entry.model.text);
    if (gone.length > 0) this.#ports.notice(endedNotice(gone.length, why));
  }

  /** The files, with their texts, that somebody outside has written since this was asked last; their reviews may be over. */
  writtenOutside(isMeant: (uri: vscode.Uri) => boolean): { uri: vscode.Uri; text: string }[] {
    const written = this.#entries.all.filter((entry) => entry.isWrittenOutside && isMeant(entry.uri));
    for (const entry of written) entry.isWrittenOutside = false;
    return written.map(({ uri, model }) => ({ uri, text: model.text }));
  }

  /** Finer hunks where there was no time for them while keys were pressed. For idle moments. */
  refine(): void {
    this.#changed(this.#entries.all.filter(({ model }) => model.refine()));
  }

  /** All that must be known to go on after a restart. */
  save(): SavedFile[] {
    return this.#entries.all.filter(({ isPending }) => isPending).map((entry) => entry.saved());
  }

  /** Reviews as they were saved, on what the files hold now. Writes no file. Files that have a review already keep it. */
  restore(saved: readonly SavedFile[]): Promise<void> {
    return this.#inTurn(async () => {
      for (const file of saved) {
        const uri = this.#ports.parseUri(file.uri);
        const { text } = await this.#ports.read(uri);
        if (this.#entry(uri)) continue;
        if ((text === null) !== (file.kind === 'delete')) {
          const gone = ReviewEntry.restored(file, (one) => this.#ports.parseUri(one), null);
          this.#end(gone, text === null ? DELETED : BACK_AGAIN, text);
          continue;
        }
        const entry = ReviewEntry.restored(file, (one) => this.#ports.parseUri(one), text);
        this.#entries.put(entry);
        this.#changed([entry]);
      }
    });
  }

  #entry(uri: vscode.Uri): ReviewEntry | undefined {
    return this.#entries.get(uri);
  }

  /** A file that was not there has no review of before, unless there is something to decide. */
  #goesOn(uri: vscode.Uri, before: string | null): ReviewEntry | undefined {
    const entry = this.#entry(uri);
    return entry?.isPending || before !== null ? entry : undefined;
  }

  #of(threadId: string | undefined): ReviewedFile[] {
    return this.files.filter((file) => threadId === undefined || file.threadId === threadId);
  }

  #begin(uri: vscode.Uri, before: string | null): ReviewEntry {
    const entry = new ReviewEntry(uri, before === null ? 'add' : 'update', new ReviewModel(before ?? ''));
    this.#entries.put(entry);
    return entry;
  }

  #write(entry: ReviewEntry, before: string | null, after: string | null): void {
    if (after === null) {
      // What the agent made and took away again is nothing to decide.
      if (entry.kind === 'add') {
        this.#entries.remove(entry);
        return;
      }
      entry.kind = 'delete';
      entry.agentText('');
      return;
    }
    if (before === null && entry.kind === 'delete') entry.kind = entry.movedFrom ? 'rename' : 'update';
    entry.agentText(after);
  }

  #outside(entry: ReviewEntry, text: string): void {
    const was = entry.isPending;
    entry.outsideText(text);
    if (was && !entry.isPending) this.#vanished(entry);
    else this.#changed([entry]);
  }

  /** The user, or a discard by git, brought the old text back without us: it is undone all the same. */
  #vanished(entry: ReviewEntry): void {
    const { told } = entry;
    const after = entry.model.text;
    this.#reports.add(entry, { decision: 'undone', hunks: 1, before: told, after });
    this.#reports.flush();
    entry.told = after;
    this.#changed([entry]);
  }

  #tellEdits(entry: ReviewEntry, now: string): void {
    if (entry.told !== now) this.#reports.add(entry, { decision: 'edited', hunks: 0, before: entry.told, after: now });
    entry.told = now;
  }

  #decided(entry: ReviewEntry, decision: 'kept' | 'undone', hunks: number, before?: string): void {
    this.#reports.add(entry, {
      ...{ decision, hunks },
      ...(before === undefined ? {} : { before, after: entry.model.text }),
    });
    entry.told = entry.model.text;
    queueMicrotask(() => this.#reports.flush());
    this.#changed([entry]);
  }

  #undoing(uri: vscode.Uri, undo: (entry: ReviewEntry) => Promise<Outcome>): Promise<Outcome> {
    return this.#inTurn(async () => {
      const entry = this.#entry(uri);
      if (!entry?.isPending) return GONE;
      if (entry.whyNoUndo) return { type: 'refused', why: entry.whyNoUndo };
      const { text: before, hunks } = entry.model;
      entry.isBusy = true;
      let outcome: Outcome;
      try {
        outcome = await undo(entry);
      } finally {
        entry.isBusy = false;
      }
      const { text } = await this.#ports.read(entry.uri);
      const isMade = outcome.type === 'done' || entry.model.hunks.length < hunks.length;
      if (isMade) {
        this.#tellEdits(entry, before);
        const count = Math.max(hunks.length - entry.model.hunks.length, 1);
        entry.undone += count;
        entry.touched();
        this.#entries.put(entry);
        this.#decided(entry, 'undone', count, before);
      }
      // What was typed while the writer was at work.
      if (text !== null && text !== entry.model.text) this.#outside(entry, text);
      return outcome;
    });
  }

  /** `left` is what the file holds now. */
  #end(entry: ReviewEntry, why: string, left: string | null): void {
    this.ended.add(entry, why, left);
    this.#drop(entry);
  }

  #drop(entry: ReviewEntry): void {
    this.#entries.remove(entry);
    this.#changed([entry]);
  }

  /** What has nothing to decide stays known, so that the editor's undo can bring its hunks back. */
  #changed(entries: readonly ReviewEntry[], more: readonly vscode.Uri[] = []): void {
    if (entries.length === 0) return;
    for (const entry of entries) entry.touched();
    this.#files = null;
    this.#didChange.fire([...entries.map(({ uri }) => uri), ...more]);
    this.#ports.changed?.();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }
}

const nameOf = (uri: vscode.Uri): string => uri.path.slice(uri.path.lastIndexOf('/') + 1);
