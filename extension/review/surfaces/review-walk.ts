/** From one hunk to the next, across files. */
import * as vscode from 'vscode';
import type { BaseProvider } from '../base-provider.ts';
import type { Hunk } from '../model/hunks.ts';
import type { ReviewedFile } from '../store/review-store.ts';
import { lineOf, neighbour } from './hunk-text.ts';
import { openReviewDiff } from './review-diffs.ts';
import { reviewedInFront } from './review-keys.ts';
import type { ReviewSource } from './review-source.ts';

export type Direction = 'next' | 'previous';

/** Null when nothing waits. */
export async function walk(review: ReviewSource, bases: BaseProvider, direction: Direction): Promise<Hunk | null> {
  const { files } = review;
  const editor = vscode.window.activeTextEditor;
  const here = editor && review.find(editor.document.uri);
  if (editor && here && stepInside(editor, here, direction)) return review.hunkAt(here.uri, lineIn(editor)) ?? null;
  const target = fileBeside(files, here ?? reviewedInFront(review), direction);
  return target ? await enter(target, bases, direction) : null;
}

/** Around the end; from somewhere else, the first or the last. */
function fileBeside(
  files: readonly ReviewedFile[],
  from: ReviewedFile | undefined,
  direction: Direction,
): ReviewedFile | undefined {
  const at = from ? files.indexOf(from) : -1;
  if (at === -1) return direction === 'next' ? files[0] : files.at(-1);
  return files[(at + (direction === 'next' ? 1 : files.length - 1)) % files.length];
}

const lineIn = (editor: vscode.TextEditor): number => editor.selection.active.line;

/** To the neighbour in the same file; false when there is none in that direction. */
export function stepInside(editor: vscode.TextEditor, file: ReviewedFile, direction: Direction): boolean {
  const { lineCount } = editor.document;
  const target = neighbour(file.hunks, lineIn(editor), direction, lineCount);
  if (target) reveal(editor, lineOf(target, lineCount));
  return target !== undefined;
}

/** After a hunk is decided: to the next one of the file, else to its last; nowhere when none is left. */
export function moveOn(editor: vscode.TextEditor, file: ReviewedFile): void {
  const { lineCount } = editor.document;
  const line = lineIn(editor);
  const target = file.hunks.find((hunk) => lineOf(hunk, lineCount) >= line) ?? file.hunks.at(-1);
  if (target) reveal(editor, lineOf(target, lineCount));
}

function reveal(editor: vscode.TextEditor, line: number): void {
  const at = new vscode.Position(line, 0);
  editor.selection = new vscode.Selection(at, at);
  editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

async function enter(file: ReviewedFile, bases: BaseProvider, direction: Direction): Promise<Hunk | null> {
  const hunk = direction === 'next' ? file.hunks[0] : file.hunks.at(-1);
  if (file.kind === 'delete' || !hunk) {
    await openReviewDiff(file, bases);
    return hunk ?? null;
  }
  const at = new vscode.Position(hunk.start, 0);
  const editor = await vscode.window.showTextDocument(file.uri, { selection: new vscode.Range(at, at) });
  reveal(editor, lineOf(hunk, editor.document.lineCount));
  return hunk;
}
