/** What can be turned on and off. */
import { FEATURES, isFeatureOn } from '../../config/index.ts';
import type { ExperimentalFeature } from '../../protocol/index.ts';
import type { ThreadRegistry } from '../threads/thread-registry.ts';
import type { Handlers } from '../wire/connection.ts';
import { pageOf, pageSize } from '../wire/pages.ts';
import type { Configuration } from './configuration.ts';

type Methods = 'experimentalFeature/list' | 'experimentalFeature/enablement/set';

export type FeatureHandlerOptions = {
  configuration: Configuration;
  threads: Pick<ThreadRegistry, 'loaded'>;
  /** Called after features were turned on or off. */
  onChanged: () => void;
};

export function featureHandlers({ configuration, threads, onChanged }: FeatureHandlerOptions): Pick<Handlers, Methods> {
  const names: readonly string[] = FEATURES.map(({ name }) => name);
  return {
    'experimentalFeature/list'({ threadId, cursor, limit }) {
      const thread = threadId ? threads.loaded(threadId) : null;
      const { config } = thread ? configuration.load(thread.settings.cwd, thread.overrides) : configuration.loadUser();
      const all = FEATURES.map(
        ({ name, stage, defaultEnabled }): ExperimentalFeature => ({
          name,
          stage,
          defaultEnabled,
          enabled: isFeatureOn(config, name),
          displayName: null,
          description: null,
          announcement: null,
        }),
      );
      const size = pageSize(limit, 100, 1000);
      const page = pageOf({ all, idOf: ({ name }) => name, cursor: cursor ?? null, limit: size, ascending: true });
      return { data: page.data, nextCursor: page.nextCursor };
    },
    'experimentalFeature/enablement/set'({ enablement }) {
      // As the reference: the answer names those that were known, and no others.
      const known = Object.fromEntries(Object.entries(enablement).filter(([name]) => names.includes(name)));
      if (Object.keys(known).length > 0) {
        configuration.setFeatures(known);
        onChanged();
      }
      return { enablement: known };
    },
  };
}
