/**
 * The providers that Gantry knows by name, in the order in which their keys are looked for. Anything else goes through
 * `[model_providers.X]` in config.toml.
 */

/** How a server is spoken to. */
export type Wire = 'responses' | 'chat' | 'anthropic' | 'gemini';

export type KnownModel = { model: string; name: string };

export type KnownProvider = {
  id: string;
  name: string;
  /** `{NAME}` stands for an environment variable, without which there is none. */
  baseUrl: string;
  wire: Wire;
  /** Environment variables that hold its key; the first that is set counts. */
  keyVariables: readonly string[];
  /** Environment variables that move its base URL. */
  baseUrlVariables: readonly string[];
  /** The first is what is used when only the provider is known; empty: never chosen unasked. */
  models: readonly KnownModel[];
  /** What its Chat wire knows beyond the least; see `ChatFlavor`. */
  chat: { developerRole?: boolean; reasoningEffort?: boolean; cacheKey?: boolean; nineLetterIds?: boolean };
};

function model(id: string, name: string): KnownModel {
  return { model: id, name };
}

const NO_EFFORT = { reasoningEffort: false } as const;

/**
 * The rest is Chat Completions at another address: id, name, base URL, variables of the key. What they offer changes by
 * the week, so they are asked for it, and none of their models is taken unasked.
 */
const LONG_TAIL: readonly (readonly [id: string, name: string, baseUrl: string, ...keyVariables: string[]])[] = [
  ['together', 'Together AI', 'https://api.together.xyz/v1', 'TOGETHER_API_KEY'],
  ['fireworks', 'Fireworks AI', 'https://api.fireworks.ai/inference/v1', 'FIREWORKS_API_KEY'],
  ['deepinfra', 'DeepInfra', 'https://api.deepinfra.com/v1/openai', 'DEEPINFRA_API_KEY', 'DEEPINFRA_TOKEN'],
  ['nebius', 'Nebius', 'https://api.studio.nebius.com/v1', 'NEBIUS_API_KEY'],
  ['baseten', 'Baseten', 'https://inference.baseten.co/v1', 'BASETEN_API_KEY'],
  ['sambanova', 'SambaNova', 'https://api.sambanova.ai/v1', 'SAMBANOVA_API_KEY'],
  ['nvidia', 'NVIDIA NIM', 'https://integrate.api.nvidia.com/v1', 'NVIDIA_API_KEY'],
  ['huggingface', 'Hugging Face', 'https://router.huggingface.co/v1', 'HF_TOKEN'],
  ['zai', 'Z.ai', 'https://api.z.ai/api/paas/v4', 'ZAI_API_KEY', 'ZHIPU_API_KEY'],
  ['alibaba', 'Alibaba Qwen', 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1', 'DASHSCOPE_API_KEY'],
  ['minimax', 'MiniMax', 'https://api.minimax.io/v1', 'MINIMAX_API_KEY'],
  ['vercel', 'Vercel AI Gateway', 'https://ai-gateway.vercel.sh/v1', 'AI_GATEWAY_API_KEY'],
  [
    'azure',
    'Azure OpenAI',
    'https://{AZURE_RESOURCE_NAME}.openai.azure.com/openai/v1',
    'AZURE_OPENAI_API_KEY',
    'AZURE_API_KEY',
  ],
  [
    'bedrock',
    'Amazon Bedrock',
    'https://bedrock-runtime.{AWS_REGION}.amazonaws.com/openai/v1',
    'AWS_BEARER_TOKEN_BEDROCK',
  ],
];

export const KNOWN_PROVIDERS: readonly KnownProvider[] = [
  {
    id: 'openai',
    name: 'OpenAI',
    baseUrl: 'https://api.openai.com/v1',
    wire: 'responses',
    keyVariables: ['OPENAI_API_KEY'],
    baseUrlVariables: ['OPENAI_BASE_URL'],
    models: [
      model('gpt-5.5', 'GPT-5.5'),
      model('gpt-5.4-mini', 'GPT-5.4 mini'),
      model('gpt-5.3-codex', 'GPT-5.3 Codex'),
    ],
    chat: { developerRole: true, cacheKey: true },
  },
  {
    id: 'anthropic',
    name: 'Anthropic',
    baseUrl: 'https://api.anthropic.com/v1',
    wire: 'anthropic',
    keyVariables: ['ANTHROPIC_API_KEY'],
    baseUrlVariables: ['ANTHROPIC_BASE_URL'],
    models: [
      model('claude-sonnet-5-5', 'Claude Sonnet 5.5'),
      model('claude-opus-5-5', 'Claude Opus 5.5'),
      model('claude-haiku-5-5', 'Claude Haiku 5.5'),
      model('claude-sonnet-4-6', 'Claude Sonnet 4.6'),
      model('claude-opus-4-7', 'Claude Opus 4.7'),
      model('claude-haiku-4-5', 'Claude Haiku 4.5'),
    ],
    chat: NO_EFFORT,
  },
  {
    id: 'gemini',
    name: 'Google Gemini',
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
    wire: 'gemini',
    keyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    baseUrlVariables: ['GOOGLE_GEMINI_BASE_URL'],
    models: [
      model('gemini-3.5-flash', 'Gemini 3.5 Flash'),
      model('gemini-3.1-pro-preview', 'Gemini 3.1 Pro'),
      model('gemini-2.5-pro', 'Gemini 2.5 Pro'),
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
      model('anthropic/claude-sonnet-4.6', 'Claude Sonnet 4.6'),
      model('openai/gpt-5.5', 'GPT-5.5'),
      model('google/gemini-3.1-pro-preview', 'Gemini 3.1 Pro'),
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
    models: [model('openai/gpt-oss-120b', 'GPT-OSS 120B'), model('moonshotai/kimi-k2-instruct-0905', 'Kimi K2')],
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
      model('devstral-medium-latest', 'Devstral Medium'),
      model('mistral-large-latest', 'Mistral Large'),
      model('mistral-medium-latest', 'Mistral Medium'),
    ],
    chat: { ...NO_EFFORT, nineLetterIds: true },
  },
  {
    id: 'deepseek',
    name: 'DeepSeek',
    baseUrl: 'https://api.deepseek.com/v1',
    wire: 'chat',
    keyVariables: ['DEEPSEEK_API_KEY'],
    baseUrlVariables: [],
    models: [model('deepseek-v4-pro', 'DeepSeek V4 Pro'), model('deepseek-v4-flash', 'DeepSeek V4 Flash')],
    chat: NO_EFFORT,
  },
  {
    id: 'xai',
    name: 'xAI',
    baseUrl: 'https://api.x.ai/v1',
    wire: 'chat',
    keyVariables: ['XAI_API_KEY'],
    baseUrlVariables: [],
    models: [model('grok-4.3', 'Grok 4.3'), model('grok-build-0.1', 'Grok Build')],
    chat: NO_EFFORT,
  },
  {
    id: 'cerebras',
    name: 'Cerebras',
    baseUrl: 'https://api.cerebras.ai/v1',
    wire: 'chat',
    keyVariables: ['CEREBRAS_API_KEY'],
    baseUrlVariables: [],
    models: [model('zai-glm-4.7', 'GLM 4.7'), model('gpt-oss-120b', 'GPT-OSS 120B')],
    chat: NO_EFFORT,
  },
  {
    id: 'moonshotai',
    name: 'Moonshot AI',
    baseUrl: 'https://api.moonshot.ai/v1',
    wire: 'chat',
    keyVariables: ['MOONSHOT_API_KEY'],
    baseUrlVariables: [],
    models: [model('kimi-k2.6', 'Kimi K2.6')],
    chat: NO_EFFORT,
  },
  ...LONG_TAIL.map(([id, name, baseUrl, ...keyVariables]) => ({
    id,
    name,
    baseUrl,
    wire: 'chat' as const,
    keyVariables,
    baseUrlVariables: [],
    models: [],
    chat: {},
  })),
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
