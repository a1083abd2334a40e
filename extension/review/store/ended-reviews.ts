/**
 * Reviews that ended without anybody's decision: their files were deleted, stashed, or checked out in another state. What the
 * agent had written there is known until the window closes, so that it can be brought back.
 */
import type * as vscode from 'vscode';
import { hashOf } from '../../host-fs/plain-text.ts';
import type { EntryMap } from './entry-map.ts';
import type { ReviewEntry } from './review-entry.ts';
import type { Outcome } from './reviewed-file.ts';
import type { StorePorts } from './store-ports.ts';

export type EndedReview = {
  readonly uri: vscode.Uri;
  readonly itemIds: readonly string[];
  /** In words, as part of a sentence. */
  readonly why: string;
  /** What the agent had written is known. */
  readonly canBringBack: boolean;
};

export const DELETED = 'the file was deleted';
/** The oldest are forgotten first. */
const MAX_ENDED = 50;

type Ended = {
  entry: ReviewEntry;
  view: EndedReview;
  /** What the file held when its review ended; null: there was none. */
  left: string | null;
  /** Nobody has asked yet what deleted it. */
  isNew: boolean;
};

export type EndedDeps = {
  ports: Pick<StorePorts, 'read' | 'writer' | 'notice'>;
  entries: EntryMap;
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** What is reviewed, or ended, is another. */
  changed(entries: readonly ReviewEntry[]): void;
  /** The file has this text again, which the agent may think is gone. */
  broughtBack(entry: ReviewEntry): void;
};

export class EndedReviews {
  readonly #deps: EndedDeps;
  #ended: Ended[] = [];

  constructor(deps: EndedDeps) {
    this.#deps = deps;
  }

  /** The newest last. */
  get all(): readonly EndedReview[] {
    return this.#ended.map(({ view }) => view);
  }

  /** To be called with what had something to decide before `why`; `left` is what the file holds since. */
  add(entry: ReviewEntry, why: string, left: string | null): void {
    if (!entry.goBack()) return;
    const { uri, itemIds, kind, whyNoUndo } = entry;
    const view = { uri, itemIds, why, canBringBack: kind !== 'delete' && whyNoUndo === null };
    this.#ended = [...this.#without([uri]), { entry, view, left, isNew: why === DELETED }].slice(-MAX_ENDED);
  }

  /** There is a new review of it, or what took it away was the agent. */
  drop(uri: vscode.Uri): void {
    this.#ended = this.#without([uri]);
  }

  /** There was no such file before the agent made it, and there is none any more. */
  wasMade(uri: vscode.Uri): boolean {
    return this.#ended.some(({ entry, left, view }) => entry.kind === 'add' && left === null && isSame(uri, view.uri));
  }

  /** Somebody has read it. Without `uris`, all. */
  dismiss(uris: readonly vscode.Uri[] = this.all.map(({ uri }) => uri)): void {
    const gone = this.#ended.filter(({ view }) => uris.some((uri) => isSame(uri, view.uri)));
    this.#ended = this.#without(uris);
    this.#deps.changed(gone.map(({ entry }) => entry));
  }

  /** The files that were deleted since this was asked last. */
  newlyDeleted(isMeant: (uri: vscode.Uri) => boolean): vscode.Uri[] {
    const found = this.#ended.filter(({ isNew, view }) => isNew && isMeant(view.uri));
    for (const one of found) one.isNew = false;
    return found.map(({ view }) => view.uri);
  }

  /** What ended them is known better now. */
  because(uris: readonly vscode.Uri[], why: string): void {
    const meant = this.#ended.filter(({ view }) => uris.some((uri) => isSame(uri, view.uri)));
    if (meant.length === 0) return;
    for (const one of meant) one.view = { ...one.view, why };
    this.#deps.changed(meant.map(({ entry }) => entry));
    this.#deps.ports.notice(endedNotice(meant.length, why));
  }

  /** Writes what the agent had written, where nobody has written since, and goes on with the review. */
  bringBack(uri: vscode.Uri): Promise<Outcome> {
    const { entries, ports, inTurn, changed, broughtBack } = this.#deps;
    return inTurn(async () => {
      const one = this.#ended.find(({ view }) => isSame(uri, view.uri));
      if (!one?.view.canBringBack || entries.get(uri)?.isPending) return { type: 'gone' };
      const { entry } = one;
      const { text } = await ports.read(uri);
      const wanted = entry.model.text;
      if (text !== wanted && text !== one.left)
        return { type: 'refused', why: 'The file has changed since. What the agent had written is not put over that.' };
      if (text !== wanted) {
        const request = { text: wanted, baseHash: text === null ? null : hashOf(text), origin: null };
        const result = await ports.writer.write(uri, request);
        if (result.type !== 'written') {
          const why = result.type === 'refused' ? result.message : 'The file has changed meanwhile. Try again.';
          return { type: 'refused', why };
        }
        if (result.text !== wanted) entry.model.userText(result.text, 'formatter');
      }
      const other = entries.get(uri);
      if (other) entries.remove(other);
      entries.put(entry);
      this.drop(uri);
      broughtBack(entry);
      changed([entry]);
      return { type: 'done' };
    });
  }

  #without(uris: readonly vscode.Uri[]): Ended[] {
    return this.#ended.filter(({ view }) => !uris.some((uri) => isSame(uri, view.uri)));
  }
}

export const endedNotice = (count: number, why: string): string =>
  `The review of ${count} ${count === 1 ? 'file' : 'files'} ended: ${why}.`;

const isSame = (a: vscode.Uri, b: vscode.Uri): boolean => a.toString() === b.toString();
