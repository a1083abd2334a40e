/** `write_stdin`: feeds or polls a command that still runs. */
import * as z from 'zod';
import { parseArguments } from './arguments.ts';
import { report, waitForCommand } from './command-report.ts';
import { failed, rejected, type Tool } from './tool.ts';
import { DEFAULT_OUTPUT_TOKENS } from './truncate.ts';

const NAME = 'write_stdin';
const INPUT_WAIT_MS = 250;
const POLL_WAIT_MS = 5000;
const MAX_WAIT_MS = 300_000;

const argumentsSchema = z.object({
  session_id: z.union([z.number(), z.string().regex(/^\d+$/, 'expected the number that exec_command returned')]),
  chars: z.string().nullish(),
  yield_time_ms: z.number().nonnegative().nullish(),
  max_output_tokens: z.number().positive().nullish(),
});

export const writeStdin: Tool = {
  name: NAME,
  parallel: true,
  spec: () => ({
    kind: 'function',
    name: NAME,
    description: 'Writes to a command that still runs, and returns what it printed since. Without chars it only waits.',
    parameters: {
      type: 'object',
      properties: {
        session_id: { type: 'number', description: 'From exec_command.' },
        chars: { type: 'string', description: 'Text to write; end a line with \\n. \\u0003 alone stops the command.' },
        yield_time_ms: { type: 'number', description: 'How long to wait for output or the end.' },
        max_output_tokens: { type: 'number' },
      },
      required: ['session_id'],
      additionalProperties: false,
    },
  }),
  async run(input, context) {
    const parsed = parseArguments(argumentsSchema, NAME, input);
    if (!parsed.ok) return rejected(parsed.problem);
    const { chars, yield_time_ms, max_output_tokens } = parsed.value;
    const sessionId = Number(parsed.value.session_id);
    const row = context.commands.get(sessionId);
    if (!row) {
      return rejected(
        `There is no running command with session ID ${sessionId}. It has ended, or the turn that started it was interrupted.`,
      );
    }
    if (chars && !row.exit) {
      // Without a terminal there is nobody to turn ^C into a signal.
      if (chars === '\u0003') void row.running.kill();
      else if (!row.running.write(chars))
        return failed(`Session ${sessionId} takes no input. Start such a command with "tty": true.`);
      context.items.terminalInteraction(row.itemId, row.running.processId, chars);
    }
    const wanted = yield_time_ms ?? (chars ? INPUT_WAIT_MS : POLL_WAIT_MS);
    await waitForCommand(row, Math.min(Math.max(wanted, INPUT_WAIT_MS), MAX_WAIT_MS), context);
    return report(row, max_output_tokens ?? DEFAULT_OUTPUT_TOKENS, context);
  },
};
