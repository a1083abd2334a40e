/** The providers of models as a client's settings page has them: listed, and those of the user's own written. */
import type { Config, ModelProviderConfig } from '../../config/index.ts';
import { imported } from '../../late.ts';
import {
  AgentError,
  type ClientRequestParams,
  type GatewayAuth,
  type ModelProviderSummary,
  needsCloud,
} from '../../protocol/index.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import type { Handlers } from '../wire/connection.ts';
import { type ConfigHandlerOptions, writeUserConfig } from './config-handlers.ts';

type Methods = 'modelProvider/list' | 'modelProvider/config/write' | 'modelProvider/capabilities/read';
type Patch = Extract<ClientRequestParams<'modelProvider/config/write'>['settings'], { type: 'customGateway' }>;

/** Null for an address that may hold a secret. */
function shownUrl(baseUrl: string | undefined): string | null {
  const url = baseUrl !== undefined && URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  return url && !url.username && !url.password && !url.search ? (baseUrl ?? null) : null;
}

function authOf(own: ModelProviderConfig | undefined, variable: string | undefined): GatewayAuth {
  if (own?.auth) return { mode: 'externallyConfigured', envKey: null };
  const envKey = own?.env_key ?? variable;
  return envKey === undefined ? { mode: 'none' } : { mode: 'environmentVariable', envKey };
}

const idOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') || 'mine';

export function providerHandlers(options: ConfigHandlerOptions & { catalog: ModelCatalog }): Pick<Handlers, Methods> {
  const { configuration, catalog } = options;

  const summaries = async ({ model_providers: own = {} }: Config): Promise<ModelProviderSummary[]> => {
    const { KNOWN_PROVIDERS, LOCAL_PROVIDERS } = await imported(import('../../models/providers.ts'));
    const known = KNOWN_PROVIDERS.map(({ id, name, baseUrl, keyVariables }) => ({
      id,
      name,
      baseUrl,
      variable: keyVariables[0],
    }));
    const local = LOCAL_PROVIDERS.map(({ id, name }) => ({ id, name, baseUrl: undefined, variable: undefined }));
    const builtIn = [...known, ...local];
    const ids = new Set([...Object.keys(own), ...builtIn.map(({ id }) => id)]);
    return [...ids].map((id) => {
      const base = builtIn.find((each) => each.id === id);
      const mine = own[id];
      const isOpenai = id === 'openai' && mine === undefined;
      return {
        id,
        name: mine?.name ?? base?.name ?? id,
        baseUrl: shownUrl(mine?.base_url ?? base?.baseUrl),
        canEdit: base === undefined,
        settings: isOpenai ? { type: 'openai' } : { type: 'customGateway', auth: authOf(mine, base?.variable) },
      };
    });
  };

  const write = async (patch: Patch): Promise<string> => {
    const { config } = configuration.loadUser();
    const id = patch.providerId ?? idOf(patch.name ?? '');
    const before = config.model_providers?.[id];
    const isBuiltIn = (await summaries(config)).some((each) => each.id === id && !each.canEdit);
    if (isBuiltIn)
      throw new AgentError('invalidRequest', `${id} is built in: choose another providerId for a server of your own.`);
    if (!before && !patch.baseUrl)
      throw new AgentError('invalidRequest', `${id} is new: baseUrl must be given, such as "https://host/v1".`);
    const fields: [string, unknown][] = [
      ['name', patch.name ?? (before ? undefined : id)],
      ['base_url', patch.baseUrl],
      ['env_key', patch.envKey],
    ];
    const edits = fields.flatMap(([field, value]) =>
      value === undefined
        ? []
        : [{ keyPath: `model_providers.${JSON.stringify(id)}.${field}`, value, mergeStrategy: 'replace' as const }],
    );
    await writeUserConfig(options, { edits });
    return id;
  };

  return {
    async 'modelProvider/list'() {
      const { config } = configuration.loadUser();
      const { selected } = await catalog.list(false, false);
      const overriding = configuration.loadUser().layers.filter(({ name }) => name.type === 'sessionFlags');
      return {
        data: await summaries(config),
        defaultProviderId: selected?.provider ?? config.model_provider ?? 'openai',
        canChangeDefault: !overriding.some(({ raw }) => raw.model_provider !== undefined),
      };
    },
    async 'modelProvider/config/write'({ settings }) {
      if (settings.type !== 'customGateway') throw needsCloud(`modelProvider/config/write with type ${settings.type}`);
      const id = await write(settings);
      const provider = (await summaries(configuration.loadUser().config)).find((each) => each.id === id);
      if (!provider)
        throw new AgentError('internalError', `${id} was written but is not read: another layer hides it.`);
      return { provider };
    },
    /** Tools that a provider's own server runs: none are used. */
    'modelProvider/capabilities/read': () => ({ imageGeneration: false, webSearch: false }),
  };
}
