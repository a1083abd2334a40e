/** Waits for a command, and tells the model how it stands. */
import { cleanOutput } from './clean-output.ts';
import type { CommandRow } from './command-table.ts';
import type { ToolContext, ToolOutcome } from './tool.ts';
import { cutForModel } from './truncate.ts';

/** However much the model asks for: what does not fit its window would stand in every later request. */
const MOST_OUTPUT_TOKENS = 50_000;

/** Until the command ends, `ms` have passed, or the turn is interrupted; then the command is killed with its group. */
export async function waitForCommand(row: CommandRow, ms: number, context: ToolContext): Promise<void> {
  const over = new AbortController();
  const stop = () => over.abort();
  context.signal.addEventListener('abort', stop, { once: true });
  try {
    if (!context.signal.aborted) await Promise.race([row.ended, context.sleep(ms, over.signal).catch(() => undefined)]);
  } finally {
    context.signal.removeEventListener('abort', stop);
    over.abort();
  }
  if (context.signal.aborted && !row.exit && row.turnId === context.turnId) {
    await row.running.kill();
    await row.ended;
  }
}

/** For the model. What is known for certain stands in the output. */
function blockedWords(blocked: CommandRow['blocked']): string[] {
  const guesses = blocked.filter(({ certainty }) => certainty === 'probably').map(({ message }) => message);
  const offers = [...new Set(blocked.flatMap((one) => one.offers.map(({ label }) => label)))];
  if (offers.length === 0) return guesses;
  return [...guesses, `The user may allow, and you are told if they do: ${offers.join('; ')}. Do not work around it.`];
}

/** Takes the row's unread output; forgets a command that has ended. */
export function report(row: CommandRow, maxTokens: number, context: ToolContext): ToolOutcome {
  const output = cleanOutput(row.unread.take());
  const seconds = Math.max(0, (context.clock.now() - row.startedAtMs) / 1000).toFixed(1);
  const lines = [`Wall time: ${seconds} seconds`];
  const { exit } = row;
  if (exit) {
    context.commands.forget(row);
    lines.push(
      exit.code === null
        ? `Process was killed (${exit.signal ?? 'signal unknown'})`
        : `Process exited with code ${exit.code}`,
    );
    if (row.stoppedByUser) lines.push('The user stopped this command. Do not start it again unless asked to.');
    else lines.push(...blockedWords(row.blocked));
  } else lines.push(`Process running with session ID ${row.sessionId}`);
  lines.push('Output:', cutForModel(output, Math.min(maxTokens, MOST_OUTPUT_TOKENS)));
  const text = lines.join('\n');
  if (context.signal.aborted) {
    const end = exit ? 'the command was killed' : 'the command goes on';
    return { type: 'cancelled', text: `The user interrupted; ${end}.\n${text}` };
  }
  return { type: 'done', text, success: exit === null || exit.code === 0 };
}
