import { createStore, type StoreApi } from 'zustand/vanilla';
import type { HostMessage, WebviewMessage } from '../bridge/messages.ts';
import {
  type ApprovalDecision,
  applyPatch,
  initialPanelState,
  type PanelPatch,
  type PanelState,
} from '../bridge/panel-state.ts';
import { parseShell, parseSlash, slashFault } from '../bridge/slash-commands.ts';
import type { Mention } from '../bridge/thread-extras.ts';
import { announcement } from './announce.ts';
import type { Host } from './host.ts';

export type ViewState = {
  panel: PanelState;
  /** False until the host's first snapshot. */
  connected: boolean;
  draft: string;
  /** Sent text that the thread does not show yet. */
  sending: string | null;
  /** Files and skills that were picked for the draft, each with the word that stands for it there. */
  picks: readonly (Mention & { token: string })[];
  /** What was asked for in the composer and not done. */
  note: string | null;
  /** Grows with each wish to see what fills the context. */
  contextRequests: number;
  /** Why the last message did not get through. */
  sendError: string | null;
  /** Grows with each wish to put the focus into the composer. */
  focusRequests: number;
  /** A card (by item id) that should be brought into view, with the approval's first button focused. */
  reveal: { itemId: string; request: number } | null;
  /** What a person opened or closed, by card; survives a card leaving the virtual list. */
  open: Readonly<Record<string, boolean>>;
  /** Approvals whose buttons are on screen. */
  approvalsInView: readonly string[];
  /** The live region's text; `serial` makes equal texts announce again. */
  announced: { text: string; serial: number };
};

export type PanelStore = StoreApi<ViewState>;

/** Everything a component may do. One instance for each store. */
export type Actions = {
  post: (message: WebviewMessage) => void;
  receive: (message: HostMessage) => void;
  setDraft: (text: string) => void;
  /** Sends the draft with the attachments on the composer; an empty draft does nothing. */
  send: (text: string, later?: boolean) => void;
  /** Remembers what a word of the draft stands for. */
  pick: (mention: Mention & { token: string }) => void;
  setNote: (note: string | null) => void;
  showContext: () => void;
  decide: (approvalId: string, decision: ApprovalDecision) => void;
  focusComposer: () => void;
  reveal: (itemId: string) => void;
  revealed: () => void;
  setOpen: (key: string, open: boolean) => void;
  setApprovalInView: (approvalId: string, inView: boolean) => void;
  dismissSendError: () => void;
};

/** The panel's store and what may be done with it; subscribes to the host and asks it for a snapshot. */
export function createPanelStore(host: Host): { store: PanelStore; actions: Actions; dispose: () => void } {
  const store: PanelStore = createStore<ViewState>(() => ({
    panel: initialPanelState,
    connected: false,
    draft: host.load().draft,
    sending: null,
    picks: [],
    note: null,
    contextRequests: 0,
    sendError: null,
    focusRequests: 0,
    reveal: null,
    open: {},
    approvalsInView: [],
    announced: { text: '', serial: 0 },
  }));
  const actions = createActions(host, store);
  const unsubscribe = host.subscribe(actions.receive);
  host.post({ type: 'ready' });
  return { store, actions, dispose: unsubscribe };
}

function createActions(host: Host, store: PanelStore): Actions {
  const setDraft = (draft: string) => {
    store.setState({ draft });
    host.save({ draft });
  };
  const focusComposer = () => store.setState((state) => ({ focusRequests: state.focusRequests + 1 }));
  return {
    post: host.post,
    setDraft,
    focusComposer,
    receive: (message) => {
      const before = store.getState();
      const after = reduce(before, message);
      if (after.draft !== before.draft) host.save({ draft: after.draft });
      store.setState(after);
    },
    send: (text, later = false) => {
      const { panel, picks } = store.getState();
      const fault = slashFault(text, panel.peer === null ? null : panel.peer === 'gantry');
      if (fault !== null) {
        store.setState((state) => withText({ ...state, note: fault }, fault));
        return;
      }
      if (setAside(host, text, panel.peer === 'gantry')) {
        store.setState({ sendError: null, note: null });
        setDraft('');
        return;
      }
      const images = panel.attachments.some(({ kind }) => kind === 'image');
      if (!text.trim() && !images) return;
      const words = new Set(text.split(/\s+/).map((word) => word.replace(/[,.;:!?)\]}]+$/, '')));
      const named = picks.filter(({ token }) => words.has(token));
      const mentions = [...new Map(named.map(({ kind, name, path }) => [path, { kind, name, path }])).values()];
      host.post({
        type: 'send',
        text,
        attachmentIds: panel.attachments.map(({ id }) => id),
        ...(mentions.length > 0 ? { mentions } : {}),
        ...(later ? { later } : {}),
      });
      // What waits is shown in its own list.
      store.setState({ sending: later ? null : text, sendError: null, note: null, picks: [] });
      setDraft('');
    },
    pick: (mention) => store.setState(({ picks }) => ({ picks: [...picks, mention] })),
    setNote: (note) => store.setState((state) => (note === null ? { note } : withText({ ...state, note }, note))),
    showContext: () => store.setState((state) => ({ contextRequests: state.contextRequests + 1 })),
    decide: (approvalId, decision) => {
      host.post({ type: 'decide', approvalId, decision });
      focusComposer();
    },
    reveal: (itemId) => store.setState((state) => ({ reveal: { itemId, request: (state.reveal?.request ?? 0) + 1 } })),
    revealed: () => store.setState((state) => (state.reveal ? { reveal: null } : state)),
    setOpen: (key, open) => store.setState((state) => ({ open: { ...state.open, [key]: open } })),
    setApprovalInView: (approvalId, inView) =>
      store.setState((state) => {
        if (state.approvalsInView.includes(approvalId) === inView) return state;
        const others = state.approvalsInView.filter((id) => id !== approvalId);
        return { approvalsInView: inView ? [...others, approvalId] : others };
      }),
    dismissSendError: () => store.setState({ sendError: null }),
  };
}

/** What is no message: a command to the panel or to the shell. False for anything else. */
function setAside(host: Host, text: string, ours: boolean): boolean {
  const slash = parseSlash(text, ours);
  const command = slash ? null : parseShell(text);
  if (slash) host.post({ type: 'slash', ...slash });
  else if (command !== null) host.post({ type: 'shell', command });
  return slash !== null || command !== null;
}

/** The view's state after one message of the host: one update, whatever the number of patches. */
export function reduce(state: ViewState, message: HostMessage): ViewState {
  switch (message.type) {
    case 'snapshot':
      return announce(state, { ...state, panel: message.state, connected: true, sending: null });
    case 'patches': {
      const panel = message.patches.reduce(applyPatch, state.panel);
      const shown = state.sending !== null && message.patches.some((patch) => showsSent(state.panel, patch));
      if (panel === state.panel && !shown) return state;
      return announce(state, { ...state, panel, sending: shown ? null : state.sending });
    }
    case 'focusComposer': {
      const draft = message.text !== null && !state.draft.trim() ? message.text : state.draft;
      return { ...state, draft, focusRequests: state.focusRequests + 1 };
    }
    case 'composerNote':
      return withText({ ...state, note: message.message }, message.message);
    case 'announce':
      return withText(state, message.text);
    case 'openContext':
      return { ...state, contextRequests: state.contextRequests + 1 };
    case 'sendFailed': {
      const kept = [message.text, state.draft].filter((text) => text.trim()).join('\n\n');
      return withText({ ...state, draft: kept, sending: null, sendError: message.message }, message.message);
    }
  }
}

/** Whether a patch brings what was sent into the thread, so that its placeholder can go. */
function showsSent(panel: PanelState, patch: PanelPatch): boolean {
  if (patch.op === 'item') return patch.item.item.type === 'userMessage';
  if (patch.op === 'thread')
    return (patch.thread?.items.length ?? 0) > 0 || (patch.thread?.id !== panel.thread?.id && panel.thread !== null);
  return patch.op === 'turn' && patch.turn.status === 'failed';
}

function announce(before: ViewState, after: ViewState): ViewState {
  const text = announcement(before.connected ? before.panel : null, after.panel);
  return text ? withText(after, text) : after;
}

function withText(state: ViewState, text: string): ViewState {
  return { ...state, announced: { text, serial: state.announced.serial + 1 } };
}
