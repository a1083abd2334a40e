import type { Config, Env } from '../config/index.ts';
import type { ModelSelection } from '../models/model-client.ts';
import type { Log, ModelSource } from '../ports.ts';
import { AgentError, type GantryModel, type GantryModelSelection } from '../protocol/index.ts';
import type { Configuration } from './configuration.ts';
import type { HostModels } from './host-models.ts';

export type CatalogEntry = GantryModel;
export type CatalogList = { data: GantryModel[]; selected: GantryModelSelection | null; problems: string[] };

/** The models as the session layer uses them. */
export type ModelCatalog = ModelSource & {
  /** What a thread shall use. Throws `AgentError` for a provider that nobody knows. */
  select(config: Config, model: string | null, provider: string | null): Promise<ModelSelection>;
  list(refresh: boolean): Promise<CatalogList>;
  /** Null forgets the key. */
  setSecret(provider: string, key: string | null): Promise<void>;
  /** The editor offers other models than before. */
  hostChanged(): void;
  warm(): Promise<void>;
};

export type CatalogOptions = {
  env: Env;
  configuration: Configuration;
  cwd: string;
  hostModels: HostModels;
  log: Log;
  onChanged: () => void;
};

export function createModelCatalog(_options: CatalogOptions): ModelCatalog {
  return {
    async select(config, model, provider) {
      const id = provider ?? config.model_provider ?? 'openai';
      if (!config.model_providers?.[id] && id !== 'openai') {
        throw new AgentError('unknownProvider', `failed to load configuration: Model provider \`${id}\` not found`);
      }
      return { provider: id, model: model ?? config.model ?? '' };
    },
    async resolve() {
      return { ok: false, problem: 'no models yet' };
    },
    async list() {
      return { data: [], selected: null, problems: [] };
    },
    async setSecret() {},
    hostChanged() {},
    async warm() {},
  };
}
