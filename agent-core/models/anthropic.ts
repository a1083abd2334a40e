/** Anthropic's Messages wire, spoken without a package: its own costs more to load than our whole start. */
import { createAnthropicDecoder } from './anthropic-events.ts';
import { ANTHROPIC_OPTIONAL, type AnthropicFlavor, toAnthropicBody, withoutThoughts } from './anthropic-input.ts';
import { createHttpCaller, type HttpClientOptions } from './http-call.ts';
import type { ModelClient } from './model-client.ts';
import { callContext } from './openai-responses.ts';
import { createPoster } from './plain-fetch.ts';

export type AnthropicClientOptions = HttpClientOptions & Partial<Omit<AnthropicFlavor, 'providerId'>>;

export const ANTHROPIC_VERSION = '2023-06-01';

/** With its version path, whichever way the user wrote it: Anthropic's own tools leave it out. */
export function anthropicBase(baseUrl: string): string {
  const plain = baseUrl.replace(/\/+$/, '');
  return /\/v\d+$/.test(plain) ? plain : `${plain}/v1`;
}

/** A client for one provider. */
export function createAnthropicClient(options: AnthropicClientOptions): ModelClient {
  const { providerId, images = true, thinking = 'none', efforts = [], maxOutput = null } = options;
  const flavor: AnthropicFlavor = { providerId, images, thinking, efforts, maxOutput };
  const headers = { 'anthropic-version': ANTHROPIC_VERSION, ...options.headers };
  const call = createHttpCaller(options, async () =>
    createPoster({ ...options, headers }, anthropicBase(options.baseUrl), (key) => ({ 'x-api-key': key })),
  );
  return {
    stream: (request, signal) => {
      const context = callContext(options, request.model);
      return call(
        {
          context,
          body: toAnthropicBody(request, flavor),
          optional: ANTHROPIC_OPTIONAL,
          decoder: createAnthropicDecoder(request, context),
          send: (post, body, abort) => post('/messages', body, abort),
          repair: withoutThoughts,
        },
        signal,
      );
    },
  };
}
