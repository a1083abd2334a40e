/** Threads on disk, through real core processes that are killed and started again. */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CoreProcess } from '../support/core-process.ts';
import { gate } from '../support/model-server/index.ts';
import { World, type WorldOptions } from './world.ts';

describe('threads', function () {
  this.timeout(30_000);
  let world: World;
  let core: CoreProcess;

  const begin = async (options: WorldOptions): Promise<string> => {
    world = await World.create(options);
    core = await world.core();
    return start();
  };
  const start = async (): Promise<string> => {
    const params = { cwd: world.workspace, approvalPolicy: 'never', sandbox: 'workspace-write' } as const;
    return (await core.request('thread/start', params)).thread.id;
  };
  const say = (text: string) => [{ type: 'text' as const, text }];

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('leaves nothing behind for a thread without a turn', async () => {
    const id = await begin({});
    assert.deepEqual((await core.request('thread/list', {})).data, []);
    assert.equal((await core.request('thread/read', { threadId: id })).thread.preview, '');
    await core.stop();
    assert.equal(existsSync(path.join(world.home, 'sessions')), false);
    assert.deepEqual(readdirSync(path.join(world.home, 'thread-locks')), []);
  });

  it('lists, reads and pages what was said', async () => {
    const id = await begin({ script: [{ text: 'one' }, { text: 'two' }, { text: 'three' }] });
    for (const text of ['first', 'second', 'third']) {
      core.mark();
      await core.turn(id, text);
    }
    const { data } = await core.request('thread/list', {});
    assert.deepEqual(
      data.map((thread) => [thread.id, thread.preview, thread.status, thread.turns, thread.modelProvider]),
      [[id, 'first', { type: 'idle' }, [], 'scripted']],
    );
    assert.deepEqual((await core.request('thread/list', { searchTerm: 'absent' })).data, []);
    assert.deepEqual((await core.request('thread/list', { cwd: '/elsewhere' })).data, []);
    assert.equal((await core.request('thread/list', { cwd: world.workspace, searchTerm: 'FIRST' })).data.length, 1);
    const { thread } = await core.request('thread/read', { threadId: id, includeTurns: true });
    assert.deepEqual(
      thread.turns.map((turn) => turn.items.map((item) => item.type)),
      [1, 2, 3].map(() => ['userMessage', 'agentMessage']),
    );
    const newest = await core.request('thread/turns/list', { threadId: id, limit: 1 });
    const next = await core.request('thread/turns/list', { threadId: id, limit: 5, cursor: newest.nextCursor ?? null });
    assert.deepEqual(
      [...newest.data, ...next.data].map((turn) => turn.id),
      thread.turns.map((turn) => turn.id).toReversed(),
    );
    assert.equal(next.nextCursor, null);
    const items = await core.request('thread/items/list', { threadId: id, limit: 2 });
    assert.deepEqual(
      items.data.map(({ item }) => item.type),
      ['userMessage', 'agentMessage'],
    );
    assert.deepEqual((await core.request('thread/loaded/list', {})).data, [id]);
  });

  it('has every completed item after kill -9, and goes on', async () => {
    const held = gate();
    const command = { call: 'exec_command', args: { cmd: 'echo kept' } };
    const id = await begin({ script: [{ text: 'one' }, command, { text: ['lost', held] }, { text: 'after' }] });
    await core.turn(id, 'first');
    core.mark();
    await core.request('turn/start', { threadId: id, input: say('second') });
    await core.waitFor('item/agentMessage/delta', ({ delta }) => delta === 'lost');
    await core.kill('SIGKILL');
    held.open();
    const completed = core.notifications('item/completed').map(({ item }) => item.id);

    core = await world.core();
    assert.equal(
      (await core.refusal('turn/start', { threadId: id, input: say('x') })).message,
      `thread not found: ${id}`,
    );
    const { thread, sandbox, approvalPolicy } = await core.request('thread/resume', { threadId: id });
    assert.deepEqual(
      thread.turns.map(({ status }) => status),
      ['completed', 'interrupted'],
    );
    assert.deepEqual(
      thread.turns.flatMap(({ items }) => items.map((item) => item.id)),
      completed,
    );
    assert.deepEqual([sandbox.type, approvalPolicy], ['workspaceWrite', 'never']);
    assert.equal((await core.turn(id, 'third')).status, 'completed');
    const input = JSON.stringify(world.model.requests.at(-1)?.body.input);
    for (const text of ['first', 'one', 'second', 'kept', 'turn_aborted', 'third'])
      assert.match(input, new RegExp(text));
  });

  it('survives a torn last line and a corrupt one, and says so', async () => {
    const id = await begin({ script: [{ text: 'one' }, { text: 'two' }, { text: 'three' }] });
    await core.turn(id, 'first');
    const { thread } = await core.request('thread/read', { threadId: id });
    await core.stop();
    const file = thread.path ?? '';
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, [lines[0], '{"type":"item","at":', ...lines.slice(1)].join('\n'));
    appendFileSync(file, '{"type":"turnStarted","at":17');

    core = await world.core();
    const resumed = await core.request('thread/resume', { threadId: id });
    assert.deepEqual(
      resumed.thread.turns.map((turn) => [turn.status, turn.items.length]),
      [['completed', 2]],
    );
    const warning = await core.waitFor('warning');
    assert.match(warning.message, /line 2: not JSON.*the last line was cut short/s);
    await core.turn(id, 'second');
    await core.stop();

    core = await world.core();
    const again = await core.request('thread/resume', { threadId: id });
    assert.deepEqual(
      again.thread.turns.map(({ status }) => status),
      ['completed', 'completed'],
    );
  });

  it('refuses a thread that another core has open, and takes it once that is gone', async () => {
    const id = await begin({ script: [{ text: 'one' }, { text: 'two' }] });
    await core.turn(id, 'first');
    const second = await world.core();
    const refused = await second.refusal('thread/resume', { threadId: id });
    assert.match(refused.message, new RegExp(`is open in another Gantry \\(process ${core.pid}\\)`));
    assert.equal((await second.request('thread/read', { threadId: id, includeTurns: true })).thread.turns.length, 1);
    await core.kill('SIGKILL');
    await second.request('thread/resume', { threadId: id });
    assert.equal((await second.turn(id, 'second')).status, 'completed');
  });

  it('forks, whole or up to a turn', async () => {
    const id = await begin({ script: [{ text: 'one' }, { text: 'two' }, { text: 'forked' }] });
    const first = await core.turn(id, 'first');
    core.mark();
    await core.turn(id, 'second');
    const { thread } = await core.request('thread/fork', { threadId: id, lastTurnId: first.id });
    assert.deepEqual([thread.forkedFromId, thread.turns.map((turn) => turn.id)], [id, [first.id]]);
    core.mark();
    await core.turn(thread.id, 'third');
    const input = JSON.stringify(world.model.requests.at(-1)?.body.input);
    assert.match(input, /first/);
    assert.doesNotMatch(input, /second/);
    assert.equal((await core.request('thread/fork', { threadId: id })).thread.turns.length, 2);
    const missing = await core.refusal('thread/fork', { threadId: id, lastTurnId: 'nope' });
    assert.match(missing.message, /turn not found/);
  });

  it('goes back to before a turn', async () => {
    const id = await begin({ script: [{ text: 'one' }, { text: 'two' }, [{ newPrefix: true }, { text: 'three' }]] });
    await core.turn(id, 'first');
    core.mark();
    const second = await core.turn(id, 'second');
    await core.request('thread/revert', { threadId: id, beforeTurnId: second.id });
    await core.waitFor('thread/reverted');
    assert.equal((await core.request('thread/read', { threadId: id, includeTurns: true })).thread.turns.length, 1);
    core.mark();
    await core.turn(id, 'third');
    assert.doesNotMatch(JSON.stringify(world.model.requests.at(-1)?.body.input), /second/);
  });

  it('archives, brings back, names and deletes', async () => {
    const id = await begin({ script: [{ text: 'one' }] });
    await core.turn(id, 'first');
    await core.request('thread/name/set', { threadId: id, name: ' A name ' });
    assert.deepEqual(await core.waitFor('thread/name/updated'), { threadId: id, threadName: 'A name' });
    assert.match((await core.refusal('thread/name/set', { threadId: id, name: ' ' })).message, /must not be empty/);
    await core.request('thread/archive', { threadId: id });
    await core.waitFor('thread/archived');
    assert.deepEqual((await core.request('thread/list', {})).data, []);
    const archived = await core.request('thread/list', { archived: true });
    assert.deepEqual(
      archived.data.map((thread) => [thread.id, thread.name, thread.status]),
      [[id, 'A name', { type: 'notLoaded' }]],
    );
    assert.match((await core.refusal('thread/resume', { threadId: id })).message, /is archived/);
    assert.equal((await core.request('thread/unarchive', { threadId: id })).thread.name, 'A name');
    assert.match((await core.refusal('thread/unarchive', { threadId: id })).message, /no archived rollout/);
    await core.request('thread/delete', { threadId: id });
    await core.waitFor('thread/deleted');
    assert.equal((await core.refusal('thread/read', { threadId: id })).message, `thread not loaded: ${id}`);
    assert.equal(
      (await core.refusal('thread/delete', { threadId: id })).message,
      `no rollout found for thread id ${id}`,
    );
  });

  it('tells subscribers only, and others after they resume', async () => {
    const id = await begin({ script: [{ text: 'one' }] });
    assert.deepEqual(await core.request('thread/unsubscribe', { threadId: id }), { status: 'unsubscribed' });
    assert.deepEqual(await core.request('thread/unsubscribe', { threadId: id }), { status: 'notSubscribed' });
    const { thread } = await core.request('thread/resume', { threadId: id });
    assert.equal(thread.id, id);
    assert.equal((await core.turn(id, 'go')).status, 'completed');
  });

  it('keeps nothing of an ephemeral thread', async () => {
    await begin({ script: [{ text: 'one' }] });
    const { thread } = await core.request('thread/start', { cwd: world.workspace, ephemeral: true });
    await core.turn(thread.id, 'go');
    assert.deepEqual([thread.path, (await core.request('thread/list', {})).data], [null, []]);
    const refused = await core.refusal('thread/read', { threadId: thread.id, includeTurns: true });
    assert.equal(refused.message, 'ephemeral threads do not support includeTurns');
  });

  it("keeps a thread's own providers from other threads, also after it is resumed", async () => {
    const id = await begin({ script: [{ text: 'one' }, { text: 'two' }] });
    const config = { 'model_providers.scripted.base_url': 'http://127.0.0.1:1/v1' };
    const other = await core.request('thread/start', { cwd: world.workspace, config });
    assert.equal((await core.turn(id, 'first')).status, 'completed');
    core.mark();
    assert.equal((await core.turn(other.thread.id, 'first')).status, 'failed');
    await core.request('thread/resume', { threadId: id, config });
    core.mark();
    assert.equal((await core.turn(id, 'second')).status, 'failed');
  });

  it('takes an id in capitals for the same thread', async () => {
    const id = await begin({ script: [{ text: 'one' }, { text: 'two' }] });
    const shouted = id.toUpperCase();
    await core.turn(id, 'first');
    assert.equal((await core.request('thread/resume', { threadId: shouted })).thread.id, id);
    core.mark();
    assert.equal((await core.turn(shouted, 'second')).status, 'completed');
    await core.request('thread/archive', { threadId: shouted });
    assert.deepEqual(await core.waitFor('thread/archived'), { threadId: id });
  });

  it('waits for a thread that is being closed, whatever is asked of it meanwhile', async () => {
    const command = { call: 'exec_command', args: { cmd: 'echo up; sleep 985', yield_time_ms: 30_000 } };
    const id = await begin({ script: [{ text: 'one' }, command, { text: 'after' }] });
    await core.turn(id, 'first');
    core.mark();
    await core.request('turn/start', { threadId: id, input: say('second') });
    await core.waitFor('item/commandExecution/outputDelta');
    // All of them arrive while the first still kills the command.
    const first = core.request('thread/archive', { threadId: id });
    const others = [core.refusal('thread/resume', { threadId: id }), core.refusal('thread/archive', { threadId: id })];
    assert.deepEqual(await first, {});
    const [resumed, archived] = await Promise.all(others);
    assert.match(resumed?.message ?? '', /is archived\. Bring it back with thread\/unarchive first/);
    assert.equal(archived?.message, `no rollout found for thread id ${id}`);
    await core.request('thread/unarchive', { threadId: id });
    await core.request('thread/resume', { threadId: id });
    core.mark();
    assert.equal((await core.turn(id, 'third')).status, 'completed');
  });
});
