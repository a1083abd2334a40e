/** What is set up for Codex, where that is not what Gantry reads anyway. */
import path from 'node:path';
import { parseToml } from '../config/toml-text.ts';
import type { Finding, Part, Place } from './finding.ts';
import { isSecretValue } from './mcp-servers.ts';
import { configPart, hookParts, instructionParts, skillParts } from './parts.ts';
import { isTable, readJson, readText, type Table, tableIn } from './read-files.ts';

/** Keys that mean the same here. What says who may do what is not among them: that is for the user to say anew. */
const KEYS: readonly string[] = [
  'model_reasoning_effort',
  'model_reasoning_summary',
  'model_verbosity',
  'model_context_window',
  'model_auto_compact_token_limit',
  'tool_output_token_limit',
  'review_model',
  'developer_instructions',
  'compact_prompt',
  'project_doc_max_bytes',
  'project_doc_fallback_filenames',
];
/** Tables whose entries are taken one by one. */
const TABLES: readonly string[] = ['model_providers', 'profiles'];

export async function findCodex(place: Place, home: string): Promise<Finding[]> {
  const { cwd } = place;
  const folder = cwd === null ? home : path.join(cwd, '.codex');
  const hooksFile = path.join(folder, 'hooks.json');
  const fileHooks = { source: hooksFile, hooks: tableIn(await readJson(hooksFile), 'hooks') };
  const make = (itemType: Finding['itemType'], parts: Part[]): Finding => ({ agent: 'codex', itemType, cwd, parts });
  // The rest of a project's `.codex` is read where it is.
  if (cwd !== null) return [make('HOOKS', hookParts([fileHooks], place))];
  const source = path.join(folder, 'config.toml');
  const config: Table = parseToml((await readText(source)) ?? '').value;
  const hooks = [{ source, hooks: tableIn(config, 'hooks') }, fileHooks];
  const instructions = ['AGENTS.override.md', 'AGENTS.md'].map((name) => path.join(folder, name));
  return [
    make('AGENTS_MD', await instructionParts(instructions, place)),
    make('CONFIG', settingParts(config, source, place)),
    make('SKILLS', await skillParts([path.join(folder, 'skills')], place)),
    make('MCP_SERVER_CONFIG', servers(config, source, place)),
    make('HOOKS', hookParts(hooks, place)),
  ];
}

function settingParts(config: Table, source: string, place: Place): Part[] {
  const key = (name: string) => ({ path: [name], value: config[name] });
  const isSet = (name: string) => config[name] !== undefined;
  const plain = KEYS.filter(isSet).map((name) => configPart(source, place, key(name)));
  // A model means little without its provider.
  const [model, ...provider] = ['model', 'model_provider'].filter(isSet).map(key);
  if (model) plain.unshift(configPart(source, place, model, ...provider));
  const tables = TABLES.flatMap((table) =>
    Object.entries(tableIn(config, table)).flatMap(([name, value]) => {
      if (!isTable(value) || name === '__proto__') return [];
      const { kept, dropped } = withoutSecrets(table === 'profiles' ? ofProfile(value) : value);
      if (Object.keys(kept).length === 0) return [];
      const part = configPart(source, place, { path: [table, name], value: kept });
      part.notes.push(...dropped.map((key) => `the value of ${key} was not copied: name a variable with env_key`));
      return [part];
    }),
  );
  return [...plain, ...tables];
}

function ofProfile(profile: Table): Table {
  const known = new Set([...KEYS, 'model', 'model_provider']);
  return Object.fromEntries(Object.entries(profile).filter(([key]) => known.has(key)));
}

/** The shape is ours already; only values that are keys are left out. */
function servers(config: Table, source: string, place: Place): Part[] {
  return Object.entries(tableIn(config, 'mcp_servers')).flatMap(([name, value]): Part[] => {
    if (!isTable(value) || name === '__proto__') return [];
    const { kept, dropped } = withoutSecrets(value);
    const env = tableIn(value, 'env');
    const variables = dropped.filter((key) => Object.hasOwn(env, key));
    const given = Array.isArray(kept.env_vars) ? kept.env_vars : [];
    if (variables.length > 0) kept.env_vars = [...given, ...variables];
    const part = configPart(source, place, { path: ['mcp_servers', name], value: kept });
    const notes = dropped.map((key) => `the value of ${key} was not copied: set it in the environment`);
    return [{ ...part, name, notes }];
  });
}

/** Names of variables are no secrets, whatever they are called. */
const NAMES_ONLY = /(^|_)(env_key|env_vars|env_http_headers|bearer_token_env_var|env_key_instructions)$/;

function withoutSecrets(table: Table): { kept: Table; dropped: string[] } {
  const kept: Table = {};
  const dropped: string[] = [];
  for (const [key, value] of Object.entries(table)) {
    if (NAMES_ONLY.test(key)) kept[key] = value;
    else if (isTable(value)) {
      const inner = withoutSecrets(value);
      dropped.push(...inner.dropped);
      if (Object.keys(inner.kept).length > 0) kept[key] = inner.kept;
    } else if (typeof value === 'string' && isSecretValue(key, value)) dropped.push(key);
    else kept[key] = value;
  }
  return { kept, dropped };
}
