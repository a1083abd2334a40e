/** What a model can do, by its name: the best that can be known without asking. */
import type { ModelInfo, ReasoningEffort } from './model-client.ts';
import { knownProvider } from './providers.ts';

export type ModelTraits = Pick<
  ModelInfo,
  | 'contextWindow'
  | 'supportsTools'
  | 'supportsFreeformTools'
  | 'supportsParallelToolCalls'
  | 'supportsImages'
  | 'reasoningEfforts'
> & {
  /** False only for models that are known not to reason. */
  mayReason: boolean;
};

const GPT = /^gpt-(\d+)(?:\.(\d+))?(?![\d.])/;

function gptVersion(name: string): number | null {
  const match = GPT.exec(name);
  return match ? Number(match[1]) + Number(match[2] ?? 0) / 100 : null;
}

function efforts(name: string): ReasoningEffort[] {
  const version = gptVersion(name);
  if (/-chat-latest$/.test(name)) return [];
  if (version !== null && version >= 5) {
    if (version === 5) return /codex/.test(name) ? ['low', 'medium', 'high'] : ['minimal', 'low', 'medium', 'high'];
    const base: ReasoningEffort[] = ['none', 'low', 'medium', 'high'];
    return version >= 5.02 ? [...base, 'xhigh'] : base;
  }
  if (/^(o[134]|gpt-oss|codex)/.test(name)) return ['low', 'medium', 'high'];
  if (/^gemini-(2\.5|3)/.test(name)) return ['low', 'medium', 'high'];
  return [];
}

function images(name: string): boolean | null {
  if (
    /^(gpt-oss|gpt-3|deepseek|codestral|devstral|kimi-k2(?!\.)|glm-[45](?!\.?\d*v)|llama-?3|qwen3-coder|o3-mini|o1-mini)/.test(
      name,
    )
  ) {
    return false;
  }
  if (
    /^(gpt-|o[134]|codex|claude-|gemini-|grok-4|pixtral|mistral-(large|medium|small)|llama-?4|gemma-?[34])|-vl\b|vision|llava/.test(
      name,
    )
  ) {
    return true;
  }
  return null;
}

function contextOf(name: string): number | null {
  if (/^claude-/.test(name)) return 200_000;
  if (/^gemini-[23]/.test(name)) return 1_048_576;
  if (/^gpt-4\.1/.test(name)) return 1_047_576;
  if (/^gpt-(4o|4-turbo|oss)/.test(name)) return 128_000;
  const version = gptVersion(name);
  if (version !== null && version >= 5) return version >= 5.04 ? 272_000 : 400_000;
  return null;
}

/** Freeform tools go by the name alone, as with Codex: a custom endpoint under a GPT-5 name is taken for one. */
export function traitsOf(providerId: string, wire: 'responses' | 'chat', model: string): ModelTraits {
  const known = knownProvider(providerId);
  const listed = known?.models.find((each) => each.model === model);
  const name = (model.split('/').at(-1) ?? model).toLowerCase();
  const version = gptVersion(name);
  const isCodexLike = ((version !== null && version >= 5) || /^codex|-codex/.test(name)) && !/-chat-latest$/.test(name);
  const isOldGpt = (version !== null && version < 5) || /^gpt-(4|3)|-chat-latest$/.test(name);
  return {
    contextWindow: listed?.contextWindow ?? contextOf(name),
    supportsTools: known ? true : null,
    supportsFreeformTools: wire === 'responses' && isCodexLike,
    supportsParallelToolCalls: true,
    supportsImages: images(name),
    reasoningEfforts: efforts(name),
    mayReason: !isOldGpt,
  };
}
