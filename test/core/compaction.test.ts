/** Compaction of a real core process: by request, by size, on overflow; across resume, fork and revert. */
import assert from 'node:assert/strict';
import type { CoreProcess } from '../support/core-process.ts';
import type { RecordedRequest, Reply } from '../support/model-server/index.ts';
import { World, type WorldOptions } from './world.ts';

const fresh = { newPrefix: true } as const;
const overflow: Reply = {
  status: 400,
  body: { error: { message: 'Your input exceeds the context window', type: 'x', code: 'context_length_exceeded' } },
};

const said = (request: RecordedRequest | undefined): string[] =>
  (request?.body.input ?? []).map((item) => {
    const content = Array.isArray(item.content) ? (item.content as { text?: string }[]) : [];
    return content.map(({ text }) => text ?? '').join('') || String(item.type);
  });

describe('compaction of a thread', function () {
  this.timeout(30_000);
  let world: World;
  let core: CoreProcess;
  let threadId: string;

  const begin = async (options: WorldOptions): Promise<void> => {
    world = await World.create(options);
    core = await world.core({ gantry: {} });
    const { thread } = await core.request('thread/start', {
      cwd: world.workspace,
      approvalPolicy: 'never',
      sandbox: 'workspace-write',
    });
    threadId = thread.id;
  };

  const compact = async (): Promise<void> => {
    core.mark();
    assert.deepEqual(await core.request('thread/compact/start', { threadId }), {});
    await core.waitFor('turn/completed');
  };

  /** What the last request held between the context and the newest message. */
  const past = (): string[] => said(world.model.requests.at(-1)).slice(3, -1);

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('has a turn of its own on the wire, and what follows goes on from the summary', async () => {
    await begin({ script: [{ text: 'one' }, { text: 'SUMMARY' }, [fresh, { text: 'two' }]] });
    await core.turn(threadId, 'first');
    core.mark();
    await core.request('thread/compact/start', { threadId });
    const { turn } = await core.waitFor('turn/completed');
    const methods = core.messages.slice(-8).flatMap(({ method }) => method ?? []);
    assert.deepEqual(methods.slice(-7), [
      'thread/status/changed',
      'turn/started',
      'item/started',
      'item/completed',
      'thread/tokenUsage/updated',
      'thread/status/changed',
      'turn/completed',
    ]);
    assert.equal(turn.status, 'completed');
    const asked = world.model.requests[1];
    assert.equal(asked?.body.tools, undefined);
    assert.match(said(asked).at(-1) ?? '', /hand-over/);
    await core.turn(threadId, 'second');
    const [first, introduction] = past();
    assert.equal(first, 'first');
    assert.match(introduction ?? '', /## Summary\nSUMMARY/);
  });

  it('comes by itself at the configured size, in the middle of a turn', async () => {
    await begin({
      config: 'model_auto_compact_token_limit = 5000',
      script: [
        [{ call: 'exec_command', args: { cmd: 'echo hello' }, callId: 'c' }, { usage: { input: 6000, output: 10 } }],
        { text: 'SUMMARY' },
        [fresh, { text: 'done' }],
      ],
    });
    const turn = await core.turn(threadId, 'go');
    assert.equal(turn.status, 'completed');
    assert.equal(core.items('contextCompaction').length, 1);
    assert.equal(world.model.requests.length, 3);
    assert.match(said(world.model.requests[2]).at(-1) ?? '', /Go on with the task/);
  });

  it('answers an overflow by compacting, and the person sees no failure', async () => {
    await begin({ script: [{ text: 'one' }, overflow, { text: 'SUMMARY' }, [fresh, { text: 'two' }]] });
    await core.turn(threadId, 'first');
    core.mark();
    const turn = await core.turn(threadId, 'second');
    assert.equal(turn.status, 'completed');
    assert.deepEqual(core.notifications('error'), []);
    assert.equal(core.items('contextCompaction').length, 1);
  });

  it('loses no word of the user, no plan and no file in five compactions of garbage and a restart', async () => {
    const garbage = ['', '}{', 'I cannot help with that.', '\n\n', '<html>'].map((text): Reply => [fresh, { text }]);
    await begin({
      script: [
        { call: 'update_plan', args: { plan: [{ step: 'the only step', status: 'in_progress' }] } },
        { freeform: 'apply_patch', input: '*** Begin Patch\n*** Add File: kept.txt\n+a\n*** End Patch' },
        { text: 'one' },
        ...garbage,
        [fresh, { text: 'two' }],
      ],
    });
    await core.turn(threadId, 'remember the milk');
    for (let times = 0; times < 3; times++) await compact();
    await core.stop();
    core = await world.core({ gantry: {} });
    await core.request('thread/resume', { threadId });
    for (let times = 0; times < 2; times++) await compact();
    await core.turn(threadId, 'second');
    const [first, introduction, ...rest] = past();
    assert.equal(first, 'remember the milk');
    assert.match(introduction ?? '', /\[~\] the only step/);
    assert.ok(introduction?.includes(`- added ${world.at('kept.txt')}`));
    assert.deepEqual(rest, []);
  });

  it('is undone by going back to before it, and a fork from before it has the whole past', async () => {
    await begin({
      script: [
        { text: 'one' },
        { text: 'SUMMARY' },
        [fresh, { text: 'two' }],
        [fresh, { text: 'three' }],
        { text: 'f' },
      ],
    });
    const first = await core.turn(threadId, 'first');
    await compact();
    await core.turn(threadId, 'second');
    assert.equal(past().length, 2);
    const { data } = await core.request('thread/turns/list', { threadId, sortDirection: 'asc' });
    await core.request('thread/revert', { threadId, beforeTurnId: data[1]?.id ?? '' });
    core.mark();
    await core.turn(threadId, 'again');
    assert.deepEqual(past(), ['first', 'one']);
    const fork = await core.request('thread/fork', { threadId, lastTurnId: first.id });
    core.mark();
    await core.turn(fork.thread.id, 'forked');
    assert.deepEqual(past(), ['first', 'one']);
  });

  it('is measured: the context by what it holds, and the last request as it was sent', async () => {
    await begin({ script: [{ text: 'one' }] });
    assert.deepEqual(await core.request('gantry/prompt/read', { threadId }), { request: null });
    await core.turn(threadId, 'first');
    const context = await core.request('gantry/context/read', { threadId });
    const { instructions, tools, project, messages, toolOutput, images } = context.parts;
    assert.ok(instructions > 100 && tools > 100 && project > 5 && messages > 1);
    assert.deepEqual([toolOutput, images], [0, 0]);
    assert.ok(context.tokens > 0 && (context.compactLimit ?? 0) < (context.contextWindow ?? 0));
    const { request } = await core.request('gantry/prompt/read', { threadId });
    assert.equal(request?.model, 'gpt-5.5');
    assert.equal(request?.items.length, world.model.requests[0]?.body.input.length);
    assert.deepEqual(
      request?.tools.map(({ name }) => name),
      world.model.requests[0]?.body.tools?.map(({ name }) => name),
    );
    assert.deepEqual(request?.items.at(-1)?.content, [{ type: 'text', text: 'first' }]);
    const plain = await world.core();
    assert.equal((await plain.refusal('gantry/context/read', { threadId })).code, -32601);
  });
});
