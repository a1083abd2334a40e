/** The goal of the thread, for the model: `get_goal`, `create_goal`, `update_goal`. */
import * as z from 'zod';
import { parseArguments } from './arguments.ts';
import { done, rejected, type Tool } from './tool.ts';

const shown = (goal: unknown): string => JSON.stringify({ goal });

const getGoal: Tool = {
  name: 'get_goal',
  parallel: true,
  spec: () => ({
    kind: 'function',
    name: 'get_goal',
    description: "The thread's goal with its status and what was used of its budget.",
    parameters: { type: 'object', properties: {}, additionalProperties: false },
  }),
  async run(_input, { goals }) {
    return done(shown(goals.read()));
  },
};

const createSchema = z.object({ objective: z.string(), token_budget: z.int().positive().nullish() });

const createGoal: Tool = {
  name: 'create_goal',
  parallel: false,
  spec: () => ({
    kind: 'function',
    name: 'create_goal',
    description: 'Sets a goal for this thread. Only when the user asks for one in so many words.',
    parameters: {
      type: 'object',
      properties: { objective: { type: 'string' }, token_budget: { type: 'integer' } },
      required: ['objective'],
      additionalProperties: false,
    },
  }),
  async run(input, { goals }) {
    const parsed = await parseArguments(createSchema, 'create_goal', input);
    if (!parsed.ok) return rejected(parsed.problem);
    return done(shown(goals.create(parsed.value.objective, parsed.value.token_budget ?? null)));
  },
};

const updateSchema = z.object({ status: z.enum(['complete', 'blocked']) });

const updateGoal: Tool = {
  name: 'update_goal',
  parallel: false,
  spec: () => ({
    kind: 'function',
    name: 'update_goal',
    description:
      'Ends work on the goal: "complete" once it is reached and that was checked, "blocked" when only the user can help on.',
    parameters: {
      type: 'object',
      properties: { status: { type: 'string', enum: ['complete', 'blocked'] } },
      required: ['status'],
      additionalProperties: false,
    },
  }),
  async run(input, { goals }) {
    const parsed = await parseArguments(updateSchema, 'update_goal', input);
    if (!parsed.ok) return rejected(parsed.problem);
    return done(shown(goals.finish(parsed.value.status)));
  },
};

export const goalTools: readonly Tool[] = [getGoal, createGoal, updateGoal];
