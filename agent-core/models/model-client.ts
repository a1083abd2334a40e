/**
 * The neutral conversation: what a thread's model history is made of, whichever provider answers.
 * Each wire (`openai-responses.ts`, `openai-chat.ts`, …) converts at its own edge; nothing else knows a provider's shapes.
 */

export type ContentPart =
  | { type: 'text'; text: string }
  /** `url` is a data: or https: URL. */
  | { type: 'image'; url: string };

export type HistoryItem =
  /** `phase` is the model's own word on what an assistant message is for; models that say it want it back. */
  | {
      type: 'message';
      role: 'developer' | 'user' | 'assistant';
      content: ContentPart[];
      id?: string;
      phase?: 'commentary' | 'final_answer';
      /** Of a user message: the person's own words, or what stands for a compacted past; neither is what Gantry tells. */
      origin?: 'user' | 'compaction';
    }
  /** `opaque` is the provider's own item, sent back verbatim to the same provider and dropped for any other. */
  | { type: 'reasoning'; id: string; summary: string[]; provider: string; opaque: unknown }
  /**
   * `input` is the model's text: JSON for a function tool, anything for a freeform tool. `opaque` is what the provider
   * hung on the call and wants back with it (Gemini's thought signatures), dropped for any other provider.
   */
  | {
      type: 'toolCall';
      callId: string;
      name: string;
      kind: 'function' | 'freeform';
      input: string;
      id?: string;
      opaque?: { provider: string; value: unknown };
    }
  | { type: 'toolResult'; callId: string; kind: 'function' | 'freeform'; output: ContentPart[]; success: boolean };

export type JsonSchema = { [key: string]: unknown };

export type ToolSpec =
  | { kind: 'function'; name: string; description: string; parameters: JsonSchema }
  /** A tool that takes plain text. `grammar` is a Lark grammar for providers that can hold the model to it. */
  | { kind: 'freeform'; name: string; description: string; grammar: string };

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh';

export type ModelRequest = {
  model: string;
  /** The whole conversation, oldest first; every call repeats it (no server-side state is ever used). */
  items: readonly HistoryItem[];
  tools: readonly ToolSpec[];
  parallelToolCalls: boolean;
  effort: ReasoningEffort | null;
  /** Final answer must match this JSON Schema, where the provider can promise that. */
  outputSchema: JsonSchema | null;
  /** Stable for a thread: providers with a prompt cache key on it. */
  cacheKey: string;
  /** How much of its thoughts the model shall sum up; left out, the provider's default. */
  reasoningSummary?: 'auto' | 'concise' | 'detailed' | 'none' | null;
  /** The provider's own word for how fast and dear the call shall be; only where `honoursServiceTier`. */
  serviceTier?: string | null;
};

/** Tokens of one call. `input` counts cached ones too. */
export type ModelUsage = {
  input: number;
  cachedInput: number;
  cacheWriteInput: number;
  output: number;
  reasoningOutput: number;
};

export type ModelErrorCode =
  | 'unauthorized'
  | 'modelNotFound'
  | 'rateLimited'
  | 'usageLimit'
  | 'overloaded'
  | 'serverError'
  | 'badRequest'
  | 'contextWindowExceeded'
  | 'contentFilter'
  | 'connectionFailed'
  | 'streamDisconnected'
  | 'idleTimeout'
  | 'badResponse'
  | 'cancelled';

/** Why a call failed. `message` is for people and says what to do; `details` is the provider's own text. */
export type ModelError = {
  code: ModelErrorCode;
  message: string;
  details: string | null;
  httpStatus: number | null;
  /** Milliseconds the provider asked to wait, when it said so. */
  retryAfterMs: number | null;
};

/**
 * Events of one call, in order. An item's `…Start` comes before its deltas and its `…Done`; `Done` carries the truth.
 * The last event is always `done` or `failed`.
 */
export type ModelEvent =
  | { type: 'textStart'; itemId: string }
  | { type: 'textDelta'; itemId: string; delta: string }
  | { type: 'textDone'; item: Extract<HistoryItem, { type: 'message' }> & { id: string } }
  | { type: 'reasoningStart'; itemId: string }
  | { type: 'reasoningPart'; itemId: string; index: number }
  | { type: 'reasoningDelta'; itemId: string; index: number; delta: string }
  | { type: 'reasoningDone'; item: Extract<HistoryItem, { type: 'reasoning' }> }
  | { type: 'toolCallStart'; callId: string; name: string }
  | { type: 'toolCallDelta'; callId: string; delta: string }
  | { type: 'toolCallDone'; item: Extract<HistoryItem, { type: 'toolCall' }> }
  | { type: 'done'; stopReason: 'stop' | 'toolCalls' | 'length' | 'other'; usage: ModelUsage | null }
  | { type: 'failed'; error: ModelError };

/**
 * One provider's wire.
 * Contract: `stream` never throws and its iterator never rejects; failures arrive as a last `failed` event. Aborting
 * `signal` ends the stream promptly with `failed`/`cancelled` and closes the connection. Calls may run concurrently.
 * Retries are not its business (`retry.ts`).
 */
export interface ModelClient {
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
  /** The provider's own way to shorten a conversation, where it has one. Contract: never throws. */
  compact?(request: ModelRequest, signal: AbortSignal): Promise<CompactAnswer>;
  /** True where `serviceTier` of a request reaches the provider. */
  readonly honoursServiceTier?: boolean;
}

/** `items` are the provider's own (opaque) and stand for all that was sent; they go back to it as they are. */
export type CompactAnswer =
  | { ok: true; items: Extract<HistoryItem, { type: 'reasoning' }>[]; usage: ModelUsage | null }
  | { ok: false; error: ModelError };

/** US dollars for a million tokens. */
export type Price = {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  /** What a request with a longer input costs, all of it. */
  above?: { tokens: number; price: Omit<Price, 'above'> };
};

/** Which tools a model is offered and in which shape; the table is `tools/families.ts`. */
export type ToolFamily = 'gpt' | 'claude' | 'plain';

/** What is known of a model; null means unknown. */
export type ModelInfo = {
  provider: string;
  providerName: string;
  model: string;
  displayName: string;
  contextWindow: number | null;
  /** From the config: how many tokens a conversation may have before it is compacted. */
  autoCompactTokens?: number | null;
  supportsTools: boolean | null;
  supportsFreeformTools: boolean;
  supportsParallelToolCalls: boolean;
  supportsImages: boolean | null;
  reasoningEfforts: ReasoningEffort[];
  /** Tokens of one answer. */
  maxOutput?: number | null;
  price?: Price | null;
  /** From the config, where the name tells it wrong. */
  toolFamily?: ToolFamily | null;
  isDemo: boolean;
};

/** A client with what is known of the model, and how often to retry. */
export type ResolvedModel = {
  client: ModelClient;
  info: ModelInfo;
  requestMaxRetries: number;
  streamMaxRetries: number;
};

/** `model` null means the provider's default. */
export type ModelSelection = { provider: string; model: string };
