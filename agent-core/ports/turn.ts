/** What a thread is asked to do, and what a turn runs under. */
import type { Granted } from '../approvals/grants.ts';
import type { ModelSelection, ReasoningEffort } from '../models/model-client.ts';
import type {
  AskForApproval,
  FileReviewDecidedParams,
  Personality,
  ReasoningSummary,
  SandboxPolicy,
  UserInput,
} from '../protocol/index.ts';

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
