/** What a page asks for, and what the commands of the palette share with it: one method an action. */
import * as vscode from 'vscode';
import type { WebviewMessage } from '../../webview/bridge/messages.ts';
import type { Mode } from '../../webview/bridge/panel-state.ts';
import type { CoreSupervisor } from '../core/core-supervisor.ts';
import { openLink, openPath } from '../host/open.ts';
import { currentPlace } from '../host/workspace-place.ts';
import type { BaseProvider } from '../review/base-provider.ts';
import { openFinishedDiff } from '../review/finished-changes.ts';
import type { ProposalReview } from '../review/proposal-review.ts';
import type { ApprovalRegistry } from '../session/approvals.ts';
import type { Attachments } from '../session/attachments.ts';
import type { ModelId } from '../session/model-choice.ts';
import type { Preferences } from '../session/preferences.ts';
import { type AttachedText, messageInput } from '../session/selection-prompt.ts';
import type { SessionStatus } from '../session/session-status.ts';
import type { HistoryController } from './history-controller.ts';
import type { PanelStore } from './panel-store.ts';
import type { PanelView } from './panel-view.ts';
import { isOpenElsewhere, type ThreadController } from './thread-controller.ts';

export type ControllerParts = {
  core: CoreSupervisor;
  store: PanelStore;
  status: SessionStatus;
  preferences: Preferences;
  approvals: ApprovalRegistry;
  attachments: Attachments;
  threads: ThreadController;
  history: HistoryController;
  review: ProposalReview;
  bases: BaseProvider;
  log: { error(text: string): void };
};

export class PanelController {
  readonly #parts: ControllerParts;
  #panel: PanelView | null = null;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
  }

  /** The page and this need each other; the page comes second. */
  attach(panel: PanelView): void {
    this.#panel = panel;
  }

  handle(message: WebviewMessage): void {
    void this.#run(message).catch((error) => this.report(error));
  }

  /** Sends, or brings the text back into the composer with the reason. */
  async send(text: string, attachments: readonly AttachedText[]): Promise<void> {
    try {
      await this.#parts.threads.send(messageInput(text, attachments));
      this.#parts.attachments.remove(...attachments.map(({ id }) => id));
      await this.#parts.preferences.keepUnsent(null);
    } catch (error) {
      const { threadId } = this.#parts.threads;
      if (currentPlace().folder === null) await this.#parts.preferences.keepUnsent(text);
      else if (threadId && isOpenElsewhere(error)) void this.offerCopy(threadId);
      this.#parts.log.error(`A message was not delivered: ${String(error)}`);
      const message = isOpenElsewhere(error) ? OPEN_ELSEWHERE : messageOf(error);
      this.#panel?.send({ type: 'sendFailed', text, message });
    }
  }

  async setMode(mode: Mode): Promise<void> {
    await this.#parts.preferences.setMode(mode);
    this.#parts.status.refresh();
  }

  async setModel(model: ModelId): Promise<void> {
    await this.#parts.preferences.setModel(model);
    this.#parts.status.refresh();
  }

  async resume(threadId: string): Promise<void> {
    try {
      await this.#parts.threads.resume(threadId);
    } catch (error) {
      if (!isOpenElsewhere(error)) throw error;
      void this.offerCopy(threadId);
      return;
    }
    this.focusComposer();
  }

  /** Says that another window has the thread, and offers the ways on. */
  async offerCopy(threadId: string): Promise<void> {
    const { threads } = this.#parts;
    const choice = await vscode.window.showWarningMessage(`Gantry: ${OPEN_ELSEWHERE}`, 'Open a Copy', 'New Thread');
    try {
      if (choice === 'Open a Copy') await threads.openCopy(threadId);
      else if (choice === 'New Thread') threads.newThread();
      else return;
      this.focusComposer();
    } catch (error) {
      this.report(error);
    }
  }

  focusComposer(text: string | null = null): void {
    this.#panel?.send({ type: 'focusComposer', text });
  }

  report(error: unknown): void {
    this.#parts.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    void vscode.window.showErrorMessage(`Gantry: ${messageOf(error)}`);
  }

  async #run(message: WebviewMessage): Promise<void> {
    const { threads, history, attachments, log } = this.#parts;
    switch (message.type) {
      case 'ready':
        return;
      case 'send':
        return this.send(message.text, attachments.get(message.attachmentIds));
      case 'interrupt':
        return threads.interrupt();
      case 'newThread':
        threads.newThread();
        return this.focusComposer();
      case 'listThreads':
        return history.list(message.cursor, message.search);
      case 'closeHistory':
        return history.close();
      case 'resumeThread':
        return this.resume(message.threadId);
      case 'renameThread':
        return history.rename(message.threadId, message.name);
      case 'archiveThread':
        await history.archive(message.threadId);
        return threads.forget(message.threadId);
      case 'deleteThread':
        await history.delete(message.threadId);
        return threads.forget(message.threadId);
      case 'setMode':
        return this.setMode(message.mode);
      case 'setModel':
        return this.setModel(message);
      case 'decide':
        return this.#decide(message);
      case 'openDiff':
        return this.#openDiff(message.itemId, message.path);
      case 'openFile':
        return openPath(message.path, message.line, this.#base);
      case 'openLink':
        return openLink(message.href, this.#base);
      case 'stopCommand':
        return this.#stopCommand(message.itemId);
      case 'removeAttachment':
        return attachments.remove(message.id);
      case 'copy':
        return vscode.env.clipboard.writeText(message.text);
      case 'command':
        await vscode.commands.executeCommand(message.command);
        return;
      case 'pageError':
        log.error(`Panel: ${message.message}\n${message.stack ?? ''}`);
        return;
    }
  }

  /** Where relative paths in the thread that is shown are meant from. */
  get #base(): string | null {
    return this.#parts.store.state.thread?.cwd ?? null;
  }

  async #decide({ approvalId, decision }: Extract<WebviewMessage, { type: 'decide' }>): Promise<void> {
    const { approvals, review } = this.#parts;
    if (approvals.get(approvalId)?.view.kind !== 'fileChange' || decision === 'cancel') {
      approvals.decide(approvalId, decision);
      return;
    }
    if (decision === 'decline') await review.rejectRest(approvalId);
    else await review.acceptRest(approvalId, decision === 'acceptForSession');
  }

  async #openDiff(itemId: string, path: string): Promise<void> {
    const { review, store, bases } = this.#parts;
    const pending = review.pendingOfItem(itemId, path);
    if (pending) return review.show(pending);
    const item = store.state.thread?.items.findLast((view) => view.item.id === itemId)?.item;
    const problem = item
      ? await openFinishedDiff({ review, bases }, item, path)
      : 'This change is no longer in the thread.';
    if (problem) void vscode.window.showInformationMessage(problem);
  }

  async #stopCommand(itemId: string): Promise<void> {
    const { core, threads } = this.#parts;
    const client = await core.ready();
    if (!threads.threadId) return;
    // Another peer can stop its command only together with the turn.
    if (client.gantry) await client.request('gantry/command/stop', { threadId: threads.threadId, itemId });
    else await threads.interrupt();
  }
}

const OPEN_ELSEWHERE =
  'This thread is open in another window. Close it there, go on with a copy, or start a new thread.';

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
