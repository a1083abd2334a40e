/** Asks a provider that the user has a key for which models it offers. */
import * as z from 'zod/mini';
import type { ProviderSetup } from './provider-setup.ts';

const modelList = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) });

const LIST_MS = 4000;
const NOT_FOR_CHAT =
  /embed|whisper|tts|audio|realtime|image|dall-e|moderation|transcri|search-|sora|veo|imagen|guard|ocr|rerank|babbage|davinci|instruct-v0|aqa/i;

export type RemoteModels = { ok: true; models: string[] } | { ok: false; problem: string };

/** Never rejects; waits ≤ 4 s, or until `signal` aborts. */
export async function fetchModels(
  setup: ProviderSetup,
  doFetch: typeof fetch,
  signal?: AbortSignal,
): Promise<RemoteModels> {
  const url = new URL(`${setup.baseUrl.replace(/\/+$/, '')}/models`);
  for (const [name, value] of Object.entries(setup.queryParams)) url.searchParams.set(name, value);
  const headers = new Headers({ accept: 'application/json' });
  if (setup.apiKey !== null) headers.set('authorization', `Bearer ${setup.apiKey}`);
  // Anthropic's list of models is not part of its compatible endpoint.
  if (setup.id === 'anthropic') {
    headers.delete('authorization');
    headers.set('x-api-key', setup.apiKey ?? '');
    headers.set('anthropic-version', '2023-06-01');
  }
  for (const [name, value] of Object.entries(setup.headers)) headers.set(name, value);
  try {
    const ends = [AbortSignal.timeout(LIST_MS), ...(signal ? [signal] : [])];
    const response = await doFetch(url, { headers, signal: AbortSignal.any(ends), redirect: 'error' });
    if (response.status === 401 || response.status === 403) {
      return {
        ok: false,
        problem: `${setup.name} did not accept the API key (HTTP ${response.status}). ${setup.keyHelp}`,
      };
    }
    const parsed = modelList.safeParse(await response.json());
    if (!response.ok || !parsed.success) {
      return { ok: false, problem: `${setup.name} did not list its models (HTTP ${response.status}).` };
    }
    // Gemini prefixes its names.
    const ids = parsed.data.data.map(({ id }) => id.replace(/^models\//, ''));
    return { ok: true, models: ids.filter((id) => !NOT_FOR_CHAT.test(id)) };
  } catch {
    return { ok: false, problem: `${setup.name} did not answer at ${url.origin} when asked for its models.` };
  }
}
