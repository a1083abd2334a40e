/** The four wires as clients of one scripted server, for tests that hold for each of them. */
import { createAnthropicClient } from '../../../agent-core/models/anthropic.ts';
import { createGeminiClient } from '../../../agent-core/models/gemini.ts';
import type { HttpClientOptions } from '../../../agent-core/models/http-call.ts';
import type { ModelClient } from '../../../agent-core/models/model-client.ts';
import { createChatClient } from '../../../agent-core/models/openai-chat.ts';
import { createResponsesClient } from '../../../agent-core/models/openai-responses.ts';

export type Wire = 'responses' | 'chat' | 'anthropic' | 'gemini';

export const WIRES: Readonly<Record<Wire, (options: HttpClientOptions) => ModelClient>> = {
  responses: (options) => createResponsesClient({ ...options, freeform: false }),
  chat: (options) => createChatClient(options),
  anthropic: (options) => createAnthropicClient({ ...options, thinking: 'adaptive', maxOutput: 32_000 }),
  gemini: (options) => createGeminiClient({ ...options, thinking: 'level', efforts: ['low', 'medium', 'high'] }),
};

export const WIRE_NAMES = Object.keys(WIRES) as Wire[];
