/** What a tool asks of the rules before a command runs. (pure) */
import type { CommandRules } from '../../ports.ts';
import { readCommand } from '../read-command.ts';
import { type Finding, judgeByRules } from './judge.ts';
import { isTooWide } from './width.ts';

/** Without rules: what plain words tell. Never rejects. */
export async function findingOf(
  script: string,
  shell: string,
  folder: string,
  rules: CommandRules | null,
): Promise<Finding> {
  if (rules) return rules.judge(script, shell, folder);
  return judgeByRules(readCommand(script, shell, null), [shell, '-lc', script], { rules: [], executables: new Map() });
}

/** The model's proposal where it is about this one command and not too wide; null: the command's own words. */
export function ruleFor(proposed: readonly string[], { parts, danger, unknown }: Finding): string[] | null {
  const own = parts.filter(({ words }) => !/^(cd|echo|true|false|pwd|:)$/.test(words[0]?.text ?? ''));
  const [only] = own;
  if (proposed.length === 0 || own.length !== 1 || !only || danger !== null || unknown !== null) return null;
  const isPrefix = proposed.every((text, at) => only.words[at]?.kind === 'fixed' && only.words[at]?.text === text);
  return isPrefix && !isTooWide(proposed) ? [...proposed] : null;
}
