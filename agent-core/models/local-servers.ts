/** Asks Ollama and LM Studio what they have. Only ever the user's own machine or the host that the user named. */
import * as z from 'zod/mini';
import { LOCAL_PROVIDERS, type LocalProvider } from './providers.ts';

export type LocalModel = {
  model: string;
  contextWindow: number | null;
  supportsTools: boolean | null;
  supportsImages: boolean | null;
};

export type LocalServer = {
  id: LocalProvider['id'];
  name: string;
  /** For the Chat wire; ends in `/v1`. */
  baseUrl: string;
  /** Models that can chat, the preferred one first. May be empty. */
  models: LocalModel[];
};

type Env = Readonly<Record<string, string | undefined>>;

const PROBE_MS = 300;
const DETAIL_MS = 1500;
const MOST_MODELS = 40;

/** From OLLAMA_HOST in the forms that Ollama takes: `host`, `host:port`, `:port`, a URL. Never 0.0.0.0 itself. */
export function ollamaOrigin(env: Env): string {
  const value = env.OLLAMA_HOST?.trim();
  if (!value) return 'http://127.0.0.1:11434';
  const withScheme = /^https?:\/\//.test(value)
    ? value
    : `http://${value.startsWith(':') ? `127.0.0.1${value}` : value}`;
  if (!URL.canParse(withScheme)) return 'http://127.0.0.1:11434';
  const url = new URL(withScheme);
  if (!url.port && !/^https?:\/\//.test(value)) url.port = '11434';
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = '127.0.0.1';
  return url.origin;
}

/** `ollama`'s and `lmstudio`'s origin, by environment or by the base URL that config.toml names. */
export function localOrigin(id: LocalProvider['id'], env: Env, configured: string | undefined): string {
  if (configured && URL.canParse(configured)) return new URL(configured).origin;
  return id === 'ollama' ? ollamaOrigin(env) : 'http://127.0.0.1:1234';
}

const tags = z.looseObject({ models: z.array(z.looseObject({ name: z.string() })) });
const show = z.looseObject({
  capabilities: z.optional(z.array(z.string())),
  model_info: z.optional(z.record(z.string(), z.unknown())),
});
const modelList = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) });
const lmStudioList = z.looseObject({
  data: z.array(
    z.looseObject({
      id: z.string(),
      type: z.optional(z.string()),
      state: z.optional(z.string()),
      max_context_length: z.optional(z.number()),
      loaded_context_length: z.optional(z.number()),
      capabilities: z.optional(z.array(z.string())),
    }),
  ),
});

async function getJson(doFetch: typeof fetch, url: string, ms: number, body?: unknown): Promise<unknown> {
  try {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await doFetch(url, { ...init, signal: AbortSignal.timeout(ms), redirect: 'error' });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

async function ollamaModel(doFetch: typeof fetch, origin: string, model: string): Promise<LocalModel | null> {
  const parsed = show.safeParse(await getJson(doFetch, `${origin}/api/show`, DETAIL_MS, { model }));
  if (!parsed.success) return { model, contextWindow: null, supportsTools: null, supportsImages: null };
  const { capabilities, model_info = {} } = parsed.data;
  if (capabilities && !capabilities.includes('completion')) return null;
  const context = Object.entries(model_info).find(([key]) => key.endsWith('.context_length'))?.[1];
  return {
    model,
    contextWindow: typeof context === 'number' ? context : null,
    supportsTools: capabilities ? capabilities.includes('tools') : null,
    supportsImages: capabilities ? capabilities.includes('vision') : null,
  };
}

function withToolsFirst(models: readonly LocalModel[]): LocalModel[] {
  return [
    ...models.filter((each) => each.supportsTools !== false),
    ...models.filter((each) => each.supportsTools === false),
  ];
}

async function askOllama(doFetch: typeof fetch, origin: string): Promise<LocalModel[] | null> {
  const parsed = tags.safeParse(await getJson(doFetch, `${origin}/api/tags`, PROBE_MS));
  if (!parsed.success) return null;
  const names = parsed.data.models.slice(0, MOST_MODELS).map((each) => each.name);
  const models = await Promise.all(names.map((name) => ollamaModel(doFetch, origin, name)));
  return withToolsFirst(models.filter((each) => each !== null));
}

async function askLmStudio(doFetch: typeof fetch, origin: string): Promise<LocalModel[] | null> {
  const listed = modelList.safeParse(await getJson(doFetch, `${origin}/v1/models`, PROBE_MS));
  if (!listed.success) return null;
  const details = lmStudioList.safeParse(await getJson(doFetch, `${origin}/api/v0/models`, DETAIL_MS));
  if (!details.success) {
    const ids = listed.data.data.map((each) => each.id).filter((id) => !/embed/i.test(id));
    return ids.map((model) => ({ model, contextWindow: null, supportsTools: null, supportsImages: null }));
  }
  const usable = details.data.data.filter((each) => each.type !== 'embeddings');
  const loadedFirst = [
    ...usable.filter((each) => each.state === 'loaded'),
    ...usable.filter((each) => each.state !== 'loaded'),
  ];
  return withToolsFirst(
    loadedFirst.map((each) => ({
      model: each.id,
      contextWindow: each.loaded_context_length ?? each.max_context_length ?? null,
      supportsTools: each.capabilities ? each.capabilities.includes('tool_use') : null,
      supportsImages: each.type === 'vlm' ? true : each.type === 'llm' ? false : null,
    })),
  );
}

/** Null: nothing that is this server answers at `origin`. Takes ≤ 300 ms then. `signal` ends it at once. */
export async function probeLocal(
  id: LocalProvider['id'],
  origin: string,
  doFetch: typeof fetch,
  signal?: AbortSignal,
): Promise<LocalServer | null> {
  const ask: typeof fetch = (url, init) => {
    const ends = [init?.signal, signal].filter((each) => each !== undefined && each !== null);
    return doFetch(url, { ...init, signal: AbortSignal.any(ends) });
  };
  const models = await (id === 'ollama' ? askOllama(ask, origin) : askLmStudio(ask, origin));
  const name = LOCAL_PROVIDERS.find((each) => each.id === id)?.name ?? id;
  return models && { id, name, baseUrl: `${origin}/v1`, models };
}
