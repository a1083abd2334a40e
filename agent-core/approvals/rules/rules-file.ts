/** A rules file: `prefix_rule(…)` and `host_executable(…)`, as Codex writes them. (pure) */
import * as z from 'zod';
import { fixed } from '../shell/reading.ts';
import { simpleCommands } from '../shell-words.ts';
import { type Call, type Fault, readCalls } from './literals.ts';
import { matchRule, type Rule } from './rule.ts';

export type RulesFile = {
  rules: Rule[];
  executables: Map<string, string[]>;
  /** Fit for the user. What is at fault allows nothing; what it asks about or forbids still holds. */
  faults: Fault[];
  /** All of it could be read. Where not, what it says is not all known, and `rules` allow nothing. */
  isWhole: boolean;
};

const WORDS = 'a list of words, such as ["npm", ["test", "run"]]';
const EXAMPLES = 'a list of commands, such as ["npm test"]';
const listOf = (what: string) => z.array(z.union([z.string(), z.array(z.string()).min(1)], what), what);
const PrefixRule = z.strictObject({
  pattern: listOf(WORDS).min(1, WORDS),
  decision: z.enum(['allow', 'prompt', 'forbidden'], '"allow", "prompt" or "forbidden"').default('allow'),
  justification: z.string('a text').nullish(),
  match: listOf(EXAMPLES).nullish(),
  not_match: listOf(EXAMPLES).nullish(),
  outside_sandbox: z.boolean('True or False').nullish(),
});
const HostExecutable = z.strictObject({ name: z.string(), paths: z.array(z.string()) });

const DECISIONS = { allow: 'allow', prompt: 'ask', forbidden: 'forbid' } as const;

/** `mayLeave`: whether the file may allow commands outside the sandbox. `home`: what `~` is. Never throws. */
export function readRulesFile(source: string, file: string, options: { mayLeave: boolean; home: string }): RulesFile {
  const { calls, faults } = readCalls(source);
  const found: RulesFile = { rules: [], executables: new Map(), faults: [...faults], isWhole: faults.length === 0 };
  for (const call of calls) {
    if (call.name === 'prefix_rule') addRule(call, file, options.mayLeave, found);
    else if (call.name === 'host_executable') addExecutable(call, options.home, found);
    // Hosts have a place of their own: permission profiles.
    else if (call.name !== 'network_rule') {
      found.isWhole = false;
      found.faults.push({
        line: call.line,
        message: `there is no ${call.name}(…); prefix_rule and host_executable may stand here`,
      });
    }
  }
  found.faults.sort((a, b) => a.line - b.line);
  return found.isWhole ? found : { ...found, rules: withoutAllows(found.rules) };
}

/** What is missing could have forbidden: what the rest allows is asked about. */
export const withoutAllows = (rules: readonly Rule[]): Rule[] => rules.filter(({ decision }) => decision !== 'allow');

function addRule({ args, line }: Call, file: string, mayLeave: boolean, found: RulesFile): void {
  const parsed = PrefixRule.safeParse(Object.fromEntries(args));
  if (!parsed.success) {
    found.faults.push({ line, message: faultOf(parsed.error.issues) });
    found.isWhole = false;
    const strict = strictRule(args, file, line);
    if (strict) found.rules.push(strict);
    return;
  }
  const { pattern, decision, justification, match, not_match: notMatch, outside_sandbox: outside } = parsed.data;
  const rule: Rule = {
    pattern: pattern.map((word) => (typeof word === 'string' ? [word] : word)),
    decision: DECISIONS[decision],
    justification: justification?.trim() || null,
    outsideSandbox: outside === true && mayLeave && decision === 'allow',
    file,
    line,
  };
  const faults = [...wrongExamples(rule, match ?? [], true), ...wrongExamples(rule, notMatch ?? [], false)];
  if (outside === true && !mayLeave) faults.push("outside_sandbox counts only in the user's own rules");
  found.faults.push(...faults.map((message) => ({ line, message })));
  if (faults.length === 0 || rule.decision !== 'allow' || (outside === true && !mayLeave && faults.length === 1))
    found.rules.push(rule);
}

/** What is left of a rule at fault that was not meant to allow: of what it is about, no less is said than to ask. */
function strictRule(args: Call['args'], file: string, line: number): Rule | null {
  const pattern = PrefixRule.shape.pattern.safeParse(args.get('pattern'));
  const decision = args.get('decision') ?? 'allow';
  if (!pattern.success || decision === 'allow') return null;
  const said = args.get('justification');
  return {
    pattern: pattern.data.map((word) => (typeof word === 'string' ? [word] : word)),
    decision: decision === 'forbidden' ? 'forbid' : 'ask',
    justification: typeof said === 'string' ? said.trim() || null : null,
    outsideSandbox: false,
    file,
    line,
  };
}

/** A name that nobody knows first: it is mostly the one that is missed. */
function faultOf(issues: readonly z.core.$ZodIssue[]): string {
  const unknown = issues.find(({ code }) => code === 'unrecognized_keys');
  if (unknown?.code === 'unrecognized_keys')
    return `there is no ${unknown.keys[0]} in prefix_rule, only ${Object.keys(PrefixRule.shape).join(', ')}`;
  const [issue] = issues;
  return `${String(issue?.path[0] ?? 'prefix_rule')} must be ${issue?.message ?? 'right'}`;
}

function wrongExamples(rule: Rule, examples: readonly (string | string[])[], shouldMatch: boolean): string[] {
  return examples.flatMap((example) => {
    const commands = typeof example === 'string' ? simpleCommands(example) : [{ words: example }];
    const shown = typeof example === 'string' ? example : example.join(' ');
    if (commands?.length !== 1) return [`the example ${JSON.stringify(shown)} is not one plain command`];
    const isMatch = matchRule(rule, commands[0]?.words.map(fixed) ?? [], new Map()) === 'yes';
    if (isMatch === shouldMatch) return [];
    return [`the example ${JSON.stringify(shown)} ${shouldMatch ? 'does not match' : 'matches, and must not'}`];
  });
}

function addExecutable({ args, line }: Call, home: string, found: RulesFile): void {
  const parsed = HostExecutable.safeParse(Object.fromEntries(args));
  if (!parsed.success) found.faults.push({ line, message: 'host_executable needs name = "…" and paths = ["/…"]' });
  else {
    const { name, paths } = parsed.data;
    const absolute = paths.map((path) => (path.startsWith('~/') ? `${home}${path.slice(1)}` : path));
    found.executables.set(name, [...(found.executables.get(name) ?? []), ...absolute]);
  }
}

/** A rule as it is written down for a person's yes. */
export function ruleText(words: readonly string[], outsideSandbox: boolean): string {
  const pattern = words.map((word) => quoted(word)).join(', ');
  return `prefix_rule(pattern = [${pattern}], decision = "allow"${outsideSandbox ? ', outside_sandbox = True' : ''})\n`;
}

const quoted = (word: string): string =>
  `"${word.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n').replace(/\t/g, '\\t').replace(/\r/g, '\\r')}"`;
