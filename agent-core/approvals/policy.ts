/** Who has to be asked. (pure) */

import type { EditApproval } from '../ports.ts';
import type { AskForApproval, SandboxPolicy } from '../protocol/index.ts';
import type { Finding } from './rules/judge.ts';

export type Verdict =
  | { type: 'allow'; unsandboxed: boolean }
  | { type: 'ask'; reason: string | null; unsandboxed: boolean }
  | { type: 'reject'; message: string };

export type CommandQuestion = {
  approvalPolicy: AskForApproval;
  sandboxPolicy: SandboxPolicy;
  /** The model wants to run without the sandbox, and why. */
  escalate: boolean;
  justification: string | null;
  /** Why the command is dangerous, from `command-rules`. */
  danger: string | null;
  /** Why commands cannot be confined here; null where they are. */
  unconfinedReason: string | null;
  acceptedForSession: boolean;
  /** What the command rules say; left out: there are none. */
  rules?: RuleSays;
};

export type RuleSays = Pick<Finding, 'decision' | 'reason' | 'outsideSandbox'>;

/** Whether this policy lets the model ask a person at all when the sandbox stands in the way. */
export const mayAsk = (policy: AskForApproval) =>
  typeof policy === 'string' ? policy !== 'never' : policy.granular.sandbox_approval;

/** Whether a rule that says "ask" may have a person asked. */
const mayAskForRule = (policy: AskForApproval) =>
  typeof policy === 'string' ? policy !== 'never' : policy.granular.rules;

/** Whether the model may ask for more than the sandbox allows, apart from a command. */
export const mayAskForPermissions = (policy: AskForApproval): boolean =>
  typeof policy === 'string' ? policy !== 'never' : policy.granular.request_permissions;

export function judgeCommand(question: CommandQuestion): Verdict {
  const { approvalPolicy: policy, sandboxPolicy, escalate, justification, danger, unconfinedReason } = question;
  const open = sandboxPolicy.type === 'dangerFullAccess';
  const trustedOutside = open || sandboxPolicy.type === 'externalSandbox';
  const unconfined = unconfinedReason !== null && !trustedOutside;
  const unsandboxed = open || escalate || unconfined;
  const ruled = judgedByRule(question, unsandboxed, unsandboxed && !open);
  // Where nobody may be asked about leaving the sandbox, a rule that asks is no way to.
  const isClosed = escalate && !mayAsk(policy) && !open;
  if (ruled && !(ruled.type === 'ask' && isClosed)) return ruled;
  if (isClosed) {
    return {
      type: 'reject',
      message:
        'The approval policy does not allow asking for escalated permissions. Run the command without sandbox_permissions, or do without it.',
    };
  }
  if (question.acceptedForSession) return { type: 'allow', unsandboxed };
  if (unconfined) return { type: 'ask', reason: joined(justification, unconfinedReason), unsandboxed };
  const reason = justification && danger ? joined(justification, danger) : (justification ?? danger);
  // As the reference: everything, also what only reads, unless a rule or a person has said yes to it.
  if (policy === 'untrusted') return { type: 'ask', reason, unsandboxed };
  if (mayAsk(policy) && (escalate || danger)) return { type: 'ask', reason, unsandboxed };
  return { type: 'allow', unsandboxed };
}

/** Null: the rules leave it to the policy. `leaves`: it would leave a sandbox that is there for it. */
function judgedByRule(question: CommandQuestion, unsandboxed: boolean, leaves: boolean): Verdict | null {
  const { rules, approvalPolicy, justification, danger } = question;
  if (!rules || rules.decision === null) return null;
  const why = rules.reason ?? 'A rule is about this command.';
  if (rules.decision === 'forbid') {
    return {
      type: 'reject',
      message: `${ended(why)} The command was not run. Do not try to get the same in another way.`,
    };
  }
  if (rules.decision === 'allow') {
    return !leaves || rules.outsideSandbox ? { type: 'allow', unsandboxed } : null;
  }
  if (question.acceptedForSession) return null;
  if (!mayAskForRule(approvalPolicy)) {
    return {
      type: 'reject',
      message: `${ended(why)} The approval policy does not allow asking: the command was not run. Do without it.`,
    };
  }
  const said = [justification, danger].filter((text) => text !== null);
  return { type: 'ask', reason: said.length > 0 ? joined(said.join(' '), why) : why, unsandboxed };
}

const ended = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);

const joined = (first: string | null, second: string) => (first ? `${first} (${second})` : second);

export type FileQuestion = {
  approvalPolicy: AskForApproval;
  sandboxPolicy: SandboxPolicy;
  editApproval: EditApproval;
  /** Why some file is one that a command could not write; null when all may be written. */
  beyond: string | null;
  /** Why nobody's yes opens some file; null when it does. */
  closed?: string | null;
  acceptedForSession: boolean;
};

/** `unsandboxed` says that a person's yes opens what the sandbox policy closes. */
export function judgeFileChange(question: FileQuestion): Verdict {
  const { approvalPolicy: policy, sandboxPolicy, editApproval, beyond } = question;
  if (editApproval === 'refuse') {
    return {
      type: 'reject',
      message:
        'Patch rejected: in the mode that the user chose no file is edited. Describe the change instead; the user can switch the mode.',
    };
  }
  if (question.closed)
    return { type: 'reject', message: `Patch rejected: ${question.closed}. Nobody is asked: do without it.` };
  if (beyond && !mayAsk(policy)) {
    const what = sandboxPolicy.type === 'readOnly' ? 'writing is blocked by the read-only sandbox' : beyond;
    return { type: 'reject', message: `Patch rejected: ${what}. The approval policy does not allow asking for more.` };
  }
  const unsandboxed = beyond !== null;
  if (question.acceptedForSession) return { type: 'allow', unsandboxed };
  if (beyond) return { type: 'ask', reason: sandboxPolicy.type === 'readOnly' ? null : beyond, unsandboxed };
  if (policy === 'untrusted' || editApproval === 'askFirst') return { type: 'ask', reason: null, unsandboxed };
  return { type: 'allow', unsandboxed };
}
