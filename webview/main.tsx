import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { PanelProvider } from './state/context.tsx';
import { connectHost } from './state/host.ts';
import { createPanelStore } from './state/store.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/layout.css';
import './styles/cards.css';
import './styles/turns.css';
import './styles/code.css';
import './styles/ansi.css';
import './styles/composer.css';
import './styles/extras.css';
import './styles/history.css';
import './styles/review.css';

const host = connectHost();

const report = (error: unknown, what: string) => {
  const known = error instanceof Error ? error : null;
  host.post({ type: 'pageError', message: known?.message ?? `${what}: ${String(error)}`, stack: known?.stack ?? null });
};
window.addEventListener('error', (event) => report(event.error ?? event.message, 'error'));
window.addEventListener('unhandledrejection', (event) => report(event.reason, 'unhandled rejection'));

const panel = createPanelStore(host);
const root = document.getElementById('root') ?? document.body.appendChild(document.createElement('div'));
createRoot(root, { onUncaughtError: (error) => report(error, 'render') }).render(
  <PanelProvider panel={panel}>
    <App />
  </PanelProvider>,
);
