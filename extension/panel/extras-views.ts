/** What the core says of queue, goal and cost, as the panel shows it. Pure. */
import type { ClientRequestResult, GantrySpending, ThreadGoal } from '../../agent-core/protocol/index.ts';
import { splitAttachments } from '../../webview/bridge/attachment-text.ts';
import type { GoalView, SpendingView, WaitingView } from '../../webview/bridge/thread-extras.ts';

export const spendingView = (spending: GantrySpending): SpendingView => ({
  calls: spending.calls,
  unpriced: spending.unpricedCalls,
  inputTokens: spending.inputTokens,
  cachedTokens: spending.cachedInputTokens,
  outputTokens: spending.outputTokens,
  costUsd: spending.costUsd,
});

export const goalView = ({ objective, status, tokensUsed, tokenBudget }: ThreadGoal): GoalView => ({
  objective,
  status,
  tokensUsed,
  tokenBudget: tokenBudget ?? null,
});

type Waiting = ClientRequestResult<'gantry/queue/read'>['data'][number];

/** Without what was attached to them. */
export function ownWords(input: Waiting['input']): string {
  const texts = input.map((part) => (part.type === 'text' ? splitAttachments(part.text).text : ''));
  return texts.filter(Boolean).join('\n');
}

/** The person's own words; what was attached is named when there are none. */
export function waitingView({ turnId, input }: Waiting): WaitingView {
  return { turnId, text: ownWords(input) || 'What you attached' };
}
