/** The list of threads: search, rename, archive, delete. No editor. */
import type { ServerNotification } from '../../agent-core/protocol/index.ts';
import type { HistoryView, ThreadSummary } from '../../webview/bridge/panel-state.ts';
import type { CoreSupervisor } from '../core/core-supervisor.ts';
import type { PanelStore } from './panel-store.ts';
import { threadSummaryOf } from './thread-model.ts';

export type HistoryDeps = { core: CoreSupervisor; store: PanelStore; roots(): string[] };

const PAGE = 50;

export class HistoryController {
  readonly #deps: HistoryDeps;
  #asked = 0;

  constructor(deps: HistoryDeps) {
    this.#deps = deps;
    deps.core.onNotification((notification) => this.#hear(notification));
  }

  /** Threads of the open folders, newest first; with `cursor` the page after those that are shown. */
  async list(cursor: string | null, search: string | null): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const shown = cursor ? (this.#history?.threads ?? []) : [];
    this.#set({ threads: shown, nextCursor: cursor, loading: true, error: null });
    const roots = this.#deps.roots();
    try {
      const page = await this.#deps.core.request('thread/list', {
        limit: PAGE,
        ...(cursor ? { cursor } : {}),
        ...(search ? { searchTerm: search } : {}),
        ...(roots.length > 0 ? { cwd: roots.length === 1 ? roots[0] : roots } : {}),
      });
      if (asked !== this.#asked) return;
      const threads = [...shown, ...page.data.map(threadSummaryOf)];
      this.#set({ threads, nextCursor: page.nextCursor ?? null, loading: false, error: null });
    } catch (error) {
      if (asked !== this.#asked) return;
      const message = error instanceof Error ? error.message : String(error);
      this.#set({ threads: shown, nextCursor: cursor, loading: false, error: message });
    }
  }

  close(): void {
    this.#asked += 1;
    this.#deps.store.set({ history: null });
  }

  async rename(threadId: string, name: string): Promise<void> {
    await this.#deps.core.request('thread/name/set', { threadId, name });
    this.#change((threads) => threads.map((thread) => (thread.id === threadId ? { ...thread, name } : thread)));
  }

  async archive(threadId: string): Promise<void> {
    await this.#deps.core.request('thread/archive', { threadId });
    this.#drop(threadId);
  }

  async delete(threadId: string): Promise<void> {
    await this.#deps.core.request('thread/delete', { threadId });
    this.#drop(threadId);
  }

  get #history(): HistoryView | null {
    return this.#deps.store.state.history;
  }

  #set(history: HistoryView): void {
    this.#deps.store.set({ history });
  }

  #change(change: (threads: ThreadSummary[]) => ThreadSummary[]): void {
    const history = this.#history;
    if (history) this.#set({ ...history, threads: change(history.threads) });
  }

  #drop(threadId: string): void {
    this.#change((threads) => threads.filter(({ id }) => id !== threadId));
  }

  #hear({ method, params }: ServerNotification): void {
    if (method === 'thread/deleted' || method === 'thread/archived') this.#drop(params.threadId);
    if (method === 'thread/status/changed') {
      const running = params.status.type === 'active';
      this.#change((threads) =>
        threads.map((thread) => (thread.id === params.threadId ? { ...thread, running } : thread)),
      );
    }
  }
}
