/** The client of one provider and model, by its wire. */
import { createAnthropicClient } from './anthropic.ts';
import type { ModelTraits } from './capabilities.ts';
import { createGeminiClient } from './gemini.ts';
import type { HttpClientOptions } from './http-call.ts';
import type { ModelClient, ModelInfo } from './model-client.ts';
import { createChatClient } from './openai-chat.ts';
import { createResponsesClient } from './openai-responses.ts';
import type { ProviderSetup } from './provider-setup.ts';
import { withTextTools } from './text-tools.ts';
import type { TokenSource } from './token-command.ts';

function wireClient(setup: ProviderSetup, http: HttpClientOptions, info: ModelInfo, traits: ModelTraits): ModelClient {
  const images = info.supportsImages !== false;
  const { efforts, thinking, maxOutput } = { ...traits, efforts: info.reasoningEfforts };
  switch (setup.wire) {
    case 'responses':
      return createResponsesClient({
        ...http,
        images,
        freeform: info.supportsFreeformTools,
        reasoning: traits.mayReason,
        compacts: setup.id === 'openai',
      });
    case 'chat':
      return createChatClient({ ...http, images, ...setup.known?.chat });
    case 'anthropic':
      return createAnthropicClient({
        ...http,
        images,
        efforts,
        maxOutput,
        thinking: thinking === 'level' ? 'none' : thinking,
      });
    case 'gemini':
      return createGeminiClient({ ...http, images, efforts, thinking: thinking === 'adaptive' ? 'none' : thinking });
  }
}

/** `doFetch` undefined: our own. */
export function createClient(
  setup: ProviderSetup,
  info: ModelInfo,
  traits: ModelTraits,
  token: TokenSource | null,
  doFetch: typeof fetch | undefined,
): ModelClient {
  const { id: providerId, name: providerName, baseUrl, apiKey, headers, queryParams, idleTimeoutMs, keyHelp } = setup;
  const http: HttpClientOptions = {
    ...{ providerId, providerName, baseUrl, apiKey, headers, queryParams, idleTimeoutMs, keyHelp, token },
    ...(doFetch ? { fetch: doFetch } : {}),
  };
  const client = wireClient(setup, http, info, traits);
  return info.supportsTools === false ? withTextTools(client) : client;
}
