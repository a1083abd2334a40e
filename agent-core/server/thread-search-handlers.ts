/** `thread/search`: threads by what was said in them, newest first. Files are read one at a time, up to a full page. */
import { setImmediate as breathe } from 'node:timers/promises';
import { AgentError, type ThreadItem, type ThreadSearchResult } from '../protocol/index.ts';
import { loadItem } from '../threads/thread-history.ts';
import { cursorAt, parseCursor, type ThreadQuery } from '../threads/thread-list.ts';
import { readLines, type ThreadStore } from '../threads/thread-store.ts';
import type { ThreadSummary } from '../threads/thread-summary.ts';
import type { Handlers } from './connection.ts';
import { badCursor, pageSize } from './pages.ts';
import type { ThreadRegistry } from './thread-registry.ts';

/** So many summaries are taken at once; each of them is a file to look through. */
const BATCH = 50;
/** Characters around what was found. */
const BEFORE = 40;
const AFTER = 160;

const SORT_KEYS = { created_at: 'createdAt', updated_at: 'updatedAt', recency_at: 'recencyAt' } as const;

/** The line around the first place where `term` (in small letters) stands; null: it does not. (pure) */
export function snippetOf(text: string, term: string): string | null {
  const at = text.toLowerCase().indexOf(term);
  if (at < 0) return null;
  const start = Math.max(0, at - BEFORE);
  const end = Math.min(text.length, at + term.length + AFTER);
  const part = text.slice(start, end).replace(/\s+/g, ' ').trim();
  return `${start > 0 ? '…' : ''}${part}${end < text.length ? '…' : ''}`;
}

function textOf(item: ThreadItem): string {
  if (item.type === 'agentMessage') return item.text;
  if (item.type !== 'userMessage') return '';
  return item.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

export function threadSearchHandlers(threads: ThreadRegistry, store: ThreadStore): Pick<Handlers, 'thread/search'> {
  const found = (summary: ThreadSummary, term: string): string | null => {
    const named = snippetOf(summary.name ?? '', term);
    if (named !== null) return named;
    const view = threads.view(summary.threadId);
    const said = view.turns.flatMap(({ items }) =>
      items.filter(({ type }) => type === 'userMessage' || type === 'agentMessage'),
    );
    return readLines(view, (reader) => {
      for (const ref of said) {
        const item = loadItem(ref, reader);
        const snippet = item && snippetOf(textOf(item), term);
        if (snippet) return snippet;
      }
      return null;
    });
  };

  /** A thread that was deleted meanwhile, or cannot be read, holds nothing. */
  const look = (summary: ThreadSummary, term: string): string | null => {
    try {
      return found(summary, term);
    } catch (error) {
      if (error instanceof AgentError) return null;
      throw error;
    }
  };

  return {
    async 'thread/search'(params, { signal }) {
      const term = params.searchTerm.trim().toLowerCase();
      if (term === '') throw new AgentError('invalidRequest', 'searchTerm must not be empty');
      if (params.cursor && !parseCursor(params.cursor)) throw badCursor();
      const sortKey = SORT_KEYS[params.sortKey ?? 'created_at'];
      const query: ThreadQuery = {
        archived: params.archived ?? false,
        cursor: params.cursor ?? null,
        limit: BATCH,
        sortKey,
        ascending: params.sortDirection === 'asc',
        only: null,
        isQuick: false,
        searchTerm: null,
        cwds: null,
        providers: null,
        sources: params.sourceKinds?.length ? params.sourceKinds : ['cli', 'vscode'],
        originators: null,
        excluded: [],
      };
      const size = pageSize(params.limit, 25, 200);
      const data: ThreadSearchResult[] = [];
      let backwardsCursor: string | null = null;
      for (;;) {
        const page = store.list(query);
        for (const summary of page.data) {
          await breathe(undefined, { signal });
          const snippet = look(summary, term);
          const thread = snippet === null ? null : threads.listed(summary);
          if (snippet === null || !thread) continue;
          backwardsCursor ??= cursorAt(summary, sortKey, true);
          data.push({ thread, snippet });
          if (data.length < size) continue;
          return { data, nextCursor: cursorAt(summary, sortKey, false), backwardsCursor };
        }
        if (page.nextCursor === null) return { data, nextCursor: null, backwardsCursor };
        query.cursor = page.nextCursor;
      }
    },
  };
}
