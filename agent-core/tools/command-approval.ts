/** Asks a person about a command, or about what is written to one, and settles what a no means. */
import type { Verdict } from '../approvals/policy.ts';
import type { CommandDecision } from '../ports.ts';
import type { ThreadItem } from '../protocol/index.ts';
import { failed, type ToolContext, type ToolOutcome } from './tool.ts';

export type CommandItem = Extract<ThreadItem, { type: 'commandExecution' }>;

/** Status first, then the item, then the question: the order that clients of the reference see. */
export async function askForCommand(
  item: CommandItem,
  command: string[],
  verdict: Extract<Verdict, { type: 'ask' }>,
  context: ToolContext,
): Promise<CommandDecision> {
  const stopWaiting = context.waiting();
  context.items.started(item);
  const { turnId, itemId, signal } = context;
  const { cwd, commandActions } = item;
  const { reason, unsandboxed } = verdict;
  const request = { turnId, itemId, command, cwd, commandActions, reason, unsandboxed };
  const decision = await context.approver.command(request, signal);
  stopWaiting();
  return decision;
}

/** Null: accepted. Else the item is ended, and the model is told in these words. */
export function commandRefusal(
  item: CommandItem,
  decision: CommandDecision,
  context: ToolContext,
  words: { cancelled: string; declined: string; failed: string },
): ToolOutcome | null {
  const end = (status: 'declined' | 'failed') => context.items.completed({ ...item, status });
  // An interrupt that came with the answer wins: nothing runs after it.
  if (decision === 'cancel' || context.signal.aborted) {
    end('declined');
    return { type: 'cancelled', text: words.cancelled };
  }
  if (decision === 'decline') {
    end('declined');
    return failed(words.declined);
  }
  if (decision === 'failed') {
    end('failed');
    return failed(words.failed);
  }
  return null;
}
