/** What is Gantry's alone: the editor's models, status, stopping a command. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CoreProcess, CoreRequest } from '../support/core-process.ts';
import { World } from './world.ts';

const HOST_MODEL = { id: 'host-1', name: 'Host One', vendor: 'copilot', family: 'one', maxInputTokens: 1000 };

describe('gantry', function () {
  this.timeout(30_000);
  let world: World;
  let core: CoreProcess;

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  const hostThread = async (onStart: (request: Extract<CoreRequest, { method: 'host/lm/start' }>) => void) => {
    world = await World.create({ withoutModel: true });
    core = await world.core({ gantry: { lm: true } });
    core.onRequest = (request) => {
      if (request.method === 'host/lm/start') onStart(request);
      return undefined;
    };
    await core.request('gantry/model/hostOffer', { models: [HOST_MODEL] });
    const params = { cwd: world.workspace, modelProvider: 'host', model: HOST_MODEL.id };
    return (await core.request('thread/start', params)).thread.id;
  };

  it('lets a model of the editor answer', async () => {
    const threadId = await hostThread((request) => {
      const { requestId } = request.params;
      for (const text of ['From ', 'the host']) {
        core.send({ method: 'host/lm/delta', params: { requestId, delta: { type: 'text', text } } });
      }
      core.send({ id: request.id, result: { stopReason: 'endTurn' } });
    });
    const { data } = await core.request('gantry/model/list', {});
    assert.ok(data.some((model) => model.source === 'host' && model.model === HOST_MODEL.id));
    assert.equal((await core.turn(threadId, 'hello')).status, 'completed');
    assert.deepEqual(
      core.items('agentMessage').map(({ text }) => text),
      ['From the host'],
    );
  });

  it('tells the editor to stop when the turn is interrupted', async () => {
    const asked: string[] = [];
    const threadId = await hostThread((request) => asked.push(request.params.requestId));
    const { turn } = await core.request('turn/start', { threadId, input: [{ type: 'text', text: 'hello' }] });
    await core.waitForMessage(({ method }) => method === 'host/lm/start');
    await core.request('turn/interrupt', { threadId, turnId: turn.id });
    assert.deepEqual(await core.waitFor('host/lm/cancel'), { requestId: asked[0] });
    assert.equal((await core.waitFor('turn/completed')).turn.status, 'interrupted');
  });

  it('stops one command, and the turn goes on', async () => {
    const command = { call: 'exec_command', args: { cmd: 'echo up; sleep 985', yield_time_ms: 30_000 } };
    world = await World.create({ script: [command, { text: 'well then' }] });
    core = await world.core({ gantry: {} });
    const params = { cwd: world.workspace, approvalPolicy: 'never', sandbox: 'workspace-write' } as const;
    const { thread } = await core.request('thread/start', params);
    await core.request('turn/start', { threadId: thread.id, input: [{ type: 'text', text: 'go' }] });
    const { itemId } = await core.waitFor('item/commandExecution/outputDelta');
    const stop = { threadId: thread.id, itemId };
    assert.deepEqual(await core.request('gantry/command/stop', stop), { stopped: true });
    assert.equal((await core.waitFor('turn/completed')).turn.status, 'completed');
    assert.deepEqual(await core.request('gantry/command/stop', stop), { stopped: false });
  });

  it('resizes the terminal of a command of the agent', async () => {
    const program = `trap 'stty size; exit' WINCH; stty size; while :; do sleep 0.05; done`;
    const command = { call: 'exec_command', args: { cmd: program, tty: true, yield_time_ms: 30_000 } };
    world = await World.create({ script: [command, { text: 'well then' }] });
    core = await world.core({ gantry: {} });
    const params = { cwd: world.workspace, approvalPolicy: 'never', sandbox: 'workspace-write' } as const;
    const { thread } = await core.request('thread/start', params);
    await core.request('turn/start', { threadId: thread.id, input: [{ type: 'text', text: 'go' }] });
    const { itemId } = await core.waitFor('item/commandExecution/outputDelta');
    const resize = { threadId: thread.id, itemId, size: { cols: 77, rows: 22 } };
    assert.deepEqual(await core.request('gantry/command/resize', resize), { resized: true });
    assert.equal((await core.waitFor('turn/completed')).turn.status, 'completed');
    assert.equal(core.items('commandExecution')[0]?.aggregatedOutput, '30 120\r\n22 77\r\n');
    assert.deepEqual(await core.request('gantry/command/resize', resize), { resized: false });
    const refused = await core.refusal('gantry/command/resize', { ...resize, size: { cols: 0, rows: 22 } });
    assert.match(refused.message, /cols/);
  });

  it('tells when something else is wrong with config.toml', async () => {
    world = await World.create();
    core = await world.core({ gantry: {} });
    const before = await core.request('gantry/status/read', {});
    assert.deepEqual(before.config.problems, []);
    writeFileSync(path.join(world.home, 'config.toml'), 'model = 5\n');
    await core.requestRaw('thread/start', { cwd: world.workspace });
    const { config } = await core.waitFor('gantry/status/changed');
    assert.deepEqual([config.path, config.problems[0]?.line], [path.join(world.home, 'config.toml'), 1]);
  });

  it('reads the config', async () => {
    world = await World.create();
    core = await world.core();
    const { config, origins } = await core.request('config/read', {});
    assert.deepEqual([config.model, config.model_provider], ['gpt-5.5', 'scripted']);
    assert.equal(origins.model?.name.type, 'user');
  });
});
