/**
 * The `openai` package, loaded when it is first needed: it costs as much as the whole start of the core. It makes and
 * sends the requests; the streams are read by our own reader, which is several times cheaper and tells a malformed
 * stream from a broken one.
 */
import type OpenAI from 'openai';
import { imported } from '../late.ts';
import type { HttpClientOptions } from './http-call.ts';
import { plainFetch } from './plain-fetch.ts';

/** Loads what the first model call needs. To be called once the first line is out; never rejects. */
export async function warm(): Promise<void> {
  await import('openai').catch(() => undefined);
}

export async function createSdkClient(options: HttpClientOptions): Promise<OpenAI> {
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
    fetch: plainFetch(options, (key) => ({ authorization: `Bearer ${key}` })),
  });
}
