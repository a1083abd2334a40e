/** The command line of `npm run eval`. (pure) */
import { parseArgs } from 'node:util';
import { parseTomlValue, splitKey } from '../../agent-core/config/toml-text.ts';
import { familyNames } from '../../agent-core/tools/index.ts';
import { type AgentName, agentNames } from './agent.ts';

export type EvalOptions = {
  provider: string;
  model: string;
  /** Names; empty: all. */
  tasks: string[];
  agents: AgentName[];
  /** For Gantry; null: what the model's name says. */
  families: (string | null)[];
  /** Files with base instructions for Gantry; null: its own. */
  prompts: (string | null)[];
  runs: number;
  concurrency: number;
  /** Null: a new folder. */
  out: string | null;
  overrides: Record<string, unknown>;
  programs: Partial<Record<AgentName, string>>;
  models: Partial<Record<AgentName, string>>;
};

export type Parsed =
  | { type: 'run'; options: EvalOptions }
  | { type: 'help' }
  | { type: 'list' }
  | { type: 'problem'; problem: string };

export const HELP = `npm run eval -- --provider P --model M [options]

Gives a model small coding tasks through Gantry (and other agents, to compare), checks what it did, and counts.

  --provider P           openai, anthropic, gemini, openrouter, ollama, … or one of [model_providers] in config.toml
  --model M              the model's name at that provider
  --task A,B             only these tasks; may be repeated
  --agents A,B           ${agentNames.join(', ')}, or all (those that are installed); gantry alone when left out
  --family A,B           compare Gantry's sets of tools: ${familyNames.join(', ')}; auto is what the model's name says
  --prompt FILE,…        compare base instructions; own is Gantry's
  --runs N               each task so many times (1)
  --concurrency N        so many runs at a time (2)
  --out DIR              where results go; a folder that has some is gone on with
  -c key=value           a key of config.toml, for Gantry; may be repeated
  --agent-bin NAME=PATH  where another agent's program is, when it is not on the PATH
  --agent-model NAME=M   another name of the model for one agent
  --list                 the tasks and what each measures

The key is taken from the environment, as Gantry takes it (OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, …). A run of
all tasks costs real money: try --task fix-failing-test first. Agents other than Gantry and codex have no sandbox here:
run them in a container.

Exit codes: 0 all passed, 1 some did not, 2 wrong usage or nothing to run with, 3 some could not be run, 130 interrupted.
`;

const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;
const FLAGS = {
  provider: text,
  model: text,
  task: texts,
  agents: texts,
  family: texts,
  prompt: texts,
  runs: text,
  concurrency: text,
  out: text,
  config: { ...texts, short: 'c' },
  'agent-bin': texts,
  'agent-model': texts,
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

class Wrong extends Error {}

/** `installed` are the agents that `all` stands for, besides Gantry. */
export function parseEvalArguments(
  args: readonly string[],
  taskNames: readonly string[],
  installed: readonly AgentName[],
): Parsed {
  try {
    const { values } = parseArgs({ args: [...args], options: FLAGS, strict: true });
    if (values.help) return { type: 'help' };
    if (values.list) return { type: 'list' };
    const names = words(values.agents);
    const options: EvalOptions = {
      provider: needed(values.provider, '--provider', 'such as openai, anthropic or ollama'),
      model: needed(values.model, '--model', "by the provider's own name for it"),
      tasks: known(words(values.task), taskNames, '--task'),
      agents: known(names.includes('all') ? ['gantry', ...installed] : names, agentNames, '--agents'),
      families: orNull(known(words(values.family), ['auto', ...familyNames], '--family'), 'auto'),
      prompts: orNull(words(values.prompt), 'own'),
      runs: number(values.runs ?? '1', '--runs'),
      concurrency: number(values.concurrency ?? '2', '--concurrency'),
      out: values.out ?? null,
      overrides: overridesOf(values.config ?? []),
      programs: byAgent(values['agent-bin'] ?? [], '--agent-bin'),
      models: byAgent(values['agent-model'] ?? [], '--agent-model'),
    };
    if (options.agents.length === 0) options.agents = ['gantry'];
    return { type: 'run', options };
  } catch (error) {
    if (!(error instanceof Wrong) && !(error instanceof TypeError)) throw error;
    return { type: 'problem', problem: error.message };
  }
}

function words(given: readonly string[] = []): string[] {
  const all = given.flatMap((one) => one.split(',')).map((one) => one.trim());
  return [...new Set(all.filter((one) => one !== ''))];
}

function needed(value: string | undefined, flag: string, how: string): string {
  if (!value) throw new Wrong(`Say which with ${flag}, ${how}.`);
  return value;
}

function known<T extends string>(given: readonly string[], names: readonly T[], flag: string): T[] {
  return given.map((word) => {
    const name = names.find((one) => one === word);
    if (name === undefined) throw new Wrong(`${flag} ${word} is not known: use ${names.join(', ')}.`);
    return name;
  });
}

function orNull(given: readonly string[], word: string): (string | null)[] {
  return given.length === 0 ? [null] : given.map((one) => (one === word ? null : one));
}

function number(value: string, flag: string): number {
  if (!/^[1-9]\d{0,3}$/.test(value)) throw new Wrong(`${flag} ${value} is no number from 1 on.`);
  return Number(value);
}

function byAgent(given: readonly string[], flag: string): Partial<Record<AgentName, string>> {
  const entries = given.map((one) => {
    const at = one.indexOf('=');
    if (at < 1) throw new Wrong(`${flag} ${one} is not NAME=value, such as ${flag} codex=…`);
    const [name] = known([one.slice(0, at)], agentNames, flag);
    return [name, one.slice(at + 1)] as const;
  });
  return Object.fromEntries(entries);
}

function overridesOf(given: readonly string[]): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const one of given) {
    const at = one.indexOf('=');
    const [...keys] = (at > 0 ? splitKey(one.slice(0, at)) : null) ?? [];
    const last = keys.pop();
    if (last === undefined) throw new Wrong(`-c ${one} is not key=value, such as -c model_reasoning_effort="low".`);
    let table = result;
    for (const key of keys) {
      const inner = table[key];
      const next = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
      table[key] = next;
      table = next;
    }
    table[last] = parseTomlValue(one.slice(at + 1).trim());
  }
  return result;
}
