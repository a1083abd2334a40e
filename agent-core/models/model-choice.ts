/** What one configuration comes to: its providers, its default model, and models made ready to be called. */
import type { Config } from '../config/index.ts';
import type { ModelSource } from '../ports.ts';
import { AgentError, type GantryModelSource, type HostModel } from '../protocol/index.ts';
import { type FoundModel, type ModelTraits, traitsOf } from './capabilities.ts';
import { createClient } from './create-client.ts';
import { createHostLmClient, type HostLm } from './host-lm.ts';
import { type LocalServer, localOrigin, probeLocal } from './local-servers.ts';
import type { ModelClient, ModelInfo, ModelSelection, ResolvedModel } from './model-client.ts';
import type { PriceList } from './price-file.ts';
import { type ProviderSetup, type SetupInput, setUpProvider } from './provider-setup.ts';
import { KNOWN_PROVIDERS, knownProvider, LOCAL_PROVIDERS, type LocalProvider, providerOfModel } from './providers.ts';
import { fetchModels } from './remote-models.ts';
import { createTokenSource, type TokenSource } from './token-command.ts';

export const DEMO_INFO: ModelInfo = {
  provider: 'demo',
  providerName: 'Gantry',
  model: 'demo',
  displayName: 'Demo model (no AI)',
  contextWindow: null,
  supportsTools: true,
  supportsFreeformTools: true,
  supportsParallelToolCalls: false,
  supportsImages: false,
  reasoningEfforts: [],
  isDemo: true,
};

export function hostInfo(model: HostModel): ModelInfo {
  return {
    ...DEMO_INFO,
    provider: 'host',
    providerName: 'Editor',
    model: model.id,
    displayName: model.name || model.id,
    contextWindow: model.maxInputTokens > 0 ? model.maxInputTokens : null,
    supportsFreeformTools: false,
    supportsParallelToolCalls: true,
    supportsImages: null,
    isDemo: false,
  };
}

export type Selected =
  | { ok: true; selection: ModelSelection; source: GantryModelSource; info: ModelInfo }
  | { ok: false; problem: string };

/** What all configurations share: how the world is reached, and what was found out about it. */
export type ModelWorld = {
  configPath: string;
  env: SetupInput['env'];
  secrets: () => ReadonlyMap<string, string>;
  /** For model calls; undefined: our own. */
  callFetch: typeof fetch | undefined;
  listFetch: typeof fetch;
  hostLm: HostLm | undefined;
  hostModels: () => readonly HostModel[];
  /** Null where it is not allowed. */
  demo: (() => Promise<ModelClient>) | null;
  /** Each by all that it depends on, so that one configuration never gets what is another's. */
  clients: Map<string, ModelClient>;
  probes: Map<string, Probe>;
  remote: Map<string, FoundModel[]>;
  tokens: Map<string, TokenSource>;
  /** The user's list. */
  prices: () => PriceList;
};

export type Probe = { at: number; server: LocalServer | null };

/** The models of one configuration: a thread's own, or that of config.toml. */
export type ConfiguredModels = ModelSource & {
  /** The model that this configuration means. Never rejects; may take 300 ms when nothing is configured. */
  selected(): Promise<Selected>;
  /** Whether a provider of this id can be named at all, with a key or without. */
  knows(provider: string): boolean;
};

export type ModelChoice = ConfiguredModels & {
  readonly input: SetupInput;
  /** Null: the configuration names neither provider nor model. */
  readonly configuredProvider: string | null;
  infoOf(setup: ProviderSetup, model: string, found: FoundModel | null): { info: ModelInfo; traits: ModelTraits };
  probe(id: LocalProvider['id'], anew: boolean): Promise<LocalServer | null>;
  /** Asks the provider's server; what it says is kept. */
  askRemote(setup: ProviderSetup): Promise<{ models: FoundModel[]; problem: string | null }>;
  /** What it said last. */
  remoteModels(setup: ProviderSetup): readonly FoundModel[];
};

const NEGATIVE_MS = 5_000;
const POSITIVE_MS = 60_000;

/** Cheap to make. The keys are read with each call. */
export function createModelChoice(world: ModelWorld, config: Config): ModelChoice {
  const { env, configPath, clients, probes, remote, listFetch } = world;
  const input = (): SetupInput => ({ config, env, secrets: world.secrets(), configPath });
  const remoteKey = ({ id, baseUrl, apiKey, wire }: ProviderSetup): string =>
    JSON.stringify([id, baseUrl, apiKey, wire]);

  const probe = async (id: LocalProvider['id'], anew: boolean, signal?: AbortSignal): Promise<LocalServer | null> => {
    const origin = localOrigin(id, env, config.model_providers?.[id]?.base_url);
    const key = `${id} ${origin}`;
    const before = probes.get(key);
    const age = before ? Date.now() - before.at : 0;
    if (before && !anew && age < (before.server ? POSITIVE_MS : NEGATIVE_MS)) return before.server;
    const server = await probeLocal(id, origin, env, listFetch, signal);
    // Nothing was learnt from a question that was taken back.
    if (signal?.aborted) return server;
    probes.set(key, { at: Date.now(), server });
    return server;
  };

  const infoOf = (
    setup: ProviderSetup,
    model: string,
    found: FoundModel | null,
  ): { info: ModelInfo; traits: ModelTraits } => {
    const told = found ?? remote.get(remoteKey(setup))?.find((each) => each.model === model) ?? null;
    const corrected = config.model_providers?.[setup.id]?.models?.[model];
    const traits = traitsOf(setup.id, setup.wire, model, told, corrected, world.prices());
    const isConfigured = config.model === model && configuredProvider() === setup.id;
    const configured = isConfigured ? config.model_context_window : undefined;
    const { mayReason: _, thinking: _thinking, ...rest } = traits;
    const info: ModelInfo = {
      ...rest,
      provider: setup.id,
      providerName: setup.name,
      model,
      displayName: setup.known?.models.find((each) => each.model === model)?.name ?? model,
      contextWindow: configured ?? traits.contextWindow,
      autoCompactTokens: config.model_auto_compact_token_limit ?? null,
      isDemo: false,
    };
    return { info, traits };
  };

  /** Null: the key does not come from a command. */
  const tokenOf = (setup: ProviderSetup): TokenSource | null => {
    if (!setup.tokenCommand) return null;
    const key = JSON.stringify([setup.id, setup.tokenCommand]);
    const source = world.tokens.get(key) ?? createTokenSource(setup.tokenCommand, setup.id);
    world.tokens.set(key, source);
    return source;
  };

  const clientFor = (setup: ProviderSetup, info: ModelInfo, traits: ModelTraits): ModelClient => {
    const { known: _known, local: _local, ...plain } = setup;
    const { supportsImages, supportsTools, supportsFreeformTools, reasoningEfforts } = info;
    const about = { supportsImages, supportsTools, supportsFreeformTools, reasoningEfforts };
    const { mayReason, maxOutput, thinking } = traits;
    const key = JSON.stringify([plain, about, mayReason, maxOutput, thinking]);
    const client = clients.get(key) ?? createClient(setup, info, traits, tokenOf(setup), world.callFetch);
    clients.set(key, client);
    return client;
  };

  /** Null: config.toml names neither provider nor model. */
  const configuredProvider = (): string | null => {
    if (config.model_provider !== undefined) return config.model_provider;
    return config.model === undefined ? null : (providerOfModel(config.model) ?? 'openai');
  };

  /** Adds what only the server itself can tell: where it is and what it has. */
  const complete = async (
    setup: ProviderSetup,
    wanted: string,
    signal?: AbortSignal,
  ): Promise<
    { ok: true; setup: ProviderSetup; model: string; found: FoundModel | null } | { ok: false; problem: string }
  > => {
    if (setup.local) {
      const server = await probe(setup.local.id, false, signal);
      const { name, start } = setup.local;
      if (!server) {
        const origin = localOrigin(setup.local.id, env, setup.baseUrl || undefined);
        return { ok: false, problem: `${name} does not answer at ${origin}: ${start}, or choose another model.` };
      }
      const at = { ...setup, baseUrl: setup.baseUrl || server.baseUrl };
      const found = server.models.find((each) => each.model === wanted || each.model === `${wanted}:latest`) ?? null;
      if (wanted !== '' && found) return { ok: true, setup: at, model: found.model, found };
      if (wanted !== '') {
        const names =
          server.models
            .map((each) => each.model)
            .slice(0, 8)
            .join(', ') || 'no model at all';
        const get = setup.local.id === 'ollama' ? `run \`ollama pull ${wanted}\`` : 'load it there';
        return {
          ok: false,
          problem: `${name} does not have the model ${wanted}: ${get}, or choose another. It has ${names}.`,
        };
      }
      const first = server.models[0];
      if (first) return { ok: true, setup: at, model: first.model, found: first };
      return { ok: false, problem: `${name} answers but has no model for chat: ${start}.` };
    }
    if (wanted !== '') return { ok: true, setup, model: wanted, found: null };
    if (setup.defaultModel !== null) return { ok: true, setup, model: setup.defaultModel, found: null };
    const offered = remote.get(remoteKey(setup)) ?? (await askRemote(setup, signal)).models;
    if (offered[0]) return { ok: true, setup, model: offered[0].model, found: offered[0] };
    return { ok: false, problem: `No model is chosen for ${setup.name}. Set model = "…" in ${configPath}.` };
  };

  const askRemote = async (
    setup: ProviderSetup,
    signal?: AbortSignal,
  ): Promise<{ models: FoundModel[]; problem: string | null }> => {
    const answer = await fetchModels(setup, tokenOf(setup), listFetch, signal);
    if (!answer.ok) return { models: [], problem: answer.problem };
    remote.set(remoteKey(setup), answer.models);
    return { models: answer.models, problem: null };
  };

  const resolve: ModelSource['resolve'] = async ({ provider, model }, signal) => {
    if (provider === 'demo') {
      if (!world.demo) return { ok: false, problem: noModel() };
      return { ok: true, model: resolved(await world.demo(), DEMO_INFO, 0, 0) };
    }
    if (provider === 'host') {
      const offered = world.hostModels().find((each) => each.id === model);
      if (world.hostLm && offered) {
        return { ok: true, model: resolved(createHostLmClient(world.hostLm), hostInfo(offered), 2, 2) };
      }
      return { ok: false, problem: `The editor does not offer the model ${model} now. Choose another model.` };
    }
    const result = setUpProvider(provider, input());
    if (!result.ok) return result;
    const whole = await complete(result.setup, model, signal);
    if (!whole.ok) return whole;
    const { info, traits } = infoOf(whole.setup, whole.model, whole.found);
    const { requestMaxRetries, streamMaxRetries } = whole.setup;
    return {
      ok: true,
      model: resolved(clientFor(whole.setup, info, traits), info, requestMaxRetries, streamMaxRetries),
    };
  };

  const noModel = (): string => {
    const variables = KNOWN_PROVIDERS.slice(0, 3).map((each) => each.keyVariables[0]);
    return `No model is set up. Set an API key (${variables.join(', ')}, … in the environment, or the command "Gantry: Set API Key"), start Ollama or LM Studio, or name a provider in ${configPath}.`;
  };

  const choose = async (source: GantryModelSource, provider: string, model: string): Promise<Selected> => {
    const result = await resolve({ provider, model });
    if (!result.ok) return result;
    const { info } = result.model;
    return { ok: true, selection: { provider: info.provider, model: info.model }, source, info };
  };

  const keyed = (source: 'secret' | 'environment'): string | null => {
    const given = input();
    const ids = KNOWN_PROVIDERS.map((each) => each.id);
    const all = source === 'secret' ? [...new Set([...ids, ...given.secrets.keys()])] : ids;
    const has = (id: string): boolean => {
      const result = setUpProvider(id, given);
      // A provider whose models must be asked for is never chosen unasked.
      const isUsual = result.ok && (result.setup.defaultModel !== null || !result.setup.known);
      return isUsual && result.setup.keySource === source;
    };
    return all.find(has) ?? null;
  };

  const selected = async (): Promise<Selected> => {
    const configured = configuredProvider();
    // What the file says is meant: when it cannot be had, the user is told, and nothing else is taken in its place.
    if (configured !== null) return choose('config', configured, config.model ?? '');
    for (const source of ['secret', 'environment'] as const) {
      const provider = keyed(source);
      if (provider !== null) return choose(source, provider, '');
    }
    const servers = await Promise.all(LOCAL_PROVIDERS.map((each) => probe(each.id, false)));
    const server = servers.find((each) => each && each.models.length > 0);
    if (server) return choose('local', server.id, '');
    return world.demo ? choose('demo', 'demo', 'demo') : { ok: false, problem: noModel() };
  };

  return {
    resolve: (selection, signal) =>
      resolve(selection, signal).catch((error: unknown) => ({
        ok: false,
        problem: error instanceof AgentError ? error.message : `The model cannot be used: ${String(error)}`,
      })),
    selected,
    knows: (provider) =>
      provider === 'demo' ||
      provider === 'host' ||
      knownProvider(provider) !== null ||
      LOCAL_PROVIDERS.some((each) => each.id === provider) ||
      config.model_providers?.[provider] !== undefined,
    get input() {
      return input();
    },
    get configuredProvider() {
      return configuredProvider();
    },
    infoOf,
    probe,
    askRemote,
    remoteModels: (setup) => remote.get(remoteKey(setup)) ?? [],
  };
}

function resolved(
  client: ModelClient,
  info: ModelInfo,
  requestMaxRetries: number,
  streamMaxRetries: number,
): ResolvedModel {
  return { client, info, requestMaxRetries, streamMaxRetries };
}
