/** Structured questions of the agent that wait for a person, shown as cards. No editor. */
import type { RequestId, ServerRequestAnswer, ServerRequestParams } from '../../agent-core/protocol/index.ts';
import type { QuestionView } from '../../webview/bridge/thread-extras.ts';
import { WaitingRequests } from './waiting.ts';

type Params = ServerRequestParams<'item/tool/requestUserInput'>;
type Answer = ServerRequestAnswer<'item/tool/requestUserInput'>;

export class Questions {
  readonly #waiting = new WaitingRequests<QuestionView, Answer>();
  /** The questions of this thread are others than before. */
  readonly onChanged = this.#waiting.onChanged;
  #count = 0;

  get size(): number {
    return this.#waiting.size;
  }

  ofThread(threadId: string): QuestionView[] {
    return this.#waiting.ofThread(threadId);
  }

  /** Resolves with the person's answers; with none when the question was taken back. Never rejects. */
  ask(params: Params, requestId: RequestId | null): Promise<Answer> {
    this.#count += 1;
    return this.#waiting.wait(params.threadId, requestId, questionView(`question-${this.#count}`, params));
  }

  /** A question without an entry in `answers` is told to have none. False when it no longer waits. */
  answer(id: string, answers: Readonly<Record<string, readonly string[]>>): boolean {
    const questions = this.#waiting.get(id)?.questions ?? [];
    const all = questions.map((question) => [question.id, { answers: [...(answers[question.id] ?? [])] }]);
    return this.#waiting.close(id, { answers: Object.fromEntries(all) });
  }

  takeBack(threadId: string, requestId: RequestId): void {
    const taken = this.#waiting.matching((one) => one.threadId === threadId && one.requestId === requestId);
    for (const { id } of taken) this.answer(id, {});
  }

  takeBackAll(): void {
    for (const { id } of this.#waiting.matching(() => true)) this.answer(id, {});
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
