/** What the demo model does next: says something, then perhaps calls tools. */
export type Call =
  | { name: 'exec_command'; cmd: string }
  | { name: 'write_stdin'; sessionId: number }
  | { name: 'apply_patch'; patch: string };
export type Step = { text: string; calls: Call[] };

/** A last word: the turn ends. */
export const say = (text: string): Step => ({ text, calls: [] });

/** Runs commands, after saying why. */
export const run = (text: string, ...commands: string[]): Step => ({
  text,
  calls: commands.map((cmd) => ({ name: 'exec_command', cmd })),
});

/** Quotes for a POSIX shell. */
export const quote = (text: string): string =>
  /^[\w./@:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g');

/** A command's output in a code block, its tail when long. */
export function outputBlock(body: string, maxLines = 30): string {
  const lines = body.replace(COLOURS, '').trimEnd().split('\n');
  const shown =
    lines.length > maxLines ? [`… ${lines.length - maxLines} lines before`, ...lines.slice(-maxLines)] : lines;
  // Output with fences of its own, such as a Markdown file, stays inside.
  const fence = '`'.repeat(Math.max(3, ...(body.match(/`+/g) ?? []).map((ticks) => ticks.length + 1)));
  return `${fence}\n${shown.join('\n')}\n${fence}`;
}
