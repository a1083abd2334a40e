/** Cursors over lists that only grow at their end. (pure) */
import { AgentError } from '../../protocol/index.ts';

const MAX_SHOWN = 100;

export type Page<T> = { data: T[]; nextCursor: string | null; backwardsCursor: string | null };

export const badCursor = (cursor: unknown): AgentError =>
  new AgentError(
    'invalidRequest',
    `invalid cursor: ${shownCursor(cursor)}; pass what an earlier answer gave as nextCursor or backwardsCursor`,
  );

const shownCursor = (cursor: unknown): string =>
  (typeof cursor === 'string' ? cursor : JSON.stringify(cursor)).slice(0, MAX_SHOWN);

type Query<T> = {
  /** Oldest first. */
  all: readonly T[];
  idOf: (value: T) => string;
  cursor: string | null;
  limit: number;
  ascending: boolean;
};

/**
 * One page. A cursor names the entry it stands at, so that it stays right when entries are added; `backwardsCursor`
 * with the other direction gives what lies before the page, the page's first entry included.
 */
export function pageOf<T>({ all, idOf, cursor, limit, ascending }: Query<T>): Page<T> {
  const ordered = ascending ? all : all.toReversed();
  let start = 0;
  if (cursor !== null) {
    const match = /^(from|after):(.+)$/s.exec(cursor);
    const index = match ? ordered.findIndex((value) => idOf(value) === match[2]) : -1;
    if (!match || index < 0) throw badCursor(cursor);
    start = match[1] === 'from' ? index : index + 1;
  }
  const data = ordered.slice(start, start + limit);
  const [first, last] = [data[0], data.at(-1)];
  return {
    data,
    nextCursor: last !== undefined && start + limit < ordered.length ? `after:${idOf(last)}` : null,
    backwardsCursor: first !== undefined ? `from:${idOf(first)}` : null,
  };
}

/** A page size between 1 and `most`. */
export function pageSize(limit: number | null | undefined, usual: number, most: number): number {
  return Math.min(most, Math.max(1, limit ?? usual));
}
