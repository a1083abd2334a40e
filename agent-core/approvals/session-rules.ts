/** Rules that a person made by a yes: "commands that begin with these words", for as long as the session lasts. (pure) */
import { dangerOf } from './command-rules.ts';
import { simpleCommands } from './shell-words.ts';

/** What, besides its words, makes a command the one that was accepted. */
export type CommandPlace = { shell: string; cwd: string; unsandboxed: boolean; tty: boolean };

/** They say something, or nothing at all; what they say is in the model's hands anyway. */
const harmless = new Set(['echo', 'true', 'false', ':', 'pwd']);

/**
 * The words that a rule would begin with so that `argv`, a shell with its script, is not asked about again: those of
 * its only command, else all of `argv`. Null where no rule is to be had: nothing dangerous is accepted unseen.
 */
export function proposedRule(argv: readonly string[]): string[] | null {
  const script = argv.at(-1);
  if (argv.length < 3 || script === undefined || dangerOf(script)) return null;
  const commands = simpleCommands(script);
  const [first, ...others] = commands?.filter(({ words }) => !isHarmless(words)) ?? [];
  if (first && others.length === 0) return first.words;
  return commands?.length === 1 ? (commands[0]?.words ?? null) : [...argv];
}

/** What a set of session approvals holds for a rule. */
export const ruleKey = (words: readonly string[], { shell, cwd, unsandboxed, tty }: CommandPlace): string =>
  JSON.stringify(['rule', shell, cwd, unsandboxed, tty, ...words]);

/** Whether the rules allow `script`: each of its commands, or the whole as it stands. */
export function isRuled(script: string, place: CommandPlace, keys: ReadonlySet<string>): boolean {
  if (keys.has(ruleKey([place.shell, '-lc', script], place))) return true;
  if (dangerOf(script)) return false;
  const commands = simpleCommands(script)?.filter(({ words }) => !isHarmless(words)) ?? [];
  const isAllowed = (words: readonly string[]): boolean =>
    words.some((_, last) => keys.has(ruleKey(words.slice(0, last + 1), place)));
  return commands.length > 0 && commands.every(({ words }) => isAllowed(words));
}

const isHarmless = ([program]: readonly string[]): boolean => harmless.has(program ?? '');
