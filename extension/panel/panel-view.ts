/** The view in the side bar that shows the panel. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { HostMessage } from '../../webview/bridge/messages.ts';
import { VIEWS } from '../contributions.ts';
import { type BridgeDeps, BridgeHost } from './bridge-host.ts';
import { panelHtml } from './html.ts';

export class PanelView implements vscode.WebviewViewProvider {
  readonly #root: vscode.Uri;
  readonly #deps: BridgeDeps;
  #view: vscode.WebviewView | null = null;
  #bridge: BridgeHost | null = null;
  #waiting: HostMessage[] = [];
  #badge = 0;

  constructor(extensionUri: vscode.Uri, deps: BridgeDeps) {
    this.#root = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
    this.#deps = deps;
  }

  get isReady(): boolean {
    return this.#bridge?.isReady ?? false;
  }

  /** The page is up and can be seen. */
  get isSeen(): boolean {
    return this.isReady && this.#view?.visible === true;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const { webview } = view;
    webview.options = { enableScripts: true, localResourceRoots: [this.#root] };
    const bridge = new BridgeHost(webview, this.#deps);
    for (const message of this.#waiting.splice(0)) bridge.send(message);
    this.#view = view;
    this.#bridge = bridge;
    this.setBadge(this.#badge);
    view.onDidDispose(() => {
      bridge.dispose();
      if (this.#view === view) {
        this.#view = null;
        this.#bridge = null;
      }
    });
    const file = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(this.#root, name)).toString();
    webview.html = panelHtml({
      cspSource: webview.cspSource,
      scriptUri: file('main.js'),
      styleUri: file('main.css'),
      nonce: randomBytes(16).toString('base64url'),
    });
  }

  /** Waits for the page when the view has not been opened yet. */
  send(message: HostMessage): void {
    if (this.#bridge) this.#bridge.send(message);
    else this.#waiting.push(message);
  }

  /** Also holds for a view that comes up later. */
  setBadge(count: number): void {
    this.#badge = count;
    if (!this.#view) return;
    const tooltip = count === 1 ? '1 approval waits' : `${count} approvals wait`;
    this.#view.badge = count > 0 ? { value: count, tooltip } : undefined;
  }

  async focus(): Promise<void> {
    await vscode.commands.executeCommand(`${VIEWS.panel}.focus`);
  }
}
