import type { HostMessage, WebviewMessage } from '../bridge/messages.ts';

/** What is kept by the editor over reloads of the page. */
export type SavedState = { draft: string };

/** The other side of the panel. `post` never throws for a message of this type; `subscribe` returns its undo. */
export type Host = {
  post: (message: WebviewMessage) => void;
  subscribe: (listener: (message: HostMessage) => void) => () => void;
  load: () => SavedState;
  save: (state: SavedState) => void;
};

type VsCodeApi = {
  postMessage: (message: unknown) => void;
  getState: () => unknown;
  setState: (state: unknown) => void;
};

/** The host behind VS Code's webview API. May be called once a page, as the API itself. */
export function connectHost(): Host {
  const { acquireVsCodeApi } = globalThis as unknown as { acquireVsCodeApi: () => VsCodeApi };
  const api = acquireVsCodeApi();
  return {
    post: (message) => api.postMessage(message),
    subscribe: (listener) => {
      const onMessage = (event: MessageEvent<unknown>) => {
        const data = event.data as { type?: unknown } | null;
        if (data && typeof data.type === 'string') listener(data as HostMessage);
      };
      window.addEventListener('message', onMessage);
      return () => window.removeEventListener('message', onMessage);
    },
    load: () => {
      const saved = api.getState() as Partial<SavedState> | null | undefined;
      return { draft: typeof saved?.draft === 'string' ? saved.draft : '' };
    },
    save: (state) => api.setState(state),
  };
}
