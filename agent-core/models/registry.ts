/**
 * Which model answers, and with what. The choice is made without a question: config.toml, then keys in the secret
 * store, then keys in the environment, then a local server that answers, then the demo model where it is allowed.
 */
import type { Config } from '../config/index.ts';
import type { ModelSource } from '../ports.ts';
import type { GantryModelSource, HostModel } from '../protocol/index.ts';
import { type ModelTraits, traitsOf } from './capabilities.ts';
import { createHostLmClient, type HostLm } from './host-lm.ts';
import { type LocalModel, type LocalServer, localOrigin, probeLocal } from './local-servers.ts';
import type { ModelClient, ModelInfo, ModelSelection, ResolvedModel } from './model-client.ts';
import { createChatClient } from './openai-chat.ts';
import { createResponsesClient } from './openai-responses.ts';
import { type ProviderSetup, type SetupInput, setUpProvider } from './provider-setup.ts';
import { KNOWN_PROVIDERS, knownProvider, LOCAL_PROVIDERS, type LocalProvider, providerOfModel } from './providers.ts';
import { fetchModels } from './remote-models.ts';

export type RegistryOptions = {
  config: Config;
  /** For messages: where config.toml is. */
  configPath: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Keys by provider id, from the client's secret store; read anew with each call. */
  secrets: () => ReadonlyMap<string, string>;
  /** For every request, in tests. Default: the global one for lists, our own for model calls. */
  fetch?: typeof fetch;
  hostLm?: HostLm;
  /** Called once, when the demo model is first used. */
  demo: () => ModelClient | Promise<ModelClient>;
  allowDemo: boolean;
};

export type ListedModel = ModelInfo & { source: GantryModelSource; description: string | null };
export type Selected =
  | { ok: true; selection: ModelSelection; source: GantryModelSource; info: ModelInfo }
  | { ok: false; problem: string };
export type ModelList = {
  data: ListedModel[];
  selected: (ModelSelection & { source: GantryModelSource }) | null;
  problems: string[];
};

/** `resolve` takes an empty `model` for the provider's default. */
export type ModelRegistry = ModelSource & {
  /** All models there are to choose from. `refresh` asks providers and local servers anew; never rejects. */
  list(refresh: boolean): Promise<ModelList>;
  /**
   * The model of a new thread. Never rejects; may take 300 ms when nothing is configured. `forThread` is the thread's
   * own configuration, when it is another one: the providers that it names can be resolved from then on.
   */
  selected(forThread?: Config): Promise<Selected>;
  /** Whether a provider of this id can be named at all, with a key or without. */
  knows(provider: string): boolean;
  /** Called when the list or the selected model may have changed. Returns how to stop. */
  onChange(listener: () => void): () => void;
  /** A new configuration, from the next call on. */
  setConfig(config: Config): void;
  /** The models that the editor offers now. */
  setHostModels(models: readonly HostModel[]): void;
  /** To be called after the secrets changed. */
  secretsChanged(): void;
};

const NEGATIVE_MS = 5_000;
const POSITIVE_MS = 60_000;

type Probe = { at: number; server: LocalServer | null };

const DEMO_INFO: ModelInfo = {
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

function hostInfo(model: HostModel): ModelInfo {
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

export function createModelRegistry(options: RegistryOptions): ModelRegistry {
  const { env, secrets, configPath } = options;
  const doFetch: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init));
  const listeners = new Set<() => void>();
  const clients = new Map<string, ModelClient>();
  const probes = new Map<string, Probe>();
  const remote = new Map<string, string[]>();
  let config = options.config;
  let threadProviders: NonNullable<Config['model_providers']> = {};
  let lastListed = '';
  let hostModels: readonly HostModel[] = [];
  let demo: Promise<ModelClient> | null = null;

  const changed = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const input = (): SetupInput => {
    const model_providers = { ...config.model_providers, ...threadProviders };
    return { config: { ...config, model_providers }, env, secrets: secrets(), configPath };
  };

  const probe = async (id: LocalProvider['id'], anew: boolean): Promise<LocalServer | null> => {
    const before = probes.get(id);
    const age = before ? Date.now() - before.at : 0;
    if (before && !anew && age < (before.server ? POSITIVE_MS : NEGATIVE_MS)) return before.server;
    const server = await probeLocal(id, localOrigin(id, env, input().config.model_providers?.[id]?.base_url), doFetch);
    probes.set(id, { at: Date.now(), server });
    return server;
  };

  const infoOf = (
    setup: ProviderSetup,
    model: string,
    found: LocalModel | null,
  ): { info: ModelInfo; traits: ModelTraits } => {
    const traits = traitsOf(setup.id, setup.wire, model);
    const isConfigured = config.model === model && configuredProvider() === setup.id;
    const configured = isConfigured ? config.model_context_window : undefined;
    const { mayReason: _, ...rest } = traits;
    const info: ModelInfo = {
      ...rest,
      provider: setup.id,
      providerName: setup.name,
      model,
      displayName: setup.known?.models.find((each) => each.model === model)?.name ?? model,
      contextWindow: configured ?? found?.contextWindow ?? traits.contextWindow,
      supportsTools: found?.supportsTools ?? traits.supportsTools,
      supportsImages: found?.supportsImages ?? traits.supportsImages,
      isDemo: false,
    };
    return { info, traits };
  };

  const clientFor = (setup: ProviderSetup, info: ModelInfo, traits: ModelTraits): ModelClient => {
    const images = info.supportsImages !== false;
    const { known: _known, local: _local, ...plain } = setup;
    const key = JSON.stringify([plain, images, traits.mayReason, info.supportsFreeformTools]);
    const before = clients.get(key);
    if (before) return before;
    const { id: providerId, name: providerName, baseUrl, apiKey, headers, queryParams, idleTimeoutMs, keyHelp } = setup;
    const http = { providerId, providerName, baseUrl, apiKey, headers, queryParams, idleTimeoutMs, keyHelp, images };
    const withFetch = { ...http, fetch: options.fetch };
    const client =
      setup.wire === 'responses'
        ? createResponsesClient({ ...withFetch, freeform: info.supportsFreeformTools, reasoning: traits.mayReason })
        : createChatClient({ ...withFetch, ...setup.known?.chat });
    clients.set(key, client);
    return client;
  };

  /** Null: config.toml names neither provider nor model. */
  const configuredProvider = (from: Config = config): string | null => {
    if (from.model_provider !== undefined) return from.model_provider;
    return from.model === undefined ? null : (providerOfModel(from.model) ?? 'openai');
  };

  /** Adds what only the server itself can tell: where it is and what it has. */
  const complete = async (
    setup: ProviderSetup,
    wanted: string,
  ): Promise<
    { ok: true; setup: ProviderSetup; model: string; found: LocalModel | null } | { ok: false; problem: string }
  > => {
    if (setup.local) {
      const server = await probe(setup.local.id, false);
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
    const offered = remote.get(setup.id) ?? (await askRemote(setup)).models;
    if (offered[0] !== undefined) return { ok: true, setup, model: offered[0], found: null };
    return { ok: false, problem: `No model is chosen for ${setup.name}. Set model = "…" in ${configPath}.` };
  };

  const askRemote = async (setup: ProviderSetup): Promise<{ models: string[]; problem: string | null }> => {
    const answer = await fetchModels(setup, doFetch);
    if (!answer.ok) return { models: [], problem: answer.problem };
    remote.set(setup.id, answer.models);
    return { models: answer.models, problem: null };
  };

  const resolve: ModelRegistry['resolve'] = async ({ provider, model }) => {
    if (provider === 'demo') {
      if (!options.allowDemo) return { ok: false, problem: noModel() };
      demo ??= Promise.resolve(options.demo());
      return { ok: true, model: resolved(await demo, DEMO_INFO, 0, 0) };
    }
    if (provider === 'host') {
      const offered = hostModels.find((each) => each.id === model);
      if (options.hostLm && offered) {
        return { ok: true, model: resolved(createHostLmClient(options.hostLm), hostInfo(offered), 2, 2) };
      }
      return { ok: false, problem: `The editor does not offer the model ${model} now. Choose another model.` };
    }
    const result = setUpProvider(provider, input());
    if (!result.ok) return result;
    const whole = await complete(result.setup, model);
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
      return result.ok && result.setup.keySource === source;
    };
    return all.find(has) ?? null;
  };

  const selected = async (forThread: Config = config): Promise<Selected> => {
    if (forThread !== config) Object.assign(threadProviders, forThread.model_providers);
    const configured = configuredProvider(forThread);
    // What the file says is meant: when it cannot be had, the user is told, and nothing else is taken in its place.
    if (configured !== null) return choose('config', configured, forThread.model ?? '');
    for (const source of ['secret', 'environment'] as const) {
      const provider = keyed(source);
      if (provider !== null) return choose(source, provider, '');
    }
    const servers = await Promise.all(LOCAL_PROVIDERS.map((each) => probe(each.id, false)));
    const server = servers.find((each) => each && each.models.length > 0);
    if (server) return choose('local', server.id, '');
    return options.allowDemo ? choose('demo', 'demo', 'demo') : { ok: false, problem: noModel() };
  };

  const sourceOf = (setup: ProviderSetup): GantryModelSource => {
    if (setup.id === configuredProvider() || config.model_providers?.[setup.id]) return 'config';
    return setup.keySource ?? 'local';
  };

  const list = async (refresh: boolean): Promise<ModelList> => {
    const given = input();
    const problems: string[] = [];
    const ids = new Set([...Object.keys(config.model_providers ?? {}), ...KNOWN_PROVIDERS.map((each) => each.id)]);
    for (const each of LOCAL_PROVIDERS) ids.delete(each.id);
    const setups = [...ids].flatMap((id) => {
      const result = setUpProvider(id, given);
      if (!result.ok && config.model_providers?.[id]) problems.push(result.problem);
      return result.ok ? [result.setup] : [];
    });
    const answers = await Promise.all(setups.map((setup) => (refresh ? askRemote(setup) : null)));
    for (const answer of answers) if (answer?.problem) problems.push(answer.problem);
    const data = setups.flatMap((setup): ListedModel[] => {
      const own = configuredProvider() === setup.id ? config.model : undefined;
      const names = [
        own,
        setup.defaultModel,
        ...(setup.known?.models ?? []).map((each) => each.model),
        ...(remote.get(setup.id) ?? []),
      ];
      const unique = [...new Set(names.filter((name) => name !== undefined && name !== null))];
      return unique.map((name) => ({ ...infoOf(setup, name, null).info, source: sourceOf(setup), description: null }));
    });
    const servers = await Promise.all(LOCAL_PROVIDERS.map((each) => probe(each.id, refresh)));
    for (const server of servers) {
      const setup = server ? setUpProvider(server.id, given) : null;
      if (!server || !setup?.ok) continue;
      for (const found of server.models) {
        const description = found.supportsTools === false ? 'Cannot call tools' : null;
        data.push({ ...infoOf(setup.setup, found.model, found).info, source: 'local', description });
      }
    }
    for (const model of options.hostLm ? hostModels : []) {
      data.push({ ...hostInfo(model), source: 'host', description: model.vendor || null });
    }
    if (options.allowDemo)
      data.push({ ...DEMO_INFO, source: 'demo', description: 'Follows fixed rules; shows how Gantry works' });
    const choice = await selected();
    if (!choice.ok) problems.unshift(choice.problem);
    const choiceOrNull = choice.ok ? { ...choice.selection, source: choice.source } : null;
    const listed = JSON.stringify([data, choiceOrNull]);
    // Only what is new is told: whoever hears of it asks again.
    if (lastListed !== '' && listed !== lastListed) changed();
    lastListed = listed;
    return { data, selected: choiceOrNull, problems: [...new Set(problems)] };
  };

  return {
    resolve: (selection) =>
      resolve(selection).catch((error: unknown) => ({
        ok: false,
        problem: `The model cannot be used: ${String(error)}`,
      })),
    list,
    selected,
    knows: (provider) =>
      provider === 'demo' ||
      provider === 'host' ||
      knownProvider(provider) !== null ||
      LOCAL_PROVIDERS.some((each) => each.id === provider) ||
      input().config.model_providers?.[provider] !== undefined,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setConfig: (next) => {
      config = next;
      threadProviders = {};
      probes.clear();
      remote.clear();
      changed();
    },
    setHostModels: (models) => {
      hostModels = [...models];
      changed();
    },
    secretsChanged: () => {
      remote.clear();
      clients.clear();
      changed();
    },
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
