import './dom.ts';
import { act, cleanup, configure, fireEvent, render, screen, within } from '@testing-library/react';
import { App } from '../../../webview/app.tsx';
import type { HostMessage, WebviewMessage } from '../../../webview/bridge/messages.ts';
import { webviewMessage } from '../../../webview/bridge/messages.ts';
import type { PanelPatch, PanelState, ThreadView } from '../../../webview/bridge/panel-state.ts';
import { PanelProvider } from '../../../webview/state/context.tsx';
import type { Host, SavedState } from '../../../webview/state/host.ts';
import { createPanelStore } from '../../../webview/state/store.ts';
import { READY } from '../gallery/states.ts';

// A whole page in each message helps nobody; the first line says what was looked for.
configure({ getElementError: (message) => new Error(message?.split('\n')[0]) });

export { act, cleanup, screen, within };

/** The panel in a page, with a host that keeps what it was told. */
export type TestPanel = {
  /** What the page sent since the last call, oldest first; each has passed the host's own check. */
  sent: () => WebviewMessage[];
  receive: (message: HostMessage) => void;
  patch: (...patches: PanelPatch[]) => void;
  saved: () => SavedState;
  announced: () => string;
  composer: () => HTMLTextAreaElement;
};

export function renderPanel(state: PanelState = READY, draft = ''): TestPanel {
  let sent: WebviewMessage[] = [];
  let saved: SavedState = { draft };
  const listeners = new Set<(message: HostMessage) => void>();
  const host: Host = {
    post: (message) => {
      sent.push(webviewMessage.parse(message));
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    load: () => saved,
    save: (next) => {
      saved = next;
    },
  };
  const panel = createPanelStore(host);
  render(
    <PanelProvider panel={panel}>
      <App />
    </PanelProvider>,
  );
  const receive = (message: HostMessage) =>
    act(() => {
      for (const listener of listeners) listener(message);
    });
  receive({ type: 'snapshot', state });
  sent = [];
  return {
    sent: () => {
      const all = sent;
      sent = [];
      return all;
    },
    receive,
    patch: (...patches) => receive({ type: 'patches', patches }),
    saved: () => saved,
    announced: () => (screen.getByRole('status').textContent ?? '').trim(),
    composer: () => screen.getByRole('textbox', { name: 'Message Gantry' }) as HTMLTextAreaElement,
  };
}

export const withThread = (thread: ThreadView, more: Partial<PanelState> = {}): PanelState => ({
  ...READY,
  thread,
  ...more,
});

export function type(field: HTMLElement, value: string): void {
  fireEvent.change(field, { target: { value } });
}

/** A key press; false when something has taken it over. */
export function press(target: Element, key: string, more: KeyboardEventInit = {}): boolean {
  return fireEvent.keyDown(target, { key, ...more });
}

export function click(element: Element): void {
  fireEvent.click(element);
}

export function focus(element: HTMLElement): void {
  act(() => element.focus());
}

/** Name of what has the focus. Never hand an element to `assert`: printing one takes gigabytes. */
export function focusedName(): string {
  const element = document.activeElement;
  return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
}

export const button = (name: string | RegExp) => screen.getByRole('button', { name });
