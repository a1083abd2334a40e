/** The only code in the extension that writes workspace files. How, and why so: README.md. */
import { createTwoFilesPatch } from 'diff';
import * as vscode from 'vscode';
import type { LineEdit } from '../review/model/hunks.ts';
import { DeletedFiles } from './deleted-files.ts';
import type { AgentWrite, DocumentWriter, Refused, WriteOrigin, WriteRequest, WriteResult } from './document-writer.ts';
import { encodeFile, encodeNewFile } from './file-encoding.ts';
import { editDocument, writeUnder } from './open-document.ts';
import { PerFileQueue } from './per-file-queue.ts';
import { hashOf, plain } from './plain-text.ts';
import { canonicalKey } from './uri-key.ts';
import {
  documentOf,
  failure,
  lookAt,
  nameOf,
  notebookOf,
  refused,
  type WorkspaceFile,
  whyNotWritable,
} from './workspace-file.ts';

/** A change that is under way: the event that brings the text is ours. */
type Expected = { text: string; announce(): void };

type Existing = Extract<WorkspaceFile, { type: 'buffer' | 'file' }>;
type OnDisk = Extract<WorkspaceFile, { type: 'file' }>;

/** How often a change is tried anew when the document moved under it without that its text is another one now. */
const TRIES = 3;

export class WorkspaceWriter implements DocumentWriter, vscode.Disposable {
  readonly #queue = new PerFileQueue();
  readonly #expected = new Map<string, Expected>();
  readonly #deleted = new DeletedFiles();
  readonly #didWrite = new vscode.EventEmitter<AgentWrite>();
  readonly onDidWrite = this.#didWrite.event;
  readonly #subscription = vscode.workspace.onDidChangeTextDocument(({ document }) => {
    if (this.#expected.size === 0) return;
    const expected = this.#expected.get(canonicalKey(document.uri));
    if (expected?.text === plain(document.getText())) expected.announce();
  });

  dispose(): void {
    this.#subscription.dispose();
    this.#didWrite.dispose();
  }

  isOwn(uri: vscode.Uri, text: string): boolean {
    return this.#expected.size > 0 && this.#expected.get(canonicalKey(uri))?.text === plain(text);
  }

  /** What is there; waits for a change that is under way. */
  look(uri: vscode.Uri): Promise<WorkspaceFile> {
    return this.#queue.run([canonicalKey(uri)], () => lookAt(uri));
  }

  write(uri: vscode.Uri, { text, baseHash, origin }: WriteRequest): Promise<WriteResult> {
    return this.#queue.run([canonicalKey(uri)], () =>
      this.#change(uri, origin, (file) => {
        if (file.type === 'missing') return baseHash === null ? plain(text) : conflict('missing', file);
        if (baseHash === null) return conflict('exists', file);
        return hashOf(textOf(file)) === baseHash ? plain(text) : conflict('changed', file);
      }),
    );
  }

  create(uri: vscode.Uri, { text, origin }: { text: string; origin: WriteOrigin | null }): Promise<WriteResult> {
    return this.write(uri, { text, baseHash: null, origin });
  }

  apply(uri: vscode.Uri, edits: readonly LineEdit[], expectedText: string): Promise<WriteResult> {
    return this.#queue.run([canonicalKey(uri)], () =>
      this.#change(uri, 'silent', (file) => {
        if (file.type === 'missing') return conflict('missing', file);
        const text = textOf(file);
        return text === plain(expectedText) ? withEdits(text, edits) : conflict('changed', file);
      }),
    );
  }

  delete(
    uri: vscode.Uri,
    { baseHash, origin }: { baseHash: string; origin: WriteOrigin | null },
  ): Promise<WriteResult> {
    return this.#queue.run([canonicalKey(uri)], async () => {
      const file = await this.#checked(uri, baseHash);
      if (file.type === 'buffer') return unsaved(uri, 'deleted');
      if (file.type !== 'file') return file;
      try {
        await vscode.workspace.fs.delete(uri, { recursive: false, useTrash: false });
      } catch (error) {
        return failure(error, uri);
      }
      this.#deleted.keep(uri, file.bytes);
      this.#didWrite.fire({ uri, kind: 'delete', before: file.content.text, after: null, origin });
      return written('', '');
    });
  }

  /** What was in a file that somebody else deleted, for `restore`. */
  keepDeleted(uri: vscode.Uri, bytes: Uint8Array): void {
    this.#deleted.keep(uri, bytes);
  }

  restore(uri: vscode.Uri): Promise<WriteResult> {
    return this.#queue.run([canonicalKey(uri)], async () => {
      const bytes = this.#deleted.find(uri);
      if (!bytes) return refused('notFound', `What was in ${nameOf(uri)} when it was deleted is not known any more.`);
      const file = await lookAt(uri);
      if (file.type === 'refused') return file;
      if (file.type !== 'missing') return conflict('exists', file);
      const problem = (await whyNotWritable(uri)) ?? (await putNew(uri, bytes));
      if (problem) return problem;
      this.#deleted.forget(uri);
      const now = await lookAt(uri);
      const text = now.type === 'file' ? now.content.text : '';
      this.#didWrite.fire({ uri, kind: 'create', before: null, after: text, origin: null });
      return written(text, text);
    });
  }

  rename(
    uri: vscode.Uri,
    { newUri, baseHash, origin }: { newUri: vscode.Uri; baseHash: string; origin: WriteOrigin | null },
  ): Promise<WriteResult> {
    const [from, to] = [canonicalKey(uri), canonicalKey(newUri)];
    return this.#queue.run([from, to], async () => {
      const file = await this.#checked(uri, baseHash);
      if (file.type !== 'file' && file.type !== 'buffer') return file;
      // Another spelling of the same name is the file itself, where the disk ignores upper and lower case.
      const target = from === to ? ({ type: 'missing' } as const) : await lookAt(newUri);
      const problem = await whyNotWritable(newUri);
      if (problem) return problem;
      if (target.type === 'refused' && target.reason === 'noScheme') return target;
      if (target.type !== 'missing') return conflict('targetExists', file);
      const edit = new vscode.WorkspaceEdit();
      edit.renameFile(uri, newUri, { overwrite: false });
      if (!(await vscode.workspace.applyEdit(edit))) {
        return refused('io', `The editor could not rename ${nameOf(uri)} to ${nameOf(newUri)}.`);
      }
      const text = textOf(file);
      this.#didWrite.fire({ uri, newUri, kind: 'rename', before: text, after: text, origin });
      return written(text, text);
    });
  }

  /** The file as it was seen, or why it is neither deleted nor renamed. */
  async #checked(uri: vscode.Uri, baseHash: string): Promise<Existing | WriteResult> {
    const file = await lookAt(uri);
    if (file.type === 'refused') return file;
    if (file.type === 'missing') return conflict('missing', file);
    const problem = (await whyNotWritable(uri)) ?? whyNeverSaved(uri);
    if (problem) return problem;
    return hashOf(textOf(file)) === baseHash ? file : conflict('changed', file);
  }

  /** Finds what is there, lets `next` say the new text, and makes it. `silent` changes are not announced. */
  async #change(
    uri: vscode.Uri,
    origin: WriteOrigin | null | 'silent',
    next: (file: Existing | { type: 'missing' }) => string | WriteResult,
  ): Promise<WriteResult> {
    for (let attempt = 1; ; attempt++) {
      const file = await lookAt(uri);
      if (file.type === 'refused') return file;
      const problem = (await whyNotWritable(uri)) ?? whyOnlyCells(uri);
      if (problem) return problem;
      const text = next(file);
      if (typeof text !== 'string') return text;
      const before = file.type === 'missing' ? null : textOf(file);
      if (before === text) return written(text, text);
      const key = canonicalKey(uri);
      const announce = once(() => {
        if (origin === 'silent') return;
        const kind = before === null ? 'create' : 'write';
        this.#didWrite.fire({ uri, kind, before, after: text, origin });
      });
      this.#expected.set(key, { text, announce });
      try {
        const made = await make(uri, file, text);
        if (made === null) {
          announce();
          return written(text, shownText(uri) ?? text);
        }
        if (made !== 'raced') return made;
      } finally {
        this.#expected.delete(key);
      }
      if (attempt === TRIES) return refused('io', `${nameOf(uri)} keeps changing while it is written. Read it again.`);
    }
  }
}

/** Null when the text is there. `raced`: nothing is done, and what is there must be looked at again. */
async function make(
  uri: vscode.Uri,
  file: Existing | { type: 'missing' },
  text: string,
): Promise<null | 'raced' | Refused> {
  if (file.type === 'buffer') return (await editDocument(file.seen, text)) ? null : 'raced';
  if (file.type === 'missing') return putNew(uri, await encodeNewFile(text, uri));
  const bytes = await encodeFile(file.content, text);
  if (!bytes || !file.content.isExact) {
    const why = bytes ? 'has bytes that are not valid in it' : 'cannot hold these characters';
    return refused('binary', `${nameOf(uri)} is not written: its encoding, ${file.content.encoding}, ${why}.`);
  }
  try {
    if (await shows(file, text, bytes)) return null;
    await takeBack(file.uri, bytes, file.bytes);
    return 'raced';
  } catch (error) {
    return failure(error, uri);
  }
}

/** Writes the bytes, and sees to it that an open document shows them. False when it is not as it was seen. */
async function shows({ uri, seen }: OnDisk, text: string, bytes: Uint8Array): Promise<boolean> {
  if (!seen) {
    if (documentOf(uri)) return false;
    await vscode.workspace.fs.writeFile(uri, bytes);
    return true;
  }
  const outcome = await writeUnder(seen, text, () => vscode.workspace.fs.writeFile(uri, bytes));
  if (outcome !== 'unwatched') return outcome === 'shown';
  if (seen.document.isDirty || !(await editDocument(seen, text))) return false;
  await seen.document.save();
  return true;
}

/** The document holds the user's new text: the disk gets back what it had, so that saving it meets no newer file. */
async function takeBack(uri: vscode.Uri, ours: Uint8Array, before: Uint8Array): Promise<void> {
  const now = await vscode.workspace.fs.readFile(uri);
  if (Buffer.from(now).equals(ours)) await vscode.workspace.fs.writeFile(uri, before);
}

async function putNew(uri: vscode.Uri, bytes: Uint8Array): Promise<Refused | null> {
  if (uri.scheme === 'untitled') return refused('notFound', `${nameOf(uri)} is not open.`);
  try {
    await vscode.workspace.fs.createDirectory(vscode.Uri.joinPath(uri, '..'));
    await vscode.workspace.fs.writeFile(uri, bytes);
    return null;
  } catch (error) {
    return failure(error, uri);
  }
}

/** A notebook that is open holds cells; JSON written under it would be lost or break it. */
function whyOnlyCells(uri: vscode.Uri): Refused | null {
  if (!notebookOf(uri)) return null;
  return refused(
    'forbidden',
    `${nameOf(uri)} is open as a notebook and is not written under it. Ask the user to close it, then try again.`,
  );
}

function whyNeverSaved(uri: vscode.Uri): Refused | null {
  if (notebookOf(uri)?.isDirty) return unsaved(uri, 'changed');
  return uri.scheme === 'untitled' ? refused('forbidden', `${nameOf(uri)} has no file. It was never saved.`) : null;
}

const unsaved = (uri: vscode.Uri, what: string): Refused =>
  refused('forbidden', `${nameOf(uri)} has changes that are not saved, so it is not ${what}. Ask the user to save it.`);

const textOf = (file: Existing): string => (file.type === 'buffer' ? file.text : file.content.text);

function shownText(uri: vscode.Uri): string | null {
  const document = documentOf(uri);
  return document && plain(document.getText());
}

function withEdits(text: string, edits: readonly LineEdit[]): string {
  const lines = text.split('\n');
  for (const { startLine, endLine, lines: put } of [...edits].reverse()) {
    lines.splice(startLine, endLine - startLine, ...put);
  }
  return lines.join('\n');
}

function conflict(
  reason: Extract<WriteResult, { type: 'conflict' }>['reason'],
  file: Existing | { type: 'missing' },
): WriteResult {
  const text = file.type === 'missing' ? null : textOf(file);
  return { type: 'conflict', reason, text, hash: text === null ? null : hashOf(text) };
}

function written(asked: string, text: string): WriteResult {
  const formatterDelta = asked === text ? null : createTwoFilesPatch('written', 'now', asked, text);
  return { type: 'written', hash: hashOf(text), text, formatterDelta };
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
