/** From configuration, keys and the table of providers to what one provider is called with. Pure. */
import type { Config, ModelProviderConfig } from '../config/index.ts';
import {
  KNOWN_PROVIDERS,
  type KnownProvider,
  knownProvider,
  LOCAL_PROVIDERS,
  type LocalProvider,
  type Wire,
} from './providers.ts';
import type { TokenCommand } from './token-command.ts';

type Env = Readonly<Record<string, string | undefined>>;

export type KeySource = 'config' | 'secret' | 'environment';

export type ProviderSetup = {
  id: string;
  name: string;
  baseUrl: string;
  wire: Wire;
  apiKey: string | null;
  /** What prints the key, when none is known otherwise. */
  tokenCommand: TokenCommand | null;
  /** Where the key comes from; null without one. */
  keySource: KeySource | null;
  keyHelp: string;
  headers: Record<string, string>;
  queryParams: Record<string, string>;
  requestMaxRetries: number;
  streamMaxRetries: number;
  idleTimeoutMs: number;
  known: KnownProvider | null;
  local: LocalProvider | null;
  /** The model when only the provider is named; null: ask the server, or the user. */
  defaultModel: string | null;
};

export type SetupInput = { config: Config; env: Env; secrets: ReadonlyMap<string, string>; configPath: string };
export type SetupResult = { ok: true; setup: ProviderSetup } | { ok: false; problem: string };

const REQUEST_RETRIES = 4;
const STREAM_RETRIES = 5;
const MOST_RETRIES = 100;
const IDLE_MS = 300_000;

function list(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function keyHelp(
  id: string,
  own: ModelProviderConfig | undefined,
  known: KnownProvider | null,
  configPath: string,
): string {
  if (own?.env_key) {
    const more = own.env_key_instructions ? ` ${own.env_key_instructions}` : '';
    return `Set the environment variable ${own.env_key}, which model_providers.${id}.env_key in ${configPath} names, or use the command "Gantry: Set API Key".${more}`;
  }
  const variables = known?.keyVariables ?? [];
  if (variables.length > 0 && isElsewhere(own, known))
    return `${list(variables)} does not go to ${own?.base_url}, which is not ${known?.name}'s: name a variable in model_providers.${id}.env_key in ${configPath}, or use the command "Gantry: Set API Key".`;
  if (variables.length > 0)
    return `Set it with the command "Gantry: Set API Key", or in the environment variable ${list(variables)}.`;
  return `Set it with the command "Gantry: Set API Key", or name an environment variable in model_providers.${id}.env_key in ${configPath}.`;
}

function firstSet(env: Env, names: readonly string[]): string | null {
  for (const name of names) {
    const value = env[name]?.trim();
    if (value) return value;
  }
  return null;
}

/**
 * Whether a provider's table moves it to a host that is not its own. Its well-known key must not follow: the table says
 * by `env_key` or `requires_openai_auth` what is meant for that host.
 */
function isElsewhere(own: ModelProviderConfig | undefined, known: KnownProvider | null): boolean {
  if (!own?.base_url || !known || own.requires_openai_auth || !URL.canParse(own.base_url)) return false;
  const host = known.baseUrl.replace(/^https?:\/\//, '').replace(/\/.*/, '');
  const parts = host.split(/\{\w+\}/).map((part) => part.replaceAll('.', '\\.'));
  return !new RegExp(`^${parts.join('[^.]+')}$`).test(new URL(own.base_url).hostname);
}

/** Order: the config's `env_key`, the secrets, the well-known variables. */
function findKey(
  input: SetupInput,
  id: string,
  own: ModelProviderConfig | undefined,
  known: KnownProvider | null,
): { key: string; source: KeySource } | null {
  const named = own?.env_key ? firstSet(input.env, [own.env_key]) : null;
  if (named) return { key: named, source: 'config' };
  const secret = input.secrets.get(id)?.trim();
  if (secret) return { key: secret, source: 'secret' };
  // A well-known key goes to the place that it belongs to, and to no other that only bears the name.
  const fromEnv = isElsewhere(own, known) ? null : firstSet(input.env, known?.keyVariables ?? []);
  return fromEnv ? { key: fromEnv, source: 'environment' } : null;
}

function headersOf(own: ModelProviderConfig | undefined, env: Env): Record<string, string> {
  const headers: Record<string, string> = { ...own?.http_headers };
  for (const [name, variable] of Object.entries(own?.env_http_headers ?? {})) {
    const value = firstSet(env, [variable]);
    if (value) headers[name] = value;
  }
  return headers;
}

function baseUrlOf(
  input: SetupInput,
  own: ModelProviderConfig | undefined,
  known: KnownProvider | null,
): string | null {
  if (own?.base_url) return own.base_url;
  if (!known) return null;
  const configured = known.id === 'openai' ? input.config.openai_base_url : undefined;
  return configured ?? firstSet(input.env, known.baseUrlVariables) ?? filled(known.baseUrl, input.env);
}

/** With its variables in their places; null when one is not set. */
function filled(template: string, env: Env): string | null {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  if (names.some((name) => firstSet(env, [name]) === null)) return null;
  return template.replace(/\{(\w+)\}/g, (_, name: string) => firstSet(env, [name]) ?? '');
}

/** Google's own address for OpenAI's wire says which wire is meant. */
function wireOf(own: ModelProviderConfig | undefined, known: KnownProvider | null, isLocal: boolean): Wire {
  if (own?.wire_api) return own.wire_api;
  if (known?.wire === 'gemini' && /\/openai\/?$/.test(own?.base_url ?? '')) return 'chat';
  return known?.wire ?? (isLocal ? 'chat' : 'responses');
}

const TOKEN_MS = 5_000;
const TOKEN_REFRESH_MS = 300_000;

function tokenCommandOf(own: ModelProviderConfig | undefined): TokenCommand | null {
  if (!own?.auth) return null;
  const { command, args = [], cwd = null, timeout_ms, refresh_interval_ms } = own.auth;
  return {
    command,
    args,
    cwd,
    timeoutMs: timeout_ms ?? TOKEN_MS,
    refreshIntervalMs: refresh_interval_ms ?? TOKEN_REFRESH_MS,
  };
}

/** The problem is a sentence for the user: what is missing, and where to set it. */
export function setUpProvider(id: string, input: SetupInput): SetupResult {
  const own = input.config.model_providers?.[id];
  const known = knownProvider(id);
  const local = LOCAL_PROVIDERS.find((each) => each.id === id) ?? null;
  if (!own && !known && !local) {
    const names = [...KNOWN_PROVIDERS.map((each) => each.id), ...LOCAL_PROVIDERS.map((each) => each.id)];
    const problem = `The model provider "${id}" is not known. Add a table [model_providers.${id}] with base_url to ${input.configPath}, or choose one of ${names.join(', ')}.`;
    return { ok: false, problem };
  }
  const name = own?.name ?? known?.name ?? local?.name ?? id;
  const baseUrl = local ? (own?.base_url ?? '') : baseUrlOf(input, own, known);
  if (baseUrl === null || (baseUrl !== '' && !URL.canParse(baseUrl))) {
    const missing = [...(known?.baseUrl.matchAll(/\{(\w+)\}/g) ?? [])].map((match) => match[1]);
    const variable = missing.length > 0 ? ` or the environment variable ${missing.join(' and ')}` : '';
    const problem = `The model provider "${id}" has no base URL. Set model_providers.${id}.base_url in ${input.configPath}, such as "https://host/v1"${variable}.`;
    return { ok: false, problem };
  }
  const owner = known ?? (own?.requires_openai_auth ? knownProvider('openai') : null);
  const found = findKey(input, id, own, owner);
  // What the file names is meant: a well-known variable does not come before its command.
  const key = own?.auth && found?.source === 'environment' ? null : found;
  const help = keyHelp(id, own, owner, input.configPath);
  const headers = headersOf(own, input.env);
  const hasOwnAuth = Object.keys(headers).some((header) =>
    /^(authorization|api-key|x-api-key|x-goog-api-key)$/i.test(header),
  );
  const tokenCommand = key ? null : tokenCommandOf(own);
  const isRequired =
    !tokenCommand && !local && !hasOwnAuth && (Boolean(own?.env_key) || (Boolean(owner) && !isElsewhere(own, owner)));
  if (!key && isRequired) return { ok: false, problem: `There is no API key for ${name}. ${help}` };
  return {
    ok: true,
    setup: {
      id,
      name,
      baseUrl,
      wire: wireOf(own, known, local !== null),
      apiKey: key?.key ?? null,
      tokenCommand,
      keySource: key?.source ?? null,
      keyHelp: help,
      headers,
      queryParams: { ...own?.query_params },
      requestMaxRetries: Math.min(own?.request_max_retries ?? REQUEST_RETRIES, MOST_RETRIES),
      streamMaxRetries: Math.min(own?.stream_max_retries ?? STREAM_RETRIES, MOST_RETRIES),
      idleTimeoutMs: own?.stream_idle_timeout_ms ?? IDLE_MS,
      known,
      local,
      defaultModel: own?.default_model ?? known?.models[0]?.model ?? null,
    },
  };
}
