/** What a page asks for, and what the commands of the palette share with it: one method an action. */
import * as vscode from 'vscode';
import type { WebviewMessage } from '../../webview/bridge/messages.ts';
import type { Mode } from '../../webview/bridge/panel-state.ts';
import type { RestoreScope } from '../../webview/bridge/restore.ts';
import type { SlashName } from '../../webview/bridge/slash-commands.ts';
import type { Mention } from '../../webview/bridge/thread-extras.ts';
import { openLink, openPath } from '../host/open.ts';
import { currentPlace } from '../host/workspace-place.ts';
import type { ModelId } from '../session/model-choice.ts';
import { type Attached, messageInput } from '../session/selection-prompt.ts';
import * as card from './card-actions.ts';
import type { ControllerParts } from './controller-parts.ts';
import { ownWords } from './extras-views.ts';
import type { PanelView } from './panel-view.ts';
import { answerEnded, decideReview } from './review-requests.ts';
import { isOpenElsewhere } from './thread-controller.ts';

export class PanelController {
  readonly #parts: ControllerParts;
  #panel: PanelView | null = null;
  #slash: (name: SlashName, argument: string) => Promise<unknown> = async () => {};

  constructor(parts: ControllerParts) {
    this.#parts = parts;
  }

  /** The page and this need each other; the page comes second. */
  attach(panel: PanelView): void {
    this.#panel = panel;
  }

  /** What carries a slash command out; the command table comes after this. */
  onSlash(run: (name: SlashName, argument: string) => Promise<unknown>): void {
    this.#slash = run;
  }

  handle(message: WebviewMessage): void {
    void this.#run(message).catch((error) => this.report(error));
  }

  /** Sends, or brings the text back into the composer with the reason. */
  async send(text: string, attachments: readonly Attached[], { mentions = [], later = false }: SendOptions = {}) {
    try {
      if (attachments.some(({ kind }) => kind === 'image')) this.#checkImages();
      const told = this.#parts.attachments.reviewOf(this.#parts.threads.threadId);
      const attached = told && !attachments.includes(told) ? [told, ...attachments] : attachments;
      await this.#parts.threads.send(messageInput(text, attached, mentions), later);
      this.#parts.attachments.remove(...attached.map(({ id }) => id));
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

  setPlan(plan: boolean): void {
    this.#parts.store.set({ plan });
  }

  /** Opens the meter in the panel. */
  openContext(): void {
    this.#panel?.send({ type: 'openContext' });
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
    const { threads, history, attachments, actions, cards, elicitations, completions, log } = this.#parts;
    switch (message.type) {
      case 'ready':
        return;
      case 'send':
        return this.send(message.text, attachments.get(message.attachmentIds), {
          mentions: message.mentions ?? [],
          later: message.later === true,
        });
      case 'slash':
        return void (await this.#slash(message.name, message.argument));
      case 'shell':
        return this.#shell(message.command);
      case 'withdraw':
        return actions.withdraw(message.turnId);
      case 'stopTerminal':
        if (threads.threadId) this.#parts.extras.noteStopped(threads.threadId, message.itemId);
        return actions.stopTerminal(message);
      case 'setGoal':
        return message.status === 'cleared' ? actions.clearGoal() : actions.markGoal(message.status);
      case 'setPlan':
        return this.setPlan(message.plan);
      case 'readContext':
        return this.#readContext();
      case 'answer':
        cards.answer(message.id, message.answers);
        return;
      case 'answerSave':
        this.#parts.saveQuestions.answer(message.id, message.save);
        return;
      case 'submitElicitation':
        elicitations.submit(message.id, message.values);
        return;
      case 'refuseElicitation':
        return elicitations.refuse(message.id, message.action);
      case 'openElicitation':
        return card.openElicitation(this.#parts, message.id);
      case 'complete':
        return completions.complete(message.kind, message.query);
      case 'addImage':
        return this.#addImage(message.name, message.url);
      case 'addFiles':
        return this.#addFiles(message.uris);
      case 'interrupt':
        return threads.interrupt();
      case 'newThread':
        threads.newThread();
        return this.focusComposer();
      case 'listThreads':
        return history.list(message.cursor, message.search, message.archived);
      case 'closeHistory':
        return history.close();
      case 'resumeThread':
        return this.resume(message.threadId);
      case 'renameThread':
        return history.rename(message.threadId, message.name);
      case 'archiveThread':
        await history.archive(message.threadId);
        return threads.forget(message.threadId);
      case 'unarchiveThread':
        return history.unarchive(message.threadId);
      case 'deleteThread':
        await history.delete(message.threadId);
        return threads.forget(message.threadId);
      case 'setMode':
        return this.setMode(message.mode);
      case 'setModel':
        return this.setModel(message);
      case 'decide':
        return card.decide(this.#parts, message);
      case 'chooseHunk':
      case 'compareWithNow':
        return card.changeProposal(this.#parts, message);
      case 'openDiff':
        return card.openDiff(this.#parts, message.itemId, message.path);
      case 'openFile':
        return openPath(message.path, message.line, this.#base);
      case 'openLink':
        return openLink(message.href, this.#base);
      case 'review':
        return decideReview(this.#parts, message);
      case 'endedReview':
        return answerEnded(this.#parts, message);
      case 'previewRestore':
        return this.#parts.checkpoints.preview(message.checkpointId);
      case 'restore':
        return this.#restore(message.scope, message.overwrite);
      case 'undoRestore':
        return this.#parts.checkpoints.undo();
      case 'closeRestore':
        return this.#parts.checkpoints.close();
      case 'openRestoreDiff':
        return card.openRestoreDiff(this.#parts, message.path);
      case 'grant':
        return card.grant(this.#parts, message);
      case 'stopCommand':
        return card.stopCommand(this.#parts, message.itemId);
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

  /** A command that cannot be run comes back into the composer. */
  async #shell(command: string): Promise<void> {
    try {
      await this.#parts.actions.shell(command);
    } catch (error) {
      this.#panel?.send({ type: 'sendFailed', text: `!${command}`, message: messageOf(error) });
    }
  }

  async #readContext(): Promise<void> {
    const { threads, extras } = this.#parts;
    if (!threads.threadId) return;
    await threads.loaded();
    await extras.readContext();
  }

  /** Throws the reason in words when the model takes no pictures. */
  #checkImages(): void {
    const { model } = this.#parts.status;
    if (model?.supportsImages !== false) return;
    throw new Error(`${model.displayName} cannot see images. Choose a model that can, or take the image off.`);
  }

  #addImage(name: string, url: string): void {
    try {
      this.#checkImages();
      this.#parts.attachments.addImage(name, url);
    } catch (error) {
      this.#panel?.send({ type: 'composerNote', message: messageOf(error) });
    }
  }

  /** Pictures as pictures, all else as text. */
  async #addFiles(uris: readonly string[]): Promise<void> {
    for (const text of uris) {
      try {
        const uri = vscode.Uri.parse(text, true);
        if (/\.(png|jpe?g|gif|webp)$/i.test(uri.path)) {
          this.#checkImages();
          this.#parts.attachments.addImageFile(uri);
        } else await this.#parts.attachments.addFile(uri);
      } catch (error) {
        this.#panel?.send({ type: 'composerNote', message: messageOf(error) });
      }
    }
    this.focusComposer();
  }

  /** Where relative paths in the thread that is shown are meant from. */
  get #base(): string | null {
    return this.#parts.store.state.thread?.cwd ?? null;
  }

  /** A conversation that goes back gives the message back, to be sent otherwise. */
  async #restore(scope: RestoreScope, overwrite: readonly string[]): Promise<void> {
    const { checkpoints, store } = this.#parts;
    const { restore, thread } = store.state;
    const turnId = restore?.checkpoint.turnId ?? null;
    const asked = thread?.items.find(({ item, turnId: of }) => of === turnId && item.type === 'userMessage')?.item;
    await checkpoints.restore(scope, overwrite);
    const isDone = store.state.restore?.status === 'done';
    if (scope !== 'code' && isDone && asked?.type === 'userMessage')
      this.focusComposer(ownWords(asked.content) || null);
  }
}

type SendOptions = { mentions?: readonly Mention[]; later?: boolean };

const OPEN_ELSEWHERE =
  'This thread is open in another window. Close it there, go on with a copy, or start a new thread.';

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
