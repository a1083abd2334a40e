/**
 * The `openai` package, loaded when it is first needed: it costs as much as the whole start of the core. It makes and
 * sends the requests; the streams are read by our own reader, which is several times cheaper and tells a malformed
 * stream from a broken one.
 */
import type OpenAI from 'openai';
import { imported } from '../late.ts';
import { readUpTo } from './bounded-body.ts';
import { errorObject } from './provider-failure.ts';

const MOST_ERROR_BYTES = 1024 * 1024;

export type SdkOptions = {
  baseUrl: string;
  apiKey: string | null;
  headers: Readonly<Record<string, string>>;
  queryParams: Readonly<Record<string, string>>;
  fetch: typeof fetch;
};

/** Loads what the first model call needs. To be called once the first line is out; never rejects. */
export async function warm(): Promise<void> {
  await import('openai').catch(() => undefined);
}

/**
 * Sends exactly our headers and no others: the package would add what it finds in the environment (organization,
 * custom headers) and facts about the machine, whoever the provider is.
 */
function plainFetch(options: SdkOptions): typeof fetch {
  const headers = new Headers({
    'content-type': 'application/json',
    accept: 'text/event-stream',
    'user-agent': 'gantry',
  });
  if (options.apiKey !== null) headers.set('authorization', `Bearer ${options.apiKey}`);
  for (const [name, value] of Object.entries(options.headers)) headers.set(name, value);
  return async (url, init) => {
    const response = await options.fetch(url, { ...init, headers });
    if (response.ok) return response;
    // The package understands one form of error only, and loses every other.
    const text = await readUpTo(response, MOST_ERROR_BYTES).catch(() => '');
    let body: unknown = text;
    try {
      body = JSON.parse(text);
    } catch {
      body = text
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim()
        .slice(0, 500);
    }
    return new Response(JSON.stringify({ error: errorObject(body) }), {
      status: response.status,
      headers: response.headers,
    });
  };
}

export async function createSdkClient(options: SdkOptions): Promise<OpenAI> {
  const { default: Client } = await imported(import('openai'));
  return new Client({
    baseURL: options.baseUrl.replace(/\/+$/, ''),
    // Never sent: `plainFetch` has the real one. The package does not start without.
    apiKey: 'unused',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    defaultQuery: { ...options.queryParams },
    maxRetries: 0,
    // Our own idle timer is the only clock.
    timeout: 2 ** 31 - 1,
    logLevel: 'off',
    fetch: plainFetch(options),
  });
}
