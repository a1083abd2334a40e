/** The diff of a change that is already in the file: as it was before against as it is now. */
import * as vscode from 'vscode';
import type { AnyThreadItem } from '../../agent-core/protocol/index.ts';
import type { ProposalReview } from './ask-first/proposal-review.ts';
import { textBefore } from './ask-first/proposed-change.ts';
import type { BaseProvider } from './base-provider.ts';
import { type OpenOptions, openDiff } from './diff-tabs.ts';
import { currentText } from './file-text.ts';

export type FinishedDeps = { review: ProposalReview; bases: BaseProvider };

/**
 * Opens it, or returns a sentence that says why it cannot. The text from before is what the approval showed, else the
 * file with the item's diff taken out again.
 */
export async function openFinishedDiff(
  { review, bases }: FinishedDeps,
  item: AnyThreadItem,
  path: string,
  options: OpenOptions = { preserveFocus: false, preview: true },
): Promise<string | null> {
  const change = item.type === 'fileChange' ? item.changes.find((candidate) => candidate.path === path) : undefined;
  if (!change) return `There is no change of ${path} to show.`;
  const target = change.kind.type === 'update' && change.kind.move_path ? change.kind.move_path : path;
  const real = vscode.Uri.file(target);
  const now = await currentText(real);
  const approved = review.acceptedFile(item.id, path);
  const before = approved ? (approved.oldText ?? '') : textBefore(change, now);
  if (before === null)
    return `${vscode.workspace.asRelativePath(real)} has changed since, so the state before cannot be shown.`;
  const left = bases.put(`before-${item.id}`, vscode.Uri.file(path), before);
  const right = now === null ? bases.put(`after-${item.id}`, real, '') : real;
  await openDiff({ left, right, title: `${vscode.workspace.asRelativePath(real)} (before and now)` }, options);
  return null;
}
