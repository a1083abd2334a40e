/** `update_plan`: the model's list of steps, shown to the user. */
import * as z from 'zod';
import { parseArguments } from './arguments.ts';
import { done, rejected, type Tool } from './tool.ts';

const NAME = 'update_plan';

const argumentsSchema = z.object({
  explanation: z.string().nullish(),
  plan: z.array(z.object({ step: z.string(), status: z.enum(['pending', 'in_progress', 'completed']) })),
});

const wireStatus = { pending: 'pending', in_progress: 'inProgress', completed: 'completed' } as const;

export const updatePlan: Tool = {
  name: NAME,
  parallel: true,
  spec: () => ({
    kind: 'function',
    name: NAME,
    description:
      'Shows the user your plan for work of several steps. Send the whole list each time; one step at most is in_progress.',
    parameters: {
      type: 'object',
      properties: {
        explanation: { type: 'string' },
        plan: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              step: { type: 'string' },
              status: { type: 'string', enum: ['pending', 'in_progress', 'completed'] },
            },
            required: ['step', 'status'],
            additionalProperties: false,
          },
        },
      },
      required: ['plan'],
      additionalProperties: false,
    },
  }),
  async run(input, context) {
    const parsed = await parseArguments(argumentsSchema, NAME, input);
    if (!parsed.ok) return rejected(parsed.problem);
    const steps = parsed.value.plan.map(({ step, status }) => ({ step, status: wireStatus[status] }));
    context.items.planUpdated(parsed.value.explanation ?? null, steps);
    return done('Plan updated');
  },
};
