/** What the panel shows of a thread beside its conversation: what waits, what runs behind it, what it costs. */

import type { ElicitationView } from './elicitation.ts';
import type { CheckpointView } from './restore.ts';

/** Tokens and money of some calls. `costUsd` null: no price is known; `unpriced` calls are not in it. */
export type SpendingView = {
  calls: number;
  unpriced: number;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
  costUsd: number | null;
};

/** A message that waits for the running turn to end. */
export type WaitingView = { turnId: string; text: string };

/** A command that runs on, whatever the conversation does. */
export type TerminalView = { itemId: string; processId: string; command: string; cwd: string };

export type GoalView = {
  objective: string;
  status: 'active' | 'paused' | 'blocked' | 'usageLimited' | 'budgetLimited' | 'complete';
  tokensUsed: number;
  tokenBudget: number | null;
};

/** What fills the context, by kind, in tokens. */
export type ContextView = {
  tokens: number;
  parts: { kind: ContextKind; tokens: number }[];
  contextWindow: number | null;
  compactLimit: number | null;
};
export const CONTEXT_KINDS = ['instructions', 'tools', 'project', 'messages', 'toolOutput', 'images'] as const;
export type ContextKind = (typeof CONTEXT_KINDS)[number];

/** A structured question of the agent. */
export type QuestionView = {
  id: string;
  itemId: string;
  questions: {
    id: string;
    header: string;
    question: string;
    /** A text of the person's own may be the answer beside the options. */
    isOther: boolean;
    isSecret: boolean;
    options: { label: string; description: string }[];
  }[];
};

/** A command that waits for a word on unsaved files, which it would see as they are on the disk. */
export type SaveView = {
  id: string;
  itemId: string;
  turnId: string;
  command: string;
  /** `path` is absolute; null for what has no place on a disk. */
  files: { label: string; path: string | null }[];
};

/**
 * What kept a command or an edit from its work. `probably`: the output is all that tells. An offer is the least that
 * would let it pass; `granted` says what holds since somebody took it.
 */
export type BlockedView = {
  message: string;
  certainty: 'exact' | 'probably';
  offers: {
    label: string;
    granted: string | null;
    /** It opens nothing beyond this one command. */
    once?: true;
  }[];
};

export type ThreadExtras = {
  waiting: WaitingView[];
  terminals: TerminalView[];
  goal: GoalView | null;
  questions: QuestionView[];
  /** What MCP servers ask. */
  elicitations: ElicitationView[];
  /** Commands that ask for files to be saved first. */
  saves: SaveView[];
  /** How far calls of MCP tools are, by item id. */
  toolProgress: Readonly<Record<string, string>>;
  /** Commands that the person stopped, by item id: however they ended, they did not fail. */
  stopped: readonly string[];
  /** Files whose unsaved text in the editor a command did not see, by the command's item id; absolute paths. */
  stale: Readonly<Record<string, readonly string[]>>;
  /** By item id. */
  blocked: Readonly<Record<string, readonly BlockedView[]>>;
  /** Newest first; empty where the agent keeps none. */
  checkpoints: readonly CheckpointView[];
  context: ContextView | null;
  spending: SpendingView | null;
  /** By turn id. */
  turnSpending: Readonly<Record<string, SpendingView>>;
};

export const noExtras: ThreadExtras = {
  waiting: [],
  terminals: [],
  goal: null,
  questions: [],
  elicitations: [],
  saves: [],
  toolProgress: {},
  stopped: [],
  stale: {},
  blocked: {},
  checkpoints: [],
  context: null,
  spending: null,
  turnSpending: {},
};

/** What can be picked for the word at the cursor: files after `@`, skills after `$`. */
export type Completion = {
  kind: 'file' | 'skill';
  query: string;
  /** More may come. */
  searching: boolean;
  items: CompletionItem[];
  /** There is nothing of this kind, whatever the query. */
  noneAtAll?: boolean;
};
/** `insert` takes the place of the word, without its `@` or `$`; `path` is absolute. */
export type CompletionItem = { name: string; path: string; insert: string; detail: string };

/** Something that a message names, and the agent is told the place of. */
export type Mention = { kind: 'file' | 'skill'; name: string; path: string };
