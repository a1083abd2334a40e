import { type KeyboardEvent, useEffect } from 'react';
import { Composer } from './composer/composer.tsx';
import { ComposerNote, SendError } from './composer/notes.tsx';
import { BackgroundStrip, GoalStrip, WaitingStrip } from './composer/strips.tsx';
import { HistoryView } from './history/history-view.tsx';
import { EndedList } from './review/ended-list.tsx';
import { PendingList } from './review/pending-list.tsx';
import { RestorePanel } from './review/restore-view.tsx';
import { useActions, usePanel, useStoreApi, useView } from './state/context.tsx';
import { isRunning, savesOf } from './state/selectors.ts';
import type { Actions, PanelStore } from './state/store.ts';
import { Header } from './thread/header.tsx';
import { LiveRegion } from './thread/live-region.tsx';
import { Notices } from './thread/notices.tsx';
import { PlanStrip } from './thread/plan-strip.tsx';
import { ThreadView } from './thread/thread-view.tsx';

/** The whole panel: the thread, or the list of threads in its place. */
export function App() {
  const history = usePanel((panel) => panel.history !== null);
  const connected = useView((state) => state.connected);
  useShortcuts();
  useTypingAnywhere();
  return (
    <div className="app">
      <Header />
      {history ? (
        <HistoryView />
      ) : connected ? (
        <ThreadView />
      ) : (
        <main className="thread" aria-label="Thread" aria-busy="true" />
      )}
      {!history && (
        <section className="dock" aria-label="Composer">
          <PlanStrip />
          <GoalStrip />
          <BackgroundStrip />
          <EndedList />
          <PendingList />
          <RestorePanel />
          <Notices />
          <SendError />
          <ComposerNote />
          <WaitingStrip />
          <Composer />
        </section>
      )}
      <LiveRegion />
    </div>
  );
}

/** Keys that work wherever the focus is in the panel. */
function useShortcuts() {
  const actions = useActions();
  const store = useStoreApi();
  useEffect(() => {
    const onKeyDown = (event: globalThis.KeyboardEvent) => handleShortcut(event, store, actions);
    // Before the composer's own keys: Ctrl+Enter is not Enter.
    document.addEventListener('keydown', onKeyDown, true);
    const onEscape = (event: globalThis.KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return;
      const { panel } = store.getState();
      if (panel.history === null && isRunning(panel)) actions.post({ type: 'interrupt' });
    };
    document.addEventListener('keydown', onEscape);
    return () => {
      document.removeEventListener('keydown', onKeyDown, true);
      document.removeEventListener('keydown', onEscape);
    };
  }, [actions, store]);
}

/**
 * Whoever comes to the panel by keyboard types at once, often before the field has the focus: then the field takes it
 * here, so that the very key that is pressed lands in it.
 */
function useTypingAnywhere() {
  useEffect(() => {
    const field = () => document.querySelector<HTMLTextAreaElement>('.composer textarea');
    const isNowhere = () => document.activeElement === null || document.activeElement === document.body;
    const onKeyDown = (event: globalThis.KeyboardEvent) => {
      if (!isNowhere() || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key.length === 1 || event.key === 'Process' || event.key === 'Dead') field()?.focus();
    };
    const onFocus = () => {
      if (isNowhere()) field()?.focus();
    };
    document.addEventListener('keydown', onKeyDown, true);
    window.addEventListener('focus', onFocus);
    return () => {
      document.removeEventListener('keydown', onKeyDown, true);
      window.removeEventListener('focus', onFocus);
    };
  }, []);
}

/** A field with text in it keeps its keys: what is being typed must never decide something by accident. */
function isTyping(target: EventTarget | null): boolean {
  return (target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement) && target.value !== '';
}

function handleShortcut(event: globalThis.KeyboardEvent | KeyboardEvent, store: PanelStore, actions: Actions): void {
  const decision = event.key === 'Enter' ? 'accept' : event.key === 'Backspace' ? 'decline' : null;
  if (!decision || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || isTyping(event.target))
    return;
  const { panel, approvalsInView } = store.getState();
  const pending = panel.history === null ? (panel.thread?.approvals ?? []) : [];
  const [first] = pending;
  if (!first) {
    // That question has no answer to be given by heart: neither of its answers keeps the command from running.
    const [save] = panel.history === null ? savesOf(panel) : [];
    if (save && decision === 'accept') {
      event.preventDefault();
      event.stopPropagation();
      actions.reveal(save.id);
    }
    return;
  }
  event.preventDefault();
  event.stopPropagation();
  // What is not on screen is shown first; nobody decides about something unseen.
  const seen =
    typeof IntersectionObserver === 'undefined' ? first : pending.find(({ id }) => approvalsInView.includes(id));
  if (!seen) actions.reveal(first.itemId);
  else if (seen.decisions.includes(decision)) actions.decide(seen.id, decision);
}
