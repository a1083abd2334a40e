/** Turns of a real core process against the scripted model: text, steering, interrupting, what goes wrong. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { UserMessageThreadItem } from '../../agent-core/protocol/index.ts';
import type { CoreProcess } from '../support/core-process.ts';
import { gate } from '../support/model-server/index.ts';
import { World, type WorldOptions } from './world.ts';

describe('turns', function () {
  this.timeout(30_000);
  let world: World;
  let core: CoreProcess;
  let threadId: string;

  const begin = async (options: WorldOptions, params: Record<string, unknown> = {}): Promise<void> => {
    world = await World.create(options);
    core = await world.core();
    const started = await core.request('thread/start', {
      cwd: world.workspace,
      approvalPolicy: 'never',
      sandbox: 'workspace-write',
      ...params,
    });
    threadId = started.thread.id;
  };

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('streams a text turn in the order that clients rely on', async () => {
    await begin({ script: [{ text: ['Hello', ' there'], id: 'msg_1' }] });
    const turn = await core.turn(threadId, 'Say hello');
    const methods = core.messages.filter(({ method }) => method !== undefined).map(({ method }) => method);
    assert.deepEqual(methods, [
      'thread/started',
      'thread/status/changed',
      'turn/started',
      'item/started',
      'item/completed',
      'item/started',
      'item/agentMessage/delta',
      'item/agentMessage/delta',
      'item/completed',
      'thread/tokenUsage/updated',
      'thread/status/changed',
      'turn/completed',
    ]);
    const { startedAt, completedAt, durationMs, id, ...rest } = turn;
    assert.ok(startedAt && completedAt && durationMs !== null && id);
    const last = core.items('agentMessage')[0];
    assert.deepEqual(rest, {
      rootTurnId: id,
      items: [last],
      itemsView: 'summary',
      status: 'completed',
      error: null,
    });
    assert.equal(last?.text, 'Hello there');
    assert.deepEqual(spoken(core.items('userMessage')[0]), 'Say hello');
  });

  it('answers turn/start before anything of the turn is told', async () => {
    await begin({ script: [{ text: 'x' }] });
    await core.turn(threadId, 'go');
    const answer = core.messages.findIndex(
      (message) => typeof message.result === 'object' && message.result && 'turn' in message.result,
    );
    const first = core.messages.findIndex(({ method }) => method === 'thread/status/changed');
    assert.ok(answer >= 0 && answer < first);
  });

  it('steers a stream that runs', async () => {
    const held = gate();
    await begin({ script: [{ text: ['a ', held, 'b'] }, { text: 'steered' }] });
    const { turn } = await core.request('turn/start', { threadId, input: [{ type: 'text', text: 'go' }] });
    await core.waitFor('item/agentMessage/delta');
    const mismatch = await core.refusal('turn/steer', {
      threadId,
      expectedTurnId: 'wrong',
      input: [{ type: 'text', text: 'x' }],
    });
    assert.equal(mismatch.message, `expected active turn id \`wrong\` but found \`${turn.id}\``);
    const empty = await core.refusal('turn/steer', { threadId, expectedTurnId: turn.id, input: [] });
    assert.equal(empty.message, 'input must not be empty');
    const steered = await core.request('turn/steer', {
      threadId,
      expectedTurnId: turn.id,
      input: [{ type: 'text', text: 'rather this' }],
      clientUserMessageId: 'mine',
    });
    assert.deepEqual(steered, { turnId: turn.id });
    const done = await core.waitFor('turn/completed');
    assert.equal(done.turn.status, 'completed');
    assert.deepEqual(
      core.items('userMessage').map((item) => [item.clientId, spoken(item)]),
      [
        [null, 'go'],
        ['mine', 'rather this'],
      ],
    );
    held.open();
    const late = await core.refusal('turn/steer', {
      threadId,
      expectedTurnId: turn.id,
      input: [{ type: 'text', text: 'too late' }],
    });
    assert.equal(late.message, 'no active turn to steer');
  });

  it('takes turn/start on a running turn as steering', async () => {
    const held = gate();
    await begin({ script: [{ text: ['a ', held, 'b'] }, { text: 'second' }] });
    const first = await core.request('turn/start', { threadId, input: [{ type: 'text', text: 'go' }] });
    await core.waitFor('item/agentMessage/delta');
    const second = await core.request('turn/start', { threadId, input: [{ type: 'text', text: 'and' }] });
    assert.equal(second.turn.id, first.turn.id);
    await core.waitFor('turn/completed');
    held.open();
    assert.deepEqual(
      core.items('agentMessage').map(({ text }) => text),
      ['a ', 'second'],
    );
  });

  it('interrupts a stream, completes its item, and goes on with the next turn', async () => {
    const held = gate();
    await begin({ script: [{ text: ['half', held] }, { text: 'after' }] });
    const { turn } = await core.request('turn/start', { threadId, input: [{ type: 'text', text: 'go' }] });
    await core.waitFor('item/agentMessage/delta');
    const wrong = await core.refusal('turn/interrupt', { threadId, turnId: 'wrong-id' });
    assert.equal(wrong.message, `expected active turn id wrong-id but found ${turn.id}`);
    assert.deepEqual(await core.request('turn/interrupt', { threadId, turnId: turn.id }), {});
    const done = await core.waitFor('turn/completed');
    assert.equal(done.turn.status, 'interrupted');
    held.open();
    assert.deepEqual(
      core.items('agentMessage').map(({ text }) => text),
      ['half'],
    );
    const again = await core.refusal('turn/interrupt', { threadId, turnId: turn.id });
    assert.equal(again.message, 'no active turn to interrupt');
    core.mark();
    assert.equal((await core.turn(threadId, 'next')).status, 'completed');
  });

  it('kills a command and everything it started on interrupt', async () => {
    await begin({
      script: [
        {
          call: 'exec_command',
          args: {
            cmd: 'sleep 987 & until grep -q sleep /proc/$!/comm; do :; done; echo up; wait',
            yield_time_ms: 30_000,
          },
        },
        { text: 'after' },
      ],
    });
    const { turn } = await core.request('turn/start', { threadId, input: [{ type: 'text', text: 'go' }] });
    await core.waitFor('item/commandExecution/outputDelta', ({ delta }) => delta.includes('up'));
    assert.ok(runs('sleep', '987'));
    await core.request('turn/interrupt', { threadId, turnId: turn.id });
    const done = await core.waitFor('turn/completed');
    assert.equal(done.turn.status, 'interrupted');
    assert.equal(runs('sleep', '987'), false);
    assert.equal(core.items('commandExecution')[0]?.status, 'failed');
  });

  it('kills commands when stdin ends, and exits with 0', async () => {
    await begin({ script: [{ call: 'exec_command', args: { cmd: 'echo up; sleep 986', yield_time_ms: 30_000 } }] });
    await core.request('turn/start', { threadId, input: [{ type: 'text', text: 'go' }] });
    await core.waitFor('item/commandExecution/outputDelta');
    assert.deepEqual(await core.stop(), { code: 0, signal: null });
    assert.equal(runs('sleep', '986'), false);
  });

  it('exits with 0 on SIGTERM', async () => {
    await begin({ script: [] });
    assert.deepEqual(await core.kill('SIGTERM'), { code: 0, signal: null });
  });

  it('says which key was refused on 401', async () => {
    await begin({ script: [], apiKey: 'another-key' });
    const turn = await core.turn(threadId, 'go');
    assert.equal(turn.status, 'failed');
    assert.deepEqual(turn.error?.codexErrorInfo, { httpConnectionFailed: { httpStatusCode: 401 } });
    assert.match(turn.error?.message ?? '', /key for Scripted was refused/);
  });

  it('tries a cut stream again and leaves no half item behind', async () => {
    await begin({ script: [[{ text: ['half '], unfinished: true }, { cut: true }], { text: 'whole' }] });
    const turn = await core.turn(threadId, 'go');
    assert.equal(turn.status, 'completed');
    const [retry] = core.notifications('error');
    assert.equal(retry?.willRetry, true);
    const open = new Set(core.notifications('item/started').map(({ item }) => item.id));
    for (const { item } of core.notifications('item/completed')) open.delete(item.id);
    assert.deepEqual([...open], []);
  });

  it('fails the turn when the stream is cut again and again', async () => {
    const cut = [{ text: ['half '], unfinished: true } as const, { cut: true } as const];
    await begin({ script: () => cut });
    const turn = await core.turn(threadId, 'go');
    assert.equal(turn.status, 'failed');
    assert.equal(core.notifications('error').at(-1)?.willRetry, false);
    assert.deepEqual(core.notifications('thread/status/changed').at(-1)?.status, { type: 'systemError' });
  });

  it('leaves the sandboxed command no way out', async () => {
    const outside = '/etc/gantry-was-here';
    await begin({
      script: [
        {
          call: 'exec_command',
          args: { cmd: `touch inside; touch ${outside}; (exec 3<>/dev/tcp/127.0.0.1/$PORT) 2>&1; env` },
        },
        { text: 'done' },
      ],
      config: '[shell_environment_policy]\nset = { PORT = "9" }',
    });
    const { port } = world.model;
    const reach = { call: 'exec_command', args: { cmd: `(exec 3<>/dev/tcp/127.0.0.1/${port}) && echo reached` } };
    world.model.push(reach, { text: 'done' });
    await core.turn(threadId, 'go');
    const [first] = core.items('commandExecution');
    assert.ok(existsSync(world.at('inside')));
    assert.equal(existsSync(outside), false);
    assert.doesNotMatch(first?.aggregatedOutput ?? '', /SCRIPTED_KEY|scripted-key/);
    core.mark();
    await core.turn(threadId, 'again');
    const [, second] = core.items('commandExecution');
    assert.doesNotMatch(second?.aggregatedOutput ?? '', /^reached$/m);
  });
});

/** The text of a user message. */
const spoken = (item: UserMessageThreadItem | undefined): string =>
  item?.content.map((part) => (part.type === 'text' ? part.text : '')).join('') ?? '';

/** Whether a process with exactly these arguments runs on this machine. */
function runs(...argv: string[]): boolean {
  const commandLine = argv.map((argument) => `${argument}\0`).join('');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === commandLine;
      } catch {
        return false;
      }
    });
}
