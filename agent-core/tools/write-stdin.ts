/** `write_stdin`: feeds or polls a command that still runs. */
import * as z from 'zod';
import { dangerOf } from '../approvals/command-rules.ts';
import { judgeCommand } from '../approvals/policy.ts';
import { parseArguments } from './arguments.ts';
import { askForCommand, type CommandItem, commandRefusal } from './command-approval.ts';
import { report, waitForCommand } from './command-report.ts';
import type { CommandRow } from './command-table.ts';
import { failed, rejected, type Tool, type ToolContext, type ToolOutcome } from './tool.ts';
import { DEFAULT_OUTPUT_TOKENS } from './truncate.ts';

const NAME = 'write_stdin';
const INTERRUPT = '\u0003';
const INPUT_WAIT_MS = 250;
const POLL_WAIT_MS = 5000;
const MAX_WAIT_MS = 300_000;

const INPUT_WORDS = {
  cancelled: 'The user stopped here. Nothing was written.',
  declined: 'The user rejected the text. Nothing was written, and the command goes on. Go on without it or ask.',
  failed: 'Nothing was written: the client failed to answer the approval request.',
};

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
        session_id: { type: 'number', description: 'The number that the command went on under.' },
        chars: { type: 'string', description: 'Text to write; end a line with \\n. \\u0003 alone is Ctrl+C.' },
        yield_time_ms: { type: 'number', description: 'How long to wait for output or the end.' },
        max_output_tokens: { type: 'number' },
      },
      required: ['session_id'],
      additionalProperties: false,
    },
  }),
  async run(input, context) {
    const parsed = await parseArguments(argumentsSchema, NAME, input);
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
      if (chars === INTERRUPT) {
        // Without a terminal there is nobody to turn it into a signal.
        if (!row.running.write(INTERRUPT)) void row.running.kill();
      } else {
        const refusal = await allow(row, chars, context);
        if (refusal) return refusal;
        // It may have ended while a person thought about it.
        if (!row.exit && !row.running.write(chars))
          return failed(`Session ${sessionId} takes no input. Start such a command with "tty": true.`);
      }
      context.items.terminalInteraction(row.itemId, row.running.processId, chars);
    }
    const wanted = yield_time_ms ?? (chars ? INPUT_WAIT_MS : POLL_WAIT_MS);
    await waitForCommand(row, Math.min(Math.max(wanted, INPUT_WAIT_MS), MAX_WAIT_MS), context);
    return report(row, max_output_tokens ?? DEFAULT_OUTPUT_TOKENS, context);
  },
};

/**
 * Text for a command is as good as a command: beyond the sandbox it takes the same yes. Null: it may be written.
 * What the sandbox confines is not asked about, except where the policy has every command asked about.
 */
async function allow(row: CommandRow, chars: string, context: ToolContext): Promise<ToolOutcome | null> {
  const { settings, runner, approvals, items } = context;
  const { sandboxPolicy, approvalPolicy } = settings;
  const { unsandboxed, escalated, sessionKey } = row.freedom;
  const inputKey = JSON.stringify([NAME, row.sessionId]);
  // It got out under other settings than those of now.
  const isOut = unsandboxed && sandboxPolicy.type !== 'dangerFullAccess' && runner.unconfinedReason === null;
  const verdict = judgeCommand({
    approvalPolicy,
    sandboxPolicy,
    escalate: escalated || isOut,
    justification: null,
    danger: unsandboxed ? dangerOf(chars) : null,
    unconfinedReason: unsandboxed ? runner.unconfinedReason : null,
    acceptedForSession: approvals.commands.has(sessionKey) || approvals.commands.has(inputKey),
  });
  if (verdict.type === 'allow') return null;
  if (verdict.type === 'reject') {
    return rejected(
      `Session ${row.sessionId} runs outside the sandbox, and the approval policy does not allow asking: nothing was written. Stop it with \\u0003 and start what you need inside the sandbox, or do without it.`,
    );
  }
  const shown = `write to session ${row.sessionId}: ${JSON.stringify(chars)}`;
  const item: CommandItem = {
    type: 'commandExecution',
    id: context.itemId,
    pluginId: null,
    scriptPath: null,
    command: shown,
    cwd: row.cwd,
    processId: row.running.processId,
    source: 'unifiedExecInteraction',
    status: 'inProgress',
    commandActions: [{ type: 'unknown', command: shown }],
    aggregatedOutput: null,
    exitCode: null,
    durationMs: null,
  };
  const reason = verdict.reason ?? `It is read by a command that still runs: ${row.cmd}`;
  const decision = await askForCommand(item, [shown], { ...verdict, reason, unsandboxed }, context);
  const refusal = commandRefusal(decision, INPUT_WORDS);
  if (refusal) return refusal;
  if (decision === 'acceptForSession') approvals.commands.add(inputKey);
  items.completed({ ...item, status: 'completed' });
  return null;
}
