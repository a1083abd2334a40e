/** What the user decided, told to the core: decisions of one moment about one file are one report of each kind. */
import { createTwoFilesPatch, OMIT_HEADERS } from 'diff';
import type { FileReviewDecidedParams } from '../../../agent-core/protocol/index.ts';
import type { ReviewEntry } from './review-entry.ts';

export type Decision = FileReviewDecidedParams['decision'];

/** `before` and `after` are the texts around what was undone or edited. */
export type Decided = { decision: Decision; hunks: number; before?: string; after?: string; note?: string };

type Waiting = { params: FileReviewDecidedParams; hunks: number; before?: string; after?: string };

export class Reports {
  readonly #send: (params: FileReviewDecidedParams) => void;
  readonly #waiting: Waiting[] = [];

  constructor(send: (params: FileReviewDecidedParams) => void) {
    this.#send = send;
  }

  add(entry: ReviewEntry, { decision, hunks, before, after, note }: Decided): void {
    const { threadId, turnId, itemIds } = entry;
    const pendingCount = entry.model.hunks.length;
    const params: FileReviewDecidedParams = {
      ...{ threadId, turnId, itemId: itemIds.at(-1) ?? null, path: pathOf(entry), decision, pendingCount },
      ...(note ? { note } : {}),
    };
    const last = this.#waiting.at(-1);
    const isSame =
      last?.params.decision === decision &&
      last.params.path === params.path &&
      last.params.threadId === threadId &&
      last.params.note === params.note &&
      last.after === before;
    if (!last || !isSame) {
      this.#waiting.push({ params, hunks, ...(before === undefined ? {} : { before, after: after ?? '' }) });
      return;
    }
    last.params = params;
    last.hunks += hunks;
    if (after !== undefined) last.after = after;
  }

  flush(): void {
    for (const { params, hunks, before, after } of this.#waiting.splice(0)) {
      const diff = before === undefined ? null : hunksOf(params.path, before, after ?? '');
      this.#send({ ...params, ...(hunks > 0 ? { hunkCount: hunks } : {}), ...(diff === null ? {} : { diff }) });
    }
  }
}

/** `@@` hunks alone: what they are about is said beside them. */
const hunksOf = (path: string, before: string, after: string): string =>
  createTwoFilesPatch(path, path, before, after, undefined, undefined, { context: 3, headerOptions: OMIT_HEADERS });

const pathOf = ({ uri }: ReviewEntry): string => (uri.scheme === 'file' ? uri.fsPath : uri.toString());
