/** Asks Ollama and LM Studio what they have. Only ever the user's own machine or the host that the user named. */
import * as z from 'zod/mini';
import { type FoundModel, foundModel } from './capabilities.ts';
import { LOCAL_PROVIDERS, type LocalProvider } from './providers.ts';

export type LocalServer = {
  id: LocalProvider['id'];
  name: string;
  /** For the Chat wire; ends in `/v1`. */
  baseUrl: string;
  /** Models that can chat, the preferred one first. May be empty. */
  models: FoundModel[];
};

type Env = Readonly<Record<string, string | undefined>>;

const PROBE_MS = 300;
const DETAIL_MS = 1500;
const MOST_MODELS = 40;

/** From OLLAMA_HOST in the forms that Ollama takes: `host`, `host:port`, `:port`, a URL. Never 0.0.0.0 itself. */
function ollamaOrigin(env: Env): string {
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

/** What Ollama and LM Studio give a model that says nothing else: far less than most could have. */
const USUAL_CONTEXT = 4096;

const tags = z.looseObject({ models: z.array(z.looseObject({ name: z.string() })) });
const show = z.looseObject({
  capabilities: z.optional(z.array(z.string())),
  model_info: z.optional(z.record(z.string(), z.unknown())),
  /** The Modelfile's parameters as text, one a line. */
  parameters: z.optional(z.string()),
});
const running = z.looseObject({
  models: z.array(z.looseObject({ name: z.string(), context_length: z.optional(z.number()) })),
});
const modelList = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) });
const lmStudioV1 = z.looseObject({
  models: z.array(
    z.looseObject({
      type: z.optional(z.string()),
      key: z.string(),
      max_context_length: z.optional(z.number()),
      loaded_instances: z.optional(
        z.array(z.looseObject({ config: z.optional(z.looseObject({ context_length: z.optional(z.number()) })) })),
      ),
      capabilities: z.optional(
        z.looseObject({ vision: z.optional(z.boolean()), trained_for_tool_use: z.optional(z.boolean()) }),
      ),
    }),
  ),
});
const lmStudioV0 = z.looseObject({
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

/**
 * A server's context is what it loaded the model with, not what the model could have, and it cuts what is longer
 * without a word. So that is the number that is told, and how to have more.
 */
function contextOf(
  loaded: number | null,
  configured: number | null,
  most: number | null,
  remedy: string,
): Pick<FoundModel, 'contextWindow' | 'note'> {
  const expected = loaded ?? configured ?? (most === null ? null : Math.min(most, USUAL_CONTEXT));
  const isShort = expected !== null && most !== null && expected < most;
  const at = loaded === null ? 'Will be loaded with' : 'Loaded with';
  const note = isShort ? `${at} ${expected} of ${most} tokens: ${remedy}` : null;
  return { contextWindow: expected, note };
}

type OllamaAnswers = { loaded: ReadonlyMap<string, number>; usual: number | null };

async function ollamaModel(
  doFetch: typeof fetch,
  origin: string,
  model: string,
  { loaded, usual }: OllamaAnswers,
): Promise<FoundModel | null> {
  const parsed = show.safeParse(await getJson(doFetch, `${origin}/api/show`, DETAIL_MS, { model }));
  if (!parsed.success) return foundModel(model, { contextWindow: loaded.get(model) ?? null });
  const { capabilities, model_info = {}, parameters = '' } = parsed.data;
  if (capabilities && !capabilities.includes('completion')) return null;
  const context = Object.entries(model_info).find(([key]) => key.endsWith('.context_length'))?.[1];
  const most = typeof context === 'number' ? context : null;
  const named = Number(/^num_ctx\s+(\d+)/m.exec(parameters)?.[1] ?? Number.NaN);
  const configured = Number.isFinite(named) ? named : usual;
  const fitting = configured === null || most === null ? configured : Math.min(configured, most);
  const has = (name: string): boolean | null => (capabilities ? capabilities.includes(name) : null);
  return foundModel(model, {
    ...contextOf(loaded.get(model) ?? null, fitting, most, 'start Ollama with OLLAMA_CONTEXT_LENGTH set'),
    supportsTools: has('tools'),
    supportsImages: has('vision'),
    supportsEffort: has('thinking'),
  });
}

function withToolsFirst(models: readonly FoundModel[]): FoundModel[] {
  return [
    ...models.filter((each) => each.supportsTools !== false),
    ...models.filter((each) => each.supportsTools === false),
  ];
}

async function askOllama(doFetch: typeof fetch, origin: string, env: Env): Promise<FoundModel[] | null> {
  const parsed = tags.safeParse(await getJson(doFetch, `${origin}/api/tags`, PROBE_MS));
  if (!parsed.success) return null;
  const names = parsed.data.models.slice(0, MOST_MODELS).map((each) => each.name);
  const ps = running.safeParse(await getJson(doFetch, `${origin}/api/ps`, DETAIL_MS));
  const now = (ps.success ? ps.data.models : []).flatMap(({ name, context_length }): [string, number][] =>
    context_length ? [[name, context_length]] : [],
  );
  // It is the server's variable, and mostly the same user's.
  const told = Number(env.OLLAMA_CONTEXT_LENGTH);
  const answers = { loaded: new Map(now), usual: told > 0 ? told : null };
  const models = await Promise.all(names.map((name) => ollamaModel(doFetch, origin, name, answers)));
  return withToolsFirst(models.filter((each) => each !== null));
}

const LOAD_LONGER = 'load it in LM Studio with a longer context';

function fromV1(each: z.infer<typeof lmStudioV1>['models'][number]): FoundModel {
  const loaded = each.loaded_instances?.[0]?.config?.context_length ?? null;
  return foundModel(each.key, {
    ...contextOf(loaded, null, each.max_context_length ?? null, LOAD_LONGER),
    supportsTools: each.capabilities?.trained_for_tool_use ?? null,
    supportsImages: each.capabilities?.vision ?? null,
  });
}

function fromV0(each: z.infer<typeof lmStudioV0>['data'][number]): FoundModel {
  return foundModel(each.id, {
    ...contextOf(each.loaded_context_length ?? null, null, each.max_context_length ?? null, LOAD_LONGER),
    supportsTools: each.capabilities ? each.capabilities.includes('tool_use') : null,
    supportsImages: each.type === 'vlm' ? true : each.type === 'llm' ? false : null,
  });
}

function loadedFirst<T>(all: readonly T[], isLoaded: (each: T) => boolean): T[] {
  return [...all.filter(isLoaded), ...all.filter((each) => !isLoaded(each))];
}

async function askLmStudio(doFetch: typeof fetch, origin: string): Promise<FoundModel[] | null> {
  const listed = modelList.safeParse(await getJson(doFetch, `${origin}/v1/models`, PROBE_MS));
  if (!listed.success) return null;
  const v1 = lmStudioV1.safeParse(await getJson(doFetch, `${origin}/api/v1/models`, DETAIL_MS));
  if (v1.success) {
    const usable = v1.data.models.filter((each) => !/^embedding/.test(each.type ?? ''));
    return withToolsFirst(loadedFirst(usable, (each) => Boolean(each.loaded_instances?.length)).map(fromV1));
  }
  const v0 = lmStudioV0.safeParse(await getJson(doFetch, `${origin}/api/v0/models`, DETAIL_MS));
  if (v0.success) {
    const usable = v0.data.data.filter((each) => each.type !== 'embeddings');
    return withToolsFirst(loadedFirst(usable, (each) => each.state === 'loaded').map(fromV0));
  }
  const ids = listed.data.data.map((each) => each.id).filter((id) => !/embed/i.test(id));
  return ids.map((model) => foundModel(model));
}

/** Null: nothing that is this server answers at `origin`. Takes ≤ 300 ms then. `signal` ends it at once. */
export async function probeLocal(
  id: LocalProvider['id'],
  origin: string,
  env: Env,
  doFetch: typeof fetch,
  signal?: AbortSignal,
): Promise<LocalServer | null> {
  const ask: typeof fetch = (url, init) => {
    const ends = [init?.signal, signal].filter((each) => each !== undefined && each !== null);
    return doFetch(url, { ...init, signal: AbortSignal.any(ends) });
  };
  const models = await (id === 'ollama' ? askOllama(ask, origin, env) : askLmStudio(ask, origin));
  const name = LOCAL_PROVIDERS.find((each) => each.id === id)?.name ?? id;
  return models && { id, name, baseUrl: `${origin}/v1`, models };
}
