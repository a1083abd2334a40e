/** An event as the editor's are, for parts that run without an editor, too. */
import type * as vscode from 'vscode';

export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => void>();

  readonly event: vscode.Event<T> = (listener, thisArg, disposables) => {
    const heard = (value: T) => listener.call(thisArg, value);
    this.#listeners.add(heard);
    const disposable = { dispose: () => void this.#listeners.delete(heard) };
    disposables?.push(disposable);
    return disposable;
  };

  fire(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
