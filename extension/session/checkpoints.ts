/** Going back to how files and conversation were before a turn: what it would do, doing it, taking it back. No editor. */
import { parsePatch } from 'diff';
import type { CheckpointConflictReason, CheckpointFile, ClientRequestResult } from '../../agent-core/protocol/index.ts';
import type { CheckpointView, RestoreFile, RestoreScope, RestoreView } from '../../webview/bridge/restore.ts';
import type { CoreClient } from '../core/core-client.ts';

export type CheckpointDeps = {
  client(): Promise<CoreClient>;
  threadId(): string | null;
  isRunning(): boolean;
  /** Shows the thread as the core has it now. */
  reload(threadId: string): Promise<void>;
  labelOf(path: string): string;
  show(restore: RestoreView | null): void;
  /** There are others than before. */
  listChanged(): void;
};

/** What the core must say that it can do. */
const CHECKPOINT_FEATURE = 'checkpoints';
const PAGE = 200;

type Open = { threadId: string; view: RestoreView; files: readonly CheckpointFile[]; undoId: string | null };

export const keepsCheckpoints = (client: CoreClient | null): boolean =>
  client?.gantry?.features.includes(CHECKPOINT_FEATURE) ?? false;

/** Newest first; null where the agent keeps none. */
export async function listCheckpoints(client: CoreClient, threadId: string): Promise<CheckpointView[] | null> {
  if (!keepsCheckpoints(client)) return null;
  const { data } = await client.request('checkpoint/list', { threadId, limit: PAGE });
  return data.map(({ id, turnId, label, createdAt }) => ({ id, turnId, label, createdAt }));
}

export class Checkpoints {
  readonly #deps: CheckpointDeps;
  #open: Open | null = null;

  constructor(deps: CheckpointDeps) {
    this.#deps = deps;
  }

  /** Newest first. Rejects with a sentence where there are none. */
  async all(): Promise<readonly CheckpointView[]> {
    const client = await this.#deps.client();
    if (!keepsCheckpoints(client)) throw new Error('This agent keeps no checkpoints.');
    const threadId = this.#deps.threadId();
    const found = threadId ? await listCheckpoints(client, threadId) : null;
    if (!found?.length)
      throw new Error('There is nothing to go back to: no turn of this thread has changed a file yet.');
    return found;
  }

  /** Shows what going back would do; nothing is done yet. */
  async preview(checkpointId: string): Promise<void> {
    const client = await this.#deps.client();
    const threadId = this.#deps.threadId();
    if (!threadId) return;
    const checkpoint = (await this.all()).find(({ id }) => id === checkpointId);
    if (!checkpoint) throw new Error('That checkpoint is not kept any more.');
    const view: RestoreView = {
      ...{ checkpoint, status: 'loading', files: [], problem: null, outcome: null },
      withThread: checkpoint.turnId !== null,
    };
    const open: Open = { threadId, view, files: [], undoId: null };
    this.#show(open);
    try {
      const { files } = await client.request('checkpoint/preview', { threadId, id: checkpointId });
      if (this.#open !== open) return;
      const shown = files.map((file) => restoreFile(file, this.#deps.labelOf));
      this.#show({ ...open, files, view: { ...view, status: 'ready', files: shown } });
    } catch (error) {
      if (this.#open === open) this.#fail(open, error);
    }
  }

  async restore(scope: RestoreScope, overwrite: readonly string[]): Promise<void> {
    const open = this.#open;
    if (open?.view.status !== 'ready') return;
    if (this.#deps.isRunning()) {
      this.#fail(open, new Error('A turn is running. Stop it or wait for its end, then restore.'));
      return;
    }
    const conflicts = new Set(open.files.filter(({ conflict }) => conflict !== null).map(({ path }) => path));
    await this.#restore(
      open,
      open.view.checkpoint.id,
      scope,
      overwrite.filter((path) => conflicts.has(path)),
    );
  }

  /** Takes a restore back. The conversation stays as it was restored. */
  async undo(): Promise<void> {
    const open = this.#open;
    if (open?.view.status === 'done' && open.undoId !== null) await this.#restore(open, open.undoId, 'code', []);
  }

  close(): void {
    this.#open = null;
    this.#deps.show(null);
  }

  /** Another thread is shown: what was looked at was not about it. */
  leave(threadId: string | null): void {
    if (this.#open && this.#open.threadId !== threadId) this.close();
  }

  /** The file of the preview that is shown. */
  file(path: string): { threadId: string; checkpointId: string; file: CheckpointFile } | null {
    const file = this.#open?.files.find((one) => one.path === path);
    if (!this.#open || !file) return null;
    return { threadId: this.#open.threadId, checkpointId: this.#open.view.checkpoint.id, file };
  }

  async #restore(open: Open, id: string, scope: RestoreScope, overwrite: string[]): Promise<void> {
    const { threadId } = open;
    const working: Open = { ...open, view: { ...open.view, status: 'working', problem: null } };
    this.#show(working);
    try {
      const client = await this.#deps.client();
      const given = overwrite.length > 0 ? { overwrite } : {};
      const answer = await client.request('checkpoint/restore', { threadId, id, scope, ...given });
      if (scope !== 'code') await this.#deps.reload(threadId);
      this.#deps.listChanged();
      if (this.#open !== working) return;
      const outcome = outcomeOf(answer, scope, this.#deps.labelOf);
      this.#show({ ...working, undoId: answer.undoId, view: { ...working.view, status: 'done', outcome } });
    } catch (error) {
      if (this.#open === working) this.#fail(open, error);
    }
  }

  #show(open: Open): void {
    this.#open = open;
    this.#deps.show(open.view);
  }

  #fail(open: Open, error: unknown): void {
    const problem = error instanceof Error ? error.message : String(error);
    this.#show({ ...open, view: { ...open.view, status: open.view.status === 'done' ? 'done' : 'ready', problem } });
  }
}

const CONFLICTS: Record<CheckpointConflictReason, string> = {
  changedByUser: 'changed since by somebody else',
  notReadable: 'cannot be read',
  tooLarge: 'too large to be kept',
  outsideWorkspace: 'outside of the workspace',
};

export function restoreFile(
  { path, change, diff, conflict }: CheckpointFile,
  labelOf: (path: string) => string,
): RestoreFile {
  const lines = diff === null ? [] : parsedLines(diff);
  const count = (sign: string) => lines.filter((line) => line.startsWith(sign)).length;
  return {
    path,
    label: labelOf(path),
    change,
    added: count('+'),
    removed: count('-'),
    canOpen: diff !== null,
    conflict: conflict === null ? null : CONFLICTS[conflict],
  };
}

function parsedLines(diff: string): string[] {
  try {
    return parsePatch(diff).flatMap(({ hunks }) => hunks.flatMap(({ lines }) => lines));
  } catch {
    return [];
  }
}

function outcomeOf(
  { restored, conflicts, undoId }: ClientRequestResult<'checkpoint/restore'>,
  scope: RestoreScope,
  labelOf: (path: string) => string,
): NonNullable<RestoreView['outcome']> {
  return {
    scope,
    restored: restored.length,
    left: conflicts.map(({ path, reason }) => ({ label: labelOf(path), why: CONFLICTS[reason] })),
    canUndo: undoId !== null,
  };
}
