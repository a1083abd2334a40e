/** What a client's or a model's wish makes of a thread's goal. (pure) */
import { AgentError, type ThreadGoal, type ThreadGoalStatus } from '../protocol/index.ts';

export type GoalChange = {
  objective?: string | null | undefined;
  status?: ThreadGoalStatus | null | undefined;
  /** Null takes the budget away; left out, it stays. */
  tokenBudget?: number | null | undefined;
};

const MOST_OBJECTIVE_CHARS = 4000;

/** What a change makes of a goal; `now` in milliseconds. Throws `AgentError` for what cannot be. (pure) */
export function changedGoal(
  threadId: string,
  before: ThreadGoal | null,
  change: GoalChange,
  nowMs: number,
): ThreadGoal {
  const at = Math.floor(nowMs / 1000);
  const { tokenBudget } = change;
  if (tokenBudget !== null && tokenBudget !== undefined && tokenBudget <= 0) {
    throw new AgentError(
      'invalidRequest',
      'goal budgets must be positive when provided; leave tokenBudget out for none',
    );
  }
  const objective = change.objective?.trim();
  if (change.objective !== null && change.objective !== undefined) {
    if (!objective) throw new AgentError('invalidRequest', 'goal objective must not be empty');
    if (objective.length > MOST_OBJECTIVE_CHARS) {
      throw new AgentError(
        'invalidRequest',
        `goal objective must be at most ${MOST_OBJECTIVE_CHARS} characters; put longer instructions in a file and name it in the objective`,
      );
    }
  }
  const isSame = before !== null && before.status !== 'complete' && (!objective || before.objective === objective);
  if (!isSame) {
    if (!objective) throw new AgentError('invalidRequest', `cannot update goal for thread ${threadId}: no goal exists`);
    const status = change.status ?? 'active';
    const budget = tokenBudget ?? null;
    return {
      threadId,
      objective,
      status,
      tokenBudget: budget,
      tokensUsed: 0,
      timeUsedSeconds: 0,
      createdAt: at,
      updatedAt: at,
    };
  }
  const budget = tokenBudget === undefined ? (before.tokenBudget ?? null) : tokenBudget;
  const asked = change.status ?? (objective ? 'active' : before.status);
  const isSpent = budget !== null && before.tokensUsed >= budget;
  return {
    ...before,
    tokenBudget: budget,
    status: asked === 'active' && isSpent ? 'budgetLimited' : asked,
    updatedAt: at,
  };
}
