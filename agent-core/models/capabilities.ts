/** What a model can do: what the user says of it, else what its server says, else what its name tells. Pure. */
import type { ModelProviderConfig } from '../config/index.ts';
import type { ModelInfo, Price, ToolFamily } from './model-client.ts';
import { factsOf, type ModelFacts, plainName } from './model-table.ts';
import type { PriceList } from './price-file.ts';
import { knownProvider, type Wire } from './providers.ts';

/** What a server told of a model; null: it did not say. */
export type FoundModel = {
  model: string;
  contextWindow: number | null;
  maxOutput: number | null;
  supportsTools: boolean | null;
  supportsImages: boolean | null;
  /** Whether it thinks, and how much can be asked for. */
  supportsEffort: boolean | null;
  price: Price | null;
  /** For people, beside the model's name. */
  note: string | null;
};

export function foundModel(model: string, told: Partial<FoundModel> = {}): FoundModel {
  return {
    contextWindow: null,
    maxOutput: null,
    supportsTools: null,
    supportsImages: null,
    supportsEffort: null,
    price: null,
    note: null,
    ...told,
    model,
  };
}

export type ModelTraits = Pick<
  ModelInfo,
  | 'contextWindow'
  | 'supportsTools'
  | 'supportsFreeformTools'
  | 'supportsParallelToolCalls'
  | 'supportsImages'
  | 'reasoningEfforts'
> & {
  maxOutput: number | null;
  price: Price | null;
  toolFamily: ToolFamily | null;
  thinking: ModelFacts['thinking'];
  /** False only for models that are known not to reason. */
  mayReason: boolean;
};

/** One model, as the user's file corrects it. */
export type ModelOverride = NonNullable<ModelProviderConfig['models']>[string];

function priceOf(given: ModelOverride['price']): Price | null {
  if (!given) return null;
  const { input, output, cache_read = input, cache_write = input } = given;
  return { input, output, cacheRead: cache_read, cacheWrite: cache_write };
}

/** `listed` are the user's own prices by name. Freeform tools go by the name alone, as with Codex: a custom endpoint under a GPT-5 name is taken for one. */
export function traitsOf(
  providerId: string,
  wire: Wire,
  model: string,
  found: FoundModel | null = null,
  own: ModelOverride = {},
  listed: PriceList = new Map(),
): ModelTraits {
  const facts = factsOf(model);
  const name = plainName(model);
  const isChatLatest = /-chat-latest$/.test(name);
  const isCodexLike = /^gpt-[5-9]|^codex|-codex/.test(name) && !isChatLatest;
  const isOldGpt = /^gpt-[34](?!\d)/.test(name) || isChatLatest;
  const tools = knownProvider(providerId) ? true : null;
  const foundEfforts = found?.supportsEffort === true ? (['low', 'medium', 'high'] as const) : null;
  return {
    contextWindow: own.context_window ?? found?.contextWindow ?? facts.contextWindow,
    maxOutput: own.max_output_tokens ?? found?.maxOutput ?? facts.maxOutput,
    supportsTools: own.supports_tools ?? found?.supportsTools ?? facts.tools ?? tools,
    supportsFreeformTools: wire === 'responses' && isCodexLike,
    supportsParallelToolCalls: own.supports_parallel_tool_calls ?? true,
    supportsImages: own.supports_images ?? found?.supportsImages ?? facts.images,
    reasoningEfforts: [...(own.reasoning_efforts ?? (facts.efforts.length > 0 ? facts.efforts : foundEfforts) ?? [])],
    price: priceOf(own.price) ?? found?.price ?? listed.get(name) ?? facts.price,
    toolFamily: own.tool_family ?? null,
    thinking: facts.thinking,
    mayReason: !isOldGpt,
  };
}
