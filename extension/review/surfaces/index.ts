/** All that the editor shows of the review, kept up to date together, and the actions behind it. */
import * as vscode from 'vscode';
import type { DocumentWriter } from '../../host-fs/document-writer.ts';
import type { BaseProvider } from '../base-provider.ts';
import { formatKept } from './format-kept.ts';
import { HunkDecorations } from './hunk-decorations.ts';
import { HunkLenses } from './hunk-lenses.ts';
import { ReviewActions } from './review-actions.ts';
import { ReviewBadges } from './review-badges.ts';
import { ReviewKeys } from './review-keys.ts';
import { ReviewScm } from './review-scm.ts';
import type { ReviewDecider } from './review-source.ts';
import { ReviewStatus } from './review-status.ts';

export type ReviewSurfacesDeps = {
  review: ReviewDecider;
  writer: Pick<DocumentWriter, 'apply'>;
  bases: BaseProvider;
  settings: { codeLens(): boolean; decorations(): boolean; formatOnKeep(): boolean };
  log: { warn(text: string): void };
};

/** Typing makes many changes; what it shows follows at most once in this time. */
const FRAME_MS = 16;

export class ReviewSurfaces implements vscode.Disposable {
  readonly review: ReviewDecider;
  readonly actions: ReviewActions;
  readonly #parts: {
    lenses: HunkLenses;
    decorations: HunkDecorations;
    scm: ReviewScm;
    badges: ReviewBadges;
    status: ReviewStatus;
    keys: ReviewKeys;
  };
  readonly #subscriptions: vscode.Disposable[];
  readonly #changed = new Map<string, vscode.Uri>();
  #timer: NodeJS.Timeout | null = null;

  constructor({ review, writer, bases, settings, log }: ReviewSurfacesDeps) {
    this.review = review;
    this.actions = new ReviewActions({
      review,
      afterKept: async (uri) => {
        if (!settings.formatOnKeep()) return;
        try {
          const why = await formatKept(writer, uri);
          if (why !== null) log.warn(`${uri.fsPath} was not formatted: ${why}`);
        } catch (error) {
          log.warn(`${uri.fsPath} was not formatted: ${String(error)}`);
        }
      },
    });
    bases.follow(review);
    this.#parts = {
      lenses: new HunkLenses(review, settings.codeLens),
      decorations: new HunkDecorations(review, settings.decorations),
      scm: new ReviewScm(review),
      badges: new ReviewBadges(review),
      status: new ReviewStatus(review),
      keys: new ReviewKeys(review),
    };
    const { lenses, decorations, badges } = this.#parts;
    this.#subscriptions = [
      vscode.languages.registerCodeLensProvider(HunkLenses.selector, lenses),
      vscode.window.registerFileDecorationProvider(badges),
      review.onDidChange((uris) => this.#soon(uris)),
      vscode.window.onDidChangeVisibleTextEditors(() => decorations.update()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration('gantry.review')) return;
        lenses.update();
        decorations.update();
      }),
      this.actions,
      ...Object.values(this.#parts),
    ];
    this.#soon(review.files.map(({ uri }) => uri));
  }

  dispose(): void {
    if (this.#timer) clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #soon(uris: readonly vscode.Uri[]): void {
    for (const uri of uris) this.#changed.set(uri.toString(), uri);
    this.#timer ??= setTimeout(() => this.#update(), FRAME_MS);
  }

  #update(): void {
    this.#timer = null;
    const uris = [...this.#changed.values()];
    this.#changed.clear();
    const { lenses, decorations, scm, badges, status, keys } = this.#parts;
    keys.update();
    decorations.update();
    lenses.update();
    scm.update();
    badges.update(uris);
    status.update();
  }
}
