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

/** A command's output in a code block, its tail when long. */
export function outputBlock(body: string, maxLines = 30): string {
  const lines = body.trimEnd().split('\n');
  const shown =
    lines.length > maxLines ? [`… ${lines.length - maxLines} lines before`, ...lines.slice(-maxLines)] : lines;
  return `\`\`\`\n${shown.join('\n')}\n\`\`\``;
}
