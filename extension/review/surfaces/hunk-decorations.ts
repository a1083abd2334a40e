/** Added lines in colour, removed ones as a note with their text on hover; only in editors that are on screen. */
import * as vscode from 'vscode';
import { COMMANDS } from '../../contributions.ts';
import type { Hunk } from '../model/hunks.ts';
import type { ReviewedFile } from '../store/review-store.ts';
import { drawingOf, sameHunks } from './hunk-drawing.ts';
import { removedCode, removedText } from './hunk-text.ts';
import type { ReviewSource } from './review-source.ts';

/** The same hunks in other places are drawn again only when the typing pauses. */
const PAUSE_MS = 250;

export class HunkDecorations implements vscode.Disposable {
  readonly #source: ReviewSource;
  readonly #enabled: () => boolean;
  readonly #added = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor('diffEditor.insertedLineBackground'),
    // Only a theme of high contrast has this colour, and no background.
    borderColor: new vscode.ThemeColor('diffEditor.insertedTextBorder'),
    borderStyle: 'dashed',
    borderWidth: '0 0 1px 0',
    overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.addedForeground'),
    overviewRulerLane: vscode.OverviewRulerLane.Center,
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedOpen,
  });
  readonly #removed = vscode.window.createTextEditorDecorationType({
    overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.deletedForeground'),
    overviewRulerLane: vscode.OverviewRulerLane.Center,
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
  readonly #drawn = new WeakMap<vscode.TextEditor, ReviewedFile | null>();
  #pause: NodeJS.Timeout | null = null;

  constructor(source: ReviewSource, enabled: () => boolean) {
    this.#source = source;
    this.#enabled = enabled;
  }

  /** Draws what has changed since the last time. */
  update(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const file = this.#fileOf(editor);
      const drawn = this.#drawn.get(editor) ?? null;
      if (drawn === file) continue;
      if (drawn && file && sameHunks(drawn.hunks, file.hunks)) this.#drawLater();
      else this.#draw(editor, file);
    }
  }

  dispose(): void {
    if (this.#pause) clearTimeout(this.#pause);
    this.#added.dispose();
    this.#removed.dispose();
  }

  #fileOf(editor: vscode.TextEditor): ReviewedFile | null {
    return (this.#enabled() && isOwnEditor(editor) && this.#source.find(editor.document.uri)) || null;
  }

  /** An edit that goes and comes back takes along what was drawn on its lines, so in the end all is drawn anew. */
  #drawLater(): void {
    if (this.#pause) clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      this.#pause = null;
      for (const editor of vscode.window.visibleTextEditors) {
        const file = this.#fileOf(editor);
        if ((this.#drawn.get(editor) ?? null) !== file) this.#draw(editor, file);
      }
    }, PAUSE_MS);
  }

  #draw(editor: vscode.TextEditor, file: ReviewedFile | null): void {
    this.#drawn.set(editor, file);
    const { document } = editor;
    const { added, removed } = drawingOf(file?.hunks ?? [], document.lineCount);
    editor.setDecorations(
      this.#added,
      added.map(([first, last]) => new vscode.Range(first, 0, last, 0)),
    );
    editor.setDecorations(
      this.#removed,
      file ? removed.map(({ line, hunk }) => removedNote(file, hunk, line, document.languageId)) : [],
    );
  }
}

/** The sides of a diff and a peek have colours of their own; they are in no column. */
const isOwnEditor = (editor: vscode.TextEditor): boolean => editor.viewColumn !== undefined;

const END_OF_LINE = Number.MAX_SAFE_INTEGER;

function removedNote(file: ReviewedFile, hunk: Hunk, line: number, languageId: string): vscode.DecorationOptions {
  return {
    range: new vscode.Range(line, END_OF_LINE, line, END_OF_LINE),
    hoverMessage: removedHover(file, hunk, languageId),
    renderOptions: {
      after: {
        contentText: removedText(hunk.baseLines.length),
        color: new vscode.ThemeColor('gitDecoration.deletedResourceForeground'),
        fontStyle: 'italic',
        margin: '0 0 0 2em',
      },
    },
  };
}

function removedHover(file: ReviewedFile, hunk: Hunk, languageId: string): vscode.MarkdownString {
  const link = (label: string, command: string) =>
    `[${label}](command:${command}?${encodeURIComponent(JSON.stringify([file.uri.toString(), hunk.id]))})`;
  const links = [
    link('Keep', COMMANDS.reviewKeepHunk),
    ...(file.whyNoUndo === null ? [link('Undo', COMMANDS.reviewUndoHunk)] : []),
    link('Open Changes', COMMANDS.reviewOpenChanges),
  ];
  const hover = new vscode.MarkdownString(
    `Removed by Gantry:\n\n${removedCode(hunk.baseLines, languageId)}\n\n${links.join(' · ')}`,
  );
  hover.isTrusted = {
    enabledCommands: [COMMANDS.reviewKeepHunk, COMMANDS.reviewUndoHunk, COMMANDS.reviewOpenChanges],
  };
  return hover;
}
