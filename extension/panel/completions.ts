/** What can be picked for the word at the cursor: files by a search session of the core, skills by its list. No editor. */
import type { FuzzyFileSearchResult, ServerNotification } from '../../agent-core/protocol/index.ts';
import type { CompletionItem } from '../../webview/bridge/thread-extras.ts';
import type { CoreSupervisor } from '../core/core-supervisor.ts';
import type { PanelStore } from './panel-store.ts';

export type CompletionDeps = { core: CoreSupervisor; store: PanelStore; roots(): string[] };

const MOST = 50;

export class Completions {
  readonly #deps: CompletionDeps;
  #session: { id: string; started: Promise<unknown> } | null = null;
  #skills: Promise<CompletionItem[]> | null = null;
  #asked = 0;
  #count = 0;

  constructor(deps: CompletionDeps) {
    this.#deps = deps;
    deps.core.onNotification((notification) => this.#hear(notification));
    deps.core.onLost(() => {
      this.#session = null;
      this.#skills = null;
      this.#end();
    });
  }

  /** `query` null ends it. Rejects when the core cannot search. */
  async complete(kind: 'file' | 'skill', query: string | null): Promise<void> {
    this.#asked += 1;
    if (query === null) return this.#stop();
    if (kind === 'skill') return this.#showSkills(query);
    const roots = this.#deps.roots();
    if (roots.length === 0) return this.#stop();
    const before = this.#deps.store.state.completion;
    // Until the answer is there, what still fits of the one before: nobody shall pick what the word has outgrown.
    const items = before?.kind === 'file' ? before.items.filter(({ insert }) => fits(insert, query)) : [];
    this.#deps.store.set({ completion: { kind, query, searching: true, items } });
    const session = this.#session ?? this.#start(roots);
    await session.started;
    if (this.#session !== session) return;
    await this.#deps.core.request('fuzzyFileSearch/sessionUpdate', { sessionId: session.id, query });
  }

  #start(roots: string[]): { id: string; started: Promise<unknown> } {
    this.#count += 1;
    const id = `composer-${this.#count}`;
    const started = this.#deps.core.request('fuzzyFileSearch/sessionStart', { sessionId: id, roots });
    const session = { id, started };
    this.#session = session;
    started.catch(() => {
      if (this.#session === session) this.#session = null;
    });
    return session;
  }

  #stop(): void {
    const session = this.#session;
    this.#session = null;
    this.#end();
    void session?.started
      .then(() => this.#deps.core.client?.request('fuzzyFileSearch/sessionStop', { sessionId: session.id }))
      .catch(() => {});
  }

  #end(): void {
    if (this.#deps.store.state.completion) this.#deps.store.set({ completion: null });
  }

  async #showSkills(query: string): Promise<void> {
    const asked = this.#asked;
    this.#skills ??= this.#listSkills();
    const items = await this.#skills.catch((error: unknown) => {
      this.#skills = null;
      throw error;
    });
    if (asked !== this.#asked) return;
    const wanted = query.toLowerCase();
    const fitting = items.filter(({ name, detail }) => `${name} ${detail}`.toLowerCase().includes(wanted));
    fitting.sort((a, b) => Number(b.name.startsWith(wanted)) - Number(a.name.startsWith(wanted)));
    const none = items.length === 0 ? { noneAtAll: true } : {};
    const found = { kind: 'skill' as const, query, searching: false, items: fitting.slice(0, MOST), ...none };
    this.#deps.store.set({ completion: found });
  }

  async #listSkills(): Promise<CompletionItem[]> {
    const roots = this.#deps.roots();
    const { data } = await this.#deps.core.request('skills/list', roots.length > 0 ? { cwds: roots } : {});
    const all = data.flatMap(({ skills }) => skills).filter(({ enabled }) => enabled);
    const byName = new Map(all.map((skill) => [skill.name, skill]));
    return [...byName.values()].map(({ name, path, description, shortDescription }) => ({
      name,
      path,
      insert: name,
      detail: shortDescription ?? description,
    }));
  }

  #hear({ method, params }: ServerNotification): void {
    if (method === 'skills/changed') this.#skills = null;
    const { completion } = this.#deps.store.withoutDeltas;
    if (completion?.kind !== 'file') return;
    if (method === 'fuzzyFileSearch/sessionUpdated' && params.sessionId === this.#session?.id) {
      if (params.query !== completion.query) return;
      const severalRoots = this.#deps.roots().length > 1;
      const items = params.files.slice(0, MOST).map((file) => fileItem(file, severalRoots));
      this.#deps.store.set({ completion: { ...completion, items } });
    }
    if (method === 'fuzzyFileSearch/sessionCompleted' && params.sessionId === this.#session?.id) {
      this.#deps.store.set({ completion: { ...completion, searching: false } });
    }
  }
}

/** Whether the letters of `query` stand in `path` in their order. Pure. */
export function fits(path: string, query: string): boolean {
  let at = 0;
  for (const char of path.toLowerCase()) if (char === query[at]?.toLowerCase()) at += 1;
  return at >= query.length;
}

/** Pure. */
export function fileItem({ path, root, match_type }: FuzzyFileSearchResult, withRoot: boolean): CompletionItem {
  const shown = path.replaceAll('\\', '/').replace(/\/$/, '');
  const base = root.replaceAll('\\', '/').replace(/\/$/, '');
  const cut = shown.lastIndexOf('/');
  const rootName = base.slice(base.lastIndexOf('/') + 1);
  const folder = cut < 0 ? '' : shown.slice(0, cut);
  return {
    name: shown.slice(cut + 1) + (match_type === 'directory' ? '/' : ''),
    path: `${base}/${shown}`,
    insert: shown,
    detail: withRoot ? [rootName, folder].filter(Boolean).join('/') : folder,
  };
}
