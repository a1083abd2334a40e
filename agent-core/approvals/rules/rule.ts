/** A command rule, and which commands it is about. (pure) */
import type { ShellWord } from '../shell/reading.ts';

export type RuleDecision = 'allow' | 'ask' | 'forbid';

export type Rule = {
  /** For each word, what it may be; never empty. */
  pattern: string[][];
  decision: RuleDecision;
  justification: string | null;
  /** An allow that holds outside the sandbox too; without it, only inside. */
  outsideSandbox: boolean;
  file: string;
  /** From 1. */
  line: number;
};

/** Absolute paths that a program's bare name may stand for, by `host_executable`. */
export type Executables = ReadonlyMap<string, readonly string[]>;

/** `maybe`: it depends on what a word turns out to be. */
export type RuleMatch = 'yes' | 'maybe' | 'no';

const SYSTEM = /^\/(?:usr\/(?:local\/)?|opt\/homebrew\/)?s?bin\/[^/]+$/;

/**
 * Whether a command begins with a rule's words. To allow, a path must be one of the system's or be listed; to ask or to
 * forbid, any program of that name counts.
 */
export function matchRule(rule: Rule, words: readonly ShellWord[], executables: Executables): RuleMatch {
  for (const [at, alternatives] of rule.pattern.entries()) {
    const word = words[at];
    if (!word) return 'no';
    if (word.kind === 'fixed') {
      const isSame = alternatives.includes(word.text) || (at === 0 && isProgram(word.text, rule, executables));
      if (!isSame) return 'no';
    } else if (rule.decision === 'allow') return 'no';
    else if (word.kind === 'many' || alternatives.some((text) => couldBe(word.text, text))) return 'maybe';
    else return 'no';
  }
  return 'yes';
}

/** Whether a word that begins so can turn out to be this one. `~` stands for some folder. */
const couldBe = (lead: string, text: string): boolean => (lead === '~' ? /^[~/]/.test(text) : text.startsWith(lead));

/** As file systems that do not tell cases apart, and Windows, would find it. */
const plainName = (name: string): string => name.toLowerCase().replace(/\.(exe|cmd|bat|com)$/, '');

function isProgram(program: string, { pattern, decision }: Rule, executables: Executables): boolean {
  const name = program.split('/').at(-1) ?? '';
  if (decision !== 'allow') {
    const meant = plainName(name);
    return meant !== '' && (pattern[0] ?? []).some((text) => plainName(text) === meant);
  }
  if (!program.includes('/') || !pattern[0]?.includes(name)) return false;
  return executables.get(name)?.includes(program) ?? SYSTEM.test(program);
}

/** As it stands in a rules file: `git push`, `npm run (test|lint)`. */
export const shownPattern = ({ pattern }: Rule): string =>
  pattern.map((texts) => (texts.length === 1 ? texts[0] : `(${texts.join('|')})`)).join(' ');
