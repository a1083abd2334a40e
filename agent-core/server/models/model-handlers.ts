import type { ListedModel } from '../../models/registry.ts';
import type { Model } from '../../protocol/index.ts';
import type { Handlers } from '../wire/connection.ts';
import { pageOf, pageSize } from '../wire/pages.ts';
import type { ModelCatalog } from './model-catalog.ts';

const USUAL_EFFORT = 'medium';

function wireModel(entry: ListedModel, isDefault: boolean): Model {
  const efforts = entry.reasoningEfforts;
  return {
    id: entry.model,
    model: entry.model,
    displayName: entry.displayName,
    description: entry.description ?? '',
    hidden: false,
    isDefault,
    supportedReasoningEfforts: efforts.map((reasoningEffort) => ({ reasoningEffort, description: '' })),
    defaultReasoningEffort:
      efforts.includes(USUAL_EFFORT) || efforts.length === 0 ? USUAL_EFFORT : (efforts[0] ?? USUAL_EFFORT),
    additionalSpeedTiers: [],
    serviceTiers: [],
    inputModalities: entry.supportsImages === false ? ['text'] : ['text', 'image'],
    supportsPersonality: false,
    upgrade: null,
    upgradeInfo: null,
    availabilityNux: null,
  };
}

/** The wire's list is of one provider: the one that is asked for, else the selected one. */
export function modelHandlers(catalog: ModelCatalog): Pick<Handlers, 'model/list'> {
  return {
    async 'model/list'(params, { connection }) {
      const { data, selected } = await catalog.list(false, connection.capabilities.gantry !== null);
      const provider = params.modelProvider ?? selected?.provider;
      const all = data
        .filter((entry) => provider === undefined || entry.provider === provider)
        .map((entry) => wireModel(entry, entry.provider === selected?.provider && entry.model === selected.model));
      const limit = pageSize(params.limit, 100, 1000);
      const page = pageOf({ all, idOf: ({ id }) => id, cursor: params.cursor ?? null, limit, ascending: true });
      return { data: page.data, nextCursor: page.nextCursor };
    },
  };
}
