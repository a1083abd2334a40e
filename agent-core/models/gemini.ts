/** Google's own Gemini wire, spoken without a package. */
import { createGeminiDecoder } from './gemini-events.ts';
import { GEMINI_OPTIONAL, type GeminiFlavor, toGeminiBody } from './gemini-input.ts';
import { createHttpCaller, type HttpClientOptions } from './http-call.ts';
import type { ModelClient } from './model-client.ts';
import { callContext } from './openai-responses.ts';
import { createPoster } from './plain-fetch.ts';

export type GeminiClientOptions = HttpClientOptions & Partial<Omit<GeminiFlavor, 'providerId'>>;

/** With its version path, whichever way the user wrote it: Google's own tools leave it out. */
export function geminiBase(baseUrl: string): string {
  const plain = baseUrl.replace(/\/+$/, '');
  return /\/v\d\w*(\/|$)/.test(plain) ? plain : `${plain}/v1beta`;
}

/** A client for one provider. */
export function createGeminiClient(options: GeminiClientOptions): ModelClient {
  const { providerId, images = true, thinking = 'none', efforts = [] } = options;
  const flavor: GeminiFlavor = { providerId, images, thinking, efforts };
  const call = createHttpCaller(options, async () =>
    createPoster(options, geminiBase(options.baseUrl), (key) => ({ 'x-goog-api-key': key })),
  );
  return {
    stream: (request, signal) => {
      const context = callContext(options, request.model);
      const model = encodeURIComponent(request.model.replace(/^models\//, ''));
      return call(
        {
          context,
          body: toGeminiBody(request, flavor),
          optional: GEMINI_OPTIONAL,
          decoder: createGeminiDecoder(request, context),
          send: (post, body, abort) => post(`/models/${model}:streamGenerateContent?alt=sse`, body, abort),
        },
        signal,
      );
    },
  };
}
