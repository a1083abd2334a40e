/** Where Gantry works: the folders of the window that are on a disk. */
import * as path from 'node:path';
import * as vscode from 'vscode';

export type Place = {
  /** Where a new thread works: the folder of the file in front, else the first. Null when none is open. */
  folder: string | null;
  /** All folders that may be worked in, `folder` first. */
  roots: string[];
  /** For people. */
  name: string | null;
  trusted: boolean;
};

export function currentPlace(): Place {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  const front = vscode.window.activeTextEditor?.document.uri;
  const own = front && vscode.workspace.getWorkspaceFolder(front)?.uri.toString();
  const first = folders.find(({ uri }) => uri.toString() === own) ?? folders[0];
  const paths = [...new Set([...(first ? [first] : []), ...folders].map(({ uri }) => uri.fsPath))];
  return {
    folder: paths[0] ?? null,
    roots: paths,
    name: (paths.length > 1 ? vscode.workspace.name : first?.name) ?? null,
    trusted: vscode.workspace.isTrusted,
  };
}

/** Paths come from a model: a relative one is meant from `base`, the folder of its thread, else of the window. */
export function resolvePath(file: string, base: string | null): vscode.Uri {
  const folder = base ?? currentPlace().folder;
  return vscode.Uri.file(path.isAbsolute(file) || !folder ? file : path.join(folder, file));
}

/** How the agent finds a file: several folders make a relative path ambiguous. */
export function pathForAgent(uri: vscode.Uri): string {
  const several = (vscode.workspace.workspaceFolders?.length ?? 0) > 1;
  return several && uri.scheme === 'file' ? uri.fsPath : vscode.workspace.asRelativePath(uri);
}
