/** How an open document comes to another text: by an edit of ours, or by the editor reading its file again. */
import * as vscode from 'vscode';
import { minimalEdits, plain } from './plain-text.ts';

/** How long the editor may take to see that a file has changed; it never does so for files that it does not watch. */
const RELOAD_MS = 3_000;

/** How long it may take to tell that a document is unsaved or read again. */
const SETTLE_MS = 500;

/** A document as it was looked at. */
export type Seen = { document: vscode.TextDocument; version: number };

const hasMoved = ({ document, version }: Seen): boolean => document.isClosed || document.version !== version;

/**
 * Makes `text` (plain) of the document by small edits, one undo step. False when the document is not as it was seen: nothing
 * was done then.
 */
export async function editDocument(seen: Seen, text: string): Promise<boolean> {
  if (hasMoved(seen)) return false;
  const { document } = seen;
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
  seen: Seen,
  text: string,
  write: () => Thenable<void>,
): Promise<'shown' | 'raced' | 'unwatched'> {
  // Since it was looked at, the file was read; what was typed meanwhile brings no more event.
  if (hasMoved(seen) || seen.document.isDirty) return 'raced';
  const { document } = seen;
  const subscriptions: vscode.Disposable[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    const settled = new Promise<'shown' | 'raced' | 'unwatched'>((resolve) => {
      subscriptions.push(
        vscode.workspace.onDidChangeTextDocument((event) => {
          if (event.document !== document) return;
          if (plain(document.getText()) === text) resolve('shown');
          // That a document is unsaved may be told a moment after the text that makes it so.
          else if (event.contentChanges.length > 0 || document.isDirty) resolve('raced');
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

/**
 * Waits for what the editor has yet to tell of a clean document that does not show its file: that it is unsaved, or that it was
 * read again. One whose file is not watched stays as it is.
 */
export async function settled(document: vscode.TextDocument): Promise<void> {
  let subscription: vscode.Disposable | undefined;
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    subscription = vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document === document) resolve();
    });
    timer = setTimeout(resolve, SETTLE_MS);
  });
  clearTimeout(timer);
  subscription?.dispose();
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
