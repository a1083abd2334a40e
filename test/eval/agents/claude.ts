/** `claude -p --output-format stream-json`: it prints all that is measured. */
import * as z from 'zod';
import { type Agent, linesOf } from '../agent.ts';

const block = z.looseObject({ type: z.string() });
const toolUse = z.object({ type: z.literal('tool_use'), id: z.string(), name: z.string() });
const toolResult = z.object({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  is_error: z.nullish(z.boolean()),
  content: z.unknown(),
});
const event = z.discriminatedUnion('type', [
  z.object({ type: z.literal('assistant'), message: z.object({ id: z.string(), content: z.array(block) }) }),
  z.object({ type: z.literal('user'), message: z.object({ content: z.union([z.string(), z.array(block)]) }) }),
  z.object({
    type: z.literal('result'),
    is_error: z.boolean(),
    result: z.optional(z.string()),
    subtype: z.optional(z.string()),
    total_cost_usd: z.nullish(z.number()),
    usage: z.object({
      input_tokens: z.number(),
      cache_creation_input_tokens: z.nullish(z.number()),
      cache_read_input_tokens: z.nullish(z.number()),
      output_tokens: z.number(),
    }),
  }),
]);

const EDITORS = /^(Edit|MultiEdit|Write|NotebookEdit)$/;
const NO_CALL = /InputValidationError|No such tool available/;
/** Not the flag that skips all permissions: it is refused for root. */
const TOOLS = 'Bash,Edit,MultiEdit,Write,Read,Glob,Grep,LS,NotebookEdit,TodoWrite,Task,BashOutput,KillShell';

export const claude: Agent = {
  name: 'claude',
  install: 'npm install -g @anthropic-ai/claude-code',
  needsKey: false,
  command: ({ env, prompt, setting }) => ({
    args: [
      ...['-p', '--output-format', 'stream-json', '--verbose', '--model', setting.model],
      ...['--permission-mode', 'acceptEdits', '--allowedTools', TOOLS, '--', prompt],
    ],
    env,
  }),
  measure({ stdout }) {
    const events = linesOf(stdout, event);
    const ids = new Set(events.flatMap((one) => (one.type === 'assistant' ? [one.message.id] : [])));
    const blocks = events.flatMap((one) =>
      one.type === 'result' || typeof one.message.content === 'string' ? [] : one.message.content,
    );
    const calls = new Map(blocks.flatMap((one) => toolUse.safeParse(one).data ?? []).map(({ id, name }) => [id, name]));
    const errors = blocks.flatMap((one) => toolResult.safeParse(one).data ?? []).filter((one) => one.is_error);
    const malformed = errors.filter(({ content }) => NO_CALL.test(JSON.stringify(content)));
    const edits = errors.filter((one) => EDITORS.test(calls.get(one.tool_use_id) ?? '') && !malformed.includes(one));
    const result = events.find((one) => one.type === 'result');
    const [written, read] = [
      result?.usage.cache_creation_input_tokens ?? 0,
      result?.usage.cache_read_input_tokens ?? 0,
    ];
    return {
      rounds: ids.size,
      tokens: result
        ? { input: result.usage.input_tokens + written + read, cached: read, output: result.usage.output_tokens }
        : null,
      costUsd: result?.total_cost_usd ?? null,
      malformedCalls: malformed.length,
      failedEdits: edits.length,
      answer: result?.result ?? '',
      failure: result?.is_error ? (result.result ?? result.subtype ?? 'it failed') : null,
    };
  },
};
