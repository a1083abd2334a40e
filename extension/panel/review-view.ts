/** What waits to be kept or undone, and what became of it, as the panel shows them. */
import type { EndedReview, ReviewFile, ReviewResult } from '../../webview/bridge/review.ts';
import type { ReviewedFile } from '../review/store/reviewed-file.ts';

type Place = Pick<ReviewedFile['uri'], 'fsPath' | 'toString'>;
/** A URI is told apart from others by its text alone, so that this needs no editor. */
export type Reviewed = Omit<ReviewedFile, 'uri' | 'movedFrom'> & { uri: Place; movedFrom: Place | null };

type Ended = { uri: Place; itemIds: readonly string[]; why: string; canBringBack: boolean };

export type ReviewViewDeps = {
  /** With something to decide. */
  files(): readonly Reviewed[];
  /** Those that ended without a decision. */
  ended?(): readonly Ended[];
  /** Shortens a path for people. */
  labelOf(path: string): string;
  /** The text that the file has now; null when there is none. */
  textOf(file: Reviewed): Promise<string | null>;
  show(reviews: readonly ReviewFile[], reviewed: readonly ReviewResult[], ended: readonly EndedReview[]): void;
  /** Of earlier windows. */
  results?: readonly ReviewResult[];
  /** To be called with all that there are, to be shown in a later window. */
  keep?(results: readonly ReviewResult[]): void;
};

/** Results of items that are remembered; the oldest are forgotten first. */
const MAX_RESULTS = 300;

export class ReviewView {
  readonly #deps: ReviewViewDeps;
  #shown: readonly Reviewed[] = [];
  #results: readonly ReviewResult[] = [];

  constructor(deps: ReviewViewDeps) {
    this.#deps = deps;
    this.#results = deps.results ?? [];
  }

  /** To be called whenever a review began, moved on or ended. Resolves when all of it is shown. */
  async update(): Promise<void> {
    const { files, textOf } = this.#deps;
    const before = this.#shown;
    this.#shown = [...files()];
    this.#noteEnded();
    this.#show();
    const waiting = new Set(this.#shown.map(({ uri }) => uri.toString()));
    const ended = before.filter(({ uri }) => !waiting.has(uri.toString()));
    if (ended.length === 0) return;
    const results: ReviewResult[] = [];
    for (const file of ended) {
      const result = resultOf(file, await textOf(file));
      results.push(...file.itemIds.map((itemId) => ({ itemId, path: file.uri.fsPath, result })));
    }
    this.#add(results);
    this.#noteEnded();
    this.#show();
  }

  #show(): void {
    const { ended, labelOf, show } = this.#deps;
    show(
      this.#shown.map((file) => reviewFileView(file, labelOf)),
      this.#results,
      (ended?.() ?? []).map(({ uri, why, canBringBack }) => ({
        ...{ uri: uri.toString(), label: labelOf(uri.fsPath), why, canBringBack },
      })),
    );
  }

  /** That a file has its old text is no decision where git or a deletion brought it. */
  #noteEnded(): void {
    for (const { uri, itemIds } of this.#deps.ended?.() ?? []) {
      const news = itemIds.filter(
        (itemId) =>
          this.#results.findLast((one) => one.itemId === itemId && one.path === uri.fsPath)?.result !== 'ended',
      );
      if (news.length > 0) this.#add(news.map((itemId) => ({ itemId, path: uri.fsPath, result: 'ended' })));
    }
  }

  #add(results: readonly ReviewResult[]): void {
    this.#results = [...this.#results, ...results].slice(-MAX_RESULTS);
    this.#deps.keep?.(this.#results);
  }
}

export function reviewFileView(file: Reviewed, labelOf: (path: string) => string): ReviewFile {
  const { uri, kind, movedFrom, itemIds, hunks, kept, undone, whyNoUndo, isTooLarge } = file;
  const sum = (count: (hunk: (typeof hunks)[number]) => number) => hunks.reduce((all, hunk) => all + count(hunk), 0);
  return {
    uri: uri.toString(),
    path: uri.fsPath,
    label: labelOf(uri.fsPath),
    kind,
    movedFrom: movedFrom ? labelOf(movedFrom.fsPath) : null,
    itemIds: [...itemIds],
    hunks: hunks.length,
    added: sum(({ lines }) => lines.length),
    removed: sum(({ baseLines }) => baseLines.length),
    kept,
    undone,
    whyNoUndo,
    isTooLarge,
  };
}

/**
 * What the last decision was, told by the text: undoing brings back what was there before, keeping leaves it. Earlier
 * decisions were counted.
 */
export function resultOf(file: Reviewed, text: string | null): ReviewResult['result'] {
  const before = file.kind === 'add' ? null : file.baseline;
  const isUndone = text === null ? before === null : text.replaceAll('\r\n', '\n') === before;
  const kept = file.kept > 0 || !isUndone;
  const undone = file.undone > 0 || isUndone;
  return kept && undone ? 'both' : kept ? 'kept' : 'undone';
}
