/** How every wire sends: exactly our headers, a key that is fresh, and errors in one form. */
import { readUpTo } from './bounded-body.ts';
import type { HttpClientOptions } from './http-call.ts';
import { createNodeFetch } from './node-fetch.ts';
import { errorObject } from './provider-failure.ts';

const MOST_ERROR_BYTES = 1024 * 1024;

/** The headers that carry a key, by wire. */
export type KeyHeaders = (key: string) => Record<string, string>;

type Send = (headers: Headers) => Promise<Response>;

/** A token that the server no longer takes is asked for anew, once. */
async function withToken(options: HttpClientOptions, headers: Headers, signal: AbortSignal, send: Send) {
  const { token } = options;
  if (!token) return send(headers);
  const first = await token.get(signal);
  headers.set('authorization', `Bearer ${first}`);
  const response = await send(headers);
  if (response.status !== 401) return response;
  token.refused(first);
  const second = await token.get(signal);
  if (second === first) return response;
  await response.body?.cancel().catch(() => undefined);
  headers.set('authorization', `Bearer ${second}`);
  return send(headers);
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const words = text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
    return words.trim().slice(0, 500);
  }
}

/**
 * A `fetch` that sends our headers and no others: the packages would add what they find in the environment (organization,
 * custom headers) and facts about the machine, whoever the provider is. The body of a failure becomes `{error: {…}}`.
 */
export function plainFetch(options: HttpClientOptions, keyHeaders: KeyHeaders): typeof fetch {
  const doFetch = options.fetch ?? createNodeFetch();
  const fixed = new Headers({
    'content-type': 'application/json',
    accept: 'text/event-stream',
    'user-agent': 'gantry',
  });
  const own = { ...(options.apiKey === null ? {} : keyHeaders(options.apiKey)), ...options.headers };
  for (const [name, value] of Object.entries(own)) fixed.set(name, value);
  return async (url, init) => {
    const signal = init?.signal ?? new AbortController().signal;
    const send: Send = (headers) => doFetch(url, { ...init, headers });
    const response = await withToken(options, new Headers(fixed), signal, send);
    if (response.ok) return response;
    const text = await readUpTo(response, MOST_ERROR_BYTES).catch(() => '');
    return new Response(JSON.stringify({ error: errorObject(bodyOf(text)) }), {
      status: response.status,
      headers: response.headers,
    });
  };
}

/** Sends JSON and gives back the streamed answer. Rejects with an Error that has `status`, `headers` and `error`. */
export type Poster = (path: string, body: Record<string, unknown>, signal: AbortSignal) => Promise<Response>;

/** `base` with its version path; `path` begins with a slash and may have a query. */
export function createPoster(options: HttpClientOptions, base: string, keyHeaders: KeyHeaders): Poster {
  const send = plainFetch(options, keyHeaders);
  return async (path, body, signal) => {
    const url = new URL(`${base.replace(/\/+$/, '')}${path}`);
    for (const [name, value] of Object.entries(options.queryParams)) url.searchParams.set(name, value);
    const response = await send(url, { method: 'POST', body: JSON.stringify(body), signal });
    if (response.ok) return response;
    const { error } = (await response.json()) as { error: unknown };
    const { status, headers } = response;
    throw Object.assign(new Error(`HTTP ${status}`), { status, headers, error });
  };
}
