/** When a core that died is started again. */

export const FIRST_DELAY_MS = 500;
export const MAX_DELAY_MS = 30_000;
export const MAX_QUICK_RESTARTS = 5;
/** A core that lived this long was well; its death starts the count anew. */
export const HEALTHY_MS = 60_000;

export type RestartCount = { quick: number };
export type RestartStep = { type: 'restart'; delayMs: number; count: RestartCount } | { type: 'giveUp' };

/** What to do after a core died that had lived `livedMs` milliseconds. */
export function nextRestart(count: RestartCount, livedMs: number): RestartStep {
  const quick = livedMs >= HEALTHY_MS ? 0 : count.quick;
  if (quick >= MAX_QUICK_RESTARTS) return { type: 'giveUp' };
  return { type: 'restart', delayMs: Math.min(FIRST_DELAY_MS * 2 ** quick, MAX_DELAY_MS), count: { quick: quick + 1 } };
}
