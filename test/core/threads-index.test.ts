/** Finding and keeping threads: the index, sections, attachments, what a client adds. Through real core processes. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { CoreProcess } from '../support/core-process.ts';
import { ExecProcess } from '../support/exec-process.ts';
import { World, type WorldOptions } from './world.ts';

describe('the index of threads', function () {
  this.timeout(30_000);
  let world: World;
  let core: CoreProcess;

  const begin = async (options: WorldOptions): Promise<void> => {
    world = await World.create(options);
    core = await world.core();
  };
  const thread = async (text: string, over = {}): Promise<string> => {
    const params = { cwd: world.workspace, approvalPolicy: 'never', ...over } as const;
    const { thread: made } = await core.request('thread/start', params);
    core.mark();
    await core.turn(made.id, text);
    return made.id;
  };
  const answers = (count: number): WorldOptions => ({ script: Array.from({ length: count }, () => ({ text: 'ok' })) });
  const list = async (params = {}, from = core): Promise<string[]> =>
    (await from.request('thread/list', { sortDirection: 'asc', ...params })).data.map(({ id }) => id);

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('is made anew when it is missing, broken, of another kind or out of date', async () => {
    await begin(answers(3));
    const ids = [await thread('one'), await thread('two')];
    assert.deepEqual(await list(), ids);
    const { thread: first } = await core.request('thread/read', { threadId: ids[0] ?? '' });
    await core.stop();
    const index = path.join(world.home, 'thread-index.sqlite');
    assert.equal(readFileSync(index).subarray(0, 6).toString(), 'SQLite');
    const later = `${JSON.stringify({ type: 'name', at: Date.now(), name: 'Named elsewhere' })}\n`;
    for (const spoil of [
      () => rmSync(index),
      () => writeFileSync(index, 'this is no database, but it is long enough to look at it'.repeat(100)),
      () => writeFileSync(index, readFileSync(index).fill(0xff, 4096)),
      () => writeFileSync(first.path ?? '', readFileSync(first.path ?? '', 'utf8') + later),
    ]) {
      spoil();
      core = await world.core();
      assert.deepEqual(await list(), ids);
      assert.deepEqual(await list({ searchTerm: 'TWO' }), [ids[1]]);
      await core.stop();
    }
    core = await world.core();
    assert.deepEqual(await list({ searchTerm: 'named elsewhere' }), [ids[0]]);
    rmSync(first.path ?? '');
    assert.deepEqual(await list(), [ids[1]]);
  });

  it('is done without where the runtime has no SQLite, and where the file cannot be used', async () => {
    await begin(answers(2));
    const ids = [await thread('one'), await thread('two')];
    await core.stop();
    core = await world.core({}, { NODE_OPTIONS: '--no-experimental-sqlite' });
    assert.deepEqual([await list(), await list({ searchTerm: 'two' })], [ids, [ids[1]]]);
    assert.deepEqual(
      readdirSync(world.home).filter((name) => name.startsWith('thread-index')),
      [],
    );
    await core.stop();
    const index = path.join(world.home, 'thread-index.sqlite');
    mkdirSync(path.join(index, 'a folder in its place'), { recursive: true });
    core = await world.core();
    assert.deepEqual([await list(), await list()], [ids, ids]);
    await core.stop();
    rmSync(index, { recursive: true, force: true });
    const held = new DatabaseSync(index);
    held.exec('PRAGMA journal_mode = DELETE; CREATE TABLE mine (a); BEGIN EXCLUSIVE');
    core = await world.core();
    assert.deepEqual(await list(), ids);
    held.close();
    assert.deepEqual(await list(), ids);
  });

  it('serves two cores at once, each of which sees what the other does', async () => {
    await begin(answers(3));
    const second = await world.core();
    const ids = [await thread('one')];
    assert.deepEqual([await list(), await list({}, second)], [ids, ids]);
    ids.push(await thread('two'));
    await core.request('thread/name/set', { threadId: ids[0] ?? '', name: 'A name' });
    assert.deepEqual([await list(), await list({}, second)], [ids, ids]);
    assert.deepEqual(await list({ searchTerm: 'a name' }, second), [ids[0]]);
    await core.request('thread/delete', { threadId: ids[0] ?? '' });
    assert.deepEqual(await list({}, second), [ids[1]]);
  });

  it('pages by any key, and keeps its place when threads are added', async () => {
    await begin(answers(6));
    const ids: string[] = [];
    for (const text of ['a', 'b', 'c', 'd']) ids.push(await thread(text));
    const newest = ids.toReversed();
    for (const sortKey of ['created_at', 'updated_at', 'recency_at'] as const) {
      const page = await core.request('thread/list', { sortKey, limit: 2 });
      const next = await core.request('thread/list', { sortKey, limit: 2, cursor: page.nextCursor ?? null });
      assert.deepEqual(
        [...page.data, ...next.data].map(({ id }) => id),
        newest,
      );
      assert.equal(next.nextCursor, null);
    }
    const page = await core.request('thread/list', { limit: 2 });
    const added = await thread('e');
    const next = await core.request('thread/list', { limit: 2, cursor: page.nextCursor ?? null });
    assert.deepEqual(
      next.data.map(({ id }) => id),
      newest.slice(2),
    );
    const back = await core.request('thread/list', {
      cursor: page.backwardsCursor ?? null,
      sortDirection: 'asc',
    });
    assert.deepEqual(
      back.data.map(({ id }) => id),
      [newest[0], added],
    );
    assert.match((await core.refusal('thread/list', { cursor: 'nonsense' })).message, /invalid cursor/);
  });

  it('filters by where threads come from, their folders and their providers', async () => {
    await begin({ ...answers(3), files: { 'sub/file': '' } });
    const ids = [await thread('one'), await thread('two', { cwd: path.join(world.workspace, 'sub') })];
    const filters: [object, number][] = [
      [{ cwd: world.workspace }, 1],
      [{ cwd: [world.workspace, path.join(world.workspace, 'sub')] }, 2],
      [{ sourceKinds: ['vscode'] }, 2],
      [{ sourceKinds: ['exec'] }, 0],
      [{ modelProviders: ['scripted'] }, 2],
      [{ modelProviders: ['other'] }, 0],
      [{ originators: ['test'], useStateDbOnly: true }, 2],
      [{ excludedThreadIds: [ids[0]] }, 1],
    ];
    for (const [params, count] of filters) assert.equal((await list(params)).length, count, JSON.stringify(params));
  });

  it('tells the threads of exec from those that a person held', async () => {
    await begin(answers(2));
    const held = await thread('one');
    const args = ['--json', '--skip-git-repo-check', 'two'];
    const env = { SCRIPTED_KEY: 'scripted-key' };
    const { events } = await new ExecProcess({ home: world.home, cwd: world.workspace, args, stdin: '', env }).ended;
    const { data } = await core.request('thread/list', { sourceKinds: ['exec'] });
    assert.deepEqual(
      data.map(({ id, source }) => [id, source]),
      [[events[0]?.thread_id, 'exec']],
    );
    assert.deepEqual([await list(), await list({ sourceKinds: ['vscode', 'exec'] })], [[held], [held, data[0]?.id]]);
  });

  it("keeps the user's sections and their order", async () => {
    await begin(answers(4));
    const ids = [await thread('one'), await thread('two'), await thread('three')];
    const [one = '', two = '', three = ''] = ids;
    const { section } = await core.request('threadSection/create', { name: ' Later ', appearance: { color: 'red' } });
    assert.deepEqual({ ...section, id: '' }, { id: '', name: 'Later', appearance: { color: 'red' } });
    const sectionId = section.id;
    await core.request('thread/section/move', { threadId: one, sectionId });
    assert.deepEqual(await core.waitFor('thread/section/changed'), { threadId: one, sectionId });
    await core.request('thread/section/move', { threadId: three, sectionId, beforeThreadId: one });
    await core.stop();

    core = await world.core();
    const ordered = await core.request('thread/list', { sectionId, sortKey: 'section_position', sortDirection: 'asc' });
    assert.deepEqual(
      ordered.data.map((found) => [found.id, found.section?.name, typeof found.sectionEnteredAt]),
      [
        [three, 'Later', 'number'],
        [one, 'Later', 'number'],
      ],
    );
    assert.deepEqual(await list({ sectionId }), [one, three]);
    const wrong = await core.refusal('thread/section/move', { threadId: two, sectionId, beforeThreadId: two });
    assert.match(wrong.message, /is not in section/);
    const renamed = await core.request('threadSection/update', { sectionId, name: 'Soon', appearance: null });
    assert.deepEqual((await core.request('threadSection/list', {})).data, [renamed.section]);
    await core.request('thread/delete', { threadId: three });
    assert.deepEqual(await list({ sectionId }), [one]);
    await core.request('threadSection/delete', { sectionId });
    assert.deepEqual(await core.waitFor('thread/section/changed'), { threadId: one, sectionId: null });
    assert.deepEqual([(await core.request('threadSection/list', {})).data, await list()], [[], [one, two]]);
    assert.match((await core.refusal('thread/list', { sectionId })).message, /thread section not found/);
  });

  it('keeps attachments until they or their thread are removed', async () => {
    await begin(answers(2));
    const [one, two] = [await thread('one'), await thread('two')];
    const key = { attachmentType: 'pull_request', identityKey: 'repo#1' };
    const added = await core.request('thread/attachment/add', { threadId: one, ...key, payload: { n: 1 } });
    assert.equal(added.outcome, 'created');
    assert.equal((await core.waitFor('thread/attachment/updated')).operation, 'created');
    const again = await core.request('thread/attachment/add', { threadId: one, ...key, payload: { n: 2 } });
    assert.deepEqual(again, { attachment: added.attachment, outcome: 'existing' });
    await core.request('thread/attachment/add', { threadId: two, ...key, payload: null });
    await core.request('thread/archive', { threadId: two });
    assert.deepEqual((await core.request('thread/attachment/list', { threadId: one })).data, [added.attachment]);
    const owners = async (params = {}) =>
      (await core.request('thread/attachmentOwner/list', { ...key, ...params })).data;
    assert.deepEqual(await owners(), [
      { threadId: one, archived: false },
      { threadId: two, archived: true },
    ]);
    assert.deepEqual(await owners({ archived: false }), [{ threadId: one, archived: false }]);
    await core.request('thread/attachment/remove', { threadId: one, ...key });
    await core.request('thread/delete', { threadId: two });
    assert.deepEqual(await owners(), []);
    assert.deepEqual(
      readdirSync(path.join(world.home, 'thread_attachments')).filter((name) => name.startsWith(two)),
      [],
    );
  });

  it('adds items to what the model sees, all or none', async () => {
    await begin(answers(2));
    const id = await thread('one');
    const items = [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'injected words' }] },
      { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'injected result' },
    ];
    const refused = await core.refusal('thread/inject_items', { threadId: id, items: [...items, { type: 'magic' }] });
    assert.match(refused.message, /^items\[3\] is no response item that can be added \(magic\)/);
    assert.deepEqual(await core.request('thread/inject_items', { threadId: id, items }), {});
    await core.kill('SIGKILL');
    core = await world.core();
    await core.request('thread/resume', { threadId: id });
    core.mark();
    await core.turn(id, 'two');
    const input = JSON.stringify(world.model.requests.at(-1)?.body.input);
    assert.match(input, /injected words.*injected result.*"two"/s);
    assert.doesNotMatch(input, /magic/);
  });

  it('adds items while a turn runs to the next call of the model', async () => {
    await begin({ script: [{ call: 'exec_command', args: { cmd: 'true' } }, { text: 'ok' }, { text: 'ok' }] });
    const { thread: made } = await core.request('thread/start', { cwd: world.workspace, approvalPolicy: 'untrusted' });
    const message = (text: string) => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
    core.onRequest = async () => {
      await core.request('thread/inject_items', { threadId: made.id, items: [message('injected in between')] });
      return { result: { decision: 'accept' } };
    };
    core.mark();
    await core.turn(made.id, 'one');
    const inputs = world.model.requests.map(({ body }) => JSON.stringify(body.input));
    assert.doesNotMatch(inputs[0] ?? '', /injected in between/);
    assert.match(inputs[1] ?? '', /function_call_output.*injected in between/s);
    core.mark();
    await core.turn(made.id, 'two');
    assert.match(JSON.stringify(world.model.requests.at(-1)?.body.input), /injected in between.*"two"/s);
  });

  it('makes a new thread of a history that a client resumes with', async () => {
    await begin(answers(2));
    const old = await thread('one');
    await core.stop();
    core = await world.core({ experimentalApi: true });
    const history = [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'words of another time' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'and their answer' }] },
    ];
    const refused = async (params: object) =>
      (await core.refusal('thread/resume', { threadId: old, cwd: world.workspace, ...params })).message;
    assert.match(await refused({ history: [] }), /history must not be empty/);
    assert.match(await refused({ history: [{ type: 'magic' }] }), /items\[0\] is no response item/);
    const { thread: made } = await core.request('thread/resume', { threadId: old, cwd: world.workspace, history });
    assert.notEqual(made.id, old);
    assert.deepEqual(made.turns, []);
    core.mark();
    await core.turn(made.id, 'go on');
    assert.match(
      JSON.stringify(world.model.requests.at(-1)?.body.input),
      /words of another time.*their answer.*go on/s,
    );
    assert.deepEqual((await list()).toSorted(), [old, made.id].toSorted());
    await core.request('thread/resume', { threadId: old });
    assert.match(await refused({ history }), /while it is already running/);
  });

  it("keeps what a client says of a thread's repository, and its own config without secrets", async () => {
    await begin(answers(2));
    const config = {
      model_reasoning_effort: 'high',
      'model_providers.scripted.experimental_bearer_token': 'sk-secret',
    };
    const id = await thread('one', { config });
    const update = { threadId: id, gitInfo: { branch: 'b1' } };
    const { thread: changed } = await core.request('thread/metadata/update', update);
    assert.equal(changed.gitInfo?.branch, 'b1');
    await core.stop();
    core = await world.core();
    const cleared = await core.request('thread/metadata/update', {
      threadId: id,
      gitInfo: { branch: null, sha: 'abc' },
    });
    assert.deepEqual(cleared.thread.gitInfo, { branch: null, sha: 'abc', originUrl: null });
    assert.match((await core.refusal('thread/metadata/update', { threadId: id })).message, /nothing to update/);
    const resumed = await core.request('thread/resume', { threadId: id });
    assert.equal(resumed.reasoningEffort, 'high');
    const file = readFileSync(resumed.thread.path ?? '', 'utf8');
    assert.match(file, /"overrides".*model_reasoning_effort/);
    assert.doesNotMatch(file, /sk-secret/);
  });
});
