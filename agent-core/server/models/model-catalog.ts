/** The registry of models as the session layer uses it: loaded late, kept in step with config, keys and the editor. */
import type { Config, Env } from '../../config/index.ts';
import { imported, late } from '../../late.ts';
import type { ModelSelection } from '../../models/model-client.ts';
import type { ModelList, ModelRegistry } from '../../models/registry.ts';
import type { Log, ModelSource } from '../../ports.ts';
import { AgentError, type GantryPriceRefreshResponse } from '../../protocol/index.ts';
import type { Configuration } from '../config/configuration.ts';
import type { HostModels } from './host-models.ts';

export type ModelCatalog = {
  /** The models of one thread, by its own config as it is at each call. */
  forThread(config: () => Config): ModelSource;
  /** What a thread shall use. Throws `AgentError` for an unknown provider, or when there is no model at all. */
  select(asked: SelectRequest): Promise<ModelSelection>;
  /** The demo model is left out where it is not allowed, and then never the selected one. */
  list(refresh: boolean, allowDemo: boolean): Promise<ModelList>;
  /** Null forgets the key. Keys are kept in memory only. */
  setSecret(provider: string, key: string | null): Promise<void>;
  /** Every key that is held, by provider. */
  keys(): ReadonlyMap<string, string>;
  /** To be called when the keys that others keep have changed. */
  keysChanged(): Promise<void>;
  /** To be called when config.toml may be another: what it changes is told at once, not with the next call. */
  configChanged(): void;
  /** The editor offers other models than before. */
  hostChanged(): void;
  /** Takes another list of prices. Throws `AgentError` when it cannot be had; then the one from before holds. */
  refreshPrices(source: string): Promise<GantryPriceRefreshResponse>;
  warm(): Promise<unknown>;
};

export type SelectRequest = {
  /** The thread's own config, overrides included. */
  config: Config;
  model: string | null;
  provider: string | null;
  allowDemo: boolean;
};

export type CatalogOptions = {
  env: Env;
  cwd: string;
  configuration: Configuration;
  hostModels: HostModels;
  log: Log;
  /** Keys that were given by signing in; a secret that is set goes before. */
  accountKeys?: () => ReadonlyMap<string, string>;
  onChanged: () => void;
  /** Replaced by tests. */
  importRegistry?: () => Promise<Pick<typeof import('../../models/registry.ts'), 'createModelRegistry'>>;
};

const withoutDemo = (list: ModelList): ModelList => ({
  ...list,
  data: list.data.filter(({ isDemo }) => !isDemo),
  selected: list.selected?.source === 'demo' ? null : list.selected,
});

/** For clients that may not fall back on the demo model. */
const noModel = (configPath: string): string =>
  `No model is set up. Set an API key in the environment (OPENAI_API_KEY, ANTHROPIC_API_KEY, …), start Ollama or LM Studio, or name a provider in ${configPath}.`;

export function createModelCatalog(options: CatalogOptions): ModelCatalog {
  const { env, cwd, configuration, hostModels, log, onChanged } = options;
  const importRegistry = options.importRegistry ?? (() => imported(import('../../models/registry.ts')));
  const secrets = new Map<string, string>();
  const keys = (): ReadonlyMap<string, string> => new Map([...(options.accountKeys?.() ?? []), ...secrets]);
  let made: ModelRegistry | null = null;
  let lastConfig = '';

  const prices = late(async () => {
    const { createModelPrices } = await imported(import('./model-prices.ts'));
    return createModelPrices({ home: configuration.home, env, log });
  });

  const load = late(async (): Promise<ModelRegistry> => {
    const [{ createModelRegistry }, priceList] = await Promise.all([importRegistry(), prices()]);
    const { config, path } = configuration.load(cwd);
    lastConfig = JSON.stringify(config);
    const registry = createModelRegistry({
      config,
      configPath: path,
      env,
      secrets: keys,
      hostLm: hostModels,
      prices: priceList.current,
      demo: async () => (await imported(import('../../models/demo/index.ts'))).createDemoClient(),
      allowDemo: true,
    });
    registry.setHostModels(hostModels.offered());
    registry.onChange(onChanged);
    made = registry;
    return registry;
  });

  /** The registry, with what config.toml says now. */
  const current = async (): Promise<ModelRegistry> => {
    const registry = await load();
    const { config } = configuration.load(cwd);
    const text = JSON.stringify(config);
    if (text !== lastConfig) {
      lastConfig = text;
      registry.setConfig(config);
    }
    return registry;
  };

  const providerOf = (registry: ModelRegistry, { config, provider }: SelectRequest): string | null => {
    const id = provider ?? config.model_provider ?? null;
    if (id === null || registry.forThread(config).knows(id)) return id;
    const message = `failed to load configuration: Model provider \`${id}\` not found`;
    throw new AgentError(
      'unknownProvider',
      `${message}; add [model_providers.${id}] to ${configuration.load(cwd).path}`,
    );
  };

  return {
    forThread: (config) => ({
      async resolve(selection, signal) {
        try {
          return await (await current()).forThread(config()).resolve(selection, signal);
        } catch (error) {
          if (error instanceof AgentError) return { ok: false, problem: error.message };
          throw error;
        }
      },
    }),
    async select(asked) {
      const registry = await current();
      const provider = providerOf(registry, asked);
      const model = asked.model ?? (asked.provider === null ? asked.config.model : undefined);
      const config: Config = { ...asked.config };
      if (provider !== null) config.model_provider = provider;
      if (model === undefined) delete config.model;
      else config.model = model;
      const choice = await registry.forThread(config).selected();
      if (choice.ok && (choice.source !== 'demo' || asked.allowDemo)) return choice.selection;
      // A named provider without a key may get one before the turn, which says what is missing if not.
      if (provider !== null && !(choice.ok && choice.source === 'demo')) return { provider, model: model ?? '' };
      throw new AgentError('noModel', choice.ok ? noModel(configuration.load(cwd).path) : choice.problem);
    },
    async list(refresh, allowDemo) {
      const list = await (await current()).list(refresh);
      return allowDemo ? list : withoutDemo(list);
    },
    async setSecret(provider, key) {
      if (key === null || key === '') secrets.delete(provider);
      else secrets.set(provider, key);
      (await current()).secretsChanged();
    },
    keys,
    async keysChanged() {
      (await current()).secretsChanged();
    },
    configChanged() {
      if (made) current().catch((error: unknown) => log('error', 'the models could not follow config.toml', error));
    },
    hostChanged() {
      made?.setHostModels(hostModels.offered());
    },
    refreshPrices: async (source) => (await prices()).refresh(source),
    warm: () => current(),
  };
}
