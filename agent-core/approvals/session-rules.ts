/** Rules that a person made by a yes: "commands that begin with these words", for as long as the session lasts. (pure) */
import type { Finding } from './rules/judge.ts';
import { isSteered, isTooWide } from './rules/width.ts';

/** What, besides its words, makes a command the one that was accepted. */
export type CommandPlace = { shell: string; cwd: string; unsandboxed: boolean; tty: boolean };

/** What was read of a script. */
export type ReadScript = Pick<Finding, 'parts' | 'unknown' | 'danger' | 'writesFiles' | 'besides'>;

/** They say something, or nothing at all; what they say is in the model's hands anyway. */
const harmless = new Set(['echo', 'true', 'false', ':', 'pwd']);

/**
 * The words that a rule would begin with so that `argv`, a shell with its script, is not asked about again: those of
 * its only command, where they say enough, else all of `argv`. Null where no rule is to be had: nothing dangerous is accepted unseen.
 */
export function proposedRule(read: ReadScript, argv: readonly string[]): string[] | null {
  if (read.danger !== null) return null;
  const commands = plainCommands(read);
  const [first, ...others] = commands?.filter((words) => !isHarmless(words)) ?? [];
  const own = first && others.length === 0 ? first : commands?.length === 1 ? commands[0] : undefined;
  return own && !isTooWide(own) ? own : [...argv];
}

/** What a set of session approvals holds for a rule. */
export const ruleKey = (words: readonly string[], { shell, cwd, unsandboxed, tty }: CommandPlace): string =>
  JSON.stringify(['rule', shell, cwd, unsandboxed, tty, ...words]);

/** Whether the rules allow `script`: each of its commands, or the whole as it stands. */
export function isRuled(script: string, read: ReadScript, place: CommandPlace, keys: ReadonlySet<string>): boolean {
  if (keys.has(ruleKey([place.shell, '-lc', script], place))) return true;
  if (read.danger !== null) return false;
  const commands = plainCommands(read)?.filter((words) => !isHarmless(words)) ?? [];
  const isAllowed = (words: readonly string[]): boolean =>
    words.some((_, last) => keys.has(ruleKey(words.slice(0, last + 1), place)) && !isSteered(words, last + 1));
  return commands.length > 0 && commands.every(isAllowed);
}

/** All commands by their words; null where there is more to the script than these. */
function plainCommands({ parts, unknown, writesFiles, besides }: ReadScript): string[][] | null {
  const isPlain = unknown === null && besides === null && !writesFiles && parts.every(({ isNested }) => !isNested);
  if (!isPlain || !parts.every(({ words }) => words.every(({ kind }) => kind === 'fixed'))) return null;
  return parts.map(({ words }) => words.map(({ text }) => text));
}

const isHarmless = ([program]: readonly string[]): boolean => harmless.has(program ?? '');
