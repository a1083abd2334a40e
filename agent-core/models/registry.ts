/**
 * Which model answers, and with what. The choice is made without a question: config.toml, then keys in the secret
 * store, then keys in the environment, then a local server that answers, then the demo model where it is allowed.
 */
import type { Config } from '../config/index.ts';
import { late } from '../late.ts';
import type { GantryModelSource, HostModel } from '../protocol/index.ts';
import type { HostLm } from './host-lm.ts';
import { type ConfiguredModels, createModelChoice, DEMO_INFO, hostInfo, type ModelWorld } from './model-choice.ts';
import type { ModelClient, ModelInfo, ModelSelection } from './model-client.ts';
import { createNodeFetch } from './node-fetch.ts';
import type { PriceList } from './price-file.ts';
import { type ProviderSetup, setUpProvider } from './provider-setup.ts';
import { KNOWN_PROVIDERS, type KnownProvider, LOCAL_PROVIDERS } from './providers.ts';

/** For people, of a model that cannot call tools. */
const IN_TEXT = 'Calls tools in text';

export type RegistryOptions = {
  config: Config;
  /** For messages: where config.toml is. */
  configPath: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Keys by provider id, from the client's secret store; read anew with each call. */
  secrets: () => ReadonlyMap<string, string>;
  /** For every request, in tests. Default: our own. */
  fetch?: typeof fetch;
  hostLm?: HostLm;
  /** Prices from the user's own list; read anew with each call. */
  prices?: () => PriceList;
  /** Called once, when the demo model is first used. */
  demo: () => ModelClient | Promise<ModelClient>;
  allowDemo: boolean;
};

export type ListedModel = ModelInfo & { source: GantryModelSource; description: string | null };
export type ModelList = {
  data: ListedModel[];
  selected: (ModelSelection & { source: GantryModelSource }) | null;
  problems: string[];
};

/** By config.toml alone, but for `forThread`. `resolve` takes an empty `model` for the provider's default. */
export type ModelRegistry = ConfiguredModels & {
  /** All models there are to choose from. `refresh` asks providers and local servers anew; never rejects. */
  list(refresh: boolean): Promise<ModelList>;
  /** By a thread's own configuration, overrides included. Nothing of it reaches any other thread. */
  forThread(config: Config): ConfiguredModels;
  /** Called when the list or the selected model may have changed. Returns how to stop. */
  onChange(listener: () => void): () => void;
  /** A new configuration, from the next call on. */
  setConfig(config: Config): void;
  /** The models that the editor offers now. */
  setHostModels(models: readonly HostModel[]): void;
  /** To be called after the secrets changed. */
  secretsChanged(): void;
};

export function createModelRegistry(options: RegistryOptions): ModelRegistry {
  const listeners = new Set<() => void>();
  let lastListed = '';
  let hostModels: readonly HostModel[] = [];

  const changed = (): void => {
    for (const listener of [...listeners]) listener();
  };
  // One for all, so that connections are kept and the proxy is the same for calls and lists.
  const ownFetch = options.fetch ?? createNodeFetch(options.env);
  const world: ModelWorld = {
    configPath: options.configPath,
    env: options.env,
    secrets: options.secrets,
    callFetch: ownFetch,
    listFetch: ownFetch,
    hostLm: options.hostLm,
    hostModels: () => hostModels,
    demo: options.allowDemo ? late(async () => options.demo()) : null,
    clients: new Map(),
    probes: new Map(),
    remote: new Map(),
    tokens: new Map(),
    prices: options.prices ?? (() => new Map()),
  };
  let config = options.config;
  let own = createModelChoice(world, config);

  const sourceOf = (setup: ProviderSetup): GantryModelSource => {
    if (setup.id === own.configuredProvider || config.model_providers?.[setup.id]) return 'config';
    return setup.keySource ?? 'local';
  };

  const list = async (refresh: boolean): Promise<ModelList> => {
    const given = own.input;
    const problems: string[] = [];
    // A variable such as HF_TOKEN may be there for other ends: providers that must be asked for their models are only
    // asked when they are named, or were given a key here.
    const isMeant = ({ id, models }: KnownProvider): boolean =>
      models.length > 0 || own.configuredProvider === id || given.secrets.has(id);
    const known = KNOWN_PROVIDERS.filter(isMeant).map((each) => each.id);
    const ids = new Set([...Object.keys(config.model_providers ?? {}), ...known]);
    for (const each of LOCAL_PROVIDERS) ids.delete(each.id);
    const setups = [...ids].flatMap((id) => {
      const result = setUpProvider(id, given);
      if (!result.ok && config.model_providers?.[id]) problems.push(result.problem);
      return result.ok ? [result.setup] : [];
    });
    const answers = await Promise.all(setups.map((setup) => (refresh ? own.askRemote(setup) : null)));
    for (const answer of answers) if (answer?.problem) problems.push(answer.problem);
    const data = setups.flatMap((setup): ListedModel[] => {
      const named = own.configuredProvider === setup.id ? config.model : undefined;
      const names = [
        named,
        setup.defaultModel,
        ...(setup.known?.models ?? []).map((each) => each.model),
        ...own.remoteModels(setup).map((each) => each.model),
      ];
      const unique = [...new Set(names.filter((name) => name !== undefined && name !== null))];
      return unique.map((name) => {
        const { info } = own.infoOf(setup, name, null);
        return { ...info, source: sourceOf(setup), description: info.supportsTools === false ? IN_TEXT : null };
      });
    });
    const servers = await Promise.all(LOCAL_PROVIDERS.map((each) => own.probe(each.id, refresh)));
    for (const server of servers) {
      const setup = server ? setUpProvider(server.id, given) : null;
      if (!server || !setup?.ok) continue;
      for (const found of server.models) {
        const { info } = own.infoOf(setup.setup, found.model, found);
        const tools = info.supportsTools === false ? IN_TEXT : null;
        const description = [tools, found.note].filter(Boolean).join('. ') || null;
        data.push({ ...info, source: 'local', description });
      }
    }
    for (const model of options.hostLm ? hostModels : []) {
      data.push({ ...hostInfo(model), source: 'host', description: model.vendor || null });
    }
    if (options.allowDemo)
      data.push({ ...DEMO_INFO, source: 'demo', description: 'Follows fixed rules; shows how Gantry works' });
    const choice = await own.selected();
    if (!choice.ok) problems.unshift(choice.problem);
    const choiceOrNull = choice.ok ? { ...choice.selection, source: choice.source } : null;
    const listed = JSON.stringify([data, choiceOrNull]);
    // Only what is new is told: whoever hears of it asks again.
    if (lastListed !== '' && listed !== lastListed) changed();
    lastListed = listed;
    return { data, selected: choiceOrNull, problems: [...new Set(problems)] };
  };

  return {
    resolve: (selection, signal) => own.resolve(selection, signal),
    selected: () => own.selected(),
    knows: (provider) => own.knows(provider),
    forThread: (forThread) => createModelChoice(world, forThread),
    list,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setConfig: (next) => {
      config = next;
      own = createModelChoice(world, next);
      world.probes.clear();
      world.remote.clear();
      changed();
    },
    setHostModels: (models) => {
      hostModels = [...models];
      changed();
    },
    secretsChanged: () => {
      world.remote.clear();
      world.clients.clear();
      world.tokens.clear();
      changed();
    },
  };
}
