/** `opencode run --format json`: it prints all that is measured. */
import * as z from 'zod';
import { type Agent, linesOf } from '../agent.ts';

const event = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), part: z.object({ text: z.string() }) }),
  z.object({
    type: z.literal('tool_use'),
    part: z.object({ tool: z.string(), state: z.looseObject({ status: z.string() }) }),
  }),
  z.object({
    type: z.literal('step_finish'),
    part: z.object({
      cost: z.number().optional(),
      tokens: z.object({
        input: z.number(),
        output: z.number(),
        reasoning: z.number().default(0),
        cache: z.object({ read: z.number(), write: z.number() }).default({ read: 0, write: 0 }),
      }),
    }),
  }),
  z.object({
    type: z.literal('error'),
    error: z.looseObject({ name: z.string().optional(), data: z.looseObject({ message: z.string() }).optional() }),
  }),
]);

/** A call of no tool runs as this one. */
const NO_TOOL = 'invalid';
const NO_CALL = /called with invalid arguments/;
const EDITORS = /^(edit|multiedit|write|patch|apply_patch)$/;

type ToolPart = Extract<z.infer<typeof event>, { type: 'tool_use' }>['part'];

const isMalformed = ({ tool, state }: ToolPart): boolean => tool === NO_TOOL || NO_CALL.test(String(state.error));

export const opencode: Agent = {
  name: 'opencode',
  install: 'npm install -g opencode-ai',
  needsKey: false,
  command: ({ env, prompt, setting }) => ({
    args: ['run', '--format', 'json', '--model', `${setting.provider}/${setting.model}`, '--', prompt],
    env: { ...env, OPENCODE_DISABLE_AUTOUPDATE: 'true' },
  }),
  measure({ stdout }) {
    const events = linesOf(stdout, event);
    const steps = events.flatMap((one) => (one.type === 'step_finish' ? [one.part] : []));
    const tools = events.flatMap((one) => (one.type === 'tool_use' ? [one.part] : []));
    const sum = (pick: (step: (typeof steps)[number]) => number): number =>
      steps.reduce((all, one) => all + pick(one), 0);
    const cost = sum((step) => step.cost ?? 0);
    const error = events.find((one) => one.type === 'error')?.error;
    return {
      rounds: steps.length,
      tokens:
        steps.length > 0
          ? {
              input: sum(({ tokens }) => tokens.input + tokens.cache.read + tokens.cache.write),
              cached: sum(({ tokens }) => tokens.cache.read),
              output: sum(({ tokens }) => tokens.output + tokens.reasoning),
            }
          : null,
      // It says 0 for a model whose price it does not know.
      costUsd: cost > 0 ? cost : null,
      malformedCalls: tools.filter(isMalformed).length,
      failedEdits: tools.filter((one) => EDITORS.test(one.tool) && one.state.status === 'error' && !isMalformed(one))
        .length,
      answer: events.findLast((one) => one.type === 'text')?.part.text ?? '',
      failure: error ? (error.data?.message ?? error.name ?? 'it failed') : null,
    };
  },
};
