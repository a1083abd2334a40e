/** Texts as they were (`gantry-base:`): the read-only left side of a diff, and what the editor's gutter compares with. */
import * as vscode from 'vscode';
import { currentText } from './file-text.ts';
import type { ReviewSource } from './surfaces/review-source.ts';

export const BASE_SCHEME = 'gantry-base';
/** A gutter and a diff that asked for one text at the same moment would get in each other's way. */
const USES = ['gutter', 'diff'] as const;
export type BaselineUse = (typeof USES)[number];
const KEPT = 500;

/** Where the baseline of a file under review is served, as it is at any time. */
export function baselineUri(file: vscode.Uri, use: BaselineUse): vscode.Uri {
  const path = file.path.startsWith('/') ? file.path : `/${file.path}`;
  return vscode.Uri.from({ scheme: BASE_SCHEME, authority: use, path, query: file.toString() });
}

/** The file of which `uri` is the baseline. */
export function fileOfBaseline(uri: vscode.Uri): vscode.Uri | null {
  const isBaseline = uri.scheme === BASE_SCHEME && USES.some((use) => use === uri.authority);
  return isBaseline ? vscode.Uri.parse(uri.query) : null;
}

export class BaseProvider implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  #review: Pick<ReviewSource, 'find'> | null = null;
  #subscription: vscode.Disposable | null = null;

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

  /** From here on serves the baselines of this review, and tells the editor when one has moved. */
  follow(review: Pick<ReviewSource, 'find' | 'onDidChange'>): void {
    this.#review = review;
    this.#subscription?.dispose();
    this.#subscription = review.onDidChange((uris) => {
      for (const uri of uris) for (const use of USES) this.#changed.fire(baselineUri(uri, use));
    });
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const file = fileOfBaseline(uri);
    if (file === null) return this.#texts.get(uri.toString()) ?? '';
    // Once nothing of it waits any more, nothing differs.
    return this.#review?.find(file)?.baseline ?? (await currentText(file)) ?? '';
  }

  dispose(): void {
    this.#subscription?.dispose();
    this.#changed.dispose();
  }
}
