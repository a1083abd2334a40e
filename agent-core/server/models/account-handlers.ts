/** Gantry has no account of its own: signing in is giving a provider's key. */
import { AgentError, type ClientRequestParams, needsCloud, type ServerNotification } from '../../protocol/index.ts';
import type { Configuration } from '../config/configuration.ts';
import type { Handlers } from '../wire/connection.ts';
import type { AccountStore } from './account-store.ts';
import type { ModelCatalog } from './model-catalog.ts';

type Methods = 'account/read' | 'account/login/start' | 'account/login/cancel' | 'account/logout';

export type AccountHandlerOptions = {
  catalog: ModelCatalog;
  configuration: Configuration;
  store: AccountStore;
  announce: (notification: ServerNotification) => void;
};

/** By what their keys begin with; OpenAI's begin with no more than `sk-`. */
const KEY_FORMS: readonly [RegExp, string][] = [
  [/^sk-ant-/, 'anthropic'],
  [/^sk-or-/, 'openrouter'],
  [/^AIza/, 'gemini'],
  [/^gsk_/, 'groq'],
  [/^xai-/, 'xai'],
];

/** The wire has no field for the provider: it is the configured one, else the one whose keys look so, else OpenAI. */
function providerOfKey(configured: string | undefined, key: string): string {
  const isNamed = configured !== undefined && configured !== 'demo' && configured !== 'host';
  return isNamed ? configured : (KEY_FORMS.find(([form]) => form.test(key))?.[1] ?? 'openai');
}

function apiKeyOf(params: ClientRequestParams<'account/login/start'>): string {
  if (params.type !== 'apiKey') throw needsCloud(`account/login/start with type ${params.type}`);
  const key = params.apiKey.trim();
  if (key === '') throw new AgentError('invalidRequest', 'apiKey must not be empty.');
  if (/\s/.test(key)) throw new AgentError('invalidRequest', 'apiKey must be the key alone, without spaces.');
  return key;
}

export function accountHandlers(options: AccountHandlerOptions): Pick<Handlers, Methods> {
  const { catalog, configuration, store, announce } = options;
  return {
    async 'account/read'() {
      const { selected } = await catalog.list(false, false);
      const hasKey = selected?.source === 'environment' || selected?.source === 'secret' || store.keys().size > 0;
      return { account: hasKey ? { type: 'apiKey' } : null, userId: null, requiresOpenaiAuth: false };
    },
    async 'account/login/start'(params, { connection, afterReply }) {
      const key = apiKeyOf(params);
      const { config } = configuration.loadUser();
      if (config.forced_login_method === 'chatgpt') {
        const message =
          'forced_login_method = "chatgpt" allows no API key: remove it from config.toml to sign in with one.';
        throw new AgentError('invalidRequest', message);
      }
      // An editor keeps its keys itself.
      const keep = connection.capabilities.gantry?.secrets !== true;
      store.set(providerOfKey(config.model_provider, key), key, keep);
      await catalog.keysChanged();
      afterReply(() => {
        announce({
          method: 'account/login/completed',
          params: { loginId: null, success: true, error: null, onboardingEntrypoint: null },
        });
        announce({ method: 'account/updated', params: { authMode: 'apikey', planType: null } });
      });
      return { type: 'apiKey' };
    },
    /** Signing in with a key is over with its answer. */
    'account/login/cancel': () => ({ status: 'notFound' }),
    async 'account/logout'(_params, { afterReply }) {
      store.clear();
      await catalog.keysChanged();
      afterReply(() => announce({ method: 'account/updated', params: { authMode: null, planType: null } }));
      return {};
    },
  };
}
