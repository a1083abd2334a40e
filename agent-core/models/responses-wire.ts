/** The events of a Responses stream, as far as Gantry reads them. Anything else in them is let through unread. */
import * as z from 'zod/mini';

const text = z.nullish(z.string());

const part = z.looseObject({ type: z.string(), text, refusal: text });

/** Arguments are a string; some servers send the object itself. */
const argumentsText = z.nullish(z.union([z.string(), z.record(z.string(), z.unknown())]));

export const wireItem = z.looseObject({
  type: z.string(),
  id: text,
  call_id: text,
  name: text,
  status: text,
  phase: text,
  arguments: argumentsText,
  input: text,
  content: z.nullish(z.union([z.string(), z.array(part)])),
  summary: z.nullish(z.array(part)),
});
export type WireItem = z.infer<typeof wireItem>;

const count = z.nullish(z.number());
const usage = z.looseObject({
  input_tokens: count,
  output_tokens: count,
  input_tokens_details: z.nullish(z.looseObject({ cached_tokens: count, cache_write_tokens: count })),
  output_tokens_details: z.nullish(z.looseObject({ reasoning_tokens: count })),
});
export type WireUsage = z.infer<typeof usage>;

const response = z.looseObject({
  output: z.nullish(z.array(wireItem)),
  usage: z.nullish(usage),
  error: z.nullish(z.looseObject({})),
  incomplete_details: z.nullish(z.looseObject({ reason: text })),
});

export const wireEvent = z.looseObject({
  type: z.string(),
  item_id: text,
  output_index: count,
  summary_index: count,
  content_index: count,
  delta: z.nullish(z.string()),
  item: z.nullish(wireItem),
  response: z.nullish(response),
});
export type WireEvent = z.infer<typeof wireEvent>;
