/** Forks, reverts and deletions of threads on disk, through real core processes. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import type { CoreProcess } from '../support/core-process.ts';
import { World, type WorldOptions } from './world.ts';

describe('forks of threads', function () {
  this.timeout(30_000);
  let world: World;
  let core: CoreProcess;

  const begin = async (options: WorldOptions): Promise<string> => {
    world = await World.create(options);
    core = await world.core();
    const params = { cwd: world.workspace, approvalPolicy: 'never', sandbox: 'workspace-write' } as const;
    return (await core.request('thread/start', params)).thread.id;
  };
  const turn = async (threadId: string, text: string) => {
    core.mark();
    return core.turn(threadId, text);
  };
  const fork = async (threadId: string, lastTurnId?: string): Promise<string> =>
    (await core.request('thread/fork', { threadId, ...(lastTurnId ? { lastTurnId } : {}) })).thread.id;
  /** What was asked in a thread. */
  const asked = async (threadId: string, from: CoreProcess = core): Promise<string[]> => {
    const { thread } = await from.request('thread/read', { threadId, includeTurns: true });
    return thread.turns.flatMap(({ items }) =>
      items.flatMap((item) =>
        item.type === 'userMessage' ? item.content.map((part) => (part.type === 'text' ? part.text : '')) : [],
      ),
    );
  };
  const everything = (): string =>
    readdirSync(world.home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('thread-index'))
      .map((entry) => `${entry.name}\n${readFileSync(path.join(entry.parentPath, entry.name), 'utf8')}`)
      .join('\n');

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('share the past without a copy, and only the past', async () => {
    const parent = await begin({ script: Array.from({ length: 8 }, (_, i) => ({ text: `answer ${i}` })) });
    await turn(parent, 'one');
    const second = await turn(parent, 'two');
    const child = await fork(parent, second.id);
    const { thread } = await core.request('thread/read', { threadId: child });
    assert.doesNotMatch(readFileSync(thread.path ?? '', 'utf8'), /answer/);
    await turn(parent, 'three');
    await turn(child, 'mine');
    const grandchild = await fork(child);
    await turn(child, 'mine again');
    await turn(grandchild, 'of the third');
    await core.request('thread/revert', { threadId: parent, beforeTurnId: second.id });
    const expected = {
      [parent]: ['one'],
      [child]: ['one', 'two', 'mine', 'mine again'],
      [grandchild]: ['one', 'two', 'mine', 'of the third'],
    };
    for (const [id, texts] of Object.entries(expected)) assert.deepEqual(await asked(id), texts);
    await core.stop();

    core = await world.core();
    for (const [id, texts] of Object.entries(expected)) assert.deepEqual(await asked(id), texts);
    const { data } = await core.request('thread/list', { sortDirection: 'asc' });
    assert.deepEqual(
      data.map(({ id, preview, forkedFromId }) => [id, preview, forkedFromId]),
      [
        [parent, 'one', null],
        [child, 'one', parent],
        [grandchild, 'one', child],
      ],
    );
    const turns = await core.request('thread/turns/list', { threadId: grandchild, limit: 3 });
    const items = await core.request('thread/items/list', { threadId: grandchild, limit: 100 });
    assert.deepEqual([turns.data.length, turns.nextCursor === null, items.data.length], [3, false, 8]);
    await core.request('thread/resume', { threadId: grandchild });
    await turn(grandchild, 'last');
    const input = JSON.stringify(world.model.requests.at(-1)?.body.input);
    for (const text of ['one', 'two', 'mine', 'of the third', 'last']) assert.match(input, new RegExp(`"${text}"`));
    assert.doesNotMatch(input, /"three"|"mine again"/);
  });

  it('begin before a turn, also before the first', async () => {
    const parent = await begin({ script: Array.from({ length: 4 }, (_, i) => ({ text: `answer ${i}` })) });
    const first = await turn(parent, 'one');
    const second = await turn(parent, 'two');
    await core.stop();
    core = await world.core({ experimentalApi: true });
    const forkBefore = async (beforeTurnId: string) =>
      (await core.request('thread/fork', { threadId: parent, beforeTurnId })).thread;
    const [none, one] = [await forkBefore(first.id), await forkBefore(second.id)];
    assert.deepEqual(
      [none, one].map(({ turns, preview, forkedFromId }) => [turns.length, preview, forkedFromId]),
      [
        [0, '', parent],
        [1, 'one', parent],
      ],
    );
    await turn(none.id, 'another first');
    assert.doesNotMatch(JSON.stringify(world.model.requests.at(-1)?.body.input), /"one"|answer \d/);
    await turn(one.id, 'another second');
    await core.stop();

    core = await world.core({ experimentalApi: true });
    assert.deepEqual(await asked(none.id), ['another first']);
    assert.deepEqual(await asked(one.id), ['one', 'another second']);
    const both = { threadId: parent, lastTurnId: first.id, beforeTurnId: second.id };
    const reason = '`beforeTurnId` cannot be combined with `lastTurnId`; pass one of them';
    assert.equal((await core.refusal('thread/fork', both)).message, reason);
  });

  it('keep what they shared when their parent is deleted, and nothing else of it is left', async () => {
    const parent = await begin({ script: Array.from({ length: 6 }, (_, i) => ({ text: `answer ${i}` })) });
    const first = await turn(parent, 'one');
    await turn(parent, 'a secret of later');
    const child = await fork(parent, first.id);
    await turn(child, 'mine');
    const grandchild = await fork(child, first.id);
    await turn(grandchild, 'of the third');
    await core.request('thread/delete', { threadId: parent });
    assert.doesNotMatch(everything(), /a secret of later/);
    await core.request('thread/archive', { threadId: child });
    assert.deepEqual(
      [await asked(child), await asked(grandchild)],
      [
        ['one', 'mine'],
        ['one', 'of the third'],
      ],
    );
    await core.stop();
    core = await world.core();
    await core.request('thread/delete', { threadId: child });
    assert.deepEqual(await asked(grandchild), ['one', 'of the third']);
    assert.doesNotMatch(everything(), /"mine"/);
    await core.request('thread/resume', { threadId: grandchild });
    await turn(grandchild, 'last');
    assert.match(JSON.stringify(world.model.requests.at(-1)?.body.input), /"one".*"of the third".*"last"/s);
    await core.request('thread/delete', { threadId: grandchild });
    assert.doesNotMatch(everything(), /"one"|"last"|answer/);
  });

  it('outlive a deletion that was killed half-way, which is finished later', async () => {
    const parent = await begin({ script: [{ text: 'answer' }, { text: 'answer' }] });
    await turn(parent, 'one');
    const child = await fork(parent);
    await turn(child, 'mine');
    const { thread } = await core.request('thread/read', { threadId: parent });
    await core.kill('SIGKILL');
    // What a core does first when it deletes.
    const file = thread.path ?? '';
    mkdirSync(path.join(world.home, 'deleted_sessions'));
    renameSync(file, path.join(world.home, 'deleted_sessions', path.basename(file)));
    core = await world.core();
    assert.deepEqual(await asked(child), ['one', 'mine']);
    assert.deepEqual(
      (await core.request('thread/list', {})).data.map(({ id }) => id),
      [child],
    );
    assert.deepEqual(readdirSync(path.join(world.home, 'deleted_sessions')), []);
    assert.deepEqual(await asked(child), ['one', 'mine']);
  });

  it('say that what they shared is lost, and can still be read', async () => {
    const parent = await begin({ script: [{ text: 'answer' }, { text: 'answer' }] });
    await turn(parent, 'one');
    const child = await fork(parent);
    await turn(child, 'mine');
    const { thread } = await core.request('thread/read', { threadId: parent });
    await core.stop();
    renameSync(thread.path ?? '', path.join(world.root, 'taken away'));
    core = await world.core();
    assert.deepEqual(await asked(child), ['mine']);
    assert.match((await core.waitFor('warning')).message, /the thread that this one was forked from is gone/);
  });

  it('tell the model again what it was told only in turns that were taken back', async () => {
    const id = await begin({ script: [{ text: 'one' }, { text: 'two' }, [{ newPrefix: true }, { text: 'three' }]] });
    await turn(id, 'first');
    core.mark();
    await core.request('turn/start', {
      threadId: id,
      input: [{ type: 'text', text: 'second' }],
      sandboxPolicy: { type: 'readOnly', networkAccess: false },
    });
    const { turn: second } = await core.waitFor('turn/completed');
    const told = JSON.stringify(world.model.requests.at(-1)?.body.input);
    assert.match(told, /From now on/);
    await core.request('thread/revert', { threadId: id, beforeTurnId: second.id });
    await core.kill('SIGKILL');
    core = await world.core();
    assert.equal((await core.request('thread/resume', { threadId: id })).sandbox.type, 'readOnly');
    assert.deepEqual(await asked(id), ['first']);
    await turn(id, 'third');
    const input = JSON.stringify(world.model.requests.at(-1)?.body.input);
    assert.match(input, /"first".*From now on.*"third"/s);
    assert.doesNotMatch(input, /"second"/);
  });
});
