/** Commands and patches that a person decides on, through a real core process. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import type { ProposedFileChange } from '../../agent-core/protocol/index.ts';
import type { Answer, CoreProcess, CoreRequest } from '../support/core-process.ts';
import { World, type WorldOptions } from './world.ts';

const TOUCH = { call: 'exec_command', args: { cmd: 'echo made > made.txt && cat made.txt' } };
const PATCH = [
  '*** Begin Patch',
  '*** Update File: a.txt',
  '@@',
  ' one',
  '-two',
  '+TWO',
  ' three',
  '*** End Patch',
  '',
].join('\n');
const patch = { freeform: 'apply_patch', input: PATCH };
const FILES = { 'a.txt': 'one\ntwo\nthree\n' };
const gantry = { gantry: {} };

describe('approvals', function () {
  this.timeout(30_000);
  let world: World;
  let core: CoreProcess;
  let threadId: string;
  let asked: CoreRequest[];

  const begin = async (
    options: WorldOptions & { capabilities?: Parameters<World['core']>[0]; params?: Record<string, unknown> },
    answer: Answer | ((request: CoreRequest) => Answer),
  ): Promise<void> => {
    world = await World.create(options);
    core = await world.core(options.capabilities);
    asked = [];
    core.onRequest = (message) => {
      asked.push(message);
      return typeof answer === 'function' ? answer(message) : answer;
    };
    const params = { cwd: world.workspace, approvalPolicy: 'untrusted', sandbox: 'workspace-write', ...options.params };
    threadId = (await core.request('thread/start', params as never)).thread.id;
  };
  const decide = (decision: unknown): Answer => ({ result: { decision } });

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('runs a command that was accepted, and tells that the question is settled', async () => {
    await begin({ script: [TOUCH, { text: 'done' }] }, decide('accept'));
    assert.equal((await core.turn(threadId, 'go')).status, 'completed');
    const [request] = asked;
    assert.equal(request?.method, 'item/commandExecution/requestApproval');
    const { turnId, itemId, startedAtMs, ...params } = request.params;
    assert.ok(turnId && itemId && startedAtMs);
    assert.deepEqual(params, {
      threadId,
      environmentId: 'local',
      kind: 'command',
      command: "/bin/bash -lc 'echo made > made.txt && cat made.txt'",
      cwd: world.workspace,
      commandActions: params.commandActions,
      proposedExecpolicyAmendment: ['/bin/bash', '-lc', 'echo made > made.txt && cat made.txt'],
    });
    assert.equal(request?.id, 0);
    assert.deepEqual(core.notifications('serverRequest/resolved'), [{ threadId, requestId: 0 }]);
    const statuses = core.notifications('thread/status/changed').map(({ status }) => JSON.stringify(status));
    assert.ok(statuses.some((status) => status.includes('waitingOnApproval')));
    const [item] = core.items('commandExecution');
    assert.deepEqual([item?.status, item?.exitCode, item?.aggregatedOutput], ['completed', 0, 'made\n']);
    assert.equal(readFileSync(world.at('made.txt'), 'utf8'), 'made\n');
  });

  it('asks once for what was accepted for the session', async () => {
    await begin({ script: [TOUCH, TOUCH, { text: 'done' }] }, decide('acceptForSession'));
    await core.turn(threadId, 'go');
    assert.equal(asked.length, 1);
    assert.equal(core.items('commandExecution').length, 2);
  });

  it('goes on without a command that was declined', async () => {
    await begin({ script: [TOUCH, { text: 'well then' }] }, decide('decline'));
    assert.equal((await core.turn(threadId, 'go')).status, 'completed');
    assert.equal(core.items('commandExecution')[0]?.status, 'declined');
    assert.equal(existsSync(world.at('made.txt')), false);
  });

  it('ends the turn when a command is cancelled', async () => {
    await begin({ script: [TOUCH] }, decide('cancel'));
    assert.equal((await core.turn(threadId, 'go')).status, 'interrupted');
    assert.equal(core.items('commandExecution')[0]?.status, 'declined');
    assert.equal(existsSync(world.at('made.txt')), false);
  });

  for (const [name, answer] of [
    ['an error', { error: { code: -32000, message: 'client broke' } }],
    ['nonsense', decide('bogus')],
    ['a partial answer to a command', decide({ acceptPartial: { files: [] } })],
  ] as const) {
    it(`runs nothing after ${name}`, async () => {
      await begin({ script: [TOUCH, { text: 'done' }] }, answer);
      assert.equal((await core.turn(threadId, 'go')).status, 'completed');
      assert.equal(core.items('commandExecution')[0]?.status, 'failed');
      assert.equal(existsSync(world.at('made.txt')), false);
    });
  }

  it('takes the question back when the turn is interrupted', async () => {
    await begin({ script: [TOUCH, { text: 'next' }] }, undefined);
    const { turn } = await core.request('turn/start', { threadId, input: [{ type: 'text', text: 'go' }] });
    const request = await core.waitForMessage(({ method }) => method === 'item/commandExecution/requestApproval');
    await core.request('turn/interrupt', { threadId, turnId: turn.id });
    await core.waitFor('turn/completed');
    assert.deepEqual(core.notifications('serverRequest/resolved'), [{ threadId, requestId: request.id ?? null }]);
    core.send({ id: request.id, result: { decision: 'accept' } });
    core.mark();
    assert.equal((await core.turn(threadId, 'next')).status, 'completed');
    assert.equal(existsSync(world.at('made.txt')), false);
  });

  it('asks whoever resumes the thread what was open when its only client left', async () => {
    await begin({ script: [TOUCH, { text: 'done' }] }, undefined);
    const isAsked = ({ method }: { method?: string }) => method === 'item/commandExecution/requestApproval';
    await core.request('turn/start', { threadId, input: [{ type: 'text', text: 'go' }] });
    const first = await core.waitForMessage(isAsked);
    await core.request('thread/unsubscribe', { threadId });
    assert.deepEqual(core.notifications('serverRequest/resolved'), [{ threadId, requestId: first.id ?? null }]);
    const status = { type: 'active', activeFlags: ['waitingOnApproval'] };
    const { data } = await core.request('thread/list', {});
    assert.deepEqual(
      data.map((thread) => [thread.id, thread.status]),
      [[threadId, status]],
    );
    core.mark();
    assert.deepEqual((await core.request('thread/resume', { threadId })).thread.status, status);
    const again = await core.waitForMessage(isAsked);
    assert.deepEqual(asked[1]?.params, asked[0]?.params);
    core.send({ id: again.id, result: { decision: 'accept' } });
    assert.equal((await core.waitFor('turn/completed')).turn.status, 'completed');
    assert.equal(existsSync(world.at('made.txt')), true);
  });

  it('writes a patch that was accepted, with the line ends of the file', async () => {
    await begin({ files: { 'a.txt': 'one\r\ntwo\r\nthree\r\n' }, script: [patch, { text: 'done' }] }, decide('accept'));
    await core.turn(threadId, 'go');
    assert.equal(readFileSync(world.at('a.txt'), 'utf8'), 'one\r\nTWO\r\nthree\r\n');
    const [item] = core.items('fileChange');
    assert.equal(item?.status, 'completed');
    assert.deepEqual(item.changes, [
      {
        path: world.at('a.txt'),
        kind: { type: 'update', move_path: null },
        diff: '@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n',
      },
    ]);
    assert.deepEqual(proposed(asked[0]), []);
    assert.match(core.notifications('turn/diff/updated').at(-1)?.diff ?? '', /^diff --git a\/a\.txt b\/a\.txt/);
  });

  it('leaves the file alone when a patch is declined', async () => {
    await begin({ files: FILES, script: [patch, { text: 'well then' }] }, decide('decline'));
    assert.equal((await core.turn(threadId, 'go')).status, 'completed');
    assert.equal(core.items('fileChange')[0]?.status, 'declined');
    assert.equal(readFileSync(world.at('a.txt'), 'utf8'), FILES['a.txt']);
  });

  it('shows the whole texts behind the gate, and writes what the user made of them', async () => {
    const finalText = 'one\nTwo!\nthree\n';
    const partial = (request: CoreRequest): Answer => {
      const [change] = proposed(request);
      const file = { path: change?.path, baseHash: change?.baseHash, finalText };
      return decide({ acceptPartial: { files: [file], note: 'not so loud' } });
    };
    await begin({ files: FILES, script: [patch, { text: 'done' }], capabilities: gantry }, partial);
    await core.turn(threadId, 'go');
    const [change] = proposed(asked[0]);
    assert.deepEqual([change?.oldText, change?.newText], [FILES['a.txt'], 'one\nTWO\nthree\n']);
    assert.equal(readFileSync(world.at('a.txt'), 'utf8'), finalText);
  });

  it('takes no partial answer from a client without the gate', async () => {
    const files = [{ path: 'a.txt', baseHash: null, finalText: 'x' }];
    await begin({ files: FILES, script: [patch, { text: 'done' }] }, decide({ acceptPartial: { files } }));
    await core.turn(threadId, 'go');
    assert.equal(core.items('fileChange')[0]?.status, 'failed');
    assert.equal(readFileSync(world.at('a.txt'), 'utf8'), FILES['a.txt']);
  });

  it('asks first for edits when the thread says so', async () => {
    const params = { approvalPolicy: 'on-request', gantry: { editApproval: 'askFirst' } };
    await begin({ files: FILES, script: [patch, { text: 'ok' }], capabilities: gantry, params }, decide('decline'));
    await core.turn(threadId, 'go');
    assert.equal(asked.length, 1);
    assert.equal(core.items('fileChange')[0]?.status, 'declined');
  });

  it('ignores the thread option of a client without the gate', async () => {
    const params = { approvalPolicy: 'on-request', gantry: { editApproval: 'askFirst' } };
    await begin({ files: FILES, script: [patch, { text: 'ok' }], params }, undefined);
    await core.turn(threadId, 'go');
    assert.equal(core.items('fileChange')[0]?.status, 'completed');
  });

  it('says so when the folder is read-only', async () => {
    world = await World.create({ files: FILES, script: [patch, { text: 'hm' }] });
    core = await world.readOnlyCore();
    const params = { cwd: world.workspace, approvalPolicy: 'never', sandbox: 'workspace-write' } as const;
    threadId = (await core.request('thread/start', params)).thread.id;
    assert.equal((await core.turn(threadId, 'go')).status, 'completed');
    assert.equal(core.items('fileChange')[0]?.status, 'failed');
    assert.equal(readFileSync(world.at('a.txt'), 'utf8'), FILES['a.txt']);
    assert.match(
      JSON.stringify(world.model.requests.at(-1)?.body.input),
      /a\.txt cannot be written: it or its folder is read-only/,
    );
  });

  it('refuses a patch of a file that is too large or binary, and says what to do', async () => {
    const files = { 'a.txt': Buffer.alloc(50 * 1024 * 1024, 'x'), 'b.bin': Buffer.from([0, 1, 2, 255]) };
    const second = { freeform: 'apply_patch', input: PATCH.replace('a.txt', 'b.bin') };
    await begin({ files, script: [patch, second, { text: 'done' }] }, decide('accept'));
    assert.equal((await core.turn(threadId, 'go')).status, 'completed');
    const told = JSON.stringify(world.model.requests.at(-1)?.body.input);
    assert.match(told, /50\.0 MB; files over 10\.0 MB are not edited as text/);
    assert.match(told, /b\.bin is not UTF-8 text/);
    assert.equal(asked.length, 0);
  });
});

/** What a file approval says behind the gate. */
const proposed = (request: CoreRequest | undefined): ProposedFileChange[] =>
  request?.method === 'item/fileChange/requestApproval' ? (request.params.gantry?.changes ?? []) : [];
