/** Looking for what was said, with the index and without. Through real core processes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ClientRequestResult } from '../../agent-core/protocol/index.ts';
import type { CoreProcess } from '../support/core-process.ts';
import { World } from './world.ts';

const GANTRY = { gantry: {}, experimentalApi: true };
const SCAN = { NODE_OPTIONS: '--no-experimental-sqlite' };

describe('a search over all messages', function () {
  this.timeout(30_000);
  let world: World;
  let core: CoreProcess;

  const begin = async (...answers: string[]): Promise<void> => {
    world = await World.create({ script: answers.map((text) => ({ text })) });
    core = await world.core(GANTRY);
  };
  const thread = async (...texts: string[]): Promise<string> => {
    const { thread: made } = await core.request('thread/start', { cwd: world.workspace, approvalPolicy: 'never' });
    for (const text of texts) {
      core.mark();
      await core.turn(made.id, text);
    }
    return made.id;
  };
  type Found = { id: string; text: string; marked: string[]; isName: boolean };
  const search = async (query: string, params = {}, from = core): Promise<Found[]> => {
    const { data } = await from.request('gantry/thread/search', { query, ...params });
    return data.map(({ thread: { id }, snippet: { text, matches }, turnId, itemId }) => {
      assert.equal(turnId === null, itemId === null);
      return { id, text, marked: matches.map(({ start, end }) => text.slice(start, end)), isName: itemId === null };
    });
  };
  const both = async (query: string, params = {}): Promise<Found[]> => {
    const found = await search(query, params);
    const scanning = await world.core(GANTRY, SCAN);
    assert.deepEqual(await search(query, params, scanning), found, query);
    await scanning.stop();
    return found;
  };

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('finds words of any script, in part and in any order, with the places', async () => {
    await begin(
      'The pelican eats fish.',
      '世界你好，这是一个测试。',
      'ÄRGER in the naïve İstanbul.',
      'Done: a b c "x y".',
    );
    const [one, two, three, four] = [
      await thread('Tell me of birds'),
      await thread('say it'),
      await thread('and that'),
      await thread('last'),
    ];
    const cases: [string, Found[]][] = [
      ['FISH pelic', [{ id: one, text: 'The pelican eats fish.', marked: ['pelic', 'fish'], isName: false }]],
      ['世界', [{ id: two, text: '世界你好，这是一个测试。', marked: ['世界'], isName: false }]],
      ['一个测试', [{ id: two, text: '世界你好，这是一个测试。', marked: ['一个测试'], isName: false }]],
      ['ärger', [{ id: three, text: 'ÄRGER in the naïve İstanbul.', marked: ['ÄRGER'], isName: false }]],
      ['stanbul', [{ id: three, text: 'ÄRGER in the naïve İstanbul.', marked: ['stanbul'], isName: false }]],
      ['"b c"', [{ id: four, text: 'Done: a b c "x y".', marked: ['b c'], isName: false }]],
      ['pelican birds', []],
      ['100%', []],
      ["'; DROP", []],
    ];
    for (const [query, wanted] of cases) assert.deepEqual(await both(query), wanted, query);
    assert.match((await core.refusal('gantry/thread/search', { query: ' " ' })).message, /query must hold a word/);
  });

  it('follows what happens to threads', async () => {
    await begin('first answer', 'second answer', 'third answer');
    const id = await thread('alpha one', 'alpha two');
    const other = await thread('beta');
    assert.deepEqual(
      (await both('alpha')).map(({ id: found, text }) => [found, text]),
      [[id, 'alpha two']],
    );
    const { data: turns } = await core.request('thread/turns/list', { threadId: id });
    await core.request('thread/revert', { threadId: id, beforeTurnId: turns[0]?.id ?? '' });
    assert.deepEqual(
      (await both('alpha')).map(({ text }) => text),
      ['alpha one'],
    );
    await core.request('thread/name/set', { threadId: id, name: 'An alpha of names' });
    assert.deepEqual(
      (await both('alpha')).map(({ text, isName }) => [text, isName]),
      [['An alpha of names', true]],
    );
    await core.request('thread/name/set', { threadId: id, name: 'Another name' });
    assert.deepEqual(
      (await both('alpha')).map(({ text }) => text),
      ['alpha one'],
    );
    const { thread: fork } = await core.request('thread/fork', { threadId: id });
    assert.deepEqual(new Set((await both('alpha')).map((found) => found.id)), new Set([id, fork.id]));
    await core.request('thread/archive', { threadId: fork.id });
    assert.deepEqual(
      [await both('alpha'), await both('alpha', { archived: true })].map((all) => all.map((found) => found.id)),
      [[id], [fork.id]],
    );
    assert.deepEqual((await both('answer')).map((found) => found.id).toSorted(), [id, other].toSorted());
    assert.deepEqual(await both('answer', { cwd: '/elsewhere' }), []);
  });

  it('leaves nothing of a deleted thread in the index', async () => {
    await begin('the answer', 'the answer');
    const id = await thread('a secret wombat');
    await thread('another one');
    assert.equal((await search('wombat')).length, 1);
    await core.request('thread/delete', { threadId: id });
    assert.deepEqual(await both('wombat'), []);
    await core.stop();
    const bytes = readFileSync(path.join(world.home, 'thread-index.sqlite')).toString('latin1');
    assert.doesNotMatch(bytes, /wombat|omba/);
  });

  it('pages, and is ours alone', async () => {
    await begin(...Array.from({ length: 5 }, (_, n) => `answer ${n}`));
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.push(await thread(`question ${n}`));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const params = { query: 'answer', limit: 2, cursor };
      const page: ClientRequestResult<'gantry/thread/search'> = await core.request('gantry/thread/search', params);
      seen.push(...page.data.map(({ thread: { id } }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    assert.deepEqual(seen, ids.toReversed());
    const plain = await world.core();
    assert.equal((await plain.requestRaw('gantry/thread/search', { query: 'answer' })).error?.code, -32601);
  });
});
