/** Asks before a command runs that would not see what the agent has changed in unsaved documents. */
import * as vscode from 'vscode';
import type { HostFsSaveParams } from '../../agent-core/protocol/index.ts';
import { documentOf, nameOf } from './workspace-file.ts';

const SAVE = 'Save';
const RUN = 'Run Without Saving';

export class SaveQuestions {
  /** One for each question that is open; called when its turn is over. */
  readonly #open = new Map<() => void, string>();

  get size(): number {
    return this.#open.size;
  }

  /**
   * Those of the URIs that equal the disk then. Saving is the user's own: formatters run as ever. Resolves at once when
   * the turn ends; a late answer saves nothing, and the user reads why: the editor lets no extension close a message.
   */
  async ask({ threadId, turnId, uris, command }: HostFsSaveParams, parse: (uri: string) => vscode.Uri) {
    const files = uris.map((uri) => ({ uri, document: documentOf(parse(uri)) }));
    const unsaved = [...new Set(files.flatMap(({ document }) => (document?.isDirty ? [document] : [])))];
    if (unsaved.length > 0) await this.#offer(unsaved, command, keyOf(threadId, turnId));
    return files.filter(({ document }) => !document?.isDirty).map(({ uri }) => uri);
  }

  /** Nobody waits for the answers of this turn any more. */
  endTurn(threadId: string, turnId: string): void {
    for (const [end, key] of this.#open) if (key === keyOf(threadId, turnId)) end();
  }

  /** Nobody waits for any answer any more. */
  endAll(): void {
    for (const end of this.#open.keys()) end();
  }

  async #offer(unsaved: readonly vscode.TextDocument[], command: string, turn: string): Promise<void> {
    const names = unsaved.map(({ uri }) => nameOf(uri)).join(', ');
    const question = `The agent’s command “${shortened(command)}” sees files as they are on the disk. Save ${names} first?`;
    let isOver = false;
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = () => {
        isOver = true;
        resolve();
      };
    });
    this.#open.set(end, turn);
    const answered = async () => {
      const answer = await vscode.window.showInformationMessage(question, SAVE, RUN);
      if (answer !== SAVE) return;
      if (isOver) {
        void vscode.window.showInformationMessage(
          `The command will not run: its turn has ended. ${names} was not saved.`,
        );
        return;
      }
      await Promise.all(unsaved.map((document) => document.save()));
    };
    try {
      await Promise.race([answered(), ended]);
    } finally {
      this.#open.delete(end);
    }
  }
}

const keyOf = (threadId: string, turnId: string): string => `${threadId} ${turnId}`;

const LONGEST = 120;

const shortened = (command: string): string => {
  const line = command.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
};
