/** What is done with single cards: decided, opened, granted, stopped. */
import * as vscode from 'vscode';
import type { WebviewMessage } from '../../webview/bridge/messages.ts';
import { openFinishedDiff } from '../review/finished-changes.ts';
import { openRestoreDiff as showRestoreDiff } from '../review/restore-diff.ts';
import type { ControllerParts } from './controller-parts.ts';

export async function decide(
  { approvals, review }: ControllerParts,
  { approvalId, decision }: Extract<WebviewMessage, { type: 'decide' }>,
): Promise<void> {
  if (approvals.get(approvalId)?.view.kind !== 'fileChange' || decision === 'cancel') {
    approvals.decide(approvalId, decision);
    return;
  }
  if (decision === 'decline') await review.rejectRest(approvalId);
  else await review.acceptRest(approvalId, decision === 'acceptForSession');
}

export async function changeProposal(
  { review }: ControllerParts,
  message: Extract<WebviewMessage, { type: 'chooseHunk' | 'compareWithNow' }>,
): Promise<void> {
  const file = review.pendingOfApproval(message.approvalId, message.path);
  if (!file) return;
  if (message.type === 'chooseHunk') await review.choose(file, message.hunkId, message.take);
  else await review.compareWithNow(file);
}

/** Only the address that the person was shown, and only when the editor did open it. */
export async function openElicitation({ elicitations }: ControllerParts, id: string): Promise<void> {
  const view = elicitations.get(id);
  if (view?.kind !== 'url' || view.host === null) return;
  if (await vscode.env.openExternal(vscode.Uri.parse(view.url, true))) elicitations.submit(id, {});
}

export async function openDiff({ review, store, bases }: ControllerParts, itemId: string, path: string): Promise<void> {
  const pending = review.pendingOfItem(itemId, path);
  if (pending) return review.show(pending);
  const item = store.state.thread?.items.findLast((view) => view.item.id === itemId)?.item;
  const problem = item
    ? await openFinishedDiff({ review, bases }, item, path)
    : 'This change is no longer in the thread.';
  if (problem) void vscode.window.showInformationMessage(problem);
}

/** What the core offered, never what a page says: a page shows text that a model wrote. */
export async function grant(
  { core, threads, blocked }: ControllerParts,
  { itemId, blocked: place, offer }: Extract<WebviewMessage, { type: 'grant' }>,
): Promise<void> {
  const { threadId } = threads;
  const permission = threadId ? blocked.offered(threadId, itemId, place, offer) : undefined;
  const client = await core.ready();
  if (!threadId || !permission || !client.gantry) return;
  const { message } = await client.request('gantry/permission/grant', { threadId, permission });
  blocked.noteGranted(threadId, permission, message);
}

export async function openRestoreDiff({ bases, checkpoints, core }: ControllerParts, path: string): Promise<void> {
  const found = checkpoints.file(path);
  if (!found) return;
  const problem = await showRestoreDiff({ bases, client: await core.ready() }, found);
  if (problem) void vscode.window.showInformationMessage(problem);
}

export async function stopCommand({ core, threads, extras }: ControllerParts, itemId: string): Promise<void> {
  const client = await core.ready();
  if (!threads.threadId) return;
  extras.noteStopped(threads.threadId, itemId);
  // Another peer can stop its command only together with the turn.
  if (client.gantry) await client.request('gantry/command/stop', { threadId: threads.threadId, itemId });
  else await threads.interrupt();
}
