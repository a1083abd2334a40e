/** Asks a provider that the user has a key for which models it offers, and what it says of them. */
import * as z from 'zod/mini';
import { ANTHROPIC_VERSION, anthropicBase } from './anthropic.ts';
import { type FoundModel, foundModel } from './capabilities.ts';
import { geminiBase } from './gemini.ts';
import type { Price } from './model-client.ts';
import type { ProviderSetup } from './provider-setup.ts';
import { TokenProblem, type TokenSource } from './token-command.ts';

const count = z.catch(z.nullish(z.number()), null);
const flag = z.catch(z.nullish(z.boolean()), null);
const texts = z.catch(z.nullish(z.array(z.string())), null);
/** Prices come as texts, for a single token. */
const money = z.catch(z.nullish(z.coerce.number()), null);
const supported = z.catch(z.nullish(z.looseObject({ supported: flag })), null);

/** Every list has an id; beyond that each provider tells what it likes. A wrong word about one thing is no word. */
const listed = z.looseObject({
  id: z.string(),
  // Anthropic
  max_input_tokens: count,
  max_tokens: count,
  // OpenRouter, Groq, Mistral, Together, Fireworks
  context_length: count,
  context_window: count,
  max_context_length: count,
  max_completion_tokens: count,
  supported_parameters: texts,
  architecture: z.catch(z.nullish(z.looseObject({ input_modalities: texts })), null),
  supports_tools: flag,
  supports_image_input: flag,
  pricing: z.catch(
    z.nullish(z.looseObject({ prompt: money, completion: money, input_cache_read: money, input_cache_write: money })),
    null,
  ),
  capabilities: z.catch(
    z.nullish(z.looseObject({ function_calling: flag, vision: flag, image_input: supported, effort: supported })),
    null,
  ),
});
const modelList = z.looseObject({ data: z.array(listed) });
const geminiList = z.looseObject({
  models: z.array(
    z.looseObject({
      name: z.string(),
      inputTokenLimit: count,
      outputTokenLimit: count,
      supportedGenerationMethods: texts,
    }),
  ),
});

const LIST_MS = 4000;
const NOT_FOR_CHAT =
  /embed|whisper|tts|audio|realtime|image|dall-e|moderation|transcri|search-|sora|veo|imagen|guard|ocr|rerank|babbage|davinci|instruct-v0|aqa/i;

export type RemoteModels = { ok: true; models: FoundModel[] } | { ok: false; problem: string };

function priceOf(given: z.infer<typeof listed>['pricing']): Price | null {
  const { prompt, completion, input_cache_read, input_cache_write } = given ?? {};
  // Below nought: it depends on the model that is chosen behind it.
  if (prompt == null || completion == null || prompt < 0 || completion < 0) return null;
  const perMillion = (value: number): number => Math.round(value * 1e12) / 1e6;
  return {
    input: perMillion(prompt),
    output: perMillion(completion),
    cacheRead: perMillion(input_cache_read ?? prompt),
    cacheWrite: perMillion(input_cache_write ?? prompt),
  };
}

function fromListed(each: z.infer<typeof listed>): FoundModel {
  const { capabilities, supported_parameters: parameters } = each;
  const modalities = each.architecture?.input_modalities;
  const window = each.max_input_tokens ?? each.context_length ?? each.context_window ?? each.max_context_length;
  return foundModel(each.id.replace(/^models\//, ''), {
    contextWindow: window || null,
    maxOutput: each.max_completion_tokens || each.max_tokens || null,
    supportsTools: each.supports_tools ?? capabilities?.function_calling ?? parameters?.includes('tools') ?? null,
    supportsImages:
      each.supports_image_input ??
      capabilities?.vision ??
      capabilities?.image_input?.supported ??
      modalities?.includes('image') ??
      null,
    supportsEffort: capabilities?.effort?.supported ?? parameters?.includes('reasoning_effort') ?? null,
    price: priceOf(each.pricing),
  });
}

function parse(setup: ProviderSetup, body: unknown): FoundModel[] | null {
  if (setup.wire !== 'gemini') {
    const parsed = modelList.safeParse(body);
    return parsed.success ? parsed.data.data.map(fromListed) : null;
  }
  const parsed = geminiList.safeParse(body);
  if (!parsed.success) return null;
  const usable = parsed.data.models.filter(
    (each) => each.supportedGenerationMethods?.includes('generateContent') ?? true,
  );
  return usable.map((each) =>
    foundModel(each.name.replace(/^models\//, ''), {
      contextWindow: each.inputTokenLimit ?? null,
      maxOutput: each.outputTokenLimit ?? null,
    }),
  );
}

function urlOf(setup: ProviderSetup): URL {
  const { wire } = setup;
  const plain = setup.baseUrl.replace(/\/+$/, '');
  const base = wire === 'anthropic' ? anthropicBase(plain) : wire === 'gemini' ? geminiBase(plain) : plain;
  const url = new URL(`${base}/models`);
  if (wire === 'anthropic') url.searchParams.set('limit', '1000');
  if (wire === 'gemini') url.searchParams.set('pageSize', '1000');
  for (const [name, value] of Object.entries(setup.queryParams)) url.searchParams.set(name, value);
  return url;
}

async function headersOf(setup: ProviderSetup, token: TokenSource | null, signal: AbortSignal): Promise<Headers> {
  const headers = new Headers({ accept: 'application/json' });
  const { apiKey, wire } = setup;
  if (token) headers.set('authorization', `Bearer ${await token.get(signal)}`);
  else if (apiKey !== null && wire === 'anthropic') headers.set('x-api-key', apiKey);
  else if (apiKey !== null && wire === 'gemini') headers.set('x-goog-api-key', apiKey);
  else if (apiKey !== null) headers.set('authorization', `Bearer ${apiKey}`);
  if (wire === 'anthropic') headers.set('anthropic-version', ANTHROPIC_VERSION);
  for (const [name, value] of Object.entries(setup.headers)) headers.set(name, value);
  return headers;
}

/** Never rejects; waits ≤ 4 s, or until `signal` aborts. */
export async function fetchModels(
  setup: ProviderSetup,
  token: TokenSource | null,
  doFetch: typeof fetch,
  signal?: AbortSignal,
): Promise<RemoteModels> {
  const url = urlOf(setup);
  const ends = AbortSignal.any([AbortSignal.timeout(LIST_MS), ...(signal ? [signal] : [])]);
  try {
    const headers = await headersOf(setup, token, ends);
    const response = await doFetch(url, { headers, signal: ends, redirect: 'error' });
    if (response.status === 401 || response.status === 403) {
      return {
        ok: false,
        problem: `${setup.name} did not accept the API key (HTTP ${response.status}). ${setup.keyHelp}`,
      };
    }
    const models = response.ok ? parse(setup, await response.json()) : null;
    if (!models) return { ok: false, problem: `${setup.name} did not list its models (HTTP ${response.status}).` };
    return { ok: true, models: models.filter(({ model }) => !NOT_FOR_CHAT.test(model)) };
  } catch (error) {
    if (error instanceof TokenProblem) return { ok: false, problem: error.message };
    return { ok: false, problem: `${setup.name} did not answer at ${url.origin} when asked for its models.` };
  }
}
