/** What a tool asks of the rules before a command runs. (pure) */
import type { CommandRules } from '../../ports.ts';
import { readCommand } from '../read-command.ts';
import { type Finding, judgeByRules } from './judge.ts';

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

/** A rule that begins with no more than these would allow anything at all. */
const TOO_WIDE: ReadonlySet<string> = new Set(
  `bash sh dash zsh ksh fish env sudo doas xargs find nohup time nice timeout command exec eval python python3 py pypy pypy3
  node deno bun perl ruby php lua osascript pwsh powershell git npm npx pnpm yarn docker kubectl ssh make cargo go uv pip
  awk sed rm curl wget`.split(/\s+/),
);
const RUNS_TEXT = /^(-[a-zA-Z]*[ce]|-|--eval|--command|-p|--print|-r|-m)$/;

/** The model's proposal where it is about this one command and not too wide; null: the command's own words. */
export function ruleFor(proposed: readonly string[], { parts, danger, unknown }: Finding): string[] | null {
  const own = parts.filter(({ words }) => !/^(cd|echo|true|false|pwd|:)$/.test(words[0]?.text ?? ''));
  const [only] = own;
  if (proposed.length === 0 || own.length !== 1 || !only || danger !== null || unknown !== null) return null;
  const isPrefix = proposed.every((text, at) => only.words[at]?.kind === 'fixed' && only.words[at]?.text === text);
  const [program = '', second = ''] = proposed;
  const name = program.split('/').at(-1) ?? '';
  const isWide = TOO_WIDE.has(name) && (proposed.length === 1 || RUNS_TEXT.test(second));
  return isPrefix && !isWide ? [...proposed] : null;
}
