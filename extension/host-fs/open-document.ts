/** How an open document comes to another text: by an edit of ours, or by the editor reading its file again. */
import * as vscode from 'vscode';
import { minimalEdits, plain } from './plain-text.ts';

/** How long the editor may take to see that a file has changed; it never does so for files that it does not watch. */
const RELOAD_MS = 3_000;

/** Makes `text` (plain) of the document by small edits, one undo step. False when the document changed meanwhile: nothing was done then. */
export async function editDocument(document: vscode.TextDocument, text: string): Promise<boolean> {
  const before = plain(document.getText());
  const at = positionsIn(before);
  const edit = new vscode.WorkspaceEdit();
  for (const { start, end, text: put } of minimalEdits(before, text)) {
    edit.replace(document.uri, new vscode.Range(at(start), at(end)), put);
  }
  return edit.size === 0 || vscode.workspace.applyEdit(edit);
}

/**
 * Writes the file of a clean document and waits until the document shows it. `raced`: the document got another text first, by
 * the user as a rule. `unwatched`: the editor has not noticed.
 */
export async function writeUnder(
  document: vscode.TextDocument,
  text: string,
  write: () => Thenable<void>,
): Promise<'shown' | 'raced' | 'unwatched'> {
  const subscriptions: vscode.Disposable[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    const settled = new Promise<'shown' | 'raced' | 'unwatched'>((resolve) => {
      subscriptions.push(
        vscode.workspace.onDidChangeTextDocument((event) => {
          if (event.document !== document || event.contentChanges.length === 0) return;
          resolve(plain(document.getText()) === text ? 'shown' : 'raced');
        }),
        vscode.workspace.onDidCloseTextDocument((closed) => {
          if (closed === document) resolve('shown');
        }),
      );
      timer = setTimeout(() => resolve('unwatched'), RELOAD_MS);
    });
    await write();
    return plain(document.getText()) === text ? 'shown' : await settled;
  } finally {
    clearTimeout(timer);
    for (const one of subscriptions) one.dispose();
  }
}

/** Places of characters of a text whose line ends are LF, as the document counts them. */
function positionsIn(text: string): (offset: number) => vscode.Position {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return new vscode.Position(low, offset - (starts[low] ?? 0));
  };
}
