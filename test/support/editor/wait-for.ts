/**
 * Waits until `condition` gives something truthy, and returns that; a condition that throws counts as not yet.
 * Rejects after `timeoutMs` with `what` and the last error. For states that no event announces; prefer events.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  {
    what = 'the condition',
    timeoutMs = 20_000,
    everyMs = 50,
  }: { what?: string; timeoutMs?: number; everyMs?: number } = {},
): Promise<NonNullable<T>> {
  const giveUp = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value as NonNullable<T>;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > giveUp) throw new Error(`${what} did not come true within ${timeoutMs} ms`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
