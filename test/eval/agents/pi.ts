/** `pi -p --mode json`: it prints all that is measured. */
import * as z from 'zod';
import { type Agent, linesOf } from '../agent.ts';

const usage = z.object({
  input: z.number(),
  output: z.number(),
  cacheRead: z.number().default(0),
  cacheWrite: z.number().default(0),
  cost: z.optional(z.object({ total: z.number() })),
});
const event = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message_end'),
    message: z.looseObject({
      role: z.string(),
      content: z.optional(z.unknown()),
      usage: z.optional(usage),
      stopReason: z.optional(z.string()),
      errorMessage: z.optional(z.string()),
    }),
  }),
  z.object({
    type: z.literal('tool_execution_end'),
    toolName: z.string(),
    isError: z.boolean(),
    result: z.optional(z.unknown()),
  }),
]);

const EDITORS = /^(edit|write)$/;
const NO_CALL = /Validation failed for tool|Tool \S+ not found/;

function textIn(content: unknown): string {
  if (!Array.isArray(content)) return '';
  return content
    .flatMap((part: { type?: unknown; text?: unknown }) => (part.type === 'text' ? [String(part.text)] : []))
    .join('\n');
}

export const pi: Agent = {
  name: 'pi',
  install: 'npm install -g @earendil-works/pi-coding-agent',
  needsKey: false,
  command: ({ env, prompt, setting }) => ({
    args: ['-p', '--mode', 'json', '--no-session', '--provider', setting.provider, '--model', setting.model, prompt],
    env,
  }),
  measure({ stdout }) {
    const events = linesOf(stdout, event);
    const said = events.flatMap((one) =>
      one.type === 'message_end' && one.message.role === 'assistant' ? [one.message] : [],
    );
    const errors = events.flatMap((one) => (one.type === 'tool_execution_end' && one.isError ? [one] : []));
    const malformed = errors.filter(({ result }) => NO_CALL.test(JSON.stringify(result ?? '')));
    const used = said.flatMap((message) => message.usage ?? []);
    const sum = (pick: (one: z.infer<typeof usage>) => number): number => used.reduce((all, one) => all + pick(one), 0);
    const last = said.at(-1);
    const cost = sum((one) => one.cost?.total ?? 0);
    return {
      rounds: said.length,
      tokens:
        used.length > 0
          ? {
              input: sum((one) => one.input + one.cacheRead + one.cacheWrite),
              cached: sum((one) => one.cacheRead),
              output: sum((one) => one.output),
            }
          : null,
      // It says 0 for a model whose price it does not know.
      costUsd: cost > 0 ? cost : null,
      malformedCalls: malformed.length,
      failedEdits: errors.filter((one) => EDITORS.test(one.toolName) && !malformed.includes(one)).length,
      answer: textIn(last?.content),
      failure: last?.stopReason === 'error' ? (last.errorMessage ?? 'it failed') : null,
    };
  },
};
