/** What the store needs of an editor. */
import type * as vscode from 'vscode';
import type { FileReviewDecidedParams } from '../../../agent-core/protocol/index.ts';
import type { DocumentWriter } from '../../host-fs/document-writer.ts';

/** What is at a URI now, for the person in front of the editor. `text` is plain, null when there is none. */
export type Seen = { text: string | null; isDirty: boolean };

export type StorePorts = {
  keyOf(uri: vscode.Uri): string;
  uriOf(path: string): vscode.Uri;
  parseUri(uri: string): vscode.Uri;
  writer: Pick<DocumentWriter, 'apply' | 'write' | 'delete' | 'restore' | 'create' | 'rename'>;
  read(uri: vscode.Uri): Promise<Seen>;
  /** The editor is moving it: that nothing is there says nothing yet. */
  isMoving?(uri: vscode.Uri): boolean;
  report(params: FileReviewDecidedParams): void;
  notice(message: string): void;
  /** Called after every change; the reviews are to be saved soon. */
  changed?(): void;
};
