/** From what was asked for to who is compared; or a sentence that says what is missing. */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { findHome } from '../../agent-core/config/home.ts';
import { parseToml } from '../../agent-core/config/toml-text.ts';
import { knownProvider, LOCAL_PROVIDERS } from '../../agent-core/models/providers.ts';
import { type AgentName, agentNames } from './agent.ts';
import { agents } from './agents/index.ts';
import type { EvalOptions } from './arguments.ts';
import type { Contestant } from './run-task.ts';

type Env = NodeJS.ProcessEnv;
type Table = Record<string, unknown>;

export type Found = { ok: true; contestants: Contestant[] } | { ok: false; problem: string };

const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A program by its path or by its name on the PATH; null: there is none. */
export function findProgram(name: string, env: Env): string | null {
  const folders = /[\\/]/.test(name) ? [''] : (env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  for (const folder of folders) {
    for (const ending of endings) {
      const file = path.resolve(folder, name + ending);
      try {
        accessSync(file, constants.X_OK);
        if (statSync(file).isFile()) return file;
      } catch {
        // Not here.
      }
    }
  }
  return null;
}

export const installedAgents = (env: Env): AgentName[] =>
  agentNames.filter((name) => name !== 'gantry' && findProgram(name, env) !== null);

/** `[model_providers.X]` of the user's own config.toml. */
function providerTable(provider: string, env: Env, cwd: string): Table | null {
  const file = path.join(findHome(env, cwd).readHome, 'config.toml');
  if (!existsSync(file)) return null;
  const { model_providers: providers } = parseToml(readFileSync(file, 'utf8')).value;
  const table = isTable(providers) ? providers[provider] : null;
  return isTable(table) ? table : null;
}

/** Null: there is a key, or none is needed. */
function missingKey(provider: string, model: string, table: Table, env: Env): string | null {
  const known = knownProvider(provider);
  if (typeof table.env_key === 'string') {
    return env[table.env_key]
      ? null
      : `There is no key for ${provider}: set ${table.env_key}, which its env_key names.`;
  }
  const isLocal = LOCAL_PROVIDERS.some(({ id }) => id === provider);
  if (isLocal || isTable(table.auth)) return null;
  if (known) {
    const variables = known.keyVariables;
    if (variables.length === 0 || variables.some((name) => env[name])) return null;
    return `There is no key for ${known.name}: run it as ${variables[0]}=… npm run eval -- --provider ${provider} --model ${model}`;
  }
  if (typeof table.base_url === 'string') return null;
  return `${provider} is no provider that Gantry knows, and [model_providers.${provider}] with a base_url is not in your config.toml.`;
}

/** `cli`: the built Gantry. */
export function findContestants(options: EvalOptions, cli: string, env: Env, cwd: string): Found {
  const { provider, overrides } = options;
  const own = providerTable(provider, env, cwd);
  const given = isTable(overrides.model_providers) ? overrides.model_providers[provider] : null;
  const table = own || isTable(given) ? { ...own, ...(isTable(given) ? given : {}) } : null;
  const contestants: Contestant[] = [];
  for (const name of options.agents) {
    const agent = agents[name];
    if (agent.needsKey) {
      const problem = missingKey(provider, options.model, table ?? {}, env);
      if (problem) return { ok: false, problem };
    }
    const program = name === 'gantry' ? [process.execPath, cli] : programOf(name, options, env);
    if (!program) {
      return {
        ok: false,
        problem: `${options.programs[name] ?? name} is not there, or cannot be run: install it (${agent.install}) or say where it is with --agent-bin ${name}=/path.`,
      };
    }
    const base = { provider, model: options.models[name] ?? options.model, providerTable: table, overrides };
    const ways = name === 'gantry' ? waysOf(options, cwd) : [{ suffix: '', family: null, instructions: null }];
    if (typeof ways === 'string') return { ok: false, problem: ways };
    for (const { suffix, family, instructions } of ways) {
      contestants.push({ label: name + suffix, agent, program, setting: { ...base, family, instructions } });
    }
  }
  const twice = contestants.find(({ label }, index) => contestants.findIndex((one) => one.label === label) !== index);
  if (twice)
    return { ok: false, problem: `There are two of ${twice.label}: give the files of --prompt different names.` };
  return { ok: true, contestants };
}

function programOf(name: AgentName, { programs }: EvalOptions, env: Env): string[] | null {
  const file = findProgram(programs[name] ?? name, env);
  if (file === null) return null;
  // npm's launchers are scripts; this Node is at least as new as what they want.
  return /\.[cm]?js$/.test(file) ? [process.execPath, file] : [file];
}

type Way = { suffix: string; family: string | null; instructions: string | null };

function waysOf({ families, prompts }: EvalOptions, cwd: string): Way[] | string {
  const ways: Way[] = [];
  for (const prompt of prompts) {
    let instructions: string | null = null;
    if (prompt !== null) {
      const file = path.resolve(cwd, prompt);
      if (!existsSync(file)) return `${file} is not there; --prompt takes files with base instructions, or own.`;
      instructions = readFileSync(file, 'utf8');
    }
    const named = prompts.length > 1 || prompt !== null;
    const promptName = prompt === null ? 'own' : path.parse(prompt).name.replace(/[^\w-]+/g, '-');
    for (const family of families) {
      const parts = [
        ...(families.length > 1 || family !== null ? [family ?? 'auto'] : []),
        ...(named ? [promptName] : []),
      ];
      ways.push({ suffix: parts.map((part) => `+${part}`).join(''), family, instructions });
    }
  }
  return ways;
}
