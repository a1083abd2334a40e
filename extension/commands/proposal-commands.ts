/** Accept and reject, from the editor title, CodeLens, keyboard and palette. */
import * as vscode from 'vscode';
import type { GantryParts } from '../context.ts';
import type { PendingFile } from '../review/ask-first/proposal-review.ts';
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
