/** What a thread survives, through real core processes. The rules stand in agent-core/threads/README.md. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CoreProcess } from '../support/core-process.ts';
import { World, type WorldOptions } from './world.ts';

const canLimit = process.platform === 'linux' && existsSync('/usr/bin/prlimit');

describe('threads and crashes', function () {
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
  const fileOf = async (threadId: string): Promise<string> =>
    (await core.request('thread/read', { threadId })).thread.path ?? '';
  const answers = (count: number): WorldOptions => ({ script: Array.from({ length: count }, () => ({ text: 'ok' })) });

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('a full disk fails the turn, which says so; the thread goes on when there is room', async function () {
    if (!canLimit) this.skip();
    const id = await begin(answers(3));
    await core.turn(id, 'first');
    const file = await fileOf(id);
    const limit = (bytes: number | 'unlimited') =>
      execFileSync('prlimit', ['--pid', String(core.pid), `--fsize=${bytes}:unlimited`]);
    // In the middle of a line.
    limit(statSync(file).size + 100);
    core.mark();
    const failed = await core.turn(id, 'second');
    assert.deepEqual([failed.status, /no file grow further/.test(failed.error?.message ?? '')], ['failed', true]);
    assert.equal((await core.request('thread/list', {})).data.length, 1);
    limit('unlimited');
    core.mark();
    assert.equal((await core.turn(id, 'third')).status, 'completed');
    await core.kill('SIGKILL');
    core = await world.core();
    const { thread } = await core.request('thread/resume', { threadId: id });
    const texts = JSON.stringify(thread.turns);
    assert.match(texts, /"first".*"third"/s);
  });

  it('a deletion without room for what a fork needs leaves all as it was', async function () {
    if (!canLimit) this.skip();
    const id = await begin(answers(2));
    await core.turn(id, 'first');
    const { thread: fork } = await core.request('thread/fork', { threadId: id });
    execFileSync('prlimit', ['--pid', String(core.pid), '--fsize=200:unlimited']);
    assert.match((await core.refusal('thread/delete', { threadId: id })).message, /Could not (delete|lock)/);
    execFileSync('prlimit', ['--pid', String(core.pid), '--fsize=unlimited:unlimited']);
    assert.equal((await core.request('thread/turns/list', { threadId: id })).data.length, 1);
    await core.request('thread/delete', { threadId: id });
    assert.equal((await core.request('thread/turns/list', { threadId: fork.id })).data.length, 1);
  });

  it('a thread of a newer version is listed and read, said to be newer, and not written', async () => {
    const id = await begin(answers(2));
    await core.turn(id, 'first');
    const file = await fileOf(id);
    await core.stop();
    const [head = '', ...rest] = readFileSync(file, 'utf8').split('\n');
    const newer = JSON.stringify({ ...JSON.parse(head), version: 99 });
    const text = [newer, '{"type":"dream","at":1,"of":"sheep"}', ...rest].join('\n');
    writeFileSync(file, text);
    core = await world.core();
    assert.deepEqual(
      (await core.request('thread/list', {})).data.map((thread) => [thread.id, thread.preview]),
      [[id, 'first']],
    );
    const { thread } = await core.request('thread/read', { threadId: id, includeTurns: true });
    assert.equal(thread.turns[0]?.items.length, 2);
    assert.match((await core.waitFor('warning')).message, /written by a newer Gantry \(format 99\)/);
    for (const refused of [
      await core.refusal('thread/resume', { threadId: id }),
      await core.refusal('thread/name/set', { threadId: id, name: 'x' }),
      await core.refusal('thread/fork', { threadId: id }),
    ]) {
      assert.match(refused.message, /was written by a newer Gantry \(format 99, .*update Gantry/);
    }
    assert.equal(readFileSync(file, 'utf8'), text);
    await core.request('thread/archive', { threadId: id });
    await core.request('thread/delete', { threadId: id });
    assert.equal(existsSync(file), false);
  });

  it('a corrupt line in the middle is passed over and said, and the file is not rewritten', async () => {
    const id = await begin(answers(3));
    await core.turn(id, 'first');
    core.mark();
    await core.turn(id, 'second');
    const file = await fileOf(id);
    await core.stop();
    const lines = readFileSync(file, 'utf8').split('\n');
    const at = lines.findIndex((line) => line.includes('"second"') && line.includes('"item"'));
    lines[at] = `${lines[at]?.slice(0, -20)}\u0000}`;
    lines.splice(2, 0, 'nothing of ours');
    const spoilt = lines.join('\n');
    writeFileSync(file, spoilt);
    core = await world.core();
    const { thread } = await core.request('thread/resume', { threadId: id });
    assert.deepEqual(
      thread.turns.map(({ status, items }) => [status, items.map(({ type }) => type)]),
      [
        ['completed', ['userMessage', 'agentMessage']],
        ['completed', ['agentMessage']],
      ],
    );
    assert.match((await core.waitFor('warning')).message, /line 3: not JSON.*at byte \d+: not JSON/);
    await core.turn(id, 'third');
    assert.equal(readFileSync(file, 'utf8').startsWith(spoilt), true);
  });

  it('one core writes a thread at a time; another reads it and is told who holds it', async () => {
    const id = await begin(answers(2));
    await core.turn(id, 'first');
    const second = await world.core();
    const held = new RegExp(`is open in another Gantry \\(process ${core.pid}\\)`);
    for (const refused of [
      await second.refusal('thread/resume', { threadId: id }),
      await second.refusal('thread/name/set', { threadId: id, name: 'x' }),
      await second.refusal('thread/archive', { threadId: id }),
      await second.refusal('thread/delete', { threadId: id }),
    ]) {
      assert.match(refused.message, held);
    }
    assert.equal((await second.request('thread/turns/list', { threadId: id })).data.length, 1);
    const { thread: copy } = await second.request('thread/fork', { threadId: id });
    assert.equal((await second.turn(copy.id, 'in the copy')).status, 'completed');
    await core.kill('SIGKILL');
    await second.request('thread/name/set', { threadId: id, name: 'Taken over' });
    await second.request('thread/delete', { threadId: id });
    const left = readdirSync(path.join(world.home, 'thread-locks')).filter((name) => name.startsWith(id));
    assert.deepEqual(left, []);
  });

  it('a lock whose process is gone, though its number is taken, is taken over', async function () {
    // Elsewhere nothing tells when a process began.
    if (process.platform !== 'linux') return this.skip();
    const id = await begin(answers(2));
    await core.turn(id, 'first');
    await core.stop();
    const folder = path.join(world.home, 'thread-locks');
    // This process lives, but is not the one that took the lock.
    const lock = { pid: process.pid, startTime: '1', since: 1 };
    writeFileSync(path.join(folder, `${id}.lock`), JSON.stringify(lock));
    core = await world.core();
    await core.request('thread/resume', { threadId: id });
    core.mark();
    assert.equal((await core.turn(id, 'second')).status, 'completed');
    const held = JSON.parse(readFileSync(path.join(folder, `${id}.lock`), 'utf8'));
    assert.equal(held.pid, core.pid);
  });

  it('a thread that lost its first line is listed and goes on', async () => {
    const id = await begin(answers(2));
    await core.turn(id, 'first');
    const file = await fileOf(id);
    await core.stop();
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, ['{"type":"thr', ...lines.slice(1)].join('\n'));
    core = await world.core();
    assert.deepEqual(
      (await core.request('thread/list', {})).data.map((thread) => [thread.id, thread.preview, thread.source]),
      [[id, 'first', 'unknown']],
    );
    await core.request('thread/resume', { threadId: id });
    assert.match((await core.waitFor('warning')).message, /line 1: not JSON/);
    assert.equal((await core.turn(id, 'second')).status, 'completed');
    assert.match(JSON.stringify(world.model.requests.at(-1)?.body.input), /"first".*"second"/s);
  });

  it('a file of the first version is read and gone on with', async () => {
    const id = await begin(answers(2));
    await core.turn(id, 'first');
    const file = await fileOf(id);
    await core.stop();
    const text = readFileSync(file, 'utf8').replace('"version":2', '"version":1');
    assert.match(text, /"version":1/);
    writeFileSync(file, text);
    core = await world.core();
    await core.request('thread/resume', { threadId: id });
    assert.equal((await core.turn(id, 'second')).status, 'completed');
    assert.match(JSON.stringify(world.model.requests.at(-1)?.body.input), /"first".*"second"/s);
  });

  it('a file that is gone fails the turn that needs it, and the thread goes on when it is back', async () => {
    const id = await begin(answers(2));
    await core.turn(id, 'first');
    const file = await fileOf(id);
    await core.stop();
    core = await world.core({ experimentalApi: true });
    await core.request('thread/resume', { threadId: id, path: file });
    const aside = path.join(world.root, 'aside');
    renameSync(file, aside);
    const failed = await core.turn(id, 'second');
    assert.deepEqual([failed.status, /Could not read the thread/.test(failed.error?.message ?? '')], ['failed', true]);
    renameSync(aside, file);
    core.mark();
    assert.equal((await core.turn(id, 'third')).status, 'completed');
    const refused = await core.refusal('thread/resume', { threadId: id, path: path.join(world.home, 'config.toml') });
    assert.match(refused.message, /^no rollout found at /);
  });

  it('what was typed by hand behind a torn line is found', async () => {
    const id = await begin(answers(2));
    await core.turn(id, 'first');
    const file = await fileOf(id);
    await core.stop();
    appendFileSync(file, '{"type":"name","at":1,"na');
    core = await world.core();
    await core.request('thread/name/set', { threadId: id, name: 'After the tear' });
    assert.equal((await core.request('thread/read', { threadId: id })).thread.name, 'After the tear');
    await core.stop();
    core = await world.core();
    assert.equal((await core.request('thread/list', {})).data[0]?.name, 'After the tear');
  });
});
