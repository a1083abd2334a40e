/** Checkpoints where several take part: roots, threads, cores that die, an editor with unsaved files, old age. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createCheckpointService } from '../../agent-core/checkpoints/service.ts';
import { storeKey } from '../../agent-core/checkpoints/store-files.ts';
import { hashText } from '../../agent-core/execution/text-format.ts';
import type { CoreProcess } from '../support/core-process.ts';
import { World } from './world.ts';

const FREELY = {
  approvalPolicy: 'never',
  sandbox: 'workspace-write',
  gantry: { editApproval: 'editThenReview' },
} as const;

describe('checkpoints with others', function () {
  this.timeout(60_000);
  let world: World;

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  const run = (cmd: string) => ({ call: 'exec_command', args: { cmd } });
  const startIn = async (core: CoreProcess) =>
    (await core.request('thread/start', { cwd: world.workspace, ...FREELY })).thread.id;
  const idOf = async (core: CoreProcess, threadId: string) =>
    (await core.request('checkpoint/list', { threadId })).data[0]?.id ?? '';
  const restore = async (core: CoreProcess, threadId: string, overwrite: string[] = []) =>
    core.request('checkpoint/restore', { threadId, id: await idOf(core, threadId), scope: 'code', overwrite });
  const store = () => path.join(world.home, 'checkpoints', storeKey(realpathSync(world.workspace)));

  it('holds every root of a thread', async () => {
    world = await World.create({
      script: [run('echo 2 > a.txt; echo 2 > ../other/b.txt'), { text: 'done' }],
      files: { 'a.txt': '1\n' },
    });
    const other = path.join(world.root, 'other');
    mkdirSync(other);
    writeFileSync(path.join(other, 'b.txt'), '1\n');
    const core = await world.core({ gantry: {}, experimentalApi: true });
    const roots = { runtimeWorkspaceRoots: [world.workspace, other] };
    const { thread } = await core.request('thread/start', { cwd: world.workspace, ...roots, ...FREELY });
    await core.turn(thread.id, 'go');
    assert.deepEqual((await restore(core, thread.id)).restored, [path.join(other, 'b.txt'), world.at('a.txt')]);
    assert.equal(readFileSync(path.join(other, 'b.txt'), 'utf8'), '1\n');
  });

  it("takes what another thread of another core changed since for somebody else's", async () => {
    const script = [
      run('echo 2 > a.txt; echo 2 > b.txt'),
      { text: 'one' },
      { ...run('echo 3 > a.txt'), newPrefix: true },
      { text: 'two' },
    ];
    world = await World.create({ script, files: { 'a.txt': '1\n', 'b.txt': '1\n' } });
    const [one, two] = [await world.core({ gantry: {} }), await world.core({ gantry: {} })];
    const [first, second] = [await startIn(one), await startIn(two)];
    await one.turn(first, 'go');
    await two.turn(second, 'go');
    const { restored, conflicts } = await restore(one, first);
    assert.deepEqual(
      [restored, conflicts],
      [[world.at('b.txt')], [{ path: world.at('a.txt'), reason: 'changedByUser' }]],
    );
    assert.deepEqual((await restore(two, second)).restored, [world.at('a.txt')]);
    assert.equal(readFileSync(world.at('a.txt'), 'utf8'), '2\n');
  });

  it('takes two turns at once on one folder', async () => {
    const answer = (request: { body: { input: unknown } }) => {
      const name = JSON.stringify(request.body.input).includes('second turn') ? 'two' : 'one';
      return JSON.stringify(request.body.input).includes('function_call_output')
        ? { text: 'done' }
        : run(`echo x > ${name}`);
    };
    world = await World.create({ script: answer as never, strict: false });
    const [one, two] = [await world.core({ gantry: {} }), await world.core({ gantry: {} })];
    const [first, second] = [await startIn(one), await startIn(two)];
    await Promise.all([one.turn(first, 'first turn'), two.turn(second, 'second turn')]);
    for (const [core, thread] of [
      [one, first],
      [two, second],
    ] as const) {
      assert.deepEqual(
        core.messages.filter(({ method }) => method === 'warning'),
        [],
      );
      assert.ok(await idOf(core, thread));
    }
  });

  it('goes on after a core was killed in the middle of a snapshot', async () => {
    world = await World.create({
      script: [run('echo 2 > a.txt'), { text: 'done' }, run('echo 3 > a.txt'), { text: 'done' }],
      files: { 'a.txt': '1\n' },
    });
    const first = await world.core({ gantry: {} });
    await first.turn(await startIn(first), 'go');
    await first.kill('SIGKILL');
    // As such a core leaves them: git's own lock, half an index, and our lock in the name of a process that is no more.
    writeFileSync(path.join(store(), 'index.lock'), '');
    writeFileSync(path.join(store(), 'index'), 'DIRC');
    const lock = path.join(world.home, 'checkpoints', 'locks', `${storeKey(realpathSync(world.workspace))}.lock`);
    writeFileSync(lock, JSON.stringify({ pid: 1, startTime: 'long ago', since: 0 }));
    const second = await world.core({ gantry: {} });
    const threadId = await startIn(second);
    await second.turn(threadId, 'go');
    assert.deepEqual((await restore(second, threadId)).restored, [world.at('a.txt')]);
    assert.equal(readFileSync(world.at('a.txt'), 'utf8'), '2\n');
    assert.deepEqual(
      second.messages.filter(({ method }) => method === 'warning'),
      [],
    );
  });

  it('leaves a file alone that the editor holds unsaved', async () => {
    world = await World.create({
      script: [run('echo 2 > a.txt; echo 2 > b.txt'), { text: 'done' }],
      files: { 'a.txt': '1\n', 'b.txt': '1\n' },
    });
    const core = await world.core({ gantry: { fs: true } });
    let isDirty = false;
    core.onRequest = (request) => {
      const row = { uri: pathToFileURL(world.at('a.txt')).href, hash: hashText('mine\n'), text: 'mine\n' };
      return request.method === 'host/fs/dirty' ? { result: { data: isDirty ? [row] : [] } } : undefined;
    };
    const threadId = await startIn(core);
    await core.turn(threadId, 'go');
    isDirty = true;
    const { restored, conflicts } = await restore(core, threadId);
    assert.deepEqual(
      [restored, conflicts],
      [[world.at('b.txt')], [{ path: world.at('a.txt'), reason: 'changedByUser' }]],
    );
  });

  it('restores text through the editor, and what an editor cannot give back on the disk', async () => {
    const cmd = 'echo 2 > a.txt; echo 2 > crlf.txt; rm gone.txt; echo 2 > new.txt; echo 2 > typed.txt';
    const files = { 'a.txt': '1\n', 'crlf.txt': '1\r\n', 'gone.txt': '1\n', 'typed.txt': '1\n' };
    world = await World.create({ script: [run(cmd), { text: 'done' }], files });
    const core = await world.core({ gantry: { fs: true } });
    const asked: unknown[] = [];
    core.onRequest = (request) => {
      if (request.method === 'host/fs/dirty') return { result: { data: [] } };
      const { uri, text = null } = request.params as { uri: string; text?: string | null };
      const name = path.basename(uri);
      asked.push([request.method, name, (request.params as { origin?: { decided: boolean } }).origin?.decided]);
      if (name === 'typed.txt') return { result: { conflict: true, text: 'typed\n', hash: hashText('typed\n') } };
      if (text === null) rmSync(world.at(name));
      else writeFileSync(world.at(name), text);
      return { result: text === null ? { deleted: true } : { hash: hashText(text) } };
    };
    const threadId = await startIn(core);
    await core.turn(threadId, 'go');
    const { restored, conflicts } = await restore(core, threadId);
    assert.deepEqual(conflicts, [{ path: world.at('typed.txt'), reason: 'changedByUser' }]);
    assert.deepEqual(
      restored.map((file) => path.basename(file)),
      ['a.txt', 'crlf.txt', 'gone.txt', 'new.txt'],
    );
    assert.deepEqual(asked, [
      ['host/fs/delete', 'new.txt', true],
      ['host/fs/write', 'a.txt', true],
      ['host/fs/write', 'crlf.txt', true],
      ['host/fs/create', 'gone.txt', true],
      ['host/fs/write', 'typed.txt', true],
    ]);
    assert.deepEqual(readdirSync(world.workspace), ['a.txt', 'crlf.txt', 'gone.txt', 'typed.txt']);
    assert.equal(readFileSync(world.at('crlf.txt'), 'utf8'), '1\r\n');
  });

  it('refuses what cannot be, in words', async () => {
    world = await World.create({ script: [run('echo 2 > a.txt'), { text: 'done' }] });
    const core = await world.core({ gantry: {} });
    const threadId = await startIn(core);
    const params = { threadId, id: 'nothing', scope: 'code' };
    const help = 'It may have grown too old; checkpoint/list gives those that are kept';
    assert.equal(
      (await core.refusal('checkpoint/restore', params)).message,
      `checkpoint not found in thread ${threadId}: nothing. ${help}`,
    );
    assert.equal(
      (await core.refusal('checkpoint/list', { threadId: '../x' })).message,
      'invalid thread id: ../x is not a UUID',
    );
    await core.turn(threadId, 'go');
    const { undoId } = await restore(core, threadId);
    assert.equal(
      (await core.refusal('checkpoint/restore', { threadId, id: undoId, scope: 'both' })).message,
      `checkpoint ${undoId} was made by a restore: it has files only, scope "code"`,
    );
  });

  it('makes none of a home folder, and says why', async () => {
    world = await World.create({ script: [run('echo 2 > a.txt'), { text: 'done' }] });
    const core = await world.core({ gantry: {} }, { HOME: world.workspace });
    const threadId = await startIn(core);
    await core.turn(threadId, 'go');
    const why = `${realpathSync(world.workspace)} is your home folder`;
    const message = `No checkpoints are made here: ${why}. Open a project folder to have them.`;
    assert.deepEqual(await core.waitFor('warning'), { threadId, message });
    assert.equal(await idOf(core, threadId), '');
  });

  it('lets old ones go, and the oldest when there are too many bytes', async () => {
    world = await World.create({ files: { 'a.txt': '1\n' } });
    let now = Date.UTC(2030, 0, 1);
    let maxTotal = 1_000_000_000;
    let last = 0;
    const emitted: unknown[] = [];
    const service = createCheckpointService({
      env: process.env,
      home: world.home,
      user: path.join(world.root, 'user'),
      config: () => ({ enabled: true, includeIgnored: false, maxFileSize: 1e7, maxTotal, maxAgeDays: 14 }),
      now: () => now,
      newId: () => `id-${++last}`,
      log: (level, message, data) => level === 'debug' || emitted.push([level, message, data]),
    });
    const root = realpathSync(world.workspace);
    const make = async (text: string) => {
      world.write('a.txt', text);
      utimesSync(world.at('a.txt'), last, last);
      return service.make('thread', [root], null);
    };
    const ids = async () =>
      (await service.records.read('thread')).flatMap((line) => (line.type === 'checkpoint' ? [line.id] : []));
    const day = 86_400_000;
    /** As after a turn. */
    const tidy = async () => {
      now += day;
      await service.tidy();
    };
    await make('old\n');
    now += 14 * day;
    const kept = [await make('newer\n'), await make('newest\n')];
    await tidy();
    assert.deepEqual(await ids(), kept);
    const refs = () => readdirSync(path.join(store(), 'refs', 'checkpoints'));
    assert.deepEqual(refs().sort(), kept);
    const line = (await service.records.read('thread')).find((one) => one.type === 'checkpoint');
    assert.ok(line?.type === 'checkpoint' && line.parts[0]);
    const [entry] = await service.stores.entries(line.parts[0], [path.join(root, 'a.txt')]);
    assert.equal(String((await service.stores.read(root, [entry?.id ?? '']))[0]), 'newer\n');
    maxTotal = 0;
    await tidy();
    assert.deepEqual(await ids(), kept.slice(1));
    now += 30 * day;
    await tidy();
    assert.deepEqual([await ids(), existsSync(store()), emitted], [[], false, []]);
  });

  it('keeps the files of a repository that a command removed, as long as the workspace is there', async () => {
    world = await World.create({ files: { 'a.txt': '1\n', 'inner/b.txt': '1\n' } });
    execFileSync('git', ['init', '-q'], { cwd: world.at('inner') });
    const service = createCheckpointService({
      env: process.env,
      home: world.home,
      user: path.join(world.root, 'user'),
      config: () => ({ enabled: true, includeIgnored: false, maxFileSize: 1e7, maxTotal: 1e9, maxAgeDays: 14 }),
      now: Date.now,
      newId: () => 'id',
      log: () => {},
    });
    await service.make('thread', [realpathSync(world.workspace)], null);
    rmSync(world.at('inner'), { recursive: true });
    await service.tidy();
    const [line] = await service.records.read('thread');
    const part = line?.type === 'checkpoint' ? line.parts[1] : undefined;
    assert.ok(part);
    const [entry] = await service.stores.entries(part, [path.join(part.root, 'b.txt')]);
    assert.equal(String((await service.stores.read(part.root, [entry?.id ?? '']))[0]), '1\n');
  });
});
