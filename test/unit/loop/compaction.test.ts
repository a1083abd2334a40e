import assert from 'node:assert/strict';
import { CHECKPOINT_INSTRUCTION, HOPELESS, LOST_SUMMARY, OUTPUT_GONE } from '../../../agent-core/compaction/prompts.ts';
import type { HistoryItem, ModelEvent, ModelRequest } from '../../../agent-core/models/model-client.ts';
import {
  answer,
  breaks,
  calls,
  callsOnly,
  createWorld,
  type Step,
  says,
  settingsWith,
  type World,
} from './fake-ports.ts';

const used = (input: number): ModelEvent => ({
  type: 'done',
  stopReason: 'stop',
  usage: { input, cachedInput: 0, cacheWriteInput: 0, output: 10, reasoningOutput: 0 },
});
const weighs = (input: number, ...steps: Step[][]): Step[] => [...steps.flat(), used(input)];
const overflow = (): ModelEvent => breaks('badRequest', { code: 'contextWindowExceeded', message: 'too long' });

const texts = (request: ModelRequest | undefined): string[] =>
  (request?.items ?? []).flatMap((item) =>
    item.type === 'message' ? item.content.map((part) => (part.type === 'text' ? part.text : 'IMAGE')) : [item.type],
  );
const isSummaryCall = (request: ModelRequest) => texts(request).at(-1) === CHECKPOINT_INSTRUCTION;
const shape = (world: World) =>
  world.requests.map((request) => (isSummaryCall(request) ? `summary(${request.tools.length})` : 'turn'));
const errorOf = (world: World) =>
  world.events.flatMap((event) => (event.method === 'turn/completed' ? [event.params.turn.error] : [])).at(-1);
const compactions = (world: World) =>
  world.events.flatMap((event) =>
    (event.method === 'item/started' || event.method === 'item/completed') &&
    event.params.item.type === 'contextCompaction'
      ? [`${event.method} ${event.params.turnId}`]
      : [],
  );

/** Every call has its result, and stands before it. */
function assertPaired(items: readonly HistoryItem[]): void {
  const open = new Set<string>();
  for (const item of items) {
    if (item.type === 'toolCall') open.add(item.callId);
    if (item.type === 'toolResult') assert.ok(open.delete(item.callId), item.callId);
  }
  assert.deepEqual([...open], []);
}

describe('compaction', () => {
  it('comes before a turn whose history is full, and the turn goes on with the summary', async () => {
    const world = createWorld({
      contextWindow: 1000,
      script: [weighs(900, says('m1', 'one')), answer('s', 'THE SUMMARY'), answer('m2', 'two')],
    });
    await world.run('first');
    await world.run('second');
    assert.deepEqual(shape(world), ['turn', 'summary(0)', 'turn']);
    const [base, first, introduction, second] = texts(world.requests[2]);
    assert.deepEqual([base, first, second], ['base', 'first', 'second']);
    assert.match(introduction ?? '', /## Summary\nTHE SUMMARY/);
    assert.doesNotMatch(introduction ?? '', /Go on with the task/);
    assert.deepEqual(compactions(world), ['item/started turn-2', 'item/completed turn-2']);
    const line = world.lines.find(({ type }) => type === 'compacted');
    assert.deepEqual(line?.type === 'compacted' && line.items, world.requests[2]?.items.slice(0, 3));
  });

  it('comes in the middle of a turn, after a tool round, and tells to go on', async () => {
    const world = createWorld({
      contextWindow: 1000,
      script: [
        weighs(900, calls('c1', 'exec_command', { cmd: 'ls' })),
        answer('s', 'half way'),
        weighs(100, says('m', 'done')),
      ],
      command: (command) => {
        command.print('out');
        command.exit(0);
      },
    });
    await world.run('go');
    assert.deepEqual(shape(world), ['turn', 'summary(0)', 'turn']);
    for (const { items } of world.requests) assertPaired(items);
    assert.match(texts(world.requests[2]).at(-1) ?? '', /half way\n\nGo on with the task/);
    assert.deepEqual(compactions(world), ['item/started turn-1', 'item/completed turn-1']);
    assert.equal(errorOf(world), null);
  });

  it('counts bytes ÷ 4 of what came since the last answer', async () => {
    const world = createWorld({
      contextWindow: 10_000,
      script: [
        weighs(100, calls('c1', 'exec_command', { cmd: 'ls', max_output_tokens: 20_000 })),
        answer('s', 'cut'),
        weighs(100, says('m', 'done')),
      ],
      command: (command) => {
        command.print('x'.repeat(38_000));
        command.exit(0);
      },
    });
    await world.run('go');
    assert.deepEqual(shape(world), ['turn', 'summary(0)', 'turn']);
  });

  it('answers an overflow by compacting and trying once more', async () => {
    const world = createWorld({ contextWindow: null, script: [[overflow()], answer('s', 'sum'), answer('m', 'done')] });
    await world.run('go');
    assert.deepEqual(shape(world), ['turn', 'summary(0)', 'turn']);
    assert.equal(errorOf(world), null);
  });

  it('fails with the overflow when the second try overflows too', async () => {
    const world = createWorld({ contextWindow: null, script: [[overflow()], answer('s', 'sum'), [overflow()]] });
    await world.run('go');
    assert.deepEqual(shape(world), ['turn', 'summary(0)', 'turn']);
    assert.equal(errorOf(world)?.codexErrorInfo, 'contextWindowExceeded');
  });

  it('drops the oldest outputs when the summary does not fit either, and says what to do when nothing helps', async () => {
    const big = 'y'.repeat(3000);
    const script = [
      callsOnly(calls('c1', 'exec_command', { cmd: 'a' })),
      callsOnly(calls('c2', 'exec_command', { cmd: 'b' })),
      ...Array.from({ length: 8 }, () => [overflow()]),
    ];
    const world = createWorld({
      contextWindow: null,
      script,
      command: (command) => {
        command.print(big);
        command.exit(0);
      },
    });
    await world.run('go');
    assert.deepEqual(shape(world), ['turn', 'turn', 'turn', ...Array.from({ length: 7 }, () => 'summary(0)')]);
    const outputs = world.requests[4]?.items.flatMap((item) => (item.type === 'toolResult' ? item.output : []));
    assert.deepEqual(outputs?.[0], { type: 'text', text: OUTPUT_GONE });
    for (const { items } of world.requests) assertPaired(items);
    assert.deepEqual(errorOf(world), {
      message: HOPELESS,
      codexErrorInfo: 'contextWindowExceeded',
      additionalDetails: 'details',
    });
    assert.equal(
      world.lines.some(({ type }) => type === 'compacted'),
      false,
    );
  });

  it('has a turn of its own when it is asked for, and counts what the summary cost', async () => {
    const world = createWorld({ script: [answer('m', 'one'), weighs(50, says('s', 'sum')), answer('m2', 'two')] });
    await world.run('first');
    const end = world.turnEnd();
    world.thread.submit({ type: 'compact', turnId: 'compacting', settings: settingsWith() });
    await end;
    assert.deepEqual(compactions(world), ['item/started compacting', 'item/completed compacting']);
    const told = world.events.flatMap((event) =>
      event.method === 'thread/tokenUsage/updated' ? [event.params.tokenUsage] : [],
    );
    assert.equal(told.at(-1)?.total.inputTokens, 150);
    assert.equal(told.at(-1)?.last.inputTokens, world.thread.context().tokens);
    await world.run('second');
    assert.match(texts(world.requests[2]).at(-2) ?? '', /sum/);
  });

  it('takes the way of the provider where there is one, and our own when that fails', async () => {
    const opaque = {
      type: 'reasoning' as const,
      id: 'cmp',
      summary: [],
      provider: 'fake',
      opaque: { type: 'compaction', encrypted_content: 'sealed' },
    };
    let isBroken = false;
    const world = createWorld({
      script: [answer('m', 'one'), answer('s', 'our own')],
      compact: async () =>
        isBroken
          ? {
              ok: false,
              error: { code: 'badResponse', message: 'no', details: null, httpStatus: 404, retryAfterMs: null },
            }
          : { ok: true, items: [opaque], usage: null },
    });
    await world.run('first');
    for (const turnId of ['sealed', 'plain']) {
      const end = world.turnEnd();
      world.thread.submit({ type: 'compact', turnId, settings: settingsWith() });
      await end;
      isBroken = true;
    }
    const lines = world.lines.flatMap((line) => (line.type === 'compacted' ? [line.items] : []));
    assert.deepEqual(lines[0]?.[2], opaque);
    assert.deepEqual(shape(world), ['turn', 'summary(0)']);
    assert.match(JSON.stringify(lines[1]), /our own/);
  });

  it('says after a change of provider that the sealed summary of the one before cannot be read', async () => {
    const opaque = { type: 'compaction', encrypted_content: 'sealed' };
    const world = createWorld({
      script: [answer('m', 'one'), answer('m2', 'two'), answer('m3', 'three')],
      compact: async () => ({
        ok: true,
        items: [{ type: 'reasoning', id: 'cmp', summary: [], provider: 'fake', opaque }],
        usage: null,
      }),
    });
    await world.run('first');
    const end = world.turnEnd();
    world.thread.submit({ type: 'compact', turnId: 'compacting', settings: settingsWith() });
    await end;
    await world.run('same');
    assert.ok(!texts(world.requests[1]).some((text) => text.includes(LOST_SUMMARY)));
    await world.run('other', { model: { provider: 'other', model: 'm' } });
    assert.ok(texts(world.requests[2]).some((text) => text.includes(LOST_SUMMARY)));
  });

  it('fails with what the provider said when no summary can be had, and loses nothing', async () => {
    const world = createWorld({
      contextWindow: 1000,
      script: [weighs(900, says('m1', 'one')), [breaks('unauthorized')], answer('s', 'sum'), answer('m2', 'two')],
    });
    await world.run('first');
    await world.run('second');
    assert.match(errorOf(world)?.message ?? '', /key for Fake was refused/);
    await world.run('third');
    assert.equal(errorOf(world), null);
    assert.deepEqual(
      texts(world.requests.at(-1)).filter((text) => !text.startsWith('<')),
      ['base', 'first', 'second', 'third'],
    );
  });

  it('is broken off by an interrupt, and leaves the history as it was', async () => {
    const world = createWorld({ script: [answer('m', 'one'), ['hang'], answer('m2', 'two')] });
    await world.run('first');
    const begun = world.next((event) => event.method === 'item/started');
    world.thread.submit({ type: 'compact', turnId: 'compacting', settings: settingsWith() });
    await begun;
    const end = world.turnEnd();
    world.thread.submit({ type: 'interrupt', turnId: 'compacting' });
    await end;
    assert.deepEqual(compactions(world), ['item/started compacting', 'item/completed compacting']);
    await world.run('second');
    assert.deepEqual(texts(world.requests[2]).slice(0, 3), ['base', 'first', 'one']);
  });

  it('keeps plan, files, decisions and standing yeses over five compactions with empty summaries', async () => {
    const patch = '*** Begin Patch\n*** Add File: a.txt\n+a\n*** End Patch';
    const compacted = Array.from({ length: 5 }, () => [used(10)]);
    const world = createWorld({
      script: [
        callsOnly(calls('p', 'update_plan', { plan: [{ step: 'the step', status: 'in_progress' }] })),
        callsOnly(calls('f', 'apply_patch', patch, 'freeform')),
        callsOnly(
          calls('c', 'exec_command', { cmd: 'deploy', sandbox_permissions: 'require_escalated', justification: 'j' }),
        ),
        callsOnly(
          calls('d', 'exec_command', { cmd: 'drop', sandbox_permissions: 'require_escalated', justification: 'j' }),
        ),
        answer('m', 'done'),
        ...compacted,
        answer('m2', 'end'),
      ],
      approveCommand: ({ command }) => (command.join(' ').includes('drop') ? 'decline' : 'acceptForSession'),
      command: (command) => command.exit(0),
    });
    await world.run('do this');
    for (let times = 1; times <= 5; times++) {
      const end = world.turnEnd();
      world.thread.submit({ type: 'compact', turnId: `compact-${times}`, settings: settingsWith() });
      await end;
    }
    await world.run('and now');
    const sent = texts(world.requests.at(-1));
    assert.equal(sent[1], 'do this');
    assert.match(sent[2] ?? '', /\[~\] the step/);
    assert.match(sent[2] ?? '', /- added \/work\/project\/a\.txt/);
    assert.match(sent[2] ?? '', /Allowed for this session\n- the command: .*deploy/);
    assert.match(sent[2] ?? '', /Did not allow the command: .*drop/);
    assert.equal(sent.at(-1), 'and now');
  });
});
