/** Which model a message goes to. Pure. */
import type { ClientRequestResult } from '../../agent-core/protocol/index.ts';
import type { ModelChoice } from '../../webview/bridge/panel-state.ts';

export type ModelId = { provider: string; model: string };

/** The provider under which the models of a peer that is not Gantry's core are shown; the wire never sees it. */
export const PEER_PROVIDER = 'agent';

export const sameModel = (a: ModelId | null, b: ModelId | null) => a?.provider === b?.provider && a?.model === b?.model;

/** `provider/model`, where the model's own name may hold slashes. Null when it is no such name. */
export function parseModelId(text: string): ModelId | null {
  const at = text.indexOf('/');
  if (at <= 0 || at === text.length - 1) return null;
  return { provider: text.slice(0, at), model: text.slice(at + 1) };
}

export const formatModelId = ({ provider, model }: ModelId) => `${provider}/${model}`;

export function choicesOf({ data }: ClientRequestResult<'gantry/model/list'>): ModelChoice[] {
  return data.map(
    ({ provider, providerName, model, displayName, description, isDemo, supportsTools, supportsImages }) => ({
      provider,
      providerName,
      model,
      displayName,
      description,
      isDemo,
      supportsTools,
      supportsImages: supportsImages ?? null,
    }),
  );
}

/** The models of another peer; `configured` is what its own configuration names, which holds until one is picked. */
export function peerModels(
  { data }: ClientRequestResult<'model/list'>,
  configured: string | null,
): { models: ModelChoice[]; selected: ModelId | null } {
  const models = data
    .filter(({ hidden }) => !hidden)
    .map(
      ({ model, displayName, description, inputModalities }): ModelChoice => ({
        ...peerChoice(model, displayName, description),
        supportsImages: inputModalities.includes('image'),
      }),
    );
  if (configured !== null && !models.some(({ model }) => model === configured)) {
    models.unshift(peerChoice(configured, configured, null));
  }
  const main = configured ?? data.find(({ isDefault }) => isDefault)?.model;
  return { models, selected: models.find(({ model }) => model === main) ?? null };
}

function peerChoice(model: string, displayName: string, description: string | null): ModelChoice {
  return {
    provider: PEER_PROVIDER,
    providerName: 'Agent',
    model,
    displayName,
    description,
    isDemo: false,
    supportsTools: null,
    supportsImages: null,
  };
}

/** What the person picked while it is offered, else what the core would take, else the demo model. */
export function chooseModel(
  choices: readonly ModelChoice[],
  picked: ModelId | null,
  selected: ModelId | null,
): ModelId | null {
  const offered = (id: ModelId | null) => choices.find((choice) => sameModel(choice, id));
  const choice = offered(picked) ?? offered(selected) ?? choices.find(({ isDemo }) => isDemo);
  return choice ? { provider: choice.provider, model: choice.model } : null;
}
