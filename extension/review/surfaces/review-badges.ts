/** The number of changes that wait, on the files in the explorer and on their tabs. */
import * as vscode from 'vscode';
import { plural } from './hunk-text.ts';
import type { ReviewSource } from './review-source.ts';

const COLOR = new vscode.ThemeColor('gantry.reviewPendingForeground');

export class ReviewBadges implements vscode.FileDecorationProvider, vscode.Disposable {
  readonly #source: ReviewSource;
  readonly #changed = new vscode.EventEmitter<vscode.Uri[]>();
  readonly onDidChangeFileDecorations = this.#changed.event;

  constructor(source: ReviewSource) {
    this.#source = source;
  }

  update(uris: readonly vscode.Uri[]): void {
    this.#changed.fire([...uris]);
  }

  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    // Asked for every row of the explorer.
    if (this.#source.files.length === 0) return undefined;
    const file = this.#source.find(uri);
    if (!file) return undefined;
    const count = Math.max(1, file.hunks.length);
    const decoration = new vscode.FileDecoration(
      count > 9 ? '9+' : String(count),
      `${plural(count, 'change')} by Gantry to review`,
      COLOR,
    );
    decoration.propagate = true;
    return decoration;
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
