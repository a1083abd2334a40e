/** The Responses wire: OpenAI's own, and what others offer under that name. Stateless: nothing is kept at the server. */
import type { ResponseCreateParamsStreaming } from 'openai/resources/responses/responses';
import type { CallContext } from './errors.ts';
import { createHttpCaller, type HttpClientOptions } from './http-call.ts';
import type { ModelClient } from './model-client.ts';
import { createSdkClient } from './openai-sdk.ts';
import { createResponsesCompact } from './responses-compact.ts';
import { createResponsesDecoder } from './responses-events.ts';
import { RESPONSES_OPTIONAL, type ResponsesFlavor, toResponsesBody } from './responses-input.ts';

export { warm } from './openai-sdk.ts';

export type ResponsesClientOptions = HttpClientOptions &
  Partial<Omit<ResponsesFlavor, 'providerId'>> & {
    /** The server has a way of its own to shorten a conversation. */
    compacts?: boolean;
  };

export function callContext(options: HttpClientOptions, model: string): CallContext {
  const { providerId, providerName, baseUrl, keyHelp, apiKey } = options;
  const fixed = [...(apiKey ? [apiKey] : []), ...Object.values(options.headers), ...Object.values(options.queryParams)];
  return {
    ...{ providerId, providerName, baseUrl, keyHelp, model },
    // Read when something is told: a command may have printed another key by then.
    get secrets() {
      return [...fixed, ...(options.token?.recent ?? [])].filter((secret) => secret.length >= 8);
    },
  };
}

/** A client for one provider. Loads the `openai` package with the first call (or `warm()`), not before. */
export function createResponsesClient(options: ResponsesClientOptions): ModelClient {
  const { providerId, freeform = true, reasoning = true, images = true } = options;
  const flavor: ResponsesFlavor = { providerId, freeform, reasoning, images };
  const call = createHttpCaller(options, () => createSdkClient(options));
  return {
    honoursServiceTier: true,
    ...(options.compacts ? { compact: createResponsesCompact(options, flavor) } : {}),
    stream: (request, signal) => {
      const context = callContext(options, request.model);
      return call(
        {
          context,
          body: toResponsesBody(request, flavor),
          optional: RESPONSES_OPTIONAL,
          decoder: createResponsesDecoder(request, context),
          // The package's types know of OpenAI's models only; the strict server of the tests knows the form.
          send: (sdk, body, abort) =>
            sdk.responses.create(body as unknown as ResponseCreateParamsStreaming, { signal: abort }).asResponse(),
        },
        signal,
      );
    },
  };
}
