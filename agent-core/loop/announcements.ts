/** What the model is told beside the settings when it changes: how the user wants to work with it, and the goal. */
import type { HistoryItem } from '../models/model-client.ts';
import type { TurnSettings } from '../ports.ts';
import type { ThreadGoal } from '../protocol/index.ts';
import { goalText } from './goals.ts';
import { instruction } from './history.ts';
import type { ThreadState } from './thread-state.ts';

const PLAN_MODE = `Plan mode: you look, think and plan with the user; you change nothing.
- Read and search as much as you need; run only commands that leave no trace. No edits, not even when asked: a request to build is a request to plan it.
- What the code can tell you, find out. What only the user can decide and what changes the plan, ask with request_user_input, your recommendation first.
- When nothing important is open, answer with the plan between <proposed_plan> and </proposed_plan>, each tag on a line of its own: Markdown, complete enough that somebody else could carry it out without a question. Say what changes where, in which order, how it is tested, and what you took for granted. At most one such block in an answer, and only when it is whole.`;

const DEFAULT_MODE = 'Plan mode is over: carry tasks out again, with the tools you have.';

const modeText = ({ mode }: TurnSettings): string | null =>
  mode?.kind === 'plan' ? (mode.instructions ?? PLAN_MODE) : (mode?.instructions ?? null);

/** Changes the state: what is returned counts as told. */
export function announcements(state: ThreadState, settings: TurnSettings): HistoryItem[] {
  const { goal } = state.goals;
  const before = state.announced;
  const mode = modeText(settings);
  // What is used of the budget is told with each step towards the goal; here it would only repeat itself.
  const aim = goal && goal.status !== 'complete' ? `${goal.objective}\n${goal.status}` : null;
  const items: HistoryItem[] = [];
  if (mode !== before.mode)
    items.push(instruction(`<collaboration_mode>\n${mode ?? DEFAULT_MODE}\n</collaboration_mode>`));
  if (aim !== before.goal && goal) items.push(instruction(goalWords(goal)));
  if (aim !== before.goal && !goal) items.push(instruction(GOAL_GONE));
  state.announced = { mode, goal: aim };
  return items;
}

function goalWords(goal: ThreadGoal): string {
  if (goal.status === 'complete') return GOAL_DONE;
  return goal.status === 'budgetLimited' ? BUDGET_SPENT : goalText(goal);
}

const BUDGET_SPENT =
  '<thread_goal>\nThe token budget of the goal is spent. Begin nothing new: bring what is half done into a sound state, and say what is done and what is left.\n</thread_goal>';
const GOAL_DONE = '<thread_goal>\nThe goal of this thread is reached.\n</thread_goal>';
const GOAL_GONE = '<thread_goal>\nThe user took the goal of this thread back.\n</thread_goal>';
