/** `POST /responses/compact`: the provider's own way to shorten a conversation. What comes back only it can read. */
import type { ResponseCompactParams } from 'openai/resources/responses/responses';
import * as z from 'zod/mini';
import { late } from '../late.ts';
import { readUpTo } from './bounded-body.ts';
import { cancelledError, localError } from './errors.ts';
import type { HttpClientOptions } from './http-call.ts';
import type { CompactAnswer, ModelClient } from './model-client.ts';
import { createSdkClient } from './openai-sdk.ts';
import { type ResponsesFlavor, toResponsesBody } from './responses-input.ts';

const MOST_BYTES = 64 * 1024 * 1024;

const count = z.nullish(z.number());
const answer = z.looseObject({
  output: z.array(z.looseObject({ type: z.string() })),
  usage: z.nullish(
    z.looseObject({
      input_tokens: count,
      output_tokens: count,
      input_tokens_details: z.nullish(z.looseObject({ cached_tokens: count })),
      output_tokens_details: z.nullish(z.looseObject({ reasoning_tokens: count })),
    }),
  ),
});
const compaction = z.looseObject({
  type: z.literal('compaction'),
  id: z.nullish(z.string()),
  encrypted_content: z.string(),
});

/** Only the provider's own item is taken: what the user said is kept by us. */
function parse(text: string, provider: string): CompactAnswer {
  const parsed = answer.safeParse(JSON.parse(text));
  if (!parsed.success) return refused('its answer has not the form of a compaction');
  const items = parsed.data.output.flatMap((value) => {
    const item = compaction.safeParse(value);
    if (!item.success) return [];
    const { id, encrypted_content } = item.data;
    const opaque = { type: 'compaction', ...(id ? { id } : {}), encrypted_content };
    return [{ type: 'reasoning' as const, id: id ?? '', summary: [], provider, opaque }];
  });
  if (items.length === 0) return refused('its answer holds no compaction');
  const { usage } = parsed.data;
  return {
    ok: true,
    items,
    usage: usage
      ? {
          input: usage.input_tokens ?? 0,
          cachedInput: usage.input_tokens_details?.cached_tokens ?? 0,
          cacheWriteInput: 0,
          output: usage.output_tokens ?? 0,
          reasoningOutput: usage.output_tokens_details?.reasoning_tokens ?? 0,
        }
      : null,
  };
}

const refused = (why: string): CompactAnswer => ({ ok: false, error: localError('badResponse', why) });

export function createResponsesCompact(
  options: HttpClientOptions,
  flavor: ResponsesFlavor,
): NonNullable<ModelClient['compact']> {
  const loaded = late(() => createSdkClient(options));
  return async (request, signal) => {
    try {
      const sdk = await loaded();
      const { model, input } = toResponsesBody(request, flavor);
      const body = { model, input, prompt_cache_key: request.cacheKey } as unknown as ResponseCompactParams;
      const abort = AbortSignal.any([signal, AbortSignal.timeout(options.idleTimeoutMs)]);
      const response = await sdk.responses.compact(body, { signal: abort }).asResponse();
      return parse(await readUpTo(response, MOST_BYTES), flavor.providerId);
    } catch (error) {
      if (signal.aborted) return { ok: false, error: cancelledError() };
      return refused(error instanceof Error ? error.message : String(error));
    }
  };
}
