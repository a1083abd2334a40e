/** Edits beside who swaps links and folders under them: what was looked at is what is read and written, or nothing is. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CoreProcess, CoreRequest } from '../support/core-process.ts';
import { World } from './world.ts';

const CANARY = 'CANARY-90b2';

/** Puts a folder and a link in turn at one place, as fast as it can. */
const FLIPS = `
const { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } = require('node:fs');
const [place, secret] = process.argv.slice(1);
const lay = () => {
  for (const name of [place, place + '.link', place + '.folder']) rmSync(name, { recursive: true, force: true });
  symlinkSync(secret, place + '.link');
  mkdirSync(place);
  writeFileSync(place + '/id', 'harmless\\n');
};
const flip = () => {
  renameSync(place, place + '.folder');
  renameSync(place + '.link', place);
  renameSync(place, place + '.link');
  renameSync(place + '.folder', place);
};
const go = () => {
  try {
    for (let n = 0; n < 200; n++) flip();
  } catch {
    lay(); // something was made there in between
  }
  setImmediate(go);
};
lay();
process.stdout.write('up');
go();
`;

describe('edits and races', function () {
  this.timeout(120_000);
  if (process.platform !== 'linux') return;
  let world: World;
  let flipper: ChildProcess | null = null;

  afterEach(async () => {
    if (flipper && flipper.exitCode === null) {
      flipper.kill('SIGKILL');
      await once(flipper, 'exit');
    }
    flipper = null;
    assert.deepEqual(await world.close(), []);
  });

  const secret = (name = '') => path.join(world.root, 'user/.ssh', name);
  const begin = async (params: object, answer: (request: CoreRequest) => unknown): Promise<[CoreProcess, string]> => {
    mkdirSync(secret(), { recursive: true });
    writeFileSync(secret('id'), `${CANARY}\n`);
    const core = await world.core({ experimentalApi: true, gantry: {} } as never, {
      HOME: path.join(world.root, 'user'),
    });
    core.onRequest = (request) => ({ result: answer(request) });
    const given = { cwd: world.workspace, sandbox: 'workspace-write', approvalPolicy: 'never', ...params };
    return [core, (await core.request('thread/start', given as never)).thread.id];
  };

  it('read no secret and write nothing outside, however fast a folder is swapped for a link', async () => {
    world = await World.create();
    const [core, threadId] = await begin({ gantry: { editApproval: 'editThenReview' } }, () => ({
      decision: 'decline',
    }));
    flipper = spawn(process.execPath, ['-e', FLIPS, world.at('flip'), secret()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(flipper.stdout as NonNullable<ChildProcess['stdout']>, 'data');
    const tries = Array.from({ length: 40 }, (_none, index) => [
      { call: 'read_file', args: { path: 'flip/id' } },
      { call: 'view_image', args: { path: 'flip/id' } },
      { call: 'search_text', args: { pattern: 'CANARY.*', path: 'flip' } },
      { call: 'write_file', args: { path: `flip/planted-${index}`, text: 'x\n' } },
      { call: 'write_file', args: { path: `flip/deep/${index}/planted`, text: 'x\n' } },
      { call: 'edit_file', args: { path: 'flip/id', old_text: 'CANARY', new_text: 'changed' } },
      { freeform: 'apply_patch', input: '*** Begin Patch\n*** Delete File: flip/id\n*** End Patch\n' },
    ]);
    world.model.push(...tries, { text: 'done' });
    await core.turn(threadId, 'go');
    const outputs = world.model.requests.flatMap(({ body }) =>
      (body as unknown as { input: { type: string; output?: unknown }[] }).input.flatMap(({ type, output }) =>
        type === 'function_call_output' ? JSON.stringify(output) : [],
      ),
    );
    assert.deepEqual(
      [
        [...new Set(outputs.filter((output) => output.includes(CANARY)))],
        readdirSync(secret()),
        readFileSync(secret('id'), 'utf8'),
      ],
      [[], ['id'], `${CANARY}\n`],
    );
  });

  it('are written where the user was shown that they go, or not at all', async () => {
    const lead = (folder: string): void => {
      rmSync(world.at('docs'), { force: true });
      symlinkSync(path.join(world.root, folder), world.at('docs'));
    };
    const patch = (file: string) => ({
      freeform: 'apply_patch',
      input: `*** Begin Patch\n*** Update File: ${file}\n@@\n-old\n+new\n*** End Patch\n`,
    });
    const remove = { freeform: 'apply_patch', input: '*** Begin Patch\n*** Delete File: docs/b.txt\n*** End Patch\n' };
    const move = {
      freeform: 'apply_patch',
      input: '*** Begin Patch\n*** Update File: own.txt\n*** Move to: docs/moved.txt\n@@\n-old\n+new\n*** End Patch\n',
    };
    world = await World.create({
      script: [
        ...[patch('docs/a.txt'), remove, move].map((call) => () => {
          lead('shown');
          return call;
        }),
        { text: 'done' },
      ],
      files: { 'own.txt': 'old\n' },
    });
    for (const folder of ['shown', 'other']) {
      mkdirSync(path.join(world.root, folder));
      for (const name of ['a.txt', 'b.txt']) writeFileSync(path.join(world.root, folder, name), 'old\n');
    }
    const reasons: unknown[] = [];
    const [core, threadId] = await begin({ approvalPolicy: 'on-request' }, ({ params }) => {
      reasons.push((params as { reason: unknown }).reason);
      lead('other');
      return { decision: 'accept' };
    });
    await core.turn(threadId, 'go');
    const texts = (folder: string) =>
      Object.fromEntries(
        readdirSync(path.join(world.root, folder)).map((name) => [
          name,
          readFileSync(path.join(world.root, folder, name), 'utf8'),
        ]),
      );
    const old = { 'a.txt': 'old\n', 'b.txt': 'old\n' };
    assert.deepEqual([texts('shown'), texts('other'), readFileSync(world.at('own.txt'), 'utf8')], [old, old, 'old\n']);
    assert.equal(reasons.length, 3);
    assert.match(
      String(reasons[0]),
      /docs\/a\.txt lies outside of the writable folders \(it leads to .*shown\/a\.txt\)/,
    );
  });

  it('hang on nothing that is no file', async () => {
    const calls = ['read_file', 'view_image'].map((call) => ({ call, args: { path: 'pipe' } }));
    world = await World.create({ script: [calls, { text: 'done' }] });
    execFileSync('mkfifo', [world.at('pipe')]);
    const [core, threadId] = await begin({}, () => ({}));
    assert.equal((await core.turn(threadId, 'go')).status, 'completed');
    const told = JSON.stringify(world.model.requests.at(-1));
    assert.match(told, /is not a regular file/);
    assert.match(told, /pipe is no file/);
  });
});
