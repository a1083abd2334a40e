/** What a file holds for the person in front of the editor: the open document's text, else the disk's. */
import * as vscode from 'vscode';

export function openDocument(uri: vscode.Uri): vscode.TextDocument | undefined {
  const key = uri.toString();
  return vscode.workspace.textDocuments.find((document) => !document.isClosed && document.uri.toString() === key);
}

/** Null when there is no such file. */
export async function currentText(uri: vscode.Uri): Promise<string | null> {
  const open = openDocument(uri);
  return open ? open.getText() : savedText(uri);
}

/** What is on the disk, whatever an editor makes of it. Null when there is no such file. */
export async function savedText(uri: vscode.Uri): Promise<string | null> {
  try {
    return await vscode.workspace.decode(await vscode.workspace.fs.readFile(uri), { uri });
  } catch {
    return null;
  }
}
