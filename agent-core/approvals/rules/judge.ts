/** What the rules say of a script: the strictest word on any of its commands counts. (pure) */
import { dangerOfReading, dangerOfWords } from '../command-rules.ts';
import { fixed, type ShellPart, type ShellReading, type ShellWord, shownWord } from '../shell/reading.ts';
import { laterCommands } from './launchers.ts';
import { asksRepository, isReadOnly, movesElsewhere } from './read-only.ts';
import { type Executables, matchRule, type Rule, type RuleDecision, shownPattern } from './rule.ts';
import { isSteered } from './width.ts';

export type RuleSet = { rules: readonly Rule[]; executables: Executables };

export type PartFinding = {
  words: readonly ShellWord[];
  /** Null: no rule is about it. */
  decision: RuleDecision | null;
  rule: Rule | null;
  /** How many of the words, from the first, the rule names. */
  ruled: number;
  isReadOnly: boolean;
  /** Another part runs it (`env`, `xargs`, `sh -c`, …), or it runs others. */
  isNested: boolean;
};

export type Finding = {
  /** Null: the rules leave it to the approval policy. */
  decision: RuleDecision | null;
  /** The rule that decided; null also where what cannot be read is asked about. */
  rule: Rule | null;
  /** Why, for the user and the model; null where no rule has a say. */
  reason: string | null;
  /** The rules allow all of it outside the sandbox too. */
  outsideSandbox: boolean;
  /** It only looks, as far as its words tell. */
  isReadOnly: boolean;
  /** Why it is dangerous; null: it is not known to be. */
  danger: string | null;
  /** Why not all that it runs is known. */
  unknown: string | null;
  /** Some redirection of it writes a file. */
  writesFiles: boolean;
  /** What else than their words the commands are given: see `ShellReading`. */
  besides: string | null;
  parts: PartFinding[];
};

const RANK = { allow: 0, ask: 1, forbid: 2 } as const;

/** `argv`: the shell with its script, for rules that are about a script as a whole. */
export function judgeByRules(reading: ShellReading, argv: readonly string[], set: RuleSet): Finding {
  const found = reading.parts.map(
    (part): PartFinding => ({
      ...judgePart(part.words, set),
      isNested: part.via !== null || part.isTransparent,
    }),
  );
  const parts = found.map((part, at) => withCaller(part, at, found, reading.parts));
  const isLooking = reading.unknown === null && reading.writes.length === 0;
  const needed = parts.filter((_, at) => !reading.parts[at]?.isTransparent || parts[at]?.rule);
  const asks = parts.some(({ words }) => asksRepository(words));
  const isElsewhere = asks && parts.some(({ words }) => movesElsewhere(words));
  const readOnly = isLooking && !isElsewhere && needed.length > 0 && needed.every((part) => part.isReadOnly);
  const danger = dangerOfReading(reading, argv.at(-1) ?? '');
  const writesFiles = reading.writes.length > 0;
  const { unknown, besides } = reading;
  const base = { isReadOnly: readOnly, danger, unknown, writesFiles, besides, parts };
  const none: Finding = { ...base, decision: null, rule: null, reason: null, outsideSandbox: false };

  const [strictest] = parts
    .filter(({ decision }) => decision === 'forbid' || decision === 'ask')
    .sort((a, b) => RANK[b.decision ?? 'allow'] - RANK[a.decision ?? 'allow']);
  if (strictest?.rule) {
    return {
      ...none,
      decision: strictest.decision,
      rule: strictest.rule,
      reason: reasonOf(strictest.rule, strictest.decision),
    };
  }
  // A yes to the whole script, word for word.
  const whole = set.rules.find(
    (rule) =>
      rule.decision === 'allow' &&
      rule.pattern.length === argv.length &&
      argv.length > 2 &&
      matchRule(rule, argv.map(fixed), set.executables) === 'yes',
  );
  if (whole)
    return { ...none, decision: 'allow', rule: whole, reason: reasonOf(whole), outsideSandbox: whole.outsideSandbox };
  if (reading.unknown !== null) {
    if (!set.rules.some(({ decision }) => decision !== 'allow')) return none;
    return { ...none, decision: 'ask', reason: `The rules could not be applied: ${reading.unknown}.` };
  }
  const allowed = needed.filter(({ decision }) => decision === 'allow');
  if (allowed.length === 0 || !needed.every((part) => part.decision === 'allow' || part.isReadOnly)) return none;
  const rule = allowed[0]?.rule ?? null;
  const outsideSandbox = !writesFiles && besides === null && needed.every((part) => mayLeave(part));
  return { ...none, decision: 'allow', rule, reason: rule && reasonOf(rule), outsideSandbox };
}

/** Not `cd`: elsewhere the same words may run what the model wrote there. */
const HARMLESS: ReadonlySet<string> = new Set(['echo', 'pwd', 'true', 'false', ':']);

/** Of two that allow, the wider one counts; else the one that says more exactly what it is about. */
const allowsMore = (rule: Rule, other: Rule): boolean =>
  rule.outsideSandbox === other.outsideSandbox ? rule.pattern.length > other.pattern.length : rule.outsideSandbox;

/** Outside the sandbox even what only looks needs a rule: it could look at a key. */
const mayLeave = ({ rule, ruled, words }: PartFinding): boolean =>
  rule === null
    ? HARMLESS.has(words[0]?.text ?? '') && words.every(({ kind }) => kind === 'fixed' || kind === 'one')
    : rule.outsideSandbox && isWithin(words.map(shownWord), ruled, rule);

/** A yes to `git push` is none to `git push --force`, nor to `git push --receive-pack=x`. */
const isWithin = (words: string[], ruled: number, { pattern }: Rule): boolean =>
  !isSteered(words, ruled) &&
  (dangerOfWords(words) === null || dangerOfWords(pattern.map(([first = '']) => first)) !== null);

function judgePart(words: readonly ShellWord[], { rules, executables }: RuleSet): Omit<PartFinding, 'isNested'> {
  let best: { rule: Rule; decision: RuleDecision } | null = null;
  for (const rule of rules) {
    const match = matchRule(rule, words, executables);
    if (match === 'no') continue;
    // What may be forbidden is for a person to see.
    const decision = match === 'maybe' ? 'ask' : rule.decision;
    const isStricter = best === null || RANK[decision] > RANK[best.decision];
    const isSame = best?.decision === 'allow' && decision === 'allow';
    if (isStricter || (isSame && best && allowsMore(rule, best.rule))) best = { rule, decision };
  }
  const hidden = RANK[best?.decision ?? 'allow'] > 0 ? null : hiddenIn(words, { rules, executables });
  if (hidden) best = { rule: hidden, decision: 'ask' };
  const { rule, decision } = best ?? { rule: null, decision: null };
  return { words, decision, rule, ruled: rule?.pattern.length ?? 0, isReadOnly: isReadOnly(words) };
}

/** A rule that asks about or forbids what a program may be about to run: `uv run git push`. */
function hiddenIn(words: readonly ShellWord[], { rules, executables }: RuleSet): Rule | null {
  const strict = rules.filter(({ decision }) => decision !== 'allow');
  if (strict.length === 0) return null;
  const later = laterCommands(words);
  return strict.find((rule) => later.some((command) => matchRule(rule, command, executables) === 'yes')) ?? null;
}

/**
 * A rule that allows `xargs rm` allows the rm that it runs, where no rule says otherwise of that; one that allows `xargs`
 * says nothing of what it runs.
 */
function withCaller(
  part: PartFinding,
  at: number,
  found: readonly PartFinding[],
  parts: readonly ShellPart[],
): PartFinding {
  if (part.decision !== null) return part;
  let place = 0;
  let isWhole = false;
  for (let inner = parts[at]; inner && inner.via !== null; inner = parts[inner.via]) {
    isWhole ||= inner.isScript;
    place = inner.isScript ? inner.at : inner.at + place;
    const caller = found[inner.via];
    const named = (caller?.rule?.pattern.length ?? 0) - place;
    if (caller?.decision === 'allow' && caller.rule && named > 0)
      return { ...part, decision: 'allow', rule: caller.rule, ruled: isWhole ? part.words.length : named };
  }
  return part;
}

const VERBS = { allow: 'allows', ask: 'asks about', forbid: 'forbids' } as const;

/** `decision`: what was made of it, where a word that is not known leaves open whether the rule is about the command. */
function reasonOf(rule: Rule, decision: RuleDecision | null = rule.decision): string {
  const why = rule.justification === null ? '' : `: ${rule.justification}`;
  const about = `\`${shownPattern(rule)}\``;
  return decision === rule.decision
    ? `A rule ${VERBS[rule.decision]} ${about}${why}`
    : `It cannot be told whether it is ${about}, which a rule ${VERBS[rule.decision]}${why}`;
}
