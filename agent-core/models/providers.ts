/**
 * The providers that Gantry knows by name, in the order in which their keys are looked for. Anything else goes through
 * `[model_providers.X]` in config.toml.
 */

export type KnownModel = { model: string; name: string; contextWindow: number | null };

export type KnownProvider = {
  id: string;
  name: string;
  baseUrl: string;
  wire: 'responses' | 'chat';
  /** Environment variables that hold its key; the first that is set counts. */
  keyVariables: readonly string[];
  /** Environment variables that move its base URL. */
  baseUrlVariables: readonly string[];
  /** The first is what is used when only the provider is known. */
  models: readonly [KnownModel, ...KnownModel[]];
  /** What its Chat wire knows beyond the least; see `ChatFlavor`. */
  chat: { developerRole?: boolean; reasoningEffort?: boolean; cacheKey?: boolean };
};

function model(id: string, name: string, contextWindow: number | null): KnownModel {
  return { model: id, name, contextWindow };
}

const NO_EFFORT = { reasoningEffort: false } as const;

export const KNOWN_PROVIDERS: readonly KnownProvider[] = [
  {
    id: 'openai',
    name: 'OpenAI',
    baseUrl: 'https://api.openai.com/v1',
    wire: 'responses',
    keyVariables: ['OPENAI_API_KEY'],
    baseUrlVariables: ['OPENAI_BASE_URL'],
    models: [
      model('gpt-5.5', 'GPT-5.5', 272_000),
      model('gpt-5.4-mini', 'GPT-5.4 mini', 400_000),
      model('gpt-5.3-codex', 'GPT-5.3 Codex', 400_000),
    ],
    chat: { developerRole: true, cacheKey: true },
  },
  {
    id: 'anthropic',
    name: 'Anthropic',
    baseUrl: 'https://api.anthropic.com/v1',
    wire: 'chat',
    keyVariables: ['ANTHROPIC_API_KEY'],
    baseUrlVariables: [],
    models: [
      model('claude-sonnet-4-6', 'Claude Sonnet 4.6', 1_000_000),
      model('claude-opus-4-7', 'Claude Opus 4.7', 1_000_000),
      model('claude-haiku-4-5', 'Claude Haiku 4.5', 200_000),
    ],
    chat: NO_EFFORT,
  },
  {
    id: 'gemini',
    name: 'Google Gemini',
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
    wire: 'chat',
    keyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    baseUrlVariables: [],
    models: [
      model('gemini-3.5-flash', 'Gemini 3.5 Flash', 1_048_576),
      model('gemini-3.1-pro-preview', 'Gemini 3.1 Pro', 1_048_576),
      model('gemini-2.5-pro', 'Gemini 2.5 Pro', 1_048_576),
    ],
    chat: {},
  },
  {
    id: 'openrouter',
    name: 'OpenRouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    wire: 'chat',
    keyVariables: ['OPENROUTER_API_KEY'],
    baseUrlVariables: [],
    models: [
      model('anthropic/claude-sonnet-4.6', 'Claude Sonnet 4.6', 1_000_000),
      model('openai/gpt-5.5', 'GPT-5.5', 272_000),
      model('google/gemini-3.1-pro-preview', 'Gemini 3.1 Pro', 1_048_576),
    ],
    chat: {},
  },
  {
    id: 'groq',
    name: 'Groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    wire: 'chat',
    keyVariables: ['GROQ_API_KEY'],
    baseUrlVariables: [],
    models: [
      model('openai/gpt-oss-120b', 'GPT-OSS 120B', 131_072),
      model('moonshotai/kimi-k2-instruct-0905', 'Kimi K2', 262_144),
    ],
    chat: {},
  },
  {
    id: 'mistral',
    name: 'Mistral',
    baseUrl: 'https://api.mistral.ai/v1',
    wire: 'chat',
    keyVariables: ['MISTRAL_API_KEY'],
    baseUrlVariables: [],
    models: [
      model('devstral-medium-latest', 'Devstral Medium', 262_144),
      model('mistral-large-latest', 'Mistral Large', 262_144),
      model('mistral-medium-latest', 'Mistral Medium', 262_144),
    ],
    chat: NO_EFFORT,
  },
  {
    id: 'deepseek',
    name: 'DeepSeek',
    baseUrl: 'https://api.deepseek.com/v1',
    wire: 'chat',
    keyVariables: ['DEEPSEEK_API_KEY'],
    baseUrlVariables: [],
    models: [
      model('deepseek-v4-pro', 'DeepSeek V4 Pro', 1_000_000),
      model('deepseek-v4-flash', 'DeepSeek V4 Flash', 1_000_000),
    ],
    chat: NO_EFFORT,
  },
  {
    id: 'xai',
    name: 'xAI',
    baseUrl: 'https://api.x.ai/v1',
    wire: 'chat',
    keyVariables: ['XAI_API_KEY'],
    baseUrlVariables: [],
    models: [model('grok-4.3', 'Grok 4.3', 1_000_000), model('grok-build-0.1', 'Grok Build', 256_000)],
    chat: NO_EFFORT,
  },
  {
    id: 'cerebras',
    name: 'Cerebras',
    baseUrl: 'https://api.cerebras.ai/v1',
    wire: 'chat',
    keyVariables: ['CEREBRAS_API_KEY'],
    baseUrlVariables: [],
    models: [model('zai-glm-4.7', 'GLM 4.7', 131_072), model('gpt-oss-120b', 'GPT-OSS 120B', 131_072)],
    chat: NO_EFFORT,
  },
  {
    id: 'moonshotai',
    name: 'Moonshot AI',
    baseUrl: 'https://api.moonshot.ai/v1',
    wire: 'chat',
    keyVariables: ['MOONSHOT_API_KEY'],
    baseUrlVariables: [],
    models: [model('kimi-k2.6', 'Kimi K2.6', 262_144)],
    chat: NO_EFFORT,
  },
];

/** Servers on the user's own machine: no key, and their models are asked for. */
export const LOCAL_PROVIDERS = [
  {
    id: 'ollama',
    name: 'Ollama',
    port: 11434,
    start: 'start it with `ollama serve` and pull a model, such as `ollama pull qwen3-coder`',
  },
  { id: 'lmstudio', name: 'LM Studio', port: 1234, start: 'start its server and load a model (`lms server start`)' },
] as const;

export type LocalProvider = (typeof LOCAL_PROVIDERS)[number];

export function knownProvider(id: string): KnownProvider | null {
  return KNOWN_PROVIDERS.find((provider) => provider.id === id) ?? null;
}

/** Which provider makes models of this name; null when the name does not tell. */
export function providerOfModel(name: string): string | null {
  for (const provider of KNOWN_PROVIDERS) if (provider.models.some((each) => each.model === name)) return provider.id;
  const families: [RegExp, string][] = [
    [/^(gpt-(?!oss)|o\d|codex)/, 'openai'],
    [/^claude-/, 'anthropic'],
    [/^gemini-/, 'gemini'],
    [/^(mistral|devstral|codestral|magistral|ministral)-/, 'mistral'],
    [/^deepseek-(v|chat|reasoner)/, 'deepseek'],
    [/^grok-/, 'xai'],
    [/^[^/:]+\/[^/]+$/, 'openrouter'],
  ];
  return families.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}
