/** Accept and reject, from the editor title, CodeLens, keyboard and palette. */
import * as vscode from 'vscode';
import type { GantryParts } from '../context.ts';
import type { PendingFile } from '../review/ask-first/pending-file.ts';
import { hunkAtLine, type ProposedHunk } from '../review/ask-first/proposal-hunks.ts';
import { proposalOfTab } from '../review/diff-tabs.ts';

/** The file that a command is about: the one it was called with, the one in front, or the only one there is. */
export function targetFile({ review }: Pick<GantryParts, 'review'>, uri?: unknown): PendingFile | undefined {
  const candidates = [
    uri instanceof vscode.Uri ? uri : undefined,
    proposalOfTab(vscode.window.tabGroups.activeTabGroup.activeTab),
    vscode.window.activeTextEditor?.document.uri,
  ];
  for (const candidate of candidates) {
    const file = candidate && review.find(candidate);
    if (file) return file;
  }
  return review.pendingFiles.length === 1 ? review.pendingFiles[0] : undefined;
}

export async function acceptProposal(parts: GantryParts, uri?: unknown): Promise<void> {
  const file = targetFile(parts, uri) ?? (await pickFile(parts, 'Accept which proposed change?'));
  if (file) await parts.review.accept(file);
}

export async function rejectProposal(parts: GantryParts, uri?: unknown): Promise<void> {
  const file = targetFile(parts, uri) ?? (await pickFile(parts, 'Reject which proposed change?'));
  if (file) await parts.review.reject(file);
}

type AtHunk = { file: PendingFile; hunk: ProposedHunk };

/**
 * The hunk that a command is about: the one that it was called with (its proposal, its id), else the one at the cursor
 * of the proposal. Of the real file's lines only the lenses know which hunk they are about.
 */
function targetHunk({ review }: GantryParts, uri?: unknown, id?: unknown): AtHunk | undefined {
  const editor = vscode.window.activeTextEditor;
  const file = review.find(uri instanceof vscode.Uri ? uri : (editor?.document.uri ?? NOWHERE));
  if (!file) return undefined;
  const hunks = review.hunksOf(file);
  if (typeof id === 'string') {
    const hunk = hunks.find((one) => one.id === id);
    return hunk && { file, hunk };
  }
  const isProposal = editor?.document.uri.toString() === file.proposal.toString();
  const hunk = isProposal && hunks.length > 1 ? hunkAtLine(hunks, editor.selection.active.line) : undefined;
  return hunk && { file, hunk };
}

const NOWHERE = vscode.Uri.from({ scheme: 'none' });

/** Puts the hunk at the cursor back into the proposal when it was left out; else accepts the file. */
export async function takeProposedHunk(parts: GantryParts, uri?: unknown, id?: unknown): Promise<void> {
  const at = targetHunk(parts, uri, id);
  if (at?.hunk.state === 'dropped') await parts.review.choose(at.file, at.hunk.id, true);
  else await acceptProposal(parts, uri);
}

/** Leaves the hunk at the cursor out of the proposal; where there is no hunk, or no other, rejects the file. */
export async function dropProposedHunk(parts: GantryParts, uri?: unknown, id?: unknown): Promise<void> {
  const at = targetHunk(parts, uri, id);
  if (at && at.hunk.state !== 'dropped') await parts.review.choose(at.file, at.hunk.id, false);
  else await rejectProposal(parts, uri);
}

/** All files of every change that waits. */
export async function acceptAllProposals({ review }: GantryParts): Promise<void> {
  for (const id of approvalIds(review.pendingFiles)) await review.acceptRest(id);
}

export async function rejectAllProposals({ review }: GantryParts): Promise<void> {
  for (const id of approvalIds(review.pendingFiles)) await review.rejectRest(id);
}

export async function showProposal(parts: GantryParts, uri?: unknown): Promise<void> {
  const file = targetFile(parts, uri);
  if (file) await parts.review.show(file);
}

/** The pending file after the one in front, around the end. */
export async function nextProposal({ review }: GantryParts): Promise<void> {
  const files = review.pendingFiles;
  const front =
    proposalOfTab(vscode.window.tabGroups.activeTabGroup.activeTab) ?? vscode.window.activeTextEditor?.document.uri;
  const current = front && review.find(front);
  const next = files[(current ? files.indexOf(current) + 1 : 0) % Math.max(1, files.length)];
  if (next) await review.show(next);
}

async function pickFile({ review }: GantryParts, placeHolder: string): Promise<PendingFile | undefined> {
  const items = review.pendingFiles.map((file) => ({ label: vscode.workspace.asRelativePath(file.real), file }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage('No proposed change waits for a decision.');
    return undefined;
  }
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.file;
}

const approvalIds = (files: readonly PendingFile[]) => new Set(files.map(({ approvalId }) => approvalId));
