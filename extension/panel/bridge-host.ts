/** The host's end of the line to one page: parses what comes, sends a snapshot first and patches after it. */
import type * as vscode from 'vscode';
import * as z from 'zod/mini';
import { type HostMessage, type WebviewMessage, webviewMessage } from '../../webview/bridge/messages.ts';
import type { PanelStore } from './panel-store.ts';

export type BridgeDeps = {
  store: PanelStore;
  handle(message: WebviewMessage): void;
  onBadMessage(why: string): void;
};

export class BridgeHost implements vscode.Disposable {
  readonly #webview: Pick<vscode.Webview, 'postMessage' | 'onDidReceiveMessage'>;
  readonly #deps: BridgeDeps;
  readonly #subscriptions: { dispose(): void }[];
  #ready = false;
  #waiting: HostMessage[] = [];

  constructor(webview: Pick<vscode.Webview, 'postMessage' | 'onDidReceiveMessage'>, deps: BridgeDeps) {
    this.#webview = webview;
    this.#deps = deps;
    this.#subscriptions = [
      webview.onDidReceiveMessage((message: unknown) => this.#receive(message)),
      deps.store.onPatches((patches) => {
        if (this.#ready) this.#post({ type: 'patches', patches });
      }),
    ];
  }

  get isReady(): boolean {
    return this.#ready;
  }

  /** Waits for the page when it is not up yet; nothing is lost. */
  send(message: HostMessage): void {
    if (this.#ready) this.#post(message);
    else this.#waiting.push(message);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #receive(message: unknown): void {
    const parsed = z.safeParse(webviewMessage, message);
    if (!parsed.success) {
      this.#deps.onBadMessage(z.prettifyError(parsed.error));
      return;
    }
    if (parsed.data.type === 'ready') this.#start();
    this.#deps.handle(parsed.data);
  }

  /** Also after a reload of the page: it then knows nothing. */
  #start(): void {
    // Taken first: what it flushes is in the snapshot and must not reach this page as well.
    this.#ready = false;
    const state = this.#deps.store.snapshot();
    this.#ready = true;
    this.#post({ type: 'snapshot', state });
    for (const message of this.#waiting.splice(0)) this.#post(message);
  }

  #post(message: HostMessage): void {
    void this.#webview.postMessage(message);
  }
}
