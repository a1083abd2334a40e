import assert from 'node:assert/strict';
import { parseCursor, selectThreads, type ThreadQuery, toPage } from '../../../agent-core/threads/thread-list.ts';
import type { ThreadSummary } from '../../../agent-core/threads/thread-summary.ts';
import { createIdSource, isUuid, uuidTime } from '../../../agent-core/threads/uuid.ts';

const id = (n: number): string => `00000000-0000-7000-8000-00000000000${n}`;

const summary = (n: number, over: Partial<ThreadSummary> = {}): ThreadSummary => ({
  threadId: id(n),
  path: `/sessions/${n}`,
  archived: false,
  meta: null,
  name: null,
  preview: `thread ${n}`,
  hasTurn: true,
  createdAtMs: n,
  updatedAtMs: 100 - n,
  recencyAtMs: n,
  provider: 'p',
  model: 'm',
  effort: null,
  ...over,
});

const query = (over: Partial<ThreadQuery> = {}): ThreadQuery => ({
  archived: false,
  cursor: null,
  limit: 2,
  sortKey: 'createdAt',
  ascending: false,
  searchTerm: null,
  cwds: null,
  providers: null,
  sources: null,
  originators: null,
  excluded: [],
  only: null,
  isQuick: false,
  ...over,
});
const threads = [1, 2, 3, 4, 5].map((n) => summary(n));
const ids = (page: { data: ThreadSummary[] }) => page.data.map(({ createdAtMs }) => createdAtMs);

const pageOfThreads = (among: readonly ThreadSummary[], asked: ThreadQuery) =>
  toPage(selectThreads(among, asked), asked);

describe('pages of threads', () => {
  it('pages forth and back', () => {
    const first = pageOfThreads(threads, query());
    const second = pageOfThreads(threads, query({ cursor: first.nextCursor }));
    const third = pageOfThreads(threads, query({ cursor: second.nextCursor }));
    assert.deepEqual([ids(first), ids(second), ids(third), third.nextCursor], [[5, 4], [3, 2], [1], null]);
    const back = pageOfThreads(threads, query({ cursor: second.backwardsCursor, ascending: true, limit: 9 }));
    assert.deepEqual(ids(back), [3, 4, 5]);
  });

  it('keeps its place when threads are added', () => {
    const first = pageOfThreads(threads, query());
    const more = [...threads, summary(9)];
    assert.deepEqual(ids(pageOfThreads(more, query({ cursor: first.nextCursor }))), [3, 2]);
  });

  it('sorts and filters', () => {
    assert.deepEqual(ids(pageOfThreads(threads, query({ sortKey: 'updatedAt', limit: 9 }))), [1, 2, 3, 4, 5]);
    assert.deepEqual(ids(pageOfThreads(threads, query({ searchTerm: 'THREAD 3' }))), [3]);
    assert.deepEqual(ids(pageOfThreads([summary(1, { hasTurn: false }), summary(2)], query())), [2]);
    assert.deepEqual(ids(pageOfThreads(threads, query({ excluded: [id(5)], limit: 1 }))), [4]);
    assert.deepEqual(ids(pageOfThreads(threads, query({ providers: ['other'] }))), []);
  });

  it('takes only cursors that it gave', () => {
    for (const text of ['', 'x', 'after:1', `after:x:${id(1)}`]) assert.equal(parseCursor(text), null);
  });
});

describe('createIdSource', () => {
  it('gives ids in order, within a millisecond and when the clock steps back', () => {
    let now = 1_795_342_651_000;
    const newId = createIdSource(() => now);
    const made = Array.from({ length: 5000 }, () => newId());
    now -= 10_000;
    made.push(newId());
    assert.deepEqual(made, made.toSorted());
    assert.equal(new Set(made).size, made.length);
    assert.ok(made.every(isUuid));
    assert.equal(uuidTime(made[0] ?? ''), 1_795_342_651_000);
  });
});
