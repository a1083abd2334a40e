/** What the agent asks and a person has not answered yet, by thread. No editor. */
import { Emitter, type Event } from 'vscode-jsonrpc';
import type { RequestId } from '../../agent-core/protocol/index.ts';

export type Waiting<View, Answer> = {
  threadId: string;
  requestId: RequestId | null;
  view: View;
  resolve(answer: Answer): void;
};

export class WaitingRequests<View extends { id: string }, Answer> {
  readonly #pending = new Map<string, Waiting<View, Answer>>();
  readonly #changed = new Emitter<{ threadId: string }>();
  /** What waits in this thread is another than before. */
  readonly onChanged: Event<{ threadId: string }> = this.#changed.event;

  get size(): number {
    return this.#pending.size;
  }

  get(id: string): View | undefined {
    return this.#pending.get(id)?.view;
  }

  ofThread(threadId: string): View[] {
    return this.matching((one) => one.threadId === threadId);
  }

  matching(which: (one: Waiting<View, Answer>) => boolean): View[] {
    return [...this.#pending.values()].filter(which).map(({ view }) => view);
  }

  /** Resolves with what `close` is given. Never rejects. */
  wait(threadId: string, requestId: RequestId | null, view: View): Promise<Answer> {
    return new Promise((resolve) => {
      this.#pending.set(view.id, { threadId, requestId, view, resolve });
      this.#changed.fire({ threadId });
    });
  }

  /** False when it no longer waits. */
  close(id: string, answer: Answer): boolean {
    const pending = this.#pending.get(id);
    if (!pending) return false;
    this.#pending.delete(id);
    pending.resolve(answer);
    this.#changed.fire({ threadId: pending.threadId });
    return true;
  }
}
