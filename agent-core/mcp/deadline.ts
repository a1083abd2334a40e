/** A clock for one call that can stand still while a person is being asked. */
export type Deadline = {
  /** Aborts when the time is up. */
  readonly signal: AbortSignal;
  pause(): void;
  resume(): void;
  clear(): void;
};

export function createDeadline(ms: number, now: () => number = Date.now): Deadline {
  const abort = new AbortController();
  let left = ms;
  let startedAt = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let pauses = 0;
  const start = (): void => {
    startedAt = now();
    timer = setTimeout(() => abort.abort(), left);
  };
  const stop = (): void => {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    left = Math.max(0, left - (now() - startedAt));
  };
  start();
  return {
    signal: abort.signal,
    pause() {
      pauses++;
      stop();
    },
    resume() {
      pauses--;
      if (pauses === 0 && timer === null && !abort.signal.aborted) start();
    },
    clear: stop,
  };
}
