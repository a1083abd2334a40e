/** What is Gantry's alone; the gate in `connection.ts` keeps it from clients that did not ask for it. */
import type { ListedModel } from '../../models/registry.ts';
import type { GantryModel, GantryStatus } from '../../protocol/index.ts';
import type { UserShell } from '../commands/shell-command.ts';
import type { HostModels } from '../models/host-models.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import type { ThreadRegistry } from '../threads/thread-registry.ts';
import type { Handlers } from '../wire/connection.ts';

type Methods =
  | 'gantry/status/read'
  | 'gantry/secret/set'
  | 'gantry/model/list'
  | 'gantry/model/hostOffer'
  | 'gantry/command/stop'
  | 'gantry/command/resize'
  | 'gantry/usage/read'
  | 'gantry/price/refresh';

export type GantryHandlerOptions = {
  threads: ThreadRegistry;
  catalog: ModelCatalog;
  hostModels: HostModels;
  status: () => Promise<GantryStatus>;
  shell: Pick<UserShell, 'stop'>;
};

const wireGantryModel = (model: ListedModel): GantryModel => ({
  provider: model.provider,
  providerName: model.providerName,
  model: model.model,
  displayName: model.displayName,
  description: model.description,
  source: model.source,
  isDemo: model.isDemo,
  contextWindow: model.contextWindow,
  reasoningEfforts: model.reasoningEfforts,
  supportsTools: model.supportsTools,
  supportsImages: model.supportsImages,
  hasPrice: (model.price ?? null) !== null,
});

export function gantryHandlers({
  threads,
  catalog,
  hostModels,
  status,
  shell,
}: GantryHandlerOptions): Pick<Handlers, Methods> {
  return {
    'gantry/status/read': () => status(),
    async 'gantry/secret/set'({ provider, key }) {
      await catalog.setSecret(provider, key);
      return {};
    },
    async 'gantry/model/list'({ refresh }) {
      const { data, selected, problems } = await catalog.list(refresh ?? false, true);
      return { data: data.map(wireGantryModel), selected, problems };
    },
    'gantry/model/hostOffer'({ models }, { connection }) {
      hostModels.offer(connection, models);
      return {};
    },
    'gantry/usage/read'({ threadId }) {
      const { total, turns } = threads.loaded(threadId).agent.spending;
      return { thread: total, turns };
    },
    'gantry/price/refresh': ({ source }) => catalog.refreshPrices(source),
    'gantry/command/stop'({ threadId, itemId }) {
      const thread = threads.loaded(threadId);
      if (shell.stop(thread, itemId)) return { stopped: true };
      const stopped = thread.isRunningCommand(itemId);
      if (stopped) thread.submit({ type: 'stopCommand', itemId });
      return { stopped };
    },
    'gantry/command/resize'({ threadId, itemId, size: { cols, rows } }) {
      return { resized: threads.loaded(threadId).resizeCommand(itemId, { columns: cols, rows }) };
    },
  };
}
