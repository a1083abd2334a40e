/**
 * The thread's goal: what it works towards over many turns, with the tokens and seconds that this has cost. Every change
 * is recorded before the client hears of it.
 */
import type { ThreadPorts } from '../ports.ts';
import { AgentError, type ThreadGoal, type ThreadGoalStatus } from '../protocol/index.ts';
import type { GoalKeeper } from '../tools/tool.ts';

export type GoalChange = {
  objective?: string | null | undefined;
  status?: ThreadGoalStatus | null | undefined;
  /** Null takes the budget away; left out, it stays. */
  tokenBudget?: number | null | undefined;
};

export type Goals = {
  readonly goal: ThreadGoal | null;
  readonly isActive: boolean;
  /** By the user. Throws `AgentError` for what cannot be. */
  set(change: GoalChange): ThreadGoal;
  /** False when there was none. */
  clear(): boolean;
  /** What a turn cost since it was last asked; ends the goal's activity when the budget is spent. */
  account(turnId: string, tokens: number, ms: number): void;
  /** The course of the work changed it. */
  mark(turnId: string | null, status: ThreadGoalStatus): void;
  /** For the tools of one turn. */
  keeper(turnId: string): GoalKeeper;
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
    throw new AgentError('invalidRequest', 'goal budgets must be positive; leave tokenBudget out for none');
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

export function createGoals(
  ports: Pick<ThreadPorts, 'threadId' | 'emit' | 'record' | 'clock'>,
  seed: ThreadGoal | null,
): Goals {
  const { threadId, emit, record, clock } = ports;
  let goal = seed;
  /** Milliseconds that are not a whole second yet. */
  let restMs = 0;

  const put = (next: ThreadGoal, turnId: string | null): ThreadGoal => {
    record({ type: 'goal', at: clock.now(), goal: { ...next } });
    goal = next;
    emit({ method: 'thread/goal/updated', params: { threadId, turnId, goal: next } });
    return next;
  };
  const mark = (turnId: string | null, status: ThreadGoalStatus) => {
    if (goal) put({ ...goal, status, updatedAt: Math.floor(clock.now() / 1000) }, turnId);
  };

  return {
    get goal() {
      return goal;
    },
    get isActive() {
      return goal?.status === 'active';
    },
    set: (change) => put(changedGoal(threadId, goal, change, clock.now()), null),
    clear() {
      if (!goal) return false;
      record({ type: 'goal', at: clock.now(), goal: null });
      goal = null;
      emit({ method: 'thread/goal/cleared', params: { threadId } });
      return true;
    },
    account(turnId, tokens, ms) {
      if (!goal) return;
      restMs += ms;
      const seconds = Math.floor(restMs / 1000);
      restMs -= seconds * 1000;
      if (tokens === 0 && seconds === 0) return;
      const tokensUsed = goal.tokensUsed + tokens;
      const isSpent = goal.status === 'active' && goal.tokenBudget != null && tokensUsed >= goal.tokenBudget;
      const next: ThreadGoal = {
        ...goal,
        tokensUsed,
        timeUsedSeconds: goal.timeUsedSeconds + seconds,
        status: isSpent ? 'budgetLimited' : goal.status,
        updatedAt: Math.floor(clock.now() / 1000),
      };
      put(next, turnId);
    },
    mark,
    keeper: (turnId) => ({
      read: () => goal,
      create(objective, tokenBudget) {
        if (goal && goal.status !== 'complete') {
          throw new AgentError('invalidRequest', `The thread has a goal already: ${goal.objective}`);
        }
        return put(changedGoal(threadId, goal, { objective, tokenBudget }, clock.now()), turnId);
      },
      finish(status) {
        if (!goal) throw new AgentError('invalidRequest', 'The thread has no goal.');
        return put({ ...goal, status, updatedAt: Math.floor(clock.now() / 1000) }, turnId);
      },
    }),
  };
}

/** A line on what is left to spend. (pure) */
export function goalBudget(goal: ThreadGoal): string {
  const spent = `${goal.tokensUsed} tokens and ${goal.timeUsedSeconds} s used`;
  if (goal.tokenBudget == null) return `${spent}, no token budget`;
  return `${spent} of a budget of ${goal.tokenBudget} tokens (${Math.max(0, goal.tokenBudget - goal.tokensUsed)} left)`;
}

/** What the model is told when a goal is set, or has changed. (pure) */
export const goalText = (goal: ThreadGoal): string =>
  `<thread_goal>
The user set a goal for this thread; it holds over many turns until you have reached it.
Goal: ${goal.objective}
Status: ${goal.status}; ${goalBudget(goal)}.
When it is reached and you have seen proof (tests, files, output), call update_goal with "complete". When you cannot go on without the user, call update_goal with "blocked" and say what you need.
</thread_goal>`;

/** What the model is told when it goes on by itself. (pure) */
export const continuationText = (goal: ThreadGoal): string =>
  `<goal_continuation>
The last turn ended and the goal of this thread is still active. Nobody has written anything new; go on by yourself.
Goal: ${goal.objective}
${goalBudget(goal)}.
Take the next step that brings it nearer; do not repeat what is done. First compare what the goal asks for with what the files, tests and output really show, part by part. Only when nothing is missing call update_goal with "complete"; a likely or partial result is not enough. When you cannot go on without the user, call update_goal with "blocked" and say what you need.
</goal_continuation>`;
