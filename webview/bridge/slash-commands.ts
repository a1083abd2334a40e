/** What a person can type after `/` in the message field. Pure; page and host read the same table. */

export const SLASH_NAMES = [
  'compact',
  'review',
  'goal',
  'plan',
  'new',
  'model',
  'mode',
  'mcp',
  'history',
  'restore',
  'context',
  'prompt',
] as const;
export type SlashName = (typeof SLASH_NAMES)[number];

export type SlashCommand = {
  name: SlashName;
  description: string;
  /** Shown after the name; null: it takes no words. */
  argument: string | null;
  /** Needs Gantry's own agent: another one has no answer to it. */
  oursOnly: boolean;
};

const row = (name: SlashName, description: string, argument: string | null = null, oursOnly = false): SlashCommand => ({
  name,
  description,
  argument,
  oursOnly,
});

const SLASH_COMMANDS: readonly SlashCommand[] = [
  row('compact', 'Sum up earlier messages to make room'),
  row('review', 'Review changes and list what to mend', '[what to review]'),
  row('goal', 'Work towards a goal over many turns', '[goal, or clear]'),
  row('plan', 'Plan first: look around and change nothing'),
  row('new', 'Start a new thread'),
  row('model', 'Choose the model'),
  row('mode', 'Choose what may be done without asking'),
  row('mcp', 'Show MCP servers and what they may do'),
  row('history', 'Show earlier threads'),
  row('restore', 'Go back to before a message: files, conversation or both', null, true),
  row('context', 'Show what fills the context', null, true),
  row('prompt', 'Show exactly what was last sent to the model', null, true),
];

/** The commands that work with the agent behind the panel. */
export function slashCommands(ours: boolean): readonly SlashCommand[] {
  return SLASH_COMMANDS.filter(({ oursOnly }) => ours || !oursOnly);
}

/** The command that a message is; null for any other text, also for one that begins with a path. */
export function parseSlash(text: string, ours: boolean): { name: SlashName; argument: string } | null {
  const match = /^\/([a-z]+)(?:\s+([\s\S]*))?$/.exec(text.trim());
  const command = slashCommands(ours).find(({ name }) => name === match?.[1]);
  return command ? { name: command.name, argument: (match?.[2] ?? '').trim() } : null;
}

/**
 * Why a message that looks like a command is none, as a sentence; null: it is one, or plainly no command, such as one that
 * begins with a longer path or with a space. `ours`: null as long as it is not known who answers.
 */
export function slashFault(text: string, ours: boolean | null): string | null {
  const name = /^\/([A-Za-z][\w-]*)(?=\s|$)/.exec(text)?.[1];
  if (name === undefined || parseSlash(text, ours !== false)) return null;
  return SLASH_COMMANDS.some((command) => command.name === name)
    ? `/${name} is only there with Gantry’s own agent.`
    : `There is no command /${name}. Type / to see which there are, or put a space before it to send it as text.`;
}

/** What follows `!`: a command that the person runs; null for any other text. */
export function parseShell(text: string): string | null {
  const command = /^!(?!\[)\s*(\S[\s\S]*)$/.exec(text.trim())?.[1];
  return command?.trim() || null;
}
