/** The index of so many threads that not every file is looked at for a list. Through real core processes. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ClientRequestResult } from '../../agent-core/protocol/index.ts';
import type { CoreProcess } from '../support/core-process.ts';
import { World } from './world.ts';

const COUNT = 1200;
/** A folder that changed long ago is not read again for that. */
const LONG_AGO = new Date('2026-01-02T00:00:00Z');
const idOf = (n: number): string => `019b7b00-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

describe('the index of many threads', function () {
  this.timeout(60_000);
  let world: World;
  let core: CoreProcess;
  let folder: string;

  const fileOf = (n: number): string => {
    const time = new Date(Number.parseInt(idOf(n).slice(0, 8) + idOf(n).slice(9, 13), 16));
    return path.join(folder, `rollout-${time.toISOString().slice(0, 19).replaceAll(':', '-')}-${idOf(n)}.jsonl`);
  };
  const write = (n: number, text = `thread number ${n}`): void => {
    const at = 1_767_312_000_000 + n;
    const lines = [
      {
        type: 'thread',
        version: 2,
        at,
        threadId: idOf(n),
        cwd: world.workspace,
        source: 'vscode',
        originator: 'test',
        cliVersion: '1.0.0',
        provider: 'scripted',
        model: 'gpt-5.5',
        forkedFromId: null,
        gitInfo: null,
      },
      { type: 'turnStarted', at, turnId: `turn${n}` },
      {
        type: 'item',
        at,
        turnId: `turn${n}`,
        item: { type: 'userMessage', id: `u${n}`, content: [{ type: 'text', text }] },
      },
      { type: 'turnCompleted', at, turnId: `turn${n}`, status: 'completed', error: null, durationMs: 1 },
    ];
    writeFileSync(fileOf(n), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    utimesSync(fileOf(n), at / 1000, at / 1000);
  };
  const settle = (): void => utimesSync(folder, LONG_AGO, LONG_AGO);
  const named = (n: number, name: string): void =>
    appendFileSync(fileOf(n), `${JSON.stringify({ type: 'name', at: Date.now(), name })}\n`);
  const list = async (params = {}, from = core): Promise<string[]> =>
    (await from.request('thread/list', { limit: 3, sortKey: 'updated_at', ...params })).data.map(({ id }) => id);
  const newest = (...numbers: number[]): string[] => numbers.map(idOf);
  /** Lists until the answer is this one: what is found behind an answer is in a later one. */
  const listsAtLast = async (wanted: string[], params = {}): Promise<void> => {
    for (let tries = 0; tries < 2000; tries++) {
      const found = await list(params);
      if (JSON.stringify(found) === JSON.stringify(wanted)) return;
    }
    assert.deepEqual(await list(params), wanted);
  };

  beforeEach(async () => {
    world = await World.create({ script: [{ text: 'ok' }, { text: 'ok' }] });
    folder = path.join(world.home, 'sessions/2026/01/02');
    mkdirSync(folder, { recursive: true });
    for (let n = 1; n <= COUNT; n++) write(n);
    settle();
    core = await world.core();
    assert.deepEqual(await list(), newest(COUNT, COUNT - 1, COUNT - 2));
  });

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('goes through all pages by every key, there and back', async () => {
    for (const sortKey of ['created_at', 'updated_at', 'recency_at'] as const) {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: ClientRequestResult<'thread/list'> = await core.request('thread/list', {
          sortKey,
          limit: 500,
          cursor,
        });
        seen.push(...page.data.map(({ id }) => id));
        cursor = page.nextCursor ?? null;
      } while (cursor !== null);
      assert.deepEqual(
        seen,
        Array.from({ length: COUNT }, (_, at) => idOf(COUNT - at)),
      );
    }
    assert.deepEqual(await list({ sortDirection: 'asc' }), newest(1, 2, 3));
    assert.deepEqual(await list({ searchTerm: 'NUMBER 700' }), newest(700));
    assert.deepEqual(await list({ cwd: '/elsewhere' }), []);
    assert.deepEqual(await list({ excludedThreadIds: [idOf(COUNT)] }), newest(COUNT - 1, COUNT - 2, COUNT - 3));
  });

  it('sees files that were copied in, moved or taken away by hand', async () => {
    write(COUNT + 1);
    assert.deepEqual(await list(), newest(COUNT + 1, COUNT, COUNT - 1));
    rmSync(fileOf(COUNT));
    assert.deepEqual(await list(), newest(COUNT + 1, COUNT - 1, COUNT - 2));
    const other = path.join(world.home, 'sessions/2026/02/03');
    mkdirSync(other, { recursive: true });
    const name = path.basename(fileOf(COUNT - 1));
    copyFileSync(fileOf(5), path.join(world.root, 'kept'));
    renameSync(fileOf(COUNT - 1), path.join(other, name));
    assert.deepEqual(await list(), newest(COUNT + 1, COUNT - 1, COUNT - 2));
    rmSync(path.join(world.home, 'sessions'), { recursive: true });
    assert.deepEqual(await list(), []);
    mkdirSync(folder, { recursive: true });
    write(7);
    assert.deepEqual(await list(), newest(7));
  });

  it('repairs a page whose files changed or went, though their folder says nothing of it', async () => {
    named(COUNT, 'Named by hand');
    settle();
    const { data } = await core.request('thread/list', { limit: 1, sortKey: 'updated_at' });
    assert.deepEqual([data[0]?.id, data[0]?.name], [idOf(COUNT), 'Named by hand']);
    rmSync(fileOf(COUNT - 1));
    settle();
    assert.deepEqual(await list(), newest(COUNT, COUNT - 2, COUNT - 3));
  });

  it('finds out by itself what was appended by hand to a thread on no page', async () => {
    await core.stop();
    named(3, 'Named far away');
    core = await world.core();
    await list();
    await listsAtLast(newest(3), { searchTerm: 'far away' });
    assert.deepEqual(await list(), newest(3, COUNT, COUNT - 1));
  });

  it('hears of what another core writes, while it does and when it is gone', async () => {
    const second = await world.core();
    await second.request('thread/resume', { threadId: idOf(4) });
    second.mark();
    await second.turn(idOf(4), 'go on');
    assert.deepEqual(await list(), newest(4, COUNT, COUNT - 1));
    await second.request('thread/resume', { threadId: idOf(5) });
    second.mark();
    await second.turn(idOf(5), 'go on');
    await second.stop();
    assert.deepEqual(await list(), newest(5, 4, COUNT));
    const third = await world.core();
    await third.request('thread/delete', { threadId: idOf(5) });
    await third.request('thread/archive', { threadId: idOf(4) });
    assert.deepEqual(await list(), newest(COUNT, COUNT - 1, COUNT - 2));
    assert.deepEqual(await list({ archived: true }), newest(4));
  });

  it('is made anew when it is gone, broken, or of another version', async () => {
    const index = path.join(world.home, 'thread-index.sqlite');
    const spoilers = [
      () => rmSync(index),
      () => writeFileSync(index, readFileSync(index).fill(0xff, 4096)),
      () => {
        const database = new DatabaseSync(index);
        database.exec('DROP TABLE thread; CREATE TABLE thread (path TEXT, other TEXT); PRAGMA user_version = 77');
        database.close();
      },
      () => {
        const database = new DatabaseSync(index);
        database.exec("UPDATE thread SET summary = '{}'");
        database.close();
      },
      () => {
        const database = new DatabaseSync(index);
        // As if its rows were of files long ago.
        database.exec(
          "UPDATE thread SET size = 1, summary = json_set(summary, '$.size', 1, '$.preview', 'other words')",
        );
        database.close();
      },
    ];
    for (const spoil of spoilers) {
      await core.stop();
      spoil();
      core = await world.core();
      assert.deepEqual(await list(), newest(COUNT, COUNT - 1, COUNT - 2));
      const { data } = await core.request('thread/list', { limit: 1, sortKey: 'updated_at' });
      assert.equal(data[0]?.preview, `thread number ${COUNT}`);
    }
    // It may be spoilt by another program while it is in use, too.
    const database = new DatabaseSync(index);
    database.exec('DROP TABLE thread');
    database.close();
    assert.deepEqual(await list(), newest(COUNT, COUNT - 1, COUNT - 2));
  });
});
