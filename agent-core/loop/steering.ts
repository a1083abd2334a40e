/** Input that comes while a turn runs, and what it cuts short. */
import type { UserInput } from '../protocol/index.ts';

export type PendingInput = { input: UserInput[]; clientId: string | null };

export type Steering = {
  /** Waits for its place; cuts a model call that runs now. */
  push(input: PendingInput): void;
  /** Cuts the model call that runs now and all that follow. */
  stop(): void;
  take(): PendingInput[];
  readonly isWaiting: boolean;
  /** Runs a model call; its signal aborts on `push` and on `stop`. */
  during<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T>;
};

export function createSteering(): Steering {
  let pending: PendingInput[] = [];
  let current: AbortController | null = null;
  let stopped = false;
  return {
    push(input) {
      pending.push(input);
      current?.abort();
    },
    stop() {
      stopped = true;
      current?.abort();
    },
    take() {
      const taken = pending;
      pending = [];
      return taken;
    },
    get isWaiting() {
      return pending.length > 0;
    },
    async during(call) {
      const controller = new AbortController();
      if (stopped || pending.length > 0) controller.abort();
      current = controller;
      try {
        return await call(controller.signal);
      } finally {
        current = null;
      }
    },
  };
}
