/**
 * The panel's one data model, apart from any DOM: the host keeps it (so that a reload or a second view starts from a
 * snapshot), the webview keeps the same, and both move it forward with the same pure function, `applyPatch`.
 */
import type { AnyThreadItem, TurnError } from '../../agent-core/protocol/index.ts';
import type { RestoreView } from './restore.ts';
import type { EndedReview, ReviewFile, ReviewResult } from './review.ts';
import type { Completion, ThreadExtras } from './thread-extras.ts';

export type Mode = 'read-only' | 'ask' | 'auto' | 'full';
export const MODES: readonly Mode[] = ['read-only', 'ask', 'auto', 'full'];

export type CoreView = {
  status: 'starting' | 'ready' | 'restarting' | 'failed';
  /** What happened and what to do, when not ready. */
  message: string | null;
};

export type SandboxView = {
  level: 'namespaces' | 'landlock' | 'seatbelt' | 'none' | 'unknown';
  enforced: string[];
  missing: string[];
  reason: string | null;
};

export type ModelChoice = {
  provider: string;
  providerName: string;
  model: string;
  displayName: string;
  description: string | null;
  isDemo: boolean;
  /** Null: unknown. */
  supportsTools: boolean | null;
  supportsImages: boolean | null;
};

/** A standing message above the composer; `command` is one of `WEBVIEW_COMMANDS`. */
export type Notice = {
  id: string;
  severity: 'info' | 'warning' | 'error';
  text: string;
  action: { label: string; command: WebviewCommand } | null;
};

/** Commands that the webview may ask the host to run; nothing else. */
export const WEBVIEW_COMMANDS = [
  'gantry.setApiKey',
  'gantry.openSettings',
  'gantry.openConfig',
  'gantry.showLog',
  'gantry.restartAgent',
  'gantry.selectModel',
  'gantry.openFolder',
  'gantry.manageTrust',
  'gantry.showLastPrompt',
  'gantry.mcpServers',
] as const;
export type WebviewCommand = (typeof WEBVIEW_COMMANDS)[number];

/** Something attached to the next message, shown as a chip. Lines are 1-based and inclusive. */
export type Attachment = {
  id: string;
  /** `review`: what the person undid or changed of the agent's work; it has no place. */
  kind: 'selection' | 'file' | 'image' | 'review';
  /** Workspace-relative, for people. */
  label: string;
  path: string;
  startLine: number | null;
  endLine: number | null;
};

export type TurnView = {
  id: string;
  status: 'inProgress' | 'completed' | 'interrupted' | 'failed';
  error: TurnError | null;
  /** Milliseconds; null while unknown. */
  startedAtMs: number | null;
  durationMs: number | null;
};

export type ItemView = {
  turnId: string;
  item: AnyThreadItem;
  /** False while deltas may still come. */
  done: boolean;
};

/** `acceptAlways`, `declineAlways`: also in threads to come; of tool calls, and of commands and hosts with a rule. */
export type ApprovalDecision = 'accept' | 'acceptForSession' | 'acceptAlways' | 'decline' | 'declineAlways' | 'cancel';

export type ApprovalView = {
  id: string;
  itemId: string;
  turnId: string;
  kind: 'command' | 'fileChange' | 'mcpTool' | 'permissions';
  reason: string | null;
  /** For a command: what would run, where, and whether outside the sandbox. */
  command: string | null;
  cwd: string | null;
  unsandboxed: boolean;
  /** For a file change: the files, to open each in the native diff. `decided` ones wait only for the others. */
  files: ApprovalFile[];
  decisions: ApprovalDecision[];
  /** For a tool of an MCP server; `name` null: the server's message is all that is known of it. */
  tool?: {
    server: string;
    name: string | null;
    title: string | null;
    description: string | null;
    message: string;
    arguments: Readonly<Record<string, unknown>>;
  };
  /** Why an acceptance did not go through: unsaved text in `path` that the proposal does not know of. */
  blocked?: { path: string; label: string };
  /** The question is whether the command may reach this host. */
  host?: string;
  /** What commands begin with that would need no question any more: what `acceptAlways` writes into the rules. */
  rule?: readonly string[];
  /** What is asked for, in words; only of `permissions`. */
  wanted?: readonly string[];
  /** The agent takes or leaves a file change as one, without parts. */
  asOne?: true;
};

/** A file of a change that waits. `hunks` is missing where the agent takes no parts of it. */
export type ApprovalFile = {
  path: string;
  label: string;
  kind: 'add' | 'delete' | 'update';
  decided?: 'accepted' | 'rejected';
  hunks?: HunkView[];
  /** The file has changed since: the proposal was put on top of that, or cannot be. */
  since?: 'rebased' | 'conflict' | 'gone' | 'exists' | 'changed';
};

/**
 * One place of a proposal: in it as proposed, left out, changed by the person, or the person's alone. `diff` is
 * unified; empty for a whole new or deleted file, whose content the item has.
 */
export type HunkView = { id: string; state: 'taken' | 'dropped' | 'edited' | 'own'; diff: string };

export type PlanView = {
  explanation: string | null;
  steps: { step: string; status: 'pending' | 'inProgress' | 'completed' }[];
};

export type UsageView = { totalTokens: number; lastTokens: number; contextWindow: number | null };

export type ThreadView = {
  id: string;
  name: string | null;
  cwd: string;
  turns: TurnView[];
  items: ItemView[];
  approvals: ApprovalView[];
  plan: PlanView | null;
  usage: UsageView | null;
  /** A model error that is being retried, e.g. "Reconnecting... 1/2"; null when none. */
  retry: string | null;
  extras: ThreadExtras;
};

export type ThreadSummary = {
  id: string;
  name: string | null;
  preview: string;
  updatedAt: number;
  cwd: string;
  running: boolean;
  /** Where the search found something; null without a search. */
  snippet: string | null;
};

export type HistoryView = {
  /** The archived threads are shown, not the others. */
  archived: boolean;
  /** What was just archived and can be brought back. */
  undo: { threadId: string; title: string } | null;
  threads: ThreadSummary[];
  nextCursor: string | null;
  loading: boolean;
  error: string | null;
};

export type PanelState = {
  core: CoreView;
  /** What runs behind the panel: Gantry's own agent or another; null until it has answered. */
  peer: 'gantry' | 'other' | null;
  sandbox: SandboxView;
  models: ModelChoice[];
  model: { provider: string; model: string } | null;
  mode: Mode;
  /** Workspace folder shown in the header; null when no folder is open. */
  workspace: string | null;
  notices: Notice[];
  attachments: Attachment[];
  /** The next messages ask for a plan. */
  plan: boolean;
  /** For the word at the cursor; null while there is none to complete. */
  completion: Completion | null;
  /** What waits to be kept or undone, of every thread. */
  reviews: readonly ReviewFile[];
  /** Until somebody has read it; the newest last. */
  ended: readonly EndedReview[];
  /** The newest last. */
  reviewed: readonly ReviewResult[];
  /** Somebody looks at what going back would do, or has gone back; null: nobody does. */
  restore: RestoreView | null;
  history: HistoryView | null;
  thread: ThreadView | null;
};

export const initialPanelState: PanelState = {
  core: { status: 'starting', message: null },
  peer: null,
  sandbox: { level: 'unknown', enforced: [], missing: [], reason: null },
  models: [],
  model: null,
  mode: 'ask',
  workspace: null,
  notices: [],
  attachments: [],
  plan: false,
  completion: null,
  reviews: [],
  ended: [],
  reviewed: [],
  restore: null,
  history: null,
  thread: null,
};

/** Which text of an item a delta extends. `index` is the part for `summary` and `content` (reasoning), else ignored. */
export type DeltaField = 'text' | 'aggregatedOutput' | 'summary' | 'content';

export type PanelPatch =
  | { op: 'set'; values: Partial<Omit<PanelState, 'thread'>> }
  | { op: 'thread'; thread: ThreadView | null }
  | { op: 'threadSet'; threadId: string; values: Partial<Pick<ThreadView, 'name' | 'plan' | 'usage' | 'retry'>> }
  | { op: 'extras'; threadId: string; values: Partial<ThreadExtras> }
  | { op: 'turn'; threadId: string; turn: TurnView }
  | { op: 'item'; threadId: string; item: ItemView }
  | { op: 'delta'; threadId: string; itemId: string; field: DeltaField; index: number; text: string }
  | { op: 'approval'; threadId: string; approval: ApprovalView }
  | { op: 'approvalGone'; threadId: string; id: string };

/** The state after `patch`. Never changes `state`; parts that did not change keep their identity. A patch for another thread changes nothing. */
export function applyPatch(state: PanelState, patch: PanelPatch): PanelState {
  if (patch.op === 'set') return { ...state, ...patch.values };
  if (patch.op === 'thread') return { ...state, thread: patch.thread };
  const thread = state.thread;
  if (!thread || thread.id !== patch.threadId) return state;
  const next = applyToThread(thread, patch);
  return next === thread ? state : { ...state, thread: next };
}

type ThreadPatch = Exclude<PanelPatch, { op: 'set' } | { op: 'thread' }>;

function applyToThread(thread: ThreadView, patch: ThreadPatch): ThreadView {
  switch (patch.op) {
    case 'threadSet':
      return { ...thread, ...patch.values };
    case 'extras':
      return { ...thread, extras: { ...thread.extras, ...patch.values } };
    case 'turn':
      return { ...thread, turns: upsert(thread.turns, patch.turn, (turn) => turn.id === patch.turn.id) };
    case 'item':
      return { ...thread, items: upsert(thread.items, patch.item, (view) => view.item.id === patch.item.item.id) };
    case 'delta':
      return applyDelta(thread, patch);
    case 'approval':
      return { ...thread, approvals: upsert(thread.approvals, patch.approval, (a) => a.id === patch.approval.id) };
    case 'approvalGone':
      return { ...thread, approvals: thread.approvals.filter((approval) => approval.id !== patch.id) };
  }
}

function applyDelta(thread: ThreadView, patch: Extract<PanelPatch, { op: 'delta' }>): ThreadView {
  const at = findLastIndex(thread.items, (view) => view.item.id === patch.itemId);
  const view = thread.items[at];
  if (!view) return thread;
  const item: Record<string, unknown> = { ...view.item };
  if (patch.field === 'summary' || patch.field === 'content') {
    const parts = Array.isArray(item[patch.field]) ? [...(item[patch.field] as unknown[])] : [];
    parts[patch.index] = String(parts[patch.index] ?? '') + patch.text;
    item[patch.field] = Array.from(parts, (part) => part ?? '');
  } else {
    item[patch.field] = String(item[patch.field] ?? '') + patch.text;
  }
  const items = thread.items.slice();
  items[at] = { ...view, item: item as AnyThreadItem };
  return { ...thread, items };
}

function upsert<T>(list: readonly T[], value: T, same: (item: T) => boolean): T[] {
  const at = findLastIndex(list, same);
  if (at < 0) return [...list, value];
  const next = list.slice();
  next[at] = value;
  return next;
}

/** What changes is nearly always the newest, so search from the end. */
function findLastIndex<T>(list: readonly T[], test: (item: T) => boolean): number {
  for (let i = list.length - 1; i >= 0; i--) if (test(list[i] as T)) return i;
  return -1;
}
