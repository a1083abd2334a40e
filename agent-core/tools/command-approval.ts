/** Asks a person about a command, or about what is written to one, and settles what a no means. */
import type { Verdict } from '../approvals/policy.ts';
import type { CommandDecision } from '../ports.ts';
import type { ThreadItem } from '../protocol/index.ts';
import { failed, type ToolContext, type ToolOutcome } from './tool.ts';

export type CommandItem = Extract<ThreadItem, { type: 'commandExecution' }>;

/**
 * Status first, then the item, then the question, and an item that was refused is ended before the thread goes on: the
 * order that clients of the reference see. An interrupt that came with the answer wins: nothing runs after it.
 */
export async function askForCommand(
  item: CommandItem,
  command: string[],
  verdict: Extract<Verdict, { type: 'ask' }>,
  context: ToolContext,
  proposedRule: string[] | null = null,
): Promise<CommandDecision> {
  const stopWaiting = context.waiting();
  context.items.started(item);
  const { turnId, itemId, signal } = context;
  const { cwd, commandActions } = item;
  const { reason, unsandboxed } = verdict;
  const proposed = proposedRule === null ? {} : { proposedRule };
  const request = { turnId, itemId, command, cwd, commandActions, reason, unsandboxed, ...proposed };
  const answer = await context.approver.command(request, signal);
  const decision = signal.aborted ? 'cancel' : answer;
  if (isRefusal(decision)) {
    context.items.completed({ ...item, status: decision === 'failed' ? 'failed' : 'declined' });
  }
  stopWaiting();
  return decision;
}

/** Writes down what a person allowed for good. The session has it anyway: what cannot be written is only told. */
export function keepRule(words: readonly string[], outsideSandbox: boolean, { rules, log }: ToolContext): void {
  try {
    rules?.allow(words, outsideSandbox);
  } catch (error) {
    log('warn', `the rule for ${words.join(' ')} holds for this session only: it could not be written`, error);
  }
}

const isRefusal = (decision: CommandDecision): boolean =>
  decision === 'decline' || decision === 'cancel' || decision === 'failed';

/** What the model is told of a decision of `askForCommand`; null: it was a yes. */
export function commandRefusal(
  decision: CommandDecision,
  words: { cancelled: string; declined: string; failed: string },
): ToolOutcome | null {
  if (decision === 'cancel') return { type: 'cancelled', text: words.cancelled };
  if (decision === 'decline') return failed(words.declined);
  return decision === 'failed' ? failed(words.failed) : null;
}
