/**
 * What the agent loop needs from the world. The loop knows no surface, no disk layout, no provider: the session layer
 * hands these in, tests hand in fakes.
 */

import type { Granted } from './approvals/grants.ts';
import type { CommandExit, PermissionsAnswer, PermissionsQuestion, Reach, ReachAnswers } from './approvals/reach.ts';
import type { Finding } from './approvals/rules/judge.ts';
import type { Checkpoints } from './checkpoints/port.ts';
import type { HistoryItem, ModelSelection, ReasoningEffort, ResolvedModel } from './models/model-client.ts';
import type {
  AskForApproval,
  CommandAction,
  DynamicToolCallOutputContentItem,
  FileReviewDecidedParams,
  FileUpdateChange,
  McpElicitationSchema,
  Personality,
  ReasoningSummary,
  SandboxPolicy,
  ServerNotification,
  ToolRequestUserInputQuestion,
  UserInput,
} from './protocol/index.ts';
import type { RolloutLine } from './threads/rollout.ts';

/** `refuse`: no file is edited, and nobody is asked to allow it. */
export type EditApproval = 'askFirst' | 'editThenReview' | 'refuse';

/** What one turn runs under. A change counts from the next turn on. `sandboxPolicy` is the wire's type. */
export type TurnSettings = {
  cwd: string;
  /** Workspace roots, the first being `cwd`'s; absolute. */
  roots: string[];
  model: ModelSelection;
  effort: ReasoningEffort | null;
  approvalPolicy: AskForApproval;
  sandboxPolicy: SandboxPolicy;
  editApproval: EditApproval;
  developerInstructions: string | null;
  /** The client's or the config's in place of ours; null or left out: ours. */
  baseInstructions?: string | null | undefined;
  outputSchema: Record<string, unknown> | null;
  /** Over `sandboxPolicy`, for commands and edits alike. Of a call, never on record. */
  granted?: Granted | undefined;
  /** The built-in profile that the sandbox policy is, where nobody chose another. */
  permissionProfile?: ':read-only' | null;
  /** How the model's thoughts are summed up; null or left out: as the provider does by default. */
  summary?: ReasoningSummary | null | undefined;
  /** Kept and told to clients; selects nothing, as in the reference. */
  personality?: Personality | null | undefined;
  serviceTier?: string | null | undefined;
  /** `plan`: the agent looks and plans, and changes nothing. `instructions` are the client's, in place of ours. */
  mode?: { kind: 'plan' | 'default'; instructions: string | null } | null | undefined;
};

/** Submissions go in at any time and are taken in order; `steer` and `interrupt` act on the running turn at once. */
export type Submission =
  | { type: 'turn'; turnId: string; input: UserInput[]; clientId: string | null; settings: TurnSettings }
  /** Shortens the model's history, in a turn of its own. */
  | { type: 'compact'; turnId: string; settings: TurnSettings }
  /** `label` is what is reviewed, for people; `task` tells the reviewer what to look at. */
  | { type: 'review'; turnId: string; label: string; task: string; settings: TurnSettings }
  /** Goes on towards the thread's goal, if it is still active when its turn comes. */
  | { type: 'goal'; turnId: string; settings: TurnSettings }
  | { type: 'steer'; turnId: string; input: UserInput[]; clientId: string | null }
  | { type: 'interrupt'; turnId: string }
  | { type: 'stopCommand'; itemId: string }
  /** For the model: what the user did beside it. It comes with the next call. */
  | { type: 'tell'; tag: string; text: string }
  /** The user kept, undid or changed what the agent wrote. The model hears of it with its next call. */
  | { type: 'decided'; decision: Omit<FileReviewDecidedParams, 'threadId'> };

/** Contract: must not throw; delivery order is call order. */
export type Emit = (notification: ServerNotification) => void;

/**
 * Appends to the thread's file before the client hears of it, so that what was shown is never lost.
 * Contract: synchronous; throws `AgentError('storage', …)` when the disk refuses, and the turn then fails saying so.
 */
export type RecordLine = (line: RolloutLine) => void;

export type CommandApproval = {
  turnId: string;
  itemId: string;
  /** The words of the command, or one text that is shown as it is: what is to be written to a command that runs. */
  command: string[];
  cwd: string;
  commandActions: CommandAction[];
  reason: string | null;
  /** Words of a rule that would answer this and the like for good; left out: there is none to be had. */
  proposedRule?: string[];
  /** True when accepting means running without the sandbox (the model asked, or there is none). */
  unsandboxed: boolean;
};

/** `host` is an entry as it would stand in a list: with its port where that is not 80 or 443. */
export type HostQuestion = { host: string; protocol: 'http' | 'https' | 'socks5Tcp' };

export type HostDecision =
  /** For this command. */
  | 'accept'
  | 'acceptForSession'
  | 'decline'
  /** The turn is over. */
  | 'cancel'
  | 'failed'
  /** From now on, in every session. */
  | { always: 'allow' | 'deny'; host: string };

/** `command` and the rest are those of the command that asks. */
export type HostApproval = Omit<CommandApproval, 'unsandboxed' | 'reason' | 'proposedRule'> & HostQuestion;

export type CommandDecision =
  | 'accept'
  | 'acceptForSession'
  | 'decline'
  | 'cancel'
  | 'failed'
  /** A yes to this command and, for the session, to all that begin with these words; never empty. */
  | { acceptRule: string[] };

export type ProposedFile = {
  path: string;
  kind: FileUpdateChange['kind'];
  diff: string;
  /** Null: the file does not exist before (add) or after (delete). */
  oldText: string | null;
  newText: string | null;
  /** SHA-256 of `oldText` (UTF-8, LF, no BOM), null when there is none. */
  baseHash: string | null;
};

export type FileChangeApproval = {
  turnId: string;
  itemId: string;
  changes: ProposedFile[];
  reason: string | null;
  grantRoot: string | null;
};

export type FileChangeDecision =
  | { type: 'accept' | 'acceptForSession' | 'decline' | 'cancel' | 'failed' }
  /** Files left out are rejected; `finalText` replaces the proposal, and '' accepts a deletion. */
  | {
      type: 'acceptPartial';
      files: { path: string; baseHash: string | null; finalText: string }[];
      note: string | null;
    };

/**
 * Asks whoever drives the thread. Contract: never throws; resolves `cancel` when `signal` aborts, `failed` when the
 * client answered with an error or nonsense (nothing may then run or be written).
 */
export interface Approver {
  command(request: CommandApproval, signal: AbortSignal): Promise<CommandDecision>;
  fileChange(request: FileChangeApproval, signal: AbortSignal): Promise<FileChangeDecision>;
  /** The model wants more than its sandbox allows. */
  permissions(request: PermissionsQuestion, signal: AbortSignal): Promise<PermissionsAnswer>;
  /** A command wants to reach a host that its list does not know. */
  host(request: HostApproval, signal: AbortSignal): Promise<HostDecision>;
  /** Asks the user; the answers by the questions' ids. Null: nobody is there who can be asked, or nobody answered. */
  questions(request: UserQuestions, signal: AbortSignal): Promise<Record<string, string[]> | null>;
  /** Lets the client run one of its own tools. Null: no client could. */
  clientTool(request: ClientToolCall, signal: AbortSignal): Promise<ClientToolResult | null>;
  /** Puts a server's question to the user, or one about a call of its tools. `failed`: nobody could be asked. */
  elicitation(request: Elicitation, signal: AbortSignal): Promise<ElicitationAnswer>;
}

/** In the wire's words, but for the thread's id, which the approver knows. */
export type Elicitation = {
  turnId: string | null;
  serverName: string;
  message: string;
  _meta?: unknown;
  /** The tool call that it is about, for hooks; not for the wire. Left out: it is the server's own question. */
  call?: { toolName: string; names: readonly string[]; toolInput: unknown; itemId: string };
} & ({ mode: 'form'; requestedSchema: McpElicitationSchema } | { mode: 'url'; url: string; elicitationId: string });
export type ElicitationAnswer = {
  action: 'accept' | 'decline' | 'cancel' | 'failed';
  content: unknown;
  meta: unknown;
};

export type UserQuestions = { turnId: string; itemId: string; questions: ToolRequestUserInputQuestion[] };

export type ClientToolCall = {
  turnId: string;
  callId: string;
  namespace: string | null;
  tool: string;
  arguments: unknown;
};
export type ClientToolResult = { content: DynamicToolCallOutputContentItem[]; success: boolean };

export type CommandSpec = {
  argv: string[];
  cwd: string;
  settings: Reach;
  /** Run outside the sandbox; only after a person said so, or under full access. */
  unsandboxed: boolean;
  /** Keeps stdin open for `write`; without it the command reads an empty stdin. */
  interactive?: boolean;
  /** A terminal of the command's own, which takes input and shows all output; `interactive` is implied. */
  terminal?: TerminalSize;
  /** Asked of a host that its list does not know; must not reject. Left out: such hosts are refused. */
  mayReach?: (question: HostQuestion) => Promise<boolean>;
  /** Known to write nothing. */
  isLooking?: boolean;
  /** The call that it belongs to. */
  itemId?: string;
  /** Over the scrubbed environment; null takes a variable away. */
  env?: Readonly<Record<string, string | null>>;
};

/** In characters. */
export type TerminalSize = { columns: number; rows: number };

export type { CommandExit, Reach };

/** A command that runs. `output` chunks are stdout and stderr as they come, decoded as UTF-8. */
export interface RunningCommand {
  readonly processId: string;
  /** Replaces the listener; output before the first listener is kept for it. */
  onOutput(listener: (chunk: string) => void): void;
  /** False when it takes no input (any more). In a terminal, `\u0003` is Ctrl+C. */
  write(text: string): boolean;
  /** False when it has no terminal or has ended. */
  resize(size: TerminalSize): boolean;
  /** Kills the command with everything it started; resolves when nothing is left. Idempotent. */
  kill(): Promise<void>;
  readonly exited: Promise<CommandExit>;
}

/** The user's rules about commands. */
export interface CommandRules {
  /** What the rules that hold in `cwd` say of a script for `shell`. Never rejects. */
  judge(script: string, shell: string, cwd: string): Promise<Finding>;
  /** From now on commands that begin with these words are allowed. Throws when it cannot be written down. */
  allow(words: readonly string[], outsideSandbox: boolean): void;
}

/** Starts commands under the settings' sandbox policy with a scrubbed environment. */
export interface CommandRunner extends ReachAnswers {
  /** Null: a sandbox that enforces; else why commands cannot be confined here (each then needs approval). */
  readonly unconfinedReason: string | null;
  /** Contract: rejects only with `AgentError`, whose message is fit for the model and the user. */
  start(spec: CommandSpec, signal: AbortSignal): Promise<RunningCommand>;
  /** Keeps a person's word on a host for all commands in `cwd`, now and later. Must not throw. */
  rememberHost(cwd: string, host: string, action: 'allow' | 'deny'): void;
  /** A sentence on what the sandbox probably blocked, from a failed command's output; null when nothing points to it. */
  explain(output: string, exit: CommandExit, settings: TurnSettings): string | null;
}

export type FileText = {
  /** LF line ends, no BOM. */
  text: string;
  /** SHA-256 over `text` in UTF-8. */
  hash: string;
};

export type FsResult<T> =
  | { ok: true; value: T }
  | {
      ok: false;
      reason: 'notFound' | 'isDirectory' | 'binary' | 'tooLarge' | 'forbidden' | 'conflict' | 'readOnly' | 'io';
      /** Fit for the model and the user: what happened and what to do. */
      message: string;
      /** Of a conflict, where it is known: what is there now; null when nothing is. */
      fresh?: FileText | null;
    };

/** The step of the agent that writes. `before` is the text that it changes, null for none. */
export type WriteOrigin = {
  turnId: string;
  itemId: string;
  /** The user accepted this text before. */
  decided: boolean;
  before: string | null;
  /** Ends the waiting for an editor; what it was asked may still happen. */
  signal: AbortSignal;
};

/** A new file takes line ends, BOM and mode of `like`, where its host does not know better. */
export type WriteOptions = { like?: string; origin?: WriteOrigin };

/** `formatterDelta`: what a formatter of the editor changed on top, in words of the editor. */
export type WrittenText = FileText & { formatterDelta?: string };

/** A file whose text in the editor is not the one on the disk. */
export type UnsavedFile = FileText & { path: string };

/** What the editor holds and the disk does not. */
export interface EditorBuffers {
  /**
   * Files of the workspace that the model may read, by path. Null: there is no editor, or it did not answer in time.
   * Never rejects, and never takes long.
   */
  unsaved(settings: TurnSettings): Promise<UnsavedFile[] | null>;
  /** The text that commands see. */
  onDisk(path: string, settings: TurnSettings): Promise<FsResult<FileText>>;
  /** Asks the user to save `paths` before `command` runs; gives those that were. Never rejects. */
  askToSave(
    request: { turnId: string; itemId: string; command: string; paths: readonly string[] },
    signal: AbortSignal,
  ): Promise<string[]>;
}

/** Text files of the workspace: the disk, or the editor's buffers when the client offers them. */
export interface WorkspaceFs {
  /** What may hold secrets is refused, unless it lies in one of the settings' roots. */
  readText(path: string, settings?: TurnSettings): Promise<FsResult<FileText>>;
  /**
   * Keeps the file's line ends, BOM and mode. `baseHash` null: the file must not exist. Parents are created. A write that
   * fails leaves the file as it was.
   */
  writeText(
    path: string,
    text: string,
    baseHash: string | null,
    settings: TurnSettings,
    options?: WriteOptions,
  ): Promise<FsResult<WrittenText>>;
  remove(path: string, baseHash: string, settings: TurnSettings, options?: WriteOptions): Promise<FsResult<null>>;
  /** To where nothing is, with `text` from then on. Left out: it is written there and removed here. */
  move?(
    path: string,
    target: string,
    text: string,
    baseHash: string,
    settings: TurnSettings,
    options?: WriteOptions,
  ): Promise<FsResult<WrittenText>>;
  /** Left out: there are no buffers beside the disk. */
  buffers?: EditorBuffers;
}

export interface ModelSource {
  /**
   * Contract: never throws; `problem` says what to do when the model cannot be used. May ask the provider's server, for
   * ≤ 4 s; `signal` ends that at once.
   */
  resolve(
    selection: ModelSelection,
    signal?: AbortSignal,
  ): Promise<{ ok: true; model: ResolvedModel } | { ok: false; problem: string }>;
}

export interface PromptSource {
  /** Base and developer instructions, AGENTS.md, environment: what precedes the user's first message. */
  initial(settings: TurnSettings, model: ResolvedModel['info']): Promise<HistoryItem[]>;
  /**
   * What changed since the model was last told, by its own history, to be appended before the next message; empty when
   * nothing did. `previous` are the settings that it was told.
   */
  changes(
    previous: TurnSettings,
    next: TurnSettings,
    history: readonly HistoryItem[],
    model: ResolvedModel['info'],
  ): Promise<HistoryItem[]>;
  /** Skills that the input names, to follow it; `problems` say what could not be given, for the user and the model. */
  named(input: readonly UserInput[], settings: TurnSettings): Promise<{ items: HistoryItem[]; problems: string[] }>;
}

/** Something that hooks may have a word in; `names` are what it goes by, `input` is what they are given beside the usual. */
export type HookCall = {
  event:
    | 'sessionStart'
    | 'sessionEnd'
    | 'userPromptSubmit'
    | 'preToolUse'
    | 'permissionRequest'
    | 'postToolUse'
    | 'preCompact'
    | 'postCompact'
    | 'stop'
    | 'interrupt';
  names: readonly string[];
  input: Readonly<Record<string, unknown>>;
  /** Of the tool call that it is about. */
  callId?: string;
};

export type HookScope = {
  turnId: string | null;
  settings: TurnSettings;
  model: string;
  /** How long hooks may live that nobody waits for. */
  lifetime: AbortSignal;
};

/** What all hooks of an event want, together. */
export type HookVerdict = {
  /** Why what was about to happen shall not; by the runs that said so. */
  blocked: { hookRunId: string; text: string }[];
  /** Why the turn shall end; '' without a reason. */
  stopped: string | null;
  /** For the model. */
  contexts: string[];
  /** In place of what the tool was given; undefined: as it is. */
  input: unknown;
  /** In place of the user's answer. */
  permission: { behavior: 'allow' } | { behavior: 'deny'; message: string } | null;
};

/** The user's own programs, which see what happens in a thread and may stop it. */
export interface Hooks {
  /** Reads anew which there are. Never throws. */
  refresh(cwd: string): void;
  has(event: HookCall['event']): boolean;
  /** Tells the client of each that runs. Rejects only on defects. */
  run(call: HookCall, scope: HookScope, signal: AbortSignal): Promise<HookVerdict>;
  /** What hooks that nobody waited for said for the model since this was last asked. */
  takeLate(): string[];
}

export type Clock = { now(): number };
export type Log = (level: 'debug' | 'info' | 'warn' | 'error', message: string, data?: unknown) => void;

/** All a thread's loop is given. */
export type ThreadPorts = {
  threadId: string;
  emit: Emit;
  record: RecordLine;
  approver: Approver;
  models: ModelSource;
  prompt: PromptSource;
  runner: CommandRunner;
  /** Left out: there are none. */
  rules?: CommandRules;
  fs: WorkspaceFs;
  /** Left out: there are none. */
  hooks?: Hooks;
  /** Left out: there are none. */
  checkpoints?: Checkpoints<CommandRunner, WorkspaceFs, TurnSettings>;
  clock: Clock;
  newId: () => string;
  log: Log;
  /** Whether the model is told that it may ask for permissions; left out: no. */
  offersPermissions?: () => boolean;
  /** The user's own words for the call that sums a conversation up (`compact_prompt`); null: ours. */
  compactPrompt?: () => string | null;
};
