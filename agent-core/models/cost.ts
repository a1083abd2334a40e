/** What a call cost, in money. Pure. */
import type { ModelUsage, Price } from './model-client.ts';

/**
 * US dollars of one call. Long requests cost what their maker asks for those. To be added up call by call: the sum of
 * several calls' tokens would be taken for one long request.
 */
export function costOf(usage: ModelUsage, price: Price): number {
  const { above, ...plain } = price;
  const rates = above && usage.input > above.tokens ? above.price : plain;
  const fresh = Math.max(0, usage.input - usage.cachedInput - usage.cacheWriteInput);
  const sum =
    fresh * rates.input +
    usage.cachedInput * rates.cacheRead +
    usage.cacheWriteInput * rates.cacheWrite +
    usage.output * rates.output;
  return sum / 1_000_000;
}
