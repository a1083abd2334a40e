/** What is attached to the next message. */
import * as vscode from 'vscode';
import type { Attachment } from '../../webview/bridge/panel-state.ts';
import { pathForAgent } from '../host/workspace-place.ts';
import type { Attached, AttachedReview, AttachedText } from './selection-prompt.ts';

/** A longer file is named and not sent: the agent can read it. */
const MAX_FILE_CHARS = 100_000;

export class Attachments {
  readonly #onChange: (attachments: Attachment[]) => void;
  #threadId: string | null = null;
  #list: Attached[] = [];
  #count = 0;

  constructor(onChange: (attachments: Attachment[]) => void) {
    this.#onChange = onChange;
  }

  get(ids: readonly string[]): Attached[] {
    return this.#list.filter(({ id }) => ids.includes(id));
  }

  remove(...ids: string[]): void {
    this.#set(this.#list.filter(({ id }) => !ids.includes(id)));
  }

  /** The selection as it is now; later edits do not change it. The same place attached again replaces the first. */
  addSelection(editor: vscode.TextEditor): AttachedText {
    const attached = { ...selectionOf(editor), id: this.#nextId() };
    this.#set([...this.#list.filter((other) => !samePlace(other, attached)), attached]);
    return attached;
  }

  async addFile(uri: vscode.Uri): Promise<AttachedText> {
    const document = await vscode.workspace.openTextDocument(uri);
    const whole = document.getText();
    const attached: AttachedText = {
      id: this.#nextId(),
      kind: 'file',
      label: vscode.workspace.asRelativePath(uri),
      path: pathForAgent(uri),
      startLine: null,
      endLine: null,
      languageId: document.languageId,
      text: whole.length > MAX_FILE_CHARS ? `(${whole.length} characters; read the file)` : whole,
    };
    this.#set([...this.#list.filter((other) => !samePlace(other, attached)), attached]);
    return attached;
  }

  /** A picture that was pasted: it has no place. */
  addImage(name: string, url: string): void {
    const id = this.#nextId();
    const place = { label: name, path: '', startLine: null, endLine: null };
    this.#set([...this.#list, { ...place, id, kind: 'image', image: { url } }]);
  }

  addImageFile(uri: vscode.Uri): void {
    const path = pathForAgent(uri);
    const label = vscode.workspace.asRelativePath(uri);
    const attached: Attached = {
      id: this.#nextId(),
      kind: 'image',
      label,
      path,
      startLine: null,
      endLine: null,
      image: { localPath: path },
    };
    this.#set([...this.#list.filter((other) => !samePlace(other, attached)), attached]);
  }

  /** What goes along with the next message of a thread, whatever else does; it takes the place of what did so before. */
  setReview(threadId: string, review: Pick<AttachedReview, 'label' | 'text' | 'decided'>): void {
    const place = { path: '', startLine: null, endLine: null };
    const attached: AttachedReview = { ...review, ...place, id: `review-${threadId}`, kind: 'review', threadId };
    this.#set([...this.#list.filter(({ id }) => id !== attached.id), attached]);
  }

  /** Of all threads. */
  get reviews(): AttachedReview[] {
    return this.#list.filter((one): one is AttachedReview => one.kind === 'review');
  }

  reviewOf(threadId: string | null): AttachedReview | undefined {
    return this.reviews.find((one) => one.threadId === threadId);
  }

  /** What concerns a thread alone is shown with it. */
  show(threadId: string | null): void {
    if (threadId === this.#threadId) return;
    this.#threadId = threadId;
    this.#set(this.#list);
  }

  #nextId(): string {
    this.#count += 1;
    return `attachment-${this.#count}`;
  }

  #set(list: Attached[]): void {
    this.#list = list;
    const shown = list.filter((one) => one.kind !== 'review' || one.threadId === this.#threadId);
    this.#onChange(
      shown.map(({ id, kind, label, path, startLine, endLine }) => ({ id, kind, label, path, startLine, endLine })),
    );
  }
}

/** The selected text with its place. A selection that ends at the start of a line does not count that line. */
export function selectionOf({ document, selection }: vscode.TextEditor): Omit<AttachedText, 'id'> {
  const endsBefore = selection.end.character === 0 && selection.end.line > selection.start.line;
  return {
    kind: 'selection',
    label: vscode.workspace.asRelativePath(document.uri),
    path: pathForAgent(document.uri),
    startLine: selection.start.line + 1,
    endLine: selection.end.line + (endsBefore ? 0 : 1),
    languageId: document.languageId,
    text: document.getText(selection),
  };
}

const samePlace = (a: Attachment, b: Attachment) =>
  a.path === b.path && a.startLine === b.startLine && a.endLine === b.endLine;
