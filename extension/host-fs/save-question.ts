/** Asks before a command runs that would not see what the agent has changed in unsaved documents. */
import * as vscode from 'vscode';
import type { HostFsSaveParams } from '../../agent-core/protocol/index.ts';
import type { SaveView } from '../../webview/bridge/thread-extras.ts';
import { WaitingRequests } from '../session/waiting.ts';
import { documentOf, nameOf } from './workspace-file.ts';

const SAVE = 'Save and Run';
const RUN = 'Run Without Saving';

/** `moot`: nobody waits for it any more; nothing is saved. */
type Answer = 'save' | 'run' | 'moot';

export type SaveQuestionDeps = {
  /** A page that can be seen shows this thread, and so its card. */
  isSeen(threadId: string): boolean;
  /** The panel would show this thread, were it open. */
  isChosen(threadId: string): boolean;
};

export class SaveQuestions {
  readonly #deps: SaveQuestionDeps;
  readonly #waiting = new WaitingRequests<SaveView, Answer>();
  /** The questions of this thread are others than before. */
  readonly onChanged = this.#waiting.onChanged;
  #count = 0;

  constructor(deps: SaveQuestionDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#waiting.size;
  }

  ofThread(threadId: string): SaveView[] {
    return this.#waiting.ofThread(threadId);
  }

  /**
   * Those of the URIs that equal the disk then. Saving is the user's own: formatters run as ever. Resolves as soon as it is
   * answered, in the panel or in the message; nothing is unsaved any more; or the turn has ended.
   */
  async ask({ threadId, turnId, itemId, uris, command }: HostFsSaveParams, parse: (uri: string) => vscode.Uri) {
    const files = uris.map((uri) => ({ uri, document: documentOf(parse(uri)) }));
    const unsaved = [...new Set(files.flatMap(({ document }) => (document?.isDirty ? [document] : [])))];
    if (unsaved.length > 0) {
      this.#count += 1;
      const view: SaveView = { id: `save-${this.#count}`, itemId, turnId, command, files: unsaved.map(fileView) };
      if ((await this.#answerOf(threadId, view, unsaved)) === 'save')
        await Promise.all(unsaved.map((document) => document.save()));
    }
    return files.filter(({ document }) => !document?.isDirty).map(({ uri }) => uri);
  }

  /** False when it no longer waits: nothing is saved then. */
  answer(id: string, save: boolean): boolean {
    return this.#waiting.close(id, save ? 'save' : 'run');
  }

  /** Nobody waits for the answers of this turn any more. */
  endTurn(threadId: string, turnId: string): void {
    for (const { id } of this.#waiting.matching((one) => one.threadId === threadId && one.view.turnId === turnId))
      this.#waiting.close(id, 'moot');
  }

  /** Nobody waits for any answer any more. */
  endAll(): void {
    for (const { id } of this.#waiting.matching(() => true)) this.#waiting.close(id, 'moot');
  }

  async #answerOf(threadId: string, view: SaveView, unsaved: readonly vscode.TextDocument[]): Promise<Answer> {
    const look = () => {
      if (unsaved.every(({ isDirty }) => !isDirty)) this.#waiting.close(view.id, 'run');
    };
    // That a document is no longer unsaved, by being saved, reverted or undone, comes as one of these.
    const heard = [vscode.workspace.onDidSaveTextDocument(look), vscode.workspace.onDidChangeTextDocument(look)];
    const answer = this.#waiting.wait(threadId, null, view);
    // Who has the card in sight needs no message over the editor as well.
    if (!this.#deps.isSeen(threadId)) void this.#message(threadId, view);
    try {
      return await answer;
    } finally {
      for (const one of heard) one.dispose();
    }
  }

  /** The editor lets no extension close a message, so a late answer is told what became of it. */
  async #message(threadId: string, { id, command, files }: SaveView): Promise<void> {
    const names = files.map(({ label }) => label).join(', ');
    const question = `The agent’s command “${shortened(command)}” sees files as they are on the disk. Save ${names} first?`;
    const choice = await vscode.window.showInformationMessage(question, SAVE, RUN);
    // Closed, it waits in the panel: but only where the panel shows it.
    if (choice === undefined && this.#deps.isChosen(threadId)) return;
    if (!this.answer(id, choice === SAVE) && choice === SAVE)
      void vscode.window.showInformationMessage(
        `The command does not wait any more: it was answered in the panel, or its turn has ended. ${names} was not saved now.`,
      );
  }
}

const fileView = ({ uri }: vscode.TextDocument) => ({
  label: nameOf(uri),
  path: uri.scheme === 'file' ? uri.fsPath : null,
});

const LONGEST = 120;

const shortened = (command: string): string => {
  const line = command.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
};
