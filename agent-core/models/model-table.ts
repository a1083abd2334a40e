/**
 * What is known of models by their names: the one table of capabilities and prices. A server that is asked for its
 * models, and `[model_providers.X.models."name"]` in config.toml, know better; see `capabilities.ts`.
 */
import type { Price, ReasoningEffort } from './model-client.ts';

export type ModelFacts = {
  /** Tokens of question and answer together; null: unknown. */
  contextWindow: number | null;
  /** Tokens of one answer; null: unknown. */
  maxOutput: number | null;
  images: boolean | null;
  /** False only for models that are known not to call tools; the rest is the provider's to say. */
  tools: false | null;
  /** Efforts that the model takes; empty: none can be asked for. */
  efforts: readonly ReasoningEffort[];
  /** How an effort is asked for on the maker's own wire. */
  thinking: 'none' | 'budget' | 'adaptive' | 'level';
  price: Price | null;
};

type Row = readonly [RegExp, Partial<ModelFacts>];

function price(input: number, output: number, cacheRead = input, cacheWrite = input): Price {
  return { input, output, cacheRead, cacheWrite };
}

/** Anthropic asks a quarter more for what is written to its cache. */
function claude(input: number, output: number, cacheRead = input / 10): Price {
  return price(input, output, cacheRead, input * 1.25);
}

function openai(input: number, output: number, cacheRead = input / 10): Price {
  return price(input, output, cacheRead, input);
}

const LOW_TO_HIGH: readonly ReasoningEffort[] = ['low', 'medium', 'high'];
const GPT_5: readonly ReasoningEffort[] = ['minimal', ...LOW_TO_HIGH];
const GPT_51: readonly ReasoningEffort[] = ['none', ...LOW_TO_HIGH];
const GPT_52: readonly ReasoningEffort[] = [...GPT_51, 'xhigh'];
const TO_XHIGH: readonly ReasoningEffort[] = [...LOW_TO_HIGH, 'xhigh'];
const OFF_TO_HIGH: readonly ReasoningEffort[] = ['none', ...LOW_TO_HIGH];
const OFF_TO_XHIGH: readonly ReasoningEffort[] = ['none', ...TO_XHIGH];

const K = 1_000;
const M = 1_000_000;
const GEMINI = { contextWindow: 1_048_576, maxOutput: 65_536, images: true } as const;
const CLAUDE_1M = { contextWindow: M, maxOutput: 128 * K, images: true, thinking: 'adaptive' } as const;
const CLAUDE_200K = { contextWindow: 200 * K, maxOutput: 64 * K, images: true, thinking: 'budget' } as const;

/** The first row that fits counts, whole. Names are in small letters, without a maker's prefix, with `-` between numbers. */
const ROWS: readonly Row[] = [
  // OpenAI
  [/-chat-latest$/, { contextWindow: 128 * K, maxOutput: 16_384, images: true }],
  [/^gpt-(6|[7-9])(-\d+)?(?!\d)/, { contextWindow: 272 * K, maxOutput: 128 * K, images: true, efforts: GPT_52 }],
  [
    /^gpt-5-5(?!\d)/,
    { contextWindow: 272 * K, maxOutput: 128 * K, images: true, efforts: GPT_52, price: openai(5, 30) },
  ],
  [
    /^gpt-5-4-mini/,
    { contextWindow: 400 * K, maxOutput: 128 * K, images: true, efforts: GPT_52, price: openai(0.75, 4.5) },
  ],
  [
    /^gpt-5-4-nano/,
    { contextWindow: 400 * K, maxOutput: 128 * K, images: true, efforts: GPT_52, price: openai(0.2, 1.25) },
  ],
  [
    /^gpt-5-4(?!\d)/,
    { contextWindow: 272 * K, maxOutput: 128 * K, images: true, efforts: GPT_52, price: openai(2.5, 15) },
  ],
  [/^gpt-5-[6-9]/, { contextWindow: 272 * K, maxOutput: 128 * K, images: true, efforts: GPT_52 }],
  [
    /^gpt-5-[23](?!\d)/,
    { contextWindow: 400 * K, maxOutput: 128 * K, images: true, efforts: GPT_52, price: openai(1.75, 14) },
  ],
  [
    /^gpt-5-1(?!\d)/,
    { contextWindow: 400 * K, maxOutput: 128 * K, images: true, efforts: GPT_51, price: openai(1.25, 10) },
  ],
  [
    /^gpt-5-codex/,
    { contextWindow: 400 * K, maxOutput: 128 * K, images: true, efforts: LOW_TO_HIGH, price: openai(1.25, 10) },
  ],
  [/^gpt-5-mini/, { contextWindow: 400 * K, maxOutput: 128 * K, images: true, efforts: GPT_5, price: openai(0.25, 2) }],
  [/^gpt-5/, { contextWindow: 400 * K, maxOutput: 128 * K, images: true, efforts: GPT_5, price: openai(1.25, 10) }],
  [/^gpt-oss/, { contextWindow: 131_072, maxOutput: 32_768, images: false, efforts: LOW_TO_HIGH }],
  [/^gpt-4-1/, { contextWindow: 1_047_576, maxOutput: 32_768, images: true, price: openai(2, 8, 0.5) }],
  [/^gpt-4o-mini/, { contextWindow: 128 * K, maxOutput: 16_384, images: true, price: openai(0.15, 0.6, 0.075) }],
  [/^gpt-4(o|-turbo)/, { contextWindow: 128 * K, maxOutput: 16_384, images: true, price: openai(2.5, 10, 1.25) }],
  [/^gpt-3/, { contextWindow: 16_385, maxOutput: 4_096, images: false }],
  [/^gpt-/, { images: true }],
  [/^(o1|o3)-mini/, { contextWindow: 200 * K, maxOutput: 100 * K, images: false, efforts: LOW_TO_HIGH }],
  [/^o[134](?!\d)/, { contextWindow: 200 * K, maxOutput: 100 * K, images: true, efforts: LOW_TO_HIGH }],
  [/^codex/, { contextWindow: 200 * K, maxOutput: 100 * K, images: true, efforts: LOW_TO_HIGH }],
  // Anthropic
  [/^claude-(fable|mythos)-5-[12]/, { ...CLAUDE_1M, efforts: TO_XHIGH, price: claude(10, 50, 0.25) }],
  [/^claude-(fable|mythos)-/, { ...CLAUDE_1M, efforts: TO_XHIGH, price: claude(10, 50) }],
  [/^claude-opus-5-5/, { ...CLAUDE_1M, efforts: TO_XHIGH, price: claude(4, 20, 0.2) }],
  [/^claude-sonnet-5-5/, { ...CLAUDE_1M, efforts: TO_XHIGH, price: claude(2, 10, 0.1) }],
  [
    /^claude-haiku-5-5/,
    {
      ...CLAUDE_1M,
      efforts: TO_XHIGH,
      price: { ...claude(0.1, 0.5), above: { tokens: 100 * K, price: claude(0.5, 2.5) } },
    },
  ],
  [/^claude-sonnet-([5-9])/, { ...CLAUDE_1M, efforts: TO_XHIGH, price: claude(2, 10) }],
  [/^claude-opus-([5-9])(?!-\d{8})/, { ...CLAUDE_1M, efforts: TO_XHIGH, price: claude(5, 25) }],
  [/^claude-[a-z]+-[5-9]/, { ...CLAUDE_1M, efforts: TO_XHIGH }],
  [/^claude-opus-4-[789]/, { ...CLAUDE_1M, efforts: OFF_TO_XHIGH, price: claude(5, 25) }],
  [/^claude-opus-4-6/, { ...CLAUDE_1M, efforts: OFF_TO_HIGH, price: claude(5, 25) }],
  [/^claude-sonnet-4-6/, { ...CLAUDE_1M, efforts: OFF_TO_HIGH, price: claude(3, 15) }],
  [/^claude-opus-4-5/, { ...CLAUDE_200K, efforts: OFF_TO_HIGH, price: claude(5, 25) }],
  [/^claude-opus-4/, { ...CLAUDE_200K, maxOutput: 32 * K, efforts: OFF_TO_HIGH, price: claude(15, 75) }],
  [/^claude-(sonnet-4|3-7-sonnet)/, { ...CLAUDE_200K, efforts: OFF_TO_HIGH, price: claude(3, 15) }],
  [/^claude-haiku-4/, { ...CLAUDE_200K, efforts: OFF_TO_HIGH, price: claude(1, 5) }],
  [/^claude-3-5-haiku/, { contextWindow: 200 * K, maxOutput: 8_192, images: true, price: claude(0.8, 4) }],
  [/^claude-3-5-sonnet/, { contextWindow: 200 * K, maxOutput: 8_192, images: true, price: claude(3, 15) }],
  [/^claude-3/, { contextWindow: 200 * K, maxOutput: 4_096, images: true }],
  [/^claude-/, { contextWindow: 200 * K, images: true, thinking: 'adaptive' }],
  // Google
  [
    /^gemini-3-1-pro/,
    {
      ...GEMINI,
      efforts: LOW_TO_HIGH,
      thinking: 'level',
      price: { ...price(2, 12, 0.2), above: { tokens: 200 * K, price: price(4, 18, 0.4) } },
    },
  ],
  [/^gemini-3(-\d)?-pro/, { ...GEMINI, efforts: LOW_TO_HIGH, thinking: 'level' }],
  [/^gemini-3-flash/, { ...GEMINI, efforts: GPT_5, thinking: 'level', price: price(0.5, 3, 0.05) }],
  [/^gemini-3-1-flash-lite/, { ...GEMINI, efforts: GPT_5, thinking: 'level', price: price(0.25, 1.5, 0.025) }],
  [/^gemini-([3-9])/, { ...GEMINI, efforts: LOW_TO_HIGH, thinking: 'level' }],
  [
    /^gemini-2-5-pro/,
    {
      ...GEMINI,
      efforts: LOW_TO_HIGH,
      thinking: 'budget',
      price: { ...price(1.25, 10, 0.125), above: { tokens: 200 * K, price: price(2.5, 15, 0.25) } },
    },
  ],
  [/^gemini-2-5-flash-lite/, { ...GEMINI, efforts: LOW_TO_HIGH, thinking: 'budget', price: price(0.1, 0.4, 0.01) }],
  [/^gemini-2-5/, { ...GEMINI, efforts: LOW_TO_HIGH, thinking: 'budget', price: price(0.3, 2.5, 0.03) }],
  [/^gemini-2/, { ...GEMINI, maxOutput: 8_192 }],
  [/^gemini-/, { images: true }],
  // Others: what they see is what matters most.
  [/^deepseek-v4/, { contextWindow: M, images: false }],
  [/^deepseek/, { images: false }],
  [/^(codestral|devstral)/, { contextWindow: 262_144, images: false }],
  [/^mistral-(large|medium)/, { contextWindow: 262_144, images: true }],
  [/^(pixtral|mistral-small)/, { images: true }],
  [/^grok-build/, { contextWindow: 256 * K, images: null }],
  [/^grok-4-[3-9]/, { contextWindow: M, images: true }],
  [/^grok-4/, { contextWindow: 256 * K, images: true }],
  [/^kimi-k2-\d(?!\d)/, { contextWindow: 262_144 }],
  [/^kimi-k2/, { contextWindow: 262_144, images: false }],
  [/^(zai-)?glm-[45](?!(-\d)?v)/, { contextWindow: 131_072, images: false }],
  [/^gemma-?[12]|^(phi-?[123]|llama-?2|starcoder|codellama)/, { images: false, tools: false }],
  [/^llama-?4|^gemma-?[34]|-vl(-|$)|vision|llava/, { images: true }],
  [/^llama-?3|^qwen3-coder/, { images: false }],
];

const UNKNOWN: ModelFacts = {
  contextWindow: null,
  maxOutput: null,
  images: null,
  tools: null,
  efforts: [],
  thinking: 'none',
  price: null,
};

/** `Anthropic/Claude-Sonnet-4.6:free` and `us.anthropic.claude-sonnet-4-6` are `claude-sonnet-4-6`. */
export function plainName(model: string): string {
  const last = (model.split('/').at(-1) ?? model).toLowerCase();
  return last
    .replace(/^(?:[a-z]+\.)?(?:anthropic|google|openai|mistral|deepseek)\./, '')
    .replace(/(\d)\.(\d)/g, '$1-$2');
}

export function factsOf(model: string): ModelFacts {
  const name = plainName(model);
  const row = ROWS.find(([pattern]) => pattern.test(name));
  return { ...UNKNOWN, ...row?.[1] };
}
