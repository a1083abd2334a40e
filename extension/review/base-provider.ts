/** Texts as they were (`gantry-base:`): the read-only left side of a diff. */
import * as vscode from 'vscode';

export const BASE_SCHEME = 'gantry-base';
const KEPT = 500;

export class BaseProvider implements vscode.TextDocumentContentProvider {
  readonly #texts = new Map<string, string>();

  /** `key` tells several states of one file apart. The oldest texts are forgotten first. */
  put(key: string, file: vscode.Uri, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: BASE_SCHEME, authority: 'base', path: file.path, query: key });
    this.#texts.delete(uri.toString());
    this.#texts.set(uri.toString(), text);
    for (const oldest of this.#texts.keys()) {
      if (this.#texts.size <= KEPT) break;
      this.#texts.delete(oldest);
    }
    return uri;
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? '';
  }
}
