/** Hears of typing in proposals, and of whatever happens to the files that they are for. */
import { posix } from 'node:path';
import * as vscode from 'vscode';
import { PROPOSAL_SCHEME } from './proposal-fs.ts';

export type Heard = { onProposal(proposal: vscode.Uri): void; onFile(file: vscode.Uri): void };

/** Many changes come one after the other while somebody types; each is told of once they pause. */
const PAUSE_MS = 60;

export class ChangedSince implements vscode.Disposable {
  readonly #heard: Heard;
  readonly #watchers = new Map<string, vscode.FileSystemWatcher>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #subscription: vscode.Disposable;

  constructor(heard: Heard) {
    this.#heard = heard;
    this.#subscription = vscode.workspace.onDidChangeTextDocument(({ document: { uri }, contentChanges }) => {
      if (contentChanges.length === 0) return;
      if (uri.scheme === PROPOSAL_SCHEME) this.#soon(uri, () => this.#heard.onProposal(uri));
      else if (this.#watchers.has(uri.toString())) this.#soon(uri, () => this.#heard.onFile(uri));
    });
  }

  /** Until `forget`. */
  watch(file: vscode.Uri): void {
    const key = file.toString();
    if (this.#watchers.has(key)) return;
    const folder = vscode.Uri.joinPath(file, '..');
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(folder, posix.basename(file.path).replaceAll(/[*?{}[\]]/g, '[$&]')),
    );
    const tell = () => this.#soon(file, () => this.#heard.onFile(file));
    watcher.onDidChange(tell);
    watcher.onDidCreate(tell);
    watcher.onDidDelete(tell);
    this.#watchers.set(key, watcher);
  }

  forget(file: vscode.Uri): void {
    this.#watchers.get(file.toString())?.dispose();
    this.#watchers.delete(file.toString());
  }

  dispose(): void {
    this.#subscription.dispose();
    for (const watcher of this.#watchers.values()) watcher.dispose();
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #soon(uri: vscode.Uri, tell: () => void): void {
    const key = uri.toString();
    clearTimeout(this.#timers.get(key));
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      tell();
    }, PAUSE_MS);
    this.#timers.set(key, timer);
  }
}
