/** The reviews of a store, one a file, found by whatever name the file goes by. */
import type * as vscode from 'vscode';
import type { ReviewEntry } from './review-entry.ts';

export class EntryMap {
  readonly #keyOf: (uri: vscode.Uri) => string;
  readonly #entries = new Map<string, ReviewEntry>();

  constructor(keyOf: (uri: vscode.Uri) => string) {
    this.#keyOf = keyOf;
  }

  get all(): ReviewEntry[] {
    return [...this.#entries.values()];
  }

  get(uri: vscode.Uri): ReviewEntry | undefined {
    if (this.#entries.size === 0) return undefined;
    const found = this.#entries.get(this.#keyOf(uri));
    if (found) return found;
    // A link that is gone leads nowhere any more: then its file is known by the name that it had.
    const name = uri.toString();
    return this.all.find((entry) => entry.uri.toString() === name);
  }

  /** Also one that is there, when its name is another now. */
  put(entry: ReviewEntry): void {
    this.remove(entry);
    this.#entries.set(this.#keyOf(entry.uri), entry);
  }

  remove(entry: ReviewEntry): void {
    for (const [key, one] of this.#entries) if (one === entry) this.#entries.delete(key);
  }

  /** The file itself, and all below it when it is a folder. */
  below(uri: vscode.Uri): { entry: ReviewEntry; isItself: boolean }[] {
    const own = this.#keyOf(uri);
    return [...this.#entries]
      .filter(([key]) => key === own || key.startsWith(`${own}/`))
      .map(([key, entry]) => ({ entry, isItself: key === own }));
  }
}
