/** Who is asked before something happens, and what can be answered. */
import type { PermissionsAnswer, PermissionsQuestion } from '../approvals/reach.ts';
import type {
  CommandAction,
  DynamicToolCallOutputContentItem,
  FileUpdateChange,
  McpElicitationSchema,
  ToolRequestUserInputQuestion,
} from '../protocol/index.ts';

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
export type HostApproval = Omit<CommandApproval, 'unsandboxed' | 'reason' | 'proposedRule'> &
  HostQuestion & {
    /** Whether an answer for good can be written down. */
    canKeep: boolean;
  };

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
