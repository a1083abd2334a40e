/** The context keys that menus, keys and the palette go by. */
import * as vscode from 'vscode';
import { CONTEXT_KEYS, type ContextKey } from '../../contributions.ts';
import { fileOfBaseline } from '../base-provider.ts';
import type { ReviewedFile } from '../store/review-store.ts';
import type { ReviewSource } from './review-source.ts';

export class ReviewKeys implements vscode.Disposable {
  readonly #source: ReviewSource;
  readonly #told = new Map<ContextKey, string>();
  readonly #subscriptions: vscode.Disposable[];

  constructor(source: ReviewSource) {
    this.#source = source;
    const front = () => this.#updateFront();
    this.#subscriptions = [
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (textEditor === vscode.window.activeTextEditor) this.#updateCursor();
      }),
      vscode.window.onDidChangeActiveTextEditor(front),
      vscode.window.tabGroups.onDidChangeTabs(front),
      vscode.window.tabGroups.onDidChangeTabGroups(front),
    ];
  }

  update(): void {
    const { files } = this.#source;
    this.#tell(CONTEXT_KEYS.reviewPending, files.length > 0);
    this.#tell(
      CONTEXT_KEYS.reviewPaths,
      files.flatMap(({ uri }) => spellings(uri)),
    );
    this.#updateFront();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #updateFront(): void {
    this.#tell(CONTEXT_KEYS.reviewActive, reviewedInFront(this.#source) !== undefined);
    this.#updateCursor();
  }

  #updateCursor(): void {
    const editor = vscode.window.activeTextEditor;
    const hunk =
      editor && this.#source.files.length > 0
        ? this.#source.hunkAt(editor.document.uri, editor.selection.active.line)
        : undefined;
    this.#tell(CONTEXT_KEYS.hunkAtCursor, hunk !== undefined);
  }

  #tell(key: ContextKey, value: boolean | readonly string[]): void {
    const text = JSON.stringify(value);
    if (this.#told.get(key) === text) return;
    this.#told.set(key, text);
    void vscode.commands.executeCommand('setContext', key, value);
  }
}

/** The file under review whose text or diff is in front. */
export function reviewedInFront(source: ReviewSource): ReviewedFile | undefined {
  if (source.files.length === 0) return undefined;
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputText) return source.find(input.uri);
  if (!(input instanceof vscode.TabInputTextDiff)) return undefined;
  const base = fileOfBaseline(input.original);
  return source.find(input.modified) ?? (base === null ? undefined : source.find(base));
}

/** A window on Windows writes the paths of a remote folder with its own slashes. */
const spellings = ({ fsPath }: vscode.Uri): string[] => [
  ...new Set([fsPath, fsPath.replaceAll('/', '\\'), fsPath.replaceAll('\\', '/')]),
];
