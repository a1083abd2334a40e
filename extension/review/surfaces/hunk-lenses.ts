/** Keep, Undo and "2 of 5" above each hunk that waits, in the file itself. */
import * as vscode from 'vscode';
import { COMMANDS } from '../../contributions.ts';
import { lineOf } from './hunk-text.ts';
import type { ReviewSource } from './review-source.ts';

export class HunkLenses implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #source: ReviewSource;
  readonly #enabled: () => boolean;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;
  /** Also files that are not on a disk; one selector, or a remote window would have every lens twice. */
  static readonly selector: vscode.DocumentSelector = { scheme: '*' };

  constructor(source: ReviewSource, enabled: () => boolean) {
    this.#source = source;
    this.#enabled = enabled;
  }

  update(): void {
    this.#changed.fire();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    if (this.#source.files.length === 0 || !this.#enabled()) return [];
    const file = this.#source.find(document.uri);
    if (!file) return [];
    const { uri, hunks } = file;
    return hunks.flatMap((hunk, index) => {
      const line = lineOf(hunk, document.lineCount);
      const range = new vscode.Range(line, 0, line, 0);
      const lens = (title: string, command: string, tooltip: string) =>
        new vscode.CodeLens(range, { title, command, tooltip, arguments: [uri, hunk.id] });
      const place = hunk.isWhole ? 'whole file' : `${index + 1} of ${hunks.length}`;
      return [
        lens('$(check) Keep', COMMANDS.reviewKeepHunk, 'Keep this change'),
        ...(file.whyNoUndo === null ? [lens('$(discard) Undo', COMMANDS.reviewUndoHunk, 'Undo this change')] : []),
        lens(place, COMMANDS.reviewOpenChanges, 'Open the changes of this file as a diff'),
      ];
    });
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
