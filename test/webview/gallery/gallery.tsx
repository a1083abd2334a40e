/**
 * The real panel with recorded states, in a plain browser page: `?state=ask-file&theme=light`.
 * `window.panel.receive(message)` plays the host; `window.panel.sent` has what the page said.
 */
import type { HostMessage } from '../../../webview/bridge/messages.ts';
import { STATES } from './states.ts';
import { THEMES } from './themes.ts';

const query = new URLSearchParams(location.search);
const theme = THEMES[query.get('theme') ?? 'dark'];
const state = STATES[query.get('state') ?? 'done'];
if (!theme || !state)
  throw new Error(`States: ${Object.keys(STATES).join(', ')}. Themes: ${Object.keys(THEMES).join(', ')}.`);

document.body.className = theme.bodyClass;
document.body.style.background = theme.background;
for (const [name, value] of Object.entries(theme.variables))
  document.documentElement.style.setProperty(`--vscode-${name}`, value);

const sent: unknown[] = [];
const receive = (message: HostMessage) => window.postMessage(message, '*');
let saved: unknown = query.has('draft') ? { draft: query.get('draft') } : undefined;
Object.assign(window, {
  panel: { sent, receive, state },
  acquireVsCodeApi: () => ({
    postMessage: (message: { type: string }) => {
      sent.push(message);
      if (message.type === 'ready') receive({ type: 'snapshot', state });
    },
    getState: () => saved,
    setState: (value: unknown) => {
      saved = value;
    },
  }),
});
await import('../../../webview/main.tsx');
