/**
 * The thread's goal: what it works towards over many turns, with the tokens and seconds that this has cost. Every change
 * is recorded before the client hears of it.
 */
import type { ThreadPorts } from '../ports.ts';
import { AgentError, type ServerNotification, type ThreadGoal, type ThreadGoalStatus } from '../protocol/index.ts';
import type { GoalKeeper } from '../tools/tool.ts';
import { changedGoal, type GoalChange } from './goal-change.ts';

export type Goals = {
  readonly goal: ThreadGoal | null;
  readonly isActive: boolean;
  /** By the user; the client hears of it with `tell`. Throws `AgentError` for what cannot be. */
  set(change: GoalChange): { goal: ThreadGoal; tell: () => void };
  /** `cleared` is false when there was none. */
  clear(): { cleared: boolean; tell: () => void };
  /** What a turn cost since it was last asked, unless the goal is paused; ends the goal's activity when the budget is spent. */
  account(turnId: string, tokens: number, ms: number): void;
  /** The course of the work changed it. */
  mark(turnId: string | null, status: ThreadGoalStatus): void;
  /** For the tools of one turn. */
  keeper(turnId: string): GoalKeeper;
};

export function createGoals(
  ports: Pick<ThreadPorts, 'threadId' | 'emit' | 'record' | 'clock'>,
  seed: ThreadGoal | null,
): Goals {
  const { threadId, emit, record, clock } = ports;
  let goal = seed;
  /** Milliseconds that are not a whole second yet. */
  let restMs = 0;

  const keep = (next: ThreadGoal): ThreadGoal => {
    record({ type: 'goal', at: clock.now(), goal: { ...next } });
    goal = next;
    return next;
  };
  const updated = (next: ThreadGoal, turnId: string | null): ServerNotification => ({
    method: 'thread/goal/updated',
    params: { threadId, turnId, goal: next },
  });
  const put = (next: ThreadGoal, turnId: string | null): ThreadGoal => {
    keep(next);
    emit(updated(next, turnId));
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
    set(change) {
      const next = keep(changedGoal(threadId, goal, change, clock.now()));
      return { goal: next, tell: () => emit(updated(next, null)) };
    },
    clear() {
      if (!goal) return { cleared: false, tell: () => {} };
      record({ type: 'goal', at: clock.now(), goal: null });
      goal = null;
      return { cleared: true, tell: () => emit({ method: 'thread/goal/cleared', params: { threadId } }) };
    },
    account(turnId, tokens, ms) {
      if (!goal || goal.status === 'paused') return;
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
