/** Order, filters and cursors of a list of threads. (pure) */
import type { ThreadSummary } from './thread-summary.ts';

export type ThreadQuery = {
  archived: boolean;
  cursor: string | null;
  limit: number;
  sortKey: 'createdAt' | 'updatedAt' | 'recencyAt';
  ascending: boolean;
  searchTerm: string | null;
  /** Only these threads, for example those of a section; null for all. */
  only: ReadonlySet<string> | null;
  /** Absolute folders; null for all. */
  cwds: string[] | null;
  providers: string[] | null;
  sources: string[] | null;
  originators: string[] | null;
  excluded: string[];
  /** Do not look whether files changed since the last list. */
  isQuick: boolean;
};

export type ThreadPage = { data: ThreadSummary[]; nextCursor: string | null; backwardsCursor: string | null };

type Cursor = { value: number; id: string; includes: boolean };

const encode = ({ value, id, includes }: Cursor): string => `${includes ? 'from' : 'after'}:${value}:${id}`;

/** Null for a text that no list gave out. */
export function parseCursor(text: string): Cursor | null {
  const match = /^(from|after):(\d+):([0-9a-f-]{36})$/.exec(text);
  return match ? { value: Number(match[2]), id: match[3] ?? '', includes: match[1] === 'from' } : null;
}

/** For the page after `thread`, or with `includes` the one that begins with it. */
export const cursorAt = (thread: ThreadSummary, key: ThreadQuery['sortKey'], includes: boolean): string =>
  encode({ value: sortValue(thread, key), id: thread.threadId, includes });

const sortValue = (thread: ThreadSummary, key: ThreadQuery['sortKey']): number => thread[`${key}Ms`];

const KINDS: ReadonlySet<string> = new Set(['cli', 'vscode', 'exec', 'appServer']);

/** The wire's name for where a thread came from. */
export const sourceKind = (source: string | undefined): string =>
  source !== undefined && KINDS.has(source) ? source : 'unknown';

/** What `searchTerm` is looked for in, in small letters. */
export const searchedText = ({ preview, name }: ThreadSummary): string => `${preview}\u0001${name ?? ''}`.toLowerCase();

function matches(thread: ThreadSummary, query: ThreadQuery): boolean {
  if (!thread.hasTurn || query.excluded.includes(thread.threadId)) return false;
  if (query.only && !query.only.has(thread.threadId)) return false;
  if (query.cwds && !query.cwds.includes(thread.meta?.cwd ?? '')) return false;
  if (query.providers && !query.providers.includes(thread.provider)) return false;
  if (query.sources && !query.sources.includes(sourceKind(thread.meta?.source))) return false;
  if (query.originators && !query.originators.includes(thread.meta?.originator ?? '')) return false;
  if (!query.searchTerm) return true;
  return searchedText(thread).includes(query.searchTerm.toLowerCase());
}

/** The threads of a page, in order, and one more when there are more. `cursor` must be one that `parseCursor` takes. */
export function selectThreads<T extends ThreadSummary>(threads: readonly T[], query: ThreadQuery): T[] {
  const sign = query.ascending ? 1 : -1;
  const key = query.sortKey;
  const compare = (a: ThreadSummary, value: number, id: string): number =>
    sign * (sortValue(a, key) - value || (a.threadId < id ? -1 : a.threadId > id ? 1 : 0));
  const cursor = query.cursor === null ? null : parseCursor(query.cursor);
  // Only the page is put in order, and one more: of ten thousand threads a page has fifty.
  const best: T[] = [];
  for (const thread of threads) {
    if (cursor) {
      const order = compare(thread, cursor.value, cursor.id);
      if (order < 0 || (order === 0 && !cursor.includes)) continue;
    }
    const last = best.at(-1);
    if (last && best.length > query.limit && compare(thread, sortValue(last, key), last.threadId) > 0) continue;
    if (!matches(thread, query)) continue;
    best.splice(
      placeIn(best, (other) => compare(other, sortValue(thread, key), thread.threadId) < 0),
      0,
      thread,
    );
    if (best.length > query.limit + 1) best.pop();
  }
  return best;
}

/** What `selectThreads` found, as a page. */
export function toPage(found: readonly ThreadSummary[], { limit, sortKey }: ThreadQuery): ThreadPage {
  const data = found.slice(0, limit);
  const [first, end] = [data[0], data.at(-1)];
  return {
    data,
    nextCursor: end && found.length > data.length ? cursorAt(end, sortKey, false) : null,
    backwardsCursor: first ? cursorAt(first, sortKey, true) : null,
  };
}

/** How many of a sorted list come before. */
function placeIn(sorted: readonly ThreadSummary[], isBefore: (thread: ThreadSummary) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const thread = sorted[middle];
    if (thread && isBefore(thread)) low = middle + 1;
    else high = middle;
  }
  return low;
}
