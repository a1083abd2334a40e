/** A file of a change that waits: its proposal as it reads now, its hunks, and what the card shows of it. */
import * as vscode from 'vscode';
import type { ApprovalFile } from '../../../webview/bridge/panel-state.ts';
import { openDocument } from '../file-text.ts';
import type { ProposalFileSystem } from './proposal-fs.ts';
import { hunksOf, type ProposedHunk, textWith, viewOf } from './proposal-hunks.ts';
import { type DecidedFile, isEdited, plainText } from './proposed-change.ts';
import { replaceText } from './replace-text.ts';

export type PendingFile = DecidedFile & {
  real: vscode.Uri;
  proposal: vscode.Uri;
  approvalId: string;
  /** The hunks that were taken when somebody last chose; null: nobody has, so all are. */
  chosen: ReadonlySet<string> | null;
  /** A new or deleted file has no parts: it is left out as one. */
  isLeftOut: boolean;
  since: NonNullable<ApprovalFile['since']> | null;
  /** Of how many files the change is that the agent takes or leaves as a whole; null where it takes parts. */
  asOne: number | null;
};

/** Of a file that is made or deleted: its only hunk. */
export const WHOLE_FILE = 'file';

export class PendingTexts {
  readonly #proposals: ProposalFileSystem;

  constructor(proposals: ProposalFileSystem) {
    this.#proposals = proposals;
  }

  /** The text in the editor, not the last save: what is on the screen is what is accepted. Null for a deletion. */
  textOf({ file, proposal }: PendingFile): string | null {
    if (file.newText === null) return null;
    const open = openDocument(proposal);
    const text = open ? open.getText() : this.#proposals.text(proposal);
    return text !== null && isEdited({ file, finalText: text }) ? plainText(text) : file.newText;
  }

  /** Empty for a file that is made or deleted as one. */
  hunksOf(file: PendingFile): ProposedHunk[] {
    const { kind, oldText, newText } = file.file;
    if (kind !== 'update' || oldText === null || newText === null) return [];
    return hunksOf({ base: oldText, offered: newText, now: this.textOf(file) ?? '' }, file.chosen);
  }

  /** Whether nothing of it is taken. A move with all its hunks left out still moves. */
  isLeftOut(file: PendingFile): boolean {
    const hunks = this.hunksOf(file);
    if (hunks.length === 0) return file.isLeftOut;
    return file.file.path === file.file.targetPath && hunks.every(({ state }) => state === 'dropped');
  }

  /** Takes a hunk, or leaves it out; without an id all of the file's. The editor can undo it. False when it is gone. */
  async choose(file: PendingFile, id: string | null, take: boolean): Promise<boolean> {
    const hunks = this.hunksOf(file);
    if (hunks.length === 0) {
      file.isLeftOut = !take;
      return true;
    }
    const base = file.file.oldText ?? '';
    if (id === null) {
      await this.#write(file, (take ? file.file.newText : base) ?? '');
      file.chosen = new Set(take ? hunks.map((hunk) => hunk.id) : []);
      return true;
    }
    if (!hunks.some((hunk) => hunk.id === id)) return false;
    await this.#write(file, textWith(base, hunks, id, take));
    const taken = hunks.filter((hunk) => (hunk.id === id ? take : hunk.present.length > 0));
    file.chosen = new Set(taken.map((hunk) => hunk.id));
    return true;
  }

  /** Puts a text into the proposal that is shown. */
  async replace(file: PendingFile, text: string): Promise<void> {
    await this.#write(file, text);
  }

  viewOf(file: PendingFile, label: string, byFile: boolean): ApprovalFile {
    const { path, kind } = file.file;
    const shown: ApprovalFile = { path, label, kind };
    if (file.verdict !== 'pending') return { ...shown, decided: file.verdict };
    if (byFile) {
      const hunks = this.hunksOf(file);
      const whole = { id: WHOLE_FILE, state: file.isLeftOut ? ('dropped' as const) : ('taken' as const), diff: '' };
      shown.hunks = hunks.length > 0 ? hunks.map((hunk) => viewOf(file.file.oldText ?? '', hunks, hunk)) : [whole];
    }
    if (file.since) shown.since = file.since;
    return shown;
  }

  async #write(file: PendingFile, text: string): Promise<void> {
    const open = openDocument(file.proposal);
    if (open) await replaceText(open, text);
    else this.#proposals.put(file.proposal, text, { writable: true });
  }
}

/** How a path is shown to people. */
export const labelOf = (uri: vscode.Uri): string => vscode.workspace.asRelativePath(uri);
