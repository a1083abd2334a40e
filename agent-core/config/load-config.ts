/** Finds, reads and checks the configuration. Never throws: what is wrong is in `problems`, and the rest holds. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { ConfigProblem as WireProblem } from '../protocol/index.ts';
import { checkConfig, isTable } from './check-config.ts';
import type { Config } from './schema.ts';
import { locateKey, parseToml, parseTomlValue, splitKey } from './toml-text.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** The wire's form, with how bad it is: a warning changes nothing, an error lost the value of a key. */
export type ConfigProblem = WireProblem & { severity: 'error' | 'warning' };

/** `key=value` as `-c` takes it, or a table whose keys may be dotted, as `thread/start` sends it. */
export type ConfigOverride = string | Readonly<Record<string, unknown>>;

export type LoadedConfig = {
  config: Config;
  problems: ConfigProblem[];
  /** Gantry writes only below this folder. It need not exist. */
  home: string;
  /** Where config.toml and AGENTS.md are read from; differs from `home` with CODEX_HOME. */
  readHome: string;
  /** The config.toml, whether it exists or not. */
  path: string;
};

type Raw = Record<string, unknown>;

/** GANTRY_HOME, else CODEX_HOME (writes go below its `gantry/`), else `~/.gantry`. */
export function findHome(env: Env, cwd: string): { home: string; readHome: string } {
  if (env.GANTRY_HOME) {
    const home = path.resolve(cwd, env.GANTRY_HOME);
    return { home, readHome: home };
  }
  if (env.CODEX_HOME) {
    const readHome = path.resolve(cwd, env.CODEX_HOME);
    return { home: path.join(readHome, 'gantry'), readHome };
  }
  const home = path.join(env.HOME || env.USERPROFILE || homedir(), '.gantry');
  return { home, readHome: home };
}

function readText(file: string): { text: string } | { problem: string } | null {
  try {
    return { text: readFileSync(file, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    return { problem: `config.toml cannot be read (${code}). Make it a file that you may read. Defaults are used.` };
  }
}

/** Keys that an object has from its prototype are none of its own, and `__proto__` is no key at any depth. */
function setIn(raw: Raw, keys: readonly string[], value: unknown): void {
  if (keys.includes('__proto__')) return;
  let at = raw;
  for (const key of keys.slice(0, -1)) {
    const inner = Object.hasOwn(at, key) ? at[key] : undefined;
    const next: Raw = isTable(inner) ? inner : {};
    at[key] = next;
    at = next;
  }
  const last = keys.at(-1) ?? '';
  const before = Object.hasOwn(at, last) ? at[last] : undefined;
  if (isTable(value) && isTable(before)) for (const [key, inner] of Object.entries(value)) setIn(before, [key], inner);
  else at[last] = value;
}

/** Null when the override cannot be understood. Keys such as `__proto__` are none. */
function applyOverride(raw: Raw, override: ConfigOverride): string | null {
  const entries: [string, unknown][] = [];
  if (typeof override === 'string') {
    const at = override.indexOf('=');
    if (at < 1) return `"${override}" is not key=value, such as -c model="gpt-5.5".`;
    entries.push([override.slice(0, at), parseTomlValue(override.slice(at + 1).trim())]);
  } else entries.push(...Object.entries(override).filter(([, value]) => value !== null && value !== undefined));
  for (const [key, value] of entries) {
    // A table key that is a path holds dots and slashes and is not dotted.
    const keys = splitKey(key) ?? [key];
    if (keys.some((part) => part === '__proto__')) return `"${key}" is not a key.`;
    setIn(raw, keys, structuredClone(value));
  }
  return null;
}

function withProfile(raw: Raw, overrides: readonly ConfigOverride[], add: (message: string) => void): Raw {
  const probe = structuredClone(raw);
  for (const override of overrides) applyOverride(probe, override);
  const name = probe.profile;
  if (typeof name !== 'string') return raw;
  const profile = isTable(probe.profiles) ? probe.profiles[name] : undefined;
  if (!isTable(profile)) {
    add(`profile = "${name}": there is no table [profiles.${name}]. The profile is not used.`);
    return raw;
  }
  const merged = structuredClone(raw);
  for (const [key, value] of Object.entries(profile)) setIn(merged, [key], value);
  return merged;
}

export type LoadOptions = {
  env: Env;
  cwd: string;
  /** Applied in this order over the file: the command line's, then the thread's. */
  overrides?: readonly ConfigOverride[];
};

/** Reads the file anew with each call. */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const { overrides = [] } = options;
  const homes = findHome(options.env, options.cwd);
  const file = path.join(homes.readHome, 'config.toml');
  const problems: ConfigProblem[] = [];
  const add = (message: string, severity: ConfigProblem['severity'] = 'error'): void =>
    void problems.push({ file, line: null, column: null, message, expected: null, severity });

  const read = readText(file);
  if (read && 'problem' in read) add(read.problem);
  const text = read && 'text' in read ? read.text : '';
  const parsed = parseToml(text);
  for (const { line, column, message } of parsed.problems) {
    const what = `config.toml line ${line}, column ${column}: ${message}. This line is passed over; correct it.`;
    problems.push({ file, line, column, message: what, expected: 'TOML, such as key = "value"', severity: 'error' });
  }

  const raw = structuredClone(withProfile(parsed.value, overrides, add));
  for (const override of overrides) {
    const wrong = applyOverride(raw, override);
    if (wrong)
      problems.push({ file: '-c', line: null, column: null, message: wrong, expected: 'key=value', severity: 'error' });
  }
  const checked = checkConfig(raw);
  for (const problem of checked.problems) {
    const at = locateKey(text, problem.path);
    const where = at ? `config.toml line ${at.line}: ` : '';
    problems.push({
      file,
      line: at?.line ?? null,
      column: at?.column ?? null,
      message: `${where}${problem.message}`,
      expected: problem.expected,
      severity: problem.severity,
    });
  }
  return { config: checked.config, problems, ...homes, path: file };
}

/** What the user said of a folder; null when nothing. `folders`: the cwd, then the root of its repository. */
export function projectTrust(config: Config, folders: readonly string[]): 'trusted' | 'untrusted' | null {
  for (const folder of folders) {
    const level = config.projects?.[folder]?.trust_level;
    if (level) return level;
  }
  return null;
}
