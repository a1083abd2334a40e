/** Where Gantry works: the first folder of the window that is on a disk. */
import * as path from 'node:path';
import * as vscode from 'vscode';

export type Place = { folder: string | null; name: string | null; trusted: boolean };

export function currentPlace(): Place {
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
  return { folder: folder?.uri.fsPath ?? null, name: folder?.name ?? null, trusted: vscode.workspace.isTrusted };
}

/** Paths come from a model: a relative one is meant from the folder. */
export function resolvePath(file: string): vscode.Uri {
  const { folder } = currentPlace();
  return vscode.Uri.file(path.isAbsolute(file) || !folder ? file : path.join(folder, file));
}
