/** Structured questions of the agent that wait for a person, shown as cards. No editor. */
import { Emitter, type Event } from 'vscode-jsonrpc';
import type { RequestId, ServerRequestAnswer, ServerRequestParams } from '../../agent-core/protocol/index.ts';
import type { QuestionView } from '../../webview/bridge/thread-extras.ts';

type Params = ServerRequestParams<'item/tool/requestUserInput'>;
type Answer = ServerRequestAnswer<'item/tool/requestUserInput'>;
type Pending = { threadId: string; requestId: RequestId | null; view: QuestionView; resolve(answer: Answer): void };

export class Questions {
  readonly #pending = new Map<string, Pending>();
  readonly #changed = new Emitter<{ threadId: string }>();
  /** The questions of this thread are others than before. */
  readonly onChanged: Event<{ threadId: string }> = this.#changed.event;
  #count = 0;

  get size(): number {
    return this.#pending.size;
  }

  ofThread(threadId: string): QuestionView[] {
    return [...this.#pending.values()].filter((one) => one.threadId === threadId).map(({ view }) => view);
  }

  /** Resolves with the person's answers; with none when the question was taken back. Never rejects. */
  ask(params: Params, requestId: RequestId | null): Promise<Answer> {
    this.#count += 1;
    const view = questionView(`question-${this.#count}`, params);
    return new Promise((resolve) => {
      this.#pending.set(view.id, { threadId: params.threadId, requestId, view, resolve });
      this.#changed.fire(params);
    });
  }

  /** A question without an entry in `answers` is told to have none. False when it no longer waits. */
  answer(id: string, answers: Readonly<Record<string, readonly string[]>>): boolean {
    const pending = this.#pending.get(id);
    if (!pending) return false;
    this.#pending.delete(id);
    const all = pending.view.questions.map((question) => [question.id, { answers: [...(answers[question.id] ?? [])] }]);
    pending.resolve({ answers: Object.fromEntries(all) });
    this.#changed.fire(pending);
    return true;
  }

  takeBack(threadId: string, requestId: RequestId): void {
    for (const { view, ...one } of this.#pending.values()) {
      if (one.threadId === threadId && one.requestId === requestId) this.answer(view.id, {});
    }
  }

  takeBackAll(): void {
    for (const id of [...this.#pending.keys()]) this.answer(id, {});
  }
}

export function questionView(id: string, { itemId, questions }: Params): QuestionView {
  return {
    id,
    itemId,
    questions: questions.map(({ id: own, header, question, isOther, isSecret, options }) => ({
      id: own,
      header,
      question,
      // Without options a text is the only answer there can be.
      isOther: isOther || !options?.length,
      isSecret,
      options: options ?? [],
    })),
  };
}
