/** One key for one file, however its URI is spelt. */
import { realpathSync } from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';

/**
 * Two URIs have the same key exactly when they name the same file: spelling, percent signs, `..`, symbolic links and, where
 * the disk ignores it, upper and lower case make no difference. A file that is not there has the key that it would have in
 * its folder. Cheap enough for a change event, too dear for a loop over a repository.
 *
 * The editor's file system API cannot resolve a link, so for `file:` alone the disk is asked for the name; contents never
 * are read or written this way.
 */
export function canonicalKey(uri: vscode.Uri): string {
  if (uri.scheme !== 'file') return uri.with({ path: path.posix.normalize(uri.path), fragment: '' }).toString();
  return vscode.Uri.file(realPath(path.resolve(uri.fsPath))).toString();
}

export const isSameFile = (one: vscode.Uri, other: vscode.Uri): boolean =>
  one.toString() === other.toString() || canonicalKey(one) === canonicalKey(other);

function realPath(file: string): string {
  try {
    return realpathSync.native(file);
  } catch {
    const parent = path.dirname(file);
    return parent === file ? file : path.join(realPath(parent), path.basename(file));
  }
}
