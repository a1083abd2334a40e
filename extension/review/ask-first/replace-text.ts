/** Gives an open document another text by the smallest edit, so that the cursor and the undo stack stay. */
import * as vscode from 'vscode';
import { linesOf, replacementsOf } from './line-hunks.ts';
import { plainText } from './proposed-change.ts';

/** `text` is LF; the document keeps its own line ends. Rejects when the editor refuses the edit. */
export async function replaceText(document: vscode.TextDocument, text: string): Promise<void> {
  const before = plainText(document.getText());
  const count = linesOf(before).length;
  const edit = new vscode.WorkspaceEdit();
  for (const { start, count: removed, lines } of replacementsOf(before, text)) {
    const range = new vscode.Range(placeAt(document, start, count), placeAt(document, start + removed, count));
    edit.replace(document.uri, range, lines.join(''));
  }
  if (edit.size === 0) return;
  if (!(await vscode.workspace.applyEdit(edit))) throw new Error('The editor did not take the edit of the proposal.');
}

/** Where line `line` begins; past the last line, the document's end. */
function placeAt(document: vscode.TextDocument, line: number, count: number): vscode.Position {
  return line < count ? new vscode.Position(line, 0) : document.lineAt(document.lineCount - 1).range.end;
}
