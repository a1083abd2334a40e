/** Files without an editor, for tests of the store. */
import { createHash } from 'node:crypto';
import type * as vscode from 'vscode';
import type { FileReviewDecidedParams } from '../../../../agent-core/protocol/index.ts';
import type { WriteOrigin, WriteResult } from '../../../../extension/host-fs/document-writer.ts';
import type { LineEdit } from '../../../../extension/review/model/hunks.ts';
import { ReviewStore } from '../../../../extension/review/store/review-store.ts';
import type { Folder } from '../../../../extension/review/store/saved-reviews.ts';
import { applied } from './interleaving.ts';

export const hash = (text: string) => createHash('sha256').update(text).digest('hex');
export const origin = (threadId: string, itemId: string, decided = false): WriteOrigin => ({
  ...{ threadId, itemId, decided },
  turnId: `turn of ${threadId}`,
});

export function uri(path: string): vscode.Uri {
  const made = {
    ...{ scheme: 'file', path, fsPath: path },
    with: (change: { path: string }) => uri(change.path),
    toString: () => `file://${path}`,
  };
  return made as unknown as vscode.Uri;
}

/** Files without an editor, a writer that changes them, and a store that follows. */
export class World {
  readonly files = new Map<string, string>();
  readonly reports: FileReviewDecidedParams[] = [];
  readonly notices: string[] = [];
  readonly dirty = new Set<string>();
  /** Where links lead. */
  readonly links = new Map<string, string>();
  /** What the editor is about to have moved. */
  readonly moving = new Set<string>();
  refuses: string | null = null;
  readonly store = this.open();

  open(): ReviewStore {
    return new ReviewStore({
      keyOf: (one) => this.links.get(one.path) ?? String(one),
      uriOf: uri,
      parseUri: (text) => uri(text.slice('file://'.length)),
      read: async ({ path }) => ({ text: this.files.get(path) ?? null, isDirty: this.dirty.has(path) }),
      isMoving: ({ path }) => this.moving.has(path),
      report: (params) => void this.reports.push(params),
      notice: (message) => void this.notices.push(message),
      writer: {
        apply: async ({ path }, edits: readonly LineEdit[], expected) => {
          if (this.files.get(path) !== expected)
            return { type: 'conflict', reason: 'changed', text: this.files.get(path) ?? null, hash: null };
          return this.#put(path, applied(expected, edits));
        },
        write: async ({ path }, { text, baseHash }) => {
          const now = this.files.get(path) ?? null;
          if ((now === null ? null : hash(now)) !== baseHash)
            return { type: 'conflict', reason: 'changed', text: now, hash: null };
          return this.#put(path, text);
        },
        delete: async ({ path }) => this.#put(path, null),
        restore: async () => ({ type: 'refused', reason: 'notFound', message: 'not known' }),
        create: async ({ path }, { text }) => this.#put(path, text),
        rename: async ({ path }, { newUri }) => {
          const text = this.files.get(path)!;
          this.#put(path, null);
          return this.#put(newUri.path, text);
        },
      },
    });
  }

  #put(path: string, text: string | null): WriteResult {
    if (this.refuses) return { type: 'refused', reason: 'readOnly', message: this.refuses };
    if (text === null) this.files.delete(path);
    else this.files.set(path, text);
    return { type: 'written', hash: hash(text ?? ''), text: text ?? '', formatterDelta: null };
  }

  agent(path: string, after: string | null, by = origin('t', 'i')): void {
    const before = this.files.get(path) ?? null;
    const kind = before === null ? 'create' : after === null ? 'delete' : 'write';
    if (after === null) this.files.delete(path);
    else this.files.set(path, after);
    this.store.agentWrote({ uri: uri(path), kind, before, after, origin: by });
  }

  type(path: string, line: number, text: string): void {
    const lines = this.files.get(path)!.split('\n');
    lines[line] = text + lines[line];
    this.files.set(path, lines.join('\n'));
    this.store.documentChanged(uri(path), {
      changes: [{ range: { startLine: line, startCharacter: 0, endLine: line, endCharacter: 0 }, text }],
      ...{ isUndoRedo: false, isDirty: true, lineCount: lines.join('\n').split('\n').length },
      text: () => lines.join('\n'),
    });
  }

  shape(store = this.store) {
    return store.files.map(({ uri: { path }, kind, hunks }) => [path, kind, hunks.map(({ lines }) => lines)]);
  }

  get told() {
    return this.reports.map(({ decision, threadId, hunkCount, pendingCount }) => [
      ...[decision, threadId, hunkCount, pendingCount],
    ]);
  }
}

/** A folder. */
export function memory(): Folder & { files: Map<string, string> } {
  const files = new Map<string, string>();
  return {
    files,
    read: async (name) => files.get(name) ?? null,
    write: async (name, text) => void files.set(name, text),
    remove: async (name) => void files.delete(name),
    list: async () => [...files.keys()],
  };
}
