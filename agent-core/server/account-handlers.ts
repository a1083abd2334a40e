import type { Handlers } from './connection.ts';
import type { ModelCatalog } from './model-catalog.ts';

/** Gantry has no account of its own: a key that is there is all there is to say. */
export function accountHandlers(catalog: ModelCatalog): Pick<Handlers, 'account/read'> {
  return {
    async 'account/read'() {
      const { selected } = await catalog.list(false, false);
      const hasKey = selected?.source === 'environment' || selected?.source === 'secret';
      return { account: hasKey ? { type: 'apiKey' } : null, requiresOpenaiAuth: false };
    },
  };
}
