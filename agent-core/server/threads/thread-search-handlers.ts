/** Finding threads by what was said in them. */
import path from 'node:path';
import { AgentError, type GantryThreadSearchResult, type ThreadSearchResult } from '../../protocol/index.ts';
import { fold, type Snippet, snippetOf, wordsOf } from '../../threads/message-match.ts';
import { cursorAt, parseCursor, type ThreadQuery } from '../../threads/thread-list.ts';
import type { ThreadStore } from '../../threads/thread-store.ts';
import type { Handlers } from '../wire/connection.ts';
import { badCursor, pageSize } from '../wire/pages.ts';
import type { ThreadRegistry } from './thread-registry.ts';

const SORT_KEYS = { created_at: 'createdAt', updated_at: 'updatedAt', recency_at: 'recencyAt' } as const;
/** The threads that a person held, as the reference has it for its own search. */
const INTERACTIVE = ['cli', 'vscode'];

const everything = (cursor: string | null | undefined): ThreadQuery => {
  if (cursor && !parseCursor(cursor)) throw badCursor(cursor);
  return {
    archived: false,
    cursor: cursor ?? null,
    limit: 0,
    sortKey: 'recencyAt',
    ascending: false,
    only: null,
    isQuick: false,
    searchTerm: null,
    cwds: null,
    providers: null,
    sources: null,
    originators: null,
    excluded: [],
  };
};

type Methods = 'thread/search' | 'gantry/thread/search';

export function threadSearchHandlers(threads: ThreadRegistry, store: ThreadStore): Pick<Handlers, Methods> {
  /** One page of what is found. */
  const page = async <T>(
    query: ThreadQuery,
    words: readonly string[],
    size: number,
    signal: AbortSignal,
    entry: (thread: NonNullable<ReturnType<ThreadRegistry['listed']>>, snippet: Snippet, at: Place) => T,
  ) => {
    const data: T[] = [];
    const cursors: { first: string | null; last: string | null } = { first: null, last: null };
    const match = (message: { turnId: string; itemId: string; text: string }) => {
      const snippet = snippetOf(message.text, words);
      return snippet && { snippet, turnId: message.turnId || null, itemId: message.itemId || null };
    };
    for await (const { summary, found } of store.search(query, words, match, signal)) {
      // There is one more, so there is a next page.
      if (data.length === size) return { data, nextCursor: cursors.last, backwardsCursor: cursors.first };
      const thread = threads.listed(summary);
      if (!thread) continue;
      data.push(entry(thread, found.snippet, found));
      cursors.first ??= cursorAt(summary, query.sortKey, true);
      cursors.last = cursorAt(summary, query.sortKey, false);
    }
    return { data, nextCursor: null, backwardsCursor: cursors.first };
  };

  return {
    async 'thread/search'(params, { signal }) {
      const term = fold(params.searchTerm.trim());
      if (term === '') throw new AgentError('invalidRequest', 'searchTerm must not be empty');
      const query: ThreadQuery = {
        ...everything(params.cursor),
        archived: params.archived ?? false,
        sortKey: SORT_KEYS[params.sortKey ?? 'created_at'],
        ascending: params.sortDirection === 'asc',
        sources: params.sourceKinds?.length ? params.sourceKinds : INTERACTIVE,
      };
      return page(
        query,
        [term],
        pageSize(params.limit, 25, 200),
        signal,
        (thread, { text }): ThreadSearchResult => ({
          thread,
          snippet: text.trim(),
        }),
      );
    },

    async 'gantry/thread/search'({ query: asked, cwd, archived, limit, cursor }, { signal }) {
      const words = wordsOf(asked);
      if (words.length === 0) throw new AgentError('invalidRequest', 'query must hold a word to look for');
      const cwds = cwd === null || cwd === undefined ? null : [cwd].flat().map((folder) => path.resolve(folder));
      const query = { ...everything(cursor), archived: archived ?? false, cwds };
      const { data, nextCursor } = await page(
        query,
        words,
        pageSize(limit, 25, 200),
        signal,
        (thread, snippet, { turnId, itemId }): GantryThreadSearchResult => ({ thread, snippet, turnId, itemId }),
      );
      return { data, nextCursor };
    },
  };
}

type Place = { turnId: string | null; itemId: string | null };
