/** What a thread has cost, and where prices come from. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { CoreProcess } from '../support/core-process.ts';
import { World } from './world.ts';

/** The scripted server reports 100 tokens in and 20 out of each call. */
const spent = (calls: number, costUsd: number | null, unpricedCalls = 0) => ({
  calls,
  unpricedCalls,
  inputTokens: 100 * calls,
  cachedInputTokens: 0,
  outputTokens: 20 * calls,
  costUsd,
});

describe('usage and prices', function () {
  this.timeout(30_000);
  let world: World;
  let core: CoreProcess;

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  const begin = async (answers: number, config = ''): Promise<string> => {
    world = await World.create({ script: Array.from({ length: answers }, () => ({ text: 'Done.' })), config });
    core = await world.core({ gantry: {} });
    return (await core.request('thread/start', { cwd: world.workspace })).thread.id;
  };
  /** Money without what floating point adds to it. */
  const read = async (threadId: string) => {
    const { thread, turns } = await core.request('gantry/usage/read', { threadId });
    const plain = (spending: typeof thread) => ({
      ...spending,
      costUsd: spending.costUsd === null ? null : Number(spending.costUsd.toFixed(9)),
    });
    return { thread: plain(thread), turns: turns.map(({ spending }) => plain(spending)) };
  };

  it('are added up by turn and thread, also over a restart', async () => {
    const threadId = await begin(2);
    assert.deepEqual(await read(threadId), { thread: spent(0, null), turns: [] });
    await core.turn(threadId, 'one');
    await core.turn(threadId, 'two');
    const both = { thread: spent(2, 0.0022), turns: [spent(1, 0.0011), spent(1, 0.0011)] };
    assert.deepEqual(await read(threadId), both);
    await core.kill();
    core = await world.core({ gantry: {} });
    await core.request('thread/resume', { threadId });
    assert.deepEqual(await read(threadId), both);
  });

  it('say when a price is not known, until a list of the user has it', async () => {
    world = await World.create({ script: [{ text: 'a' }, { text: 'b' }] });
    core = await world.core({ gantry: {} });
    const { thread } = await core.request('thread/start', { cwd: world.workspace, model: 'house-model' });
    await core.turn(thread.id, 'one');
    assert.deepEqual((await read(thread.id)).thread, spent(1, null, 1));

    const list = path.join(world.root, 'prices.json');
    writeFileSync(list, JSON.stringify({ sample_spec: {}, 'house-model': { input: 1, output: 2 } }));
    assert.equal(existsSync(path.join(world.home, 'model-prices.json')), false, 'nothing is fetched by itself');
    assert.deepEqual(await core.request('gantry/price/refresh', { source: list }), {
      models: 1,
      file: path.join(world.home, 'model-prices.json'),
    });
    await core.turn(thread.id, 'two');
    assert.deepEqual((await read(thread.id)).thread, spent(2, 0.00014, 1));
  });

  it('come over http from this computer, and a bad list changes nothing', async () => {
    await begin(0);
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/prices' ? 200 : 404;
      response.end(JSON.stringify({ m: { input_cost_per_token: 0.000003, output_cost_per_token: 0.000015 } }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      assert.equal((await core.request('gantry/price/refresh', { source: `${at}/prices` })).models, 1);
      const refusal = (source: string) =>
        core.request('gantry/price/refresh', { source }).then(
          () => 'taken',
          (error: Error) => error.message,
        );
      assert.match(await refusal(`${at}/other`), /the server answered 404\. The ones from before hold\./);
      assert.match(await refusal('http://example.org/prices'), /neither an absolute path nor an https: URL/);
      assert.match(await refusal(path.join(world.home, 'config.toml')), /it is no JSON/);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

describe('a search over messages', function () {
  this.timeout(30_000);

  it('finds threads by what was said in them, page by page', async () => {
    const world = await World.create({ script: [{ text: 'The Pelican flew.' }, { text: 'b' }, { text: 'pelicans!' }] });
    const core = await world.core({ experimentalApi: true });
    const ids: string[] = [];
    for (const text of ['first', 'second', 'third']) {
      const { thread } = await core.request('thread/start', { cwd: world.workspace });
      ids.push(thread.id);
      await core.turn(thread.id, text);
    }
    const page = async (params: { cursor?: string; limit?: number }) => {
      const { data, nextCursor } = await core.request('thread/search', { searchTerm: ' pelican ', ...params });
      return { found: data.map(({ thread, snippet }) => [thread.id, snippet]), nextCursor: nextCursor ?? undefined };
    };
    const first = await page({ limit: 1 });
    assert.deepEqual(first.found, [[ids[2], 'pelicans!']]);
    assert.ok(first.nextCursor);
    assert.deepEqual(await page({ cursor: first.nextCursor }), {
      found: [[ids[0], 'The Pelican flew.']],
      nextCursor: undefined,
    });
    await assert.rejects(core.request('thread/search', { searchTerm: ' ' }), /searchTerm must not be empty/);
    assert.deepEqual(await world.close(), []);
  });
});
