/** The reviews of another agent's work in a real editor. */
import * as vscode from 'vscode';
import { plain } from '../../host-fs/plain-text.ts';
import { canonicalKey } from '../../host-fs/uri-key.ts';
import { documentOf } from '../../host-fs/workspace-file.ts';
import type { WorkspaceWriter } from '../../host-fs/workspace-writer.ts';
import { savedText } from '../file-text.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { ForeignReviews } from './foreign-reviews.ts';

export type EditorForeignOptions = {
  reviews: ReviewStore;
  writer: Pick<WorkspaceWriter, 'keepDeleted'>;
  /** Null for a thread that is not shown. */
  cwdOf(threadId: string): string | null;
  log: { warn(message: string): void };
};

export function foreignReviews({ reviews, writer, cwdOf, log }: EditorForeignOptions): ForeignReviews {
  const plainText = async (path: string) => {
    const text = await savedText(vscode.Uri.file(path));
    return text === null ? null : plain(text);
  };
  return new ForeignReviews({
    store: reviews,
    log,
    uriOf: (path) => vscode.Uri.file(path),
    keyOf: (path) => canonicalKey(vscode.Uri.file(path)),
    look: (path) => {
      const document = documentOf(vscode.Uri.file(path));
      return document && !document.isDirty ? Promise.resolve(plain(document.getText())) : plainText(path);
    },
    disk: async (path) => ({ text: await plainText(path), raw: await rawText(path) }),
    keepDeleted: (path, bytes) => writer.keepDeleted(vscode.Uri.file(path), bytes),
    foldersOf: (threadId) => {
      const roots = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
      const cwd = cwdOf(threadId);
      return cwd === null ? roots : [cwd, ...roots];
    },
  });
}

/** With its byte order mark and line ends. */
async function rawText(path: string): Promise<string | null> {
  try {
    const bytes = await vscode.workspace.fs.readFile(vscode.Uri.file(path));
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
