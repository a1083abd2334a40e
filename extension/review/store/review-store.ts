/** Every file with changes of an agent that wait to be kept or undone. */
import type * as vscode from 'vscode';
import type { FileReviewChangedNotification } from '../../../agent-core/protocol/index.ts';
import type { AgentWrite } from '../../host-fs/document-writer.ts';
import type { Hunk } from '../model/hunks.ts';
import type { Outcome, ReviewedFile, UndoOptions } from './reviewed-file.ts';

export type { Outcome, ReviewedFile, ReviewKind, UndoOptions } from './reviewed-file.ts';

/** What surfaces may use of the store. */
export interface Reviews {
  /** With something to decide, in the order in which their reviews began. */
  readonly files: readonly ReviewedFile[];
  find(uri: vscode.Uri): ReviewedFile | undefined;
  /** The files whose review began, moved on or ended. */
  readonly onDidChange: vscode.Event<readonly vscode.Uri[]>;
  /** The hunk that holds this line (from 0) of the live text; a removal belongs to the line below it, at the end above. */
  hunkAt(uri: vscode.Uri, line: number): Hunk | undefined;
  keepHunk(uri: vscode.Uri, id: string): Promise<Outcome>;
  undoHunk(uri: vscode.Uri, id: string, options?: UndoOptions): Promise<Outcome>;
  keepFile(uri: vscode.Uri): Promise<Outcome>;
  undoFile(uri: vscode.Uri, options?: UndoOptions): Promise<Outcome>;
  keepAll(threadId?: string): Promise<Outcome>;
  undoAll(threadId?: string, options?: UndoOptions): Promise<Outcome>;
  /** A change of the agent that is being made through the editor. */
  agentWrote(write: AgentWrite): void;
  /** A change that a command or a tool made on the disk. */
  commandChanged(change: FileReviewChangedNotification): void;
  /** The review of a file ends without a decision; the user reads why. The file is left as it is. */
  forget(uri: vscode.Uri, why: string): void;
}
