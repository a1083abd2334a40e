/** "3 files, 7 changes to review" in the status bar, while something waits. */
import * as vscode from 'vscode';
import { COMMANDS } from '../../contributions.ts';
import { pendingText } from './hunk-text.ts';
import type { ReviewSource } from './review-source.ts';

export class ReviewStatus implements vscode.Disposable {
  readonly #source: ReviewSource;
  readonly #item: vscode.StatusBarItem;

  constructor(source: ReviewSource) {
    this.#source = source;
    // To the right of Gantry's own item, whose priority is one higher.
    this.#item = vscode.window.createStatusBarItem('gantry.review', vscode.StatusBarAlignment.Right, 99);
    this.#item.name = 'Gantry: Changes to Review';
    this.#item.command = COMMANDS.reviewNextHunk;
  }

  update(): void {
    const { files } = this.#source;
    if (files.length === 0) {
      this.#item.hide();
      return;
    }
    const text = pendingText(files);
    this.#item.text = `$(diff) ${text}`;
    this.#item.tooltip = `${text}. Click to go to the next one.`;
    this.#item.accessibilityInformation = { label: this.#item.tooltip, role: 'button' };
    this.#item.show();
  }

  dispose(): void {
    this.#item.dispose();
  }
}
