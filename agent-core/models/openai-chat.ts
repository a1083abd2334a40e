/** The Chat Completions wire, which nearly every provider and local server speaks. */
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import { createChatDecoder } from './chat-events.ts';
import { CHAT_OPTIONAL, type ChatFlavor, toChatBody } from './chat-input.ts';
import { createHttpCaller, type HttpClientOptions } from './http-call.ts';
import type { ModelClient } from './model-client.ts';
import { callContext } from './openai-responses.ts';
import { createSdkClient } from './openai-sdk.ts';

export type ChatClientOptions = HttpClientOptions & Partial<Omit<ChatFlavor, 'providerId'>>;

/** A client for one provider. Loads the `openai` package with the first call (or `warm()`), not before. */
export function createChatClient(options: ChatClientOptions): ModelClient {
  const { providerId, developerRole = false, reasoningEffort = true, cacheKey = false } = options;
  const { images = true, nineLetterIds = false } = options;
  const flavor: ChatFlavor = { providerId, developerRole, reasoningEffort, cacheKey, images, nineLetterIds };
  const call = createHttpCaller(options, () => createSdkClient(options));
  return {
    stream: (request, signal) => {
      const context = callContext(options, request.model);
      return call(
        {
          context,
          body: toChatBody(request, flavor),
          optional: CHAT_OPTIONAL,
          decoder: createChatDecoder(request, context),
          // The package's types know of OpenAI's fields only; other servers have more.
          send: (sdk, body, abort) =>
            sdk.chat.completions
              .create(body as unknown as ChatCompletionCreateParamsStreaming, { signal: abort })
              .asResponse(),
        },
        signal,
      );
    },
  };
}
