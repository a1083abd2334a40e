/** What the rest of the extension may rely on of the only part that writes workspace files. */
import type * as vscode from 'vscode';
import type { HostFsConflictReason, HostFsRefusalReason } from '../../agent-core/protocol/index.ts';
import type { LineEdit } from '../review/model/hunks.ts';

/** Whose change it is. `decided`: the user accepted this text before, so nothing of it waits for a review. */
export type WriteOrigin = { threadId: string; turnId: string; itemId: string; decided: boolean };

/**
 * A change of ours that is being made. `before` and `after` are LF and without BOM; null where there is no file, or none
 * that has text. Without an origin it is no agent's change but, say, the undoing of one.
 */
export type AgentWrite = {
  uri: vscode.Uri;
  kind: 'write' | 'create' | 'delete' | 'rename';
  newUri?: vscode.Uri;
  before: string | null;
  after: string | null;
  origin: WriteOrigin | null;
};

export type Refused = { type: 'refused'; reason: HostFsRefusalReason; message: string };

/**
 * `written`: `hash` and `text` (LF, no BOM) are what is there now, `formatterDelta` a unified diff of what others, a
 * formatter say, changed on top of what was asked for. `conflict`: nothing was written; `text` and `hash` are what is
 * there, null when nothing is. `refused`: nothing was written, and `message` says why in a sentence for the model and people.
 */
export type WriteResult =
  | { type: 'written'; hash: string; text: string; formatterDelta: string | null }
  | { type: 'conflict'; reason: HostFsConflictReason; text: string | null; hash: string | null }
  | Refused;

export type WriteRequest = {
  text: string;
  /** SHA-256 (hex) of the text that the change was made from; null: there must be no file. */
  baseHash: string | null;
  origin: WriteOrigin | null;
};

/**
 * Changes of one file are made one after the other; those of two files do not wait for each other. Nothing throws for
 * what a file system may do: that is a `refused`.
 */
export interface DocumentWriter {
  write(uri: vscode.Uri, request: WriteRequest): Promise<WriteResult>;
  /** A new file, with the folders that it needs. */
  create(uri: vscode.Uri, request: { text: string; origin: WriteOrigin | null }): Promise<WriteResult>;
  /** `text` of the result is empty. The bytes stay known, so that `restore` can bring them back. */
  delete(uri: vscode.Uri, request: { baseHash: string; origin: WriteOrigin | null }): Promise<WriteResult>;
  /** Brings back, byte for byte, what `delete` took away last at this place. */
  restore(uri: vscode.Uri): Promise<WriteResult>;
  /** Open editors follow the file, dirty ones with their text. */
  rename(
    uri: vscode.Uri,
    request: { newUri: vscode.Uri; baseHash: string; origin: WriteOrigin | null },
  ): Promise<WriteResult>;
  /**
   * Line edits, in order and apart, in one undo step where the document is open. A document that was saved is saved
   * again, one that was not stays unsaved. Another text than the expected one is a conflict. Does not fire `onDidWrite`.
   */
  apply(uri: vscode.Uri, edits: readonly LineEdit[], expectedText: string): Promise<WriteResult>;
  /** True when the change event that makes `uri` have this text is our own. */
  isOwn(uri: vscode.Uri, text: string): boolean;
  /**
   * Fires once a change is made, and before its document's change event reaches anybody who subscribed to that after the
   * writer was made.
   */
  readonly onDidWrite: vscode.Event<AgentWrite>;
}
