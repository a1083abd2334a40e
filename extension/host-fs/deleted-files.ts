/** The bytes of files that the agent deleted, for as long as the window lives. */
import type * as vscode from 'vscode';
import { canonicalKey } from './uri-key.ts';

const KEPT_BYTES = 64 * 1024 * 1024;

export class DeletedFiles {
  readonly #files = new Map<string, Uint8Array>();

  /** The oldest are forgotten first. */
  keep(uri: vscode.Uri, bytes: Uint8Array): void {
    this.forget(uri);
    this.#files.set(canonicalKey(uri), bytes);
    let size = 0;
    for (const one of this.#files.values()) size += one.length;
    for (const [oldest, one] of this.#files) {
      if (size <= KEPT_BYTES) break;
      this.#files.delete(oldest);
      size -= one.length;
    }
  }

  find(uri: vscode.Uri): Uint8Array | undefined {
    return this.#files.get(canonicalKey(uri));
  }

  forget(uri: vscode.Uri): void {
    this.#files.delete(canonicalKey(uri));
  }
}
