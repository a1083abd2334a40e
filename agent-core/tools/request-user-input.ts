/** `request_user_input`: the model asks the user, with answers to choose from. */
import * as z from 'zod';
import { parseArguments } from './arguments.ts';
import { done, failed, rejected, type Tool } from './tool.ts';

const NAME = 'request_user_input';

const argumentsSchema = z.object({
  questions: z
    .array(
      z.object({
        id: z.string().min(1),
        header: z.string().nullish(),
        question: z.string().min(1),
        options: z.array(z.object({ label: z.string().min(1), description: z.string().nullish() })).nullish(),
      }),
    )
    .min(1)
    .max(3),
});

export const requestUserInput: Tool = {
  name: NAME,
  parallel: false,
  spec: () => ({
    kind: 'function',
    name: NAME,
    description:
      'Asks the user one to three short questions and waits. For choices that only they can make and that change the plan; what the code can tell is not asked. They may always answer in their own words.',
    parameters: {
      type: 'object',
      properties: {
        questions: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              id: { type: 'string', description: 'snake_case' },
              header: { type: 'string', description: 'At most 12 characters.' },
              question: { type: 'string' },
              options: {
                type: 'array',
                description: 'Two or three, your recommendation first.',
                items: {
                  type: 'object',
                  properties: { label: { type: 'string' }, description: { type: 'string' } },
                  required: ['label', 'description'],
                  additionalProperties: false,
                },
              },
            },
            required: ['id', 'header', 'question', 'options'],
            additionalProperties: false,
          },
        },
      },
      required: ['questions'],
      additionalProperties: false,
    },
  }),
  async run(input, context) {
    const parsed = await parseArguments(argumentsSchema, NAME, input);
    if (!parsed.ok) return rejected(parsed.problem);
    const questions = parsed.value.questions.map(({ id, header, question, options }) => ({
      id,
      header: header ?? '',
      question,
      isOther: true,
      isSecret: false,
      options: options?.map(({ label, description }) => ({ label, description: description ?? '' })) ?? null,
    }));
    const over = context.waiting('waitingOnUserInput');
    const request = { turnId: context.turnId, itemId: context.itemId, questions };
    const answers = await context.approver.questions(request, context.signal).finally(over);
    if (context.signal.aborted) return { type: 'cancelled', text: 'The user ended the turn without an answer.' };
    if (answers === null) {
      return failed('Nobody could be asked. Decide by your best judgement, and say in your answer what you assumed.');
    }
    return done(JSON.stringify({ answers }));
  },
};
