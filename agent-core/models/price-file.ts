/**
 * Prices from a list that the user names, over those that Gantry comes with. Two forms are read: Gantry's own, US dollars
 * for a million tokens by model (`{"gpt-5.5": {"input": 5, "output": 30, "cache_read": 0.5}}`, the keys of `price` in
 * config.toml), and the one that LiteLLM publishes, dollars for one token (`input_cost_per_token`). Pure.
 */
import * as z from 'zod/mini';
import type { Price } from './model-client.ts';
import { plainName } from './model-table.ts';

export const PRICE_FILE = 'model-prices.json';
/** Larger than any list of models; what is more is no list. */
export const MAX_PRICE_BYTES = 20 * 1024 * 1024;

const dollars = z.number().check(z.nonnegative());
const own = z.object({
  input: dollars,
  output: dollars,
  cache_read: z.optional(dollars),
  cache_write: z.optional(dollars),
});
const perToken = z.object({
  input_cost_per_token: dollars,
  output_cost_per_token: dollars,
  cache_read_input_token_cost: z.nullish(dollars),
  cache_creation_input_token_cost: z.nullish(dollars),
});

/** By plain name, as `plainName` writes it. */
export type PriceList = ReadonlyMap<string, Price>;

function priceOf(value: unknown): Price | null {
  const mine = own.safeParse(value);
  if (mine.success) {
    const { input, output, cache_read = input, cache_write = input } = mine.data;
    return { input, output, cacheRead: cache_read, cacheWrite: cache_write };
  }
  const theirs = perToken.safeParse(value);
  if (!theirs.success) return null;
  const million = (price: number): number => Number((price * 1_000_000).toPrecision(12));
  const input = million(theirs.data.input_cost_per_token);
  const of = (price: number | null | undefined): number => (typeof price === 'number' ? million(price) : input);
  return {
    input,
    output: million(theirs.data.output_cost_per_token),
    cacheRead: of(theirs.data.cache_read_input_token_cost),
    cacheWrite: of(theirs.data.cache_creation_input_token_cost),
  };
}

export type ParsedPrices = { ok: true; prices: PriceList } | { ok: false; problem: string };

/** Entries that say no price of tokens are passed over; the first of two for one model counts. */
export function parsePrices(text: string): ParsedPrices {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return { ok: false, problem: `it is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const table = z.record(z.string(), z.unknown()).safeParse(value);
  if (!table.success) return { ok: false, problem: 'it is no JSON object with a model in each key' };
  const prices = new Map<string, Price>();
  for (const [model, entry] of Object.entries(table.data)) {
    const price = priceOf(entry);
    const name = plainName(model);
    if (price && !prices.has(name)) prices.set(name, price);
  }
  if (prices.size === 0)
    return { ok: false, problem: 'no model in it has a price ("input" and "output", or "input_cost_per_token")' };
  return { ok: true, prices };
}

/** As `parsePrices` reads it again. */
export function priceText(prices: PriceList): string {
  const rows = [...prices].map(([model, { input, output, cacheRead, cacheWrite }]) => [
    model,
    { input, output, cache_read: cacheRead, cache_write: cacheWrite },
  ]);
  return `${JSON.stringify(Object.fromEntries(rows), null, 1)}\n`;
}
