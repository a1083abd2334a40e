/** The list of threads: search, rename, archive and back, delete. No editor. */
import type { ServerNotification } from '../../agent-core/protocol/index.ts';
import type { HistoryView, ThreadSummary } from '../../webview/bridge/panel-state.ts';
import type { CoreSupervisor } from '../core/core-supervisor.ts';
import type { PanelStore } from './panel-store.ts';
import { threadSummaryOf } from './thread-model.ts';

export type HistoryDeps = { core: CoreSupervisor; store: PanelStore; roots(): string[] };

type Page = { threads: ThreadSummary[]; nextCursor: string | null };

const PAGE = 50;

export class HistoryController {
  readonly #deps: HistoryDeps;
  #asked = 0;

  constructor(deps: HistoryDeps) {
    this.#deps = deps;
    deps.core.onNotification((notification) => this.#hear(notification));
  }

  /**
   * Threads of the open folders, newest first; with `cursor` the page after those that are shown. A search looks through
   * what was said. `archived` left out: as shown now.
   */
  async list(cursor: string | null, search: string | null, archived = this.#history?.archived ?? false): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const shown = cursor ? (this.#history?.threads ?? []) : [];
    const undo = this.#history?.archived === archived ? this.#history.undo : null;
    const common = { archived, undo };
    this.#set({ ...common, threads: shown, nextCursor: cursor, loading: true, error: null });
    const roots = this.#deps.roots();
    try {
      const page = await (search ? this.#found(search, cursor, archived, roots) : this.#page(cursor, archived, roots));
      if (asked !== this.#asked) return;
      const threads = [...shown, ...page.threads];
      this.#set({ ...common, threads, nextCursor: page.nextCursor, loading: false, error: null });
    } catch (error) {
      if (asked !== this.#asked) return;
      const message = error instanceof Error ? error.message : String(error);
      this.#set({ ...common, threads: shown, nextCursor: cursor, loading: false, error: message });
    }
  }

  async #page(cursor: string | null, archived: boolean, roots: string[]): Promise<Page> {
    const { data, nextCursor } = await this.#deps.core.request('thread/list', {
      limit: PAGE,
      archived,
      ...(cursor ? { cursor } : {}),
      ...(roots.length > 0 ? { cwd: roots.length === 1 ? roots[0] : roots } : {}),
    });
    return { threads: data.map(threadSummaryOf), nextCursor: nextCursor ?? null };
  }

  async #found(query: string, cursor: string | null, archived: boolean, roots: string[]): Promise<Page> {
    const client = await this.#deps.core.ready();
    const common = { limit: PAGE, archived, ...(cursor ? { cursor } : {}) };
    if (client.gantry) {
      const cwd = roots.length > 0 ? { cwd: roots } : {};
      const page = await client.request('gantry/thread/search', { query, ...cwd, ...common });
      const threads = page.data.map(({ thread, snippet }) => ({ ...threadSummaryOf(thread), snippet: snippet.text }));
      return { threads, nextCursor: page.nextCursor };
    }
    // The published search knows no folders: those that are not open are left out here.
    const page = await client.request('thread/search', { searchTerm: query, ...common });
    const own = page.data.filter(({ thread }) => roots.length === 0 || roots.includes(thread.cwd));
    const threads = own.map(({ thread, snippet }) => ({ ...threadSummaryOf(thread), snippet }));
    return { threads, nextCursor: page.nextCursor ?? null };
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
    const found = this.#history?.threads.find(({ id }) => id === threadId);
    await this.#deps.core.request('thread/archive', { threadId });
    this.#drop(threadId);
    const title = found?.name ?? (found?.preview.trim() || 'Untitled thread');
    if (this.#history) this.#set({ ...this.#history, undo: { threadId, title } });
  }

  /** Brings it back into the list of the others. */
  async unarchive(threadId: string): Promise<void> {
    const { thread } = await this.#deps.core.request('thread/unarchive', { threadId });
    const history = this.#history;
    if (!history) return;
    if (history.undo?.threadId === threadId) this.#set({ ...history, undo: null });
    if (history.archived) this.#drop(threadId);
    else this.#put(threadSummaryOf(thread));
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

  #put(summary: ThreadSummary): void {
    this.#change((threads) =>
      [...threads.filter(({ id }) => id !== summary.id), summary].sort((a, b) => b.updatedAt - a.updatedAt),
    );
  }

  #drop(threadId: string): void {
    this.#change((threads) => threads.filter(({ id }) => id !== threadId));
  }

  #hear({ method, params }: ServerNotification): void {
    if (method === 'thread/deleted') this.#drop(params.threadId);
    if (method === 'thread/archived' && !this.#history?.archived) this.#drop(params.threadId);
    if (method === 'thread/status/changed') {
      const running = params.status.type === 'active';
      this.#change((threads) =>
        threads.map((thread) => (thread.id === params.threadId ? { ...thread, running } : thread)),
      );
    }
  }
}
