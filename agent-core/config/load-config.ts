/** Finds, reads, checks and layers the configuration. Never throws: what is wrong is in `problems`, and the rest holds. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { withRequirements } from './apply-requirements.ts';
import { checkFile, effectiveConfig } from './check-config.ts';
import { FEATURES, isFeatureOn } from './features.ts';
import { type Env, findHome, userFolders } from './home.ts';
import {
  type ConfigFile,
  type ConfigProblem,
  type ConfigReader,
  createConfigReader,
  type Layer,
  placed,
  projectFolders,
  projectRoot,
  versionOf,
} from './layers.ts';
import { withPermissions } from './permission-profiles.ts';
import { projectKeys } from './project-keys.ts';
import { isTable, merged, type Raw, valueAt, withValue } from './raw.ts';
import { loadRequirements, type Requirements } from './requirements.ts';
import type { Config } from './schema.ts';
import { parseTomlValue, splitKey } from './toml-text.ts';

/** Lies beside a config.toml, or alone. */
export const HOOKS_FILE = 'hooks.json';

/** `key=value` as `-c` takes it, or a table whose keys may be dotted, as `thread/start` sends it. */
export type ConfigOverride = string | Readonly<Record<string, unknown>>;

export type LoadedConfig = {
  config: Config;
  problems: ConfigProblem[];
  /** Gantry writes only below this folder. It need not exist. */
  home: string;
  /** Where config.toml and AGENTS.md are read from; differs from `home` with CODEX_HOME. */
  readHome: string;
  /** The user's config.toml, whether it exists or not. */
  path: string;
  /** The one that Gantry writes; differs from `path` with CODEX_HOME. */
  writablePath: string;
  /** The one with the last word last; those that do not count are among them. */
  layers: readonly Layer[];
  /** All layers that count, with the keys that Gantry does not know. */
  raw: Raw;
  requirements: Requirements;
  /** Whether the folder's own files may count, by the user's word for it. */
  isTrusted: boolean;
};

/** Null when the override cannot be understood. Keys such as `__proto__` are none. */
function overrideTable(override: ConfigOverride): { raw: Raw } | { problem: string } {
  const entries: [string, unknown][] = [];
  if (typeof override === 'string') {
    const at = override.indexOf('=');
    if (at < 1) return { problem: `"${override}" is not key=value, such as -c model="gpt-5.5".` };
    entries.push([override.slice(0, at), parseTomlValue(override.slice(at + 1).trim())]);
  } else entries.push(...Object.entries(override).filter(([, value]) => value !== null && value !== undefined));
  let raw: Raw = {};
  for (const [key, value] of entries) {
    // A table key that is a path holds dots and slashes and is not dotted.
    const keys = splitKey(key) ?? [key];
    if (keys.includes('__proto__')) return { problem: `"${key}" is not a key.` };
    raw = withValue(raw, keys, value);
  }
  return { raw };
}

type Overrides = { raw: Raw; problems: ConfigProblem[] };

function overridesOf(overrides: readonly ConfigOverride[]): Overrides {
  const problems: ConfigProblem[] = [];
  const at = { file: '-c', line: null, column: null };
  const tables = overrides.flatMap((override) => {
    const table = overrideTable(override);
    if ('raw' in table) return [table.raw];
    problems.push({ ...at, message: table.problem, expected: 'key=value', severity: 'error' });
    return [];
  });
  const checked = checkFile(merged(tables));
  for (const { message, expected, severity } of checked.problems) problems.push({ ...at, message, expected, severity });
  return { raw: checked.raw, problems };
}

/** What the user said of a folder; null when nothing. `folders`: the cwd, then the root of its repository. */
export function projectTrust(config: Config, folders: readonly string[]): 'trusted' | 'untrusted' | null {
  for (const folder of folders) {
    const level = config.projects?.[folder]?.trust_level;
    if (level) return level;
  }
  return null;
}

/**
 * Whether a folder is trusted. The client's word (the editor's workspace trust) and the user's config both count, and
 * a no of either wins.
 */
export function isTrusted(file: Config, withOverrides: Config, folders: readonly string[]): boolean {
  const words = [projectTrust(file, folders), projectTrust(withOverrides, folders)];
  return words.includes('trusted') && !words.includes('untrusted');
}

export type LoadOptions = {
  env: Env;
  cwd: string;
  /** The command line's. */
  overrides?: readonly ConfigOverride[];
  /** A thread's own, over all others. */
  thread?: ConfigOverride;
  /** Features that a client turned on or off for this process; every other word goes before. */
  features?: Readonly<Record<string, boolean>>;
  /** Default true: the folder's own files count too. */
  project?: boolean;
  /** Kept from load to load, it spares understanding files that are as they were. */
  reader?: ConfigReader;
};

const userLayer = (file: ConfigFile): Layer => ({
  name: { type: 'user', file: file.file, profile: null },
  raw: file.raw,
  version: file.version,
  disabledReason: null,
});

const countingOf = (layers: readonly Layer[]): Raw =>
  merged(layers.filter(({ disabledReason }) => disabledReason === null).map(({ raw }) => raw));

/** The profile that is asked for: a table of the user's file, and the file NAME.config.toml beside it. */
function profileLayers(
  users: readonly ConfigFile[],
  asked: Raw,
  reader: ConfigReader,
  problems: ConfigProblem[],
): Layer[] {
  const { profile } = asked;
  if (typeof profile !== 'string') return [];
  const layers = users.flatMap(({ file, raw, version }): Layer[] => {
    const table = valueAt(raw, ['profiles', profile]);
    if (!isTable(table)) return [];
    return [{ name: { type: 'user', file, profile }, raw: table, version, disabledReason: null }];
  });
  if (/^[A-Za-z0-9_-]+$/.test(profile)) {
    for (const { file: beside } of users) {
      const file = reader(path.join(path.dirname(beside), `${profile}.config.toml`));
      if (!file.exists) continue;
      problems.push(...file.problems);
      const { profile: _, profiles: __, ...raw } = file.raw;
      const name = { type: 'user', file: file.file, profile } as const;
      layers.push({ name, raw, version: file.version, disabledReason: null });
    }
  }
  if (layers.length === 0) {
    const message = `profile = "${profile}": there is no table [profiles.${profile}]. The profile is not used.`;
    const file = users[0]?.file ?? '';
    problems.push({ file, line: null, column: null, message, expected: null, severity: 'error' });
  }
  return layers;
}

/** Looks at the files anew with each call. */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const { env, cwd, reader = createConfigReader() } = options;
  const homes = findHome(env, cwd);
  const main = path.join(homes.readHome, 'config.toml');
  const writable = path.join(homes.home, 'config.toml');
  const users = [...new Set([main, writable])].map(reader);
  const problems = users.flatMap((file) => file.problems);

  const commandLine = overridesOf(options.overrides ?? []);
  const thread = overridesOf(options.thread === undefined ? [] : [options.thread]);
  problems.push(...commandLine.problems, ...thread.problems);

  const base: Layer[] = [];
  const known = FEATURES.filter(({ name }) => options.features?.[name] !== undefined);
  if (known.length > 0) {
    const raw = { features: Object.fromEntries(known.map(({ name }) => [name, options.features?.[name]])) };
    base.push({ name: { type: 'sessionFlags' }, raw, version: versionOf(raw), disabledReason: null });
  }
  base.push(...users.map(userLayer));
  const given = merged([countingOf(base), commandLine.raw, thread.raw]);
  const profiles = profileLayers(users, given, reader, problems);
  const flags = [commandLine.raw, thread.raw]
    .filter((raw) => Object.keys(raw).length > 0)
    .map((raw): Layer => ({ name: { type: 'sessionFlags' }, raw, version: versionOf(raw), disabledReason: null }));

  // What holds without any project: by this it is told whether the project is trusted, and what it may widen.
  const user = countingOf([...base, ...profiles, ...flags]);
  const config = effectiveConfig(user);
  const root = projectRoot(cwd, config.project_root_markers ?? ['.git']);
  const folders = root === null ? [cwd] : [cwd, root];
  const trusted = isTrusted(effectiveConfig(merged([countingOf(base), commandLine.raw])), config, folders);
  const isOn = isFeatureOn(config, 'project_config');
  const places = options.project === false ? [] : projectFolders(cwd, root, userFolders(env, homes));
  const projects = places.flatMap((folder): Layer[] => {
    const file = reader(path.join(folder, 'config.toml'));
    const isEmpty = !file.exists && file.problems.length === 0;
    if (isEmpty && !existsSync(path.join(folder, HOOKS_FILE))) return [];
    const name = { type: 'project', dotCodexFolder: folder } as const;
    const untrusted = `${path.dirname(folder)} is not trusted`;
    const disabledReason = isOn ? (trusted ? null : untrusted) : 'features.project_config is off';
    const allowed = projectKeys(file.raw, user, path.dirname(folder));
    if (disabledReason === null) problems.push(...file.problems, ...placed(file.file, file.text, allowed.problems));
    return [{ name, raw: allowed.raw, version: file.version, disabledReason }];
  });

  const layers = [...base, ...projects, ...profiles, ...flags];
  const { profiles: _, ...raw } = countingOf(layers);
  const { requirements, problems: required } = loadRequirements(env, homes, reader);
  problems.push(...required);
  const permitted = withPermissions(effectiveConfig(raw), requirements);
  const held = withRequirements(permitted.config, requirements, trusted);
  problems.push(...placed(main, reader(main).text, [...permitted.problems, ...held.problems]));
  return {
    config: held.config,
    problems,
    ...homes,
    path: main,
    writablePath: writable,
    layers,
    raw,
    requirements,
    isTrusted: trusted,
  };
}
