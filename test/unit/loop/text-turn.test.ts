import assert from 'node:assert/strict';
import { AgentError } from '../../../agent-core/protocol/index.ts';
import { answer, breaks, calls, callsOnly, createWorld, input, message, NOW, says } from './fake-ports.ts';
import { brief, completedItem, historyFaults, unfinishedItems } from './sequences.ts';

describe('a turn of text', () => {
  it('emits exactly what the reference does', async () => {
    const world = createWorld({ script: [answer('msg_1', 'Hello', ' there')] });
    await world.run('Hi');
    const at = { startedAtMs: NOW, completedAtMs: NOW };
    const user = { type: 'userMessage', id: 'id-1', clientId: null, content: input('Hi') };
    const agent = {
      type: 'agentMessage',
      moderation: null,
      id: 'msg_1',
      text: '',
      phase: null,
      memoryCitation: null,
      delivery: null,
      questions: null,
    };
    const said = { ...agent, text: 'Hello there', phase: 'final_answer', ...at };
    const turn = {
      id: 'turn-1',
      rootTurnId: 'turn-1',
      items: [],
      itemsView: 'notLoaded',
      status: 'inProgress',
      error: null,
      startedAt: 1_700_000_000,
      completedAt: null,
      durationMs: null,
    };
    const tokens = {
      totalTokens: 120,
      inputTokens: 100,
      cachedInputTokens: 0,
      cacheWriteInputTokens: 0,
      outputTokens: 20,
      reasoningOutputTokens: 0,
    };
    const ids = { threadId: 'thread', turnId: 'turn-1' };
    const started = { ...ids, startedAtMs: NOW };
    const completed = { ...ids, contentTokenCount: null, completedAtMs: NOW };
    assert.deepEqual(world.events, [
      { method: 'thread/status/changed', params: { threadId: 'thread', status: { type: 'active', activeFlags: [] } } },
      { method: 'turn/started', params: { threadId: 'thread', turn } },
      { method: 'item/started', params: { ...started, item: { ...user, ...at, completedAtMs: null } } },
      { method: 'item/completed', params: { ...completed, item: { ...user, ...at } } },
      { method: 'item/started', params: { ...started, item: { ...agent, ...at, completedAtMs: null } } },
      { method: 'item/agentMessage/delta', params: { ...ids, itemId: 'msg_1', delta: 'Hello' } },
      { method: 'item/agentMessage/delta', params: { ...ids, itemId: 'msg_1', delta: ' there' } },
      { method: 'item/completed', params: { ...completed, item: said } },
      {
        method: 'thread/tokenUsage/updated',
        params: { ...ids, tokenUsage: { total: tokens, last: tokens, modelContextWindow: 1_000_000 } },
      },
      { method: 'thread/status/changed', params: { threadId: 'thread', status: { type: 'idle' } } },
      {
        method: 'turn/completed',
        params: {
          threadId: 'thread',
          turn: {
            ...turn,
            items: [said],
            itemsView: 'summary',
            status: 'completed',
            completedAt: 1_700_000_000,
            durationMs: 0,
          },
        },
      },
    ]);
  });

  it('records before it emits, and everything that matters', async () => {
    const world = createWorld({ script: [answer('msg_1', 'Hello')] });
    await world.run('Hi');
    assert.deepEqual(
      world.lines.map((line) => line.type),
      ['turnStarted', 'settings', 'item', 'history', 'history', 'item', 'history', 'usage', 'turnCompleted'],
    );
    await world.run('Again');
    assert.equal(world.lines.filter((line) => line.type === 'settings').length, 1);
    const appended = world.lines.flatMap((line) => (line.type === 'history' ? line.items : []));
    assert.deepEqual(appended.slice(0, world.requests[1]?.items.length), world.requests[1]?.items);
  });

  it('begins each request with the whole of the one before', async () => {
    const world = createWorld({
      script: [
        callsOnly(says('m1', 'look'), calls('c1', 'update_plan', { plan: [] })),
        answer('m2', 'done'),
        answer('m3', 'more'),
      ],
    });
    await world.run('one');
    await world.run('two', { cwd: '/work/other' });
    assert.deepEqual(historyFaults(world.requests), []);
    assert.deepEqual(
      world.requests[2]?.items.map((item) => (item.type === 'message' ? `${item.role}` : item.type)),
      ['developer', 'user', 'assistant', 'toolCall', 'toolResult', 'assistant', 'developer', 'user'],
    );
    assert.equal(world.requests[0]?.cacheKey, 'thread');
  });

  it('marks only the last message as the answer', async () => {
    const world = createWorld({
      script: [callsOnly(says('m1', 'look'), calls('c1', 'update_plan', { plan: [] })), answer('m2', 'done')],
    });
    await world.run('go');
    assert.deepEqual(
      brief(world.events).filter((line) => line.startsWith('item/completed m')),
      ['item/completed m1 "look"', 'item/completed m2 "done" final_answer'],
    );
  });

  it('shows reasoning part by part', async () => {
    const world = createWorld({
      script: [
        [
          { type: 'reasoningStart', itemId: 'r1' },
          { type: 'reasoningPart', itemId: 'r1', index: 0 },
          { type: 'reasoningDelta', itemId: 'r1', index: 0, delta: 'think' },
          {
            type: 'reasoningDone',
            item: { type: 'reasoning', id: 'r1', summary: ['think hard'], provider: 'fake', opaque: 1 },
          },
          ...answer('m1', 'ok'),
        ],
      ],
    });
    await world.run('go');
    const of = world.events.filter((event) => JSON.stringify(event).includes('"r1"'));
    assert.deepEqual(
      of.map((event) => event.method),
      [
        'item/started',
        'item/reasoning/summaryPartAdded',
        'item/reasoning/summaryTextDelta',
        'item/reasoning/summaryTextDelta',
        'item/completed',
      ],
    );
    assert.deepEqual(completedItem(world, 'r1')?.summary, ['think hard']);
  });

  it('starts a waiting turn after the running one', async () => {
    const world = createWorld({ script: [answer('m1', 'one'), answer('m2', 'two')] });
    world.start('first');
    world.start('second');
    assert.equal(world.thread.activeTurnId, 'turn-1');
    await world.turnEnd();
    assert.equal(world.thread.activeTurnId, 'turn-2');
    await world.turnEnd();
    assert.equal(world.thread.activeTurnId, null);
  });

  it('fails with words when the disk refuses, and loses nothing that comes after', async () => {
    let full = true;
    const world = createWorld({
      script: [answer('m1', 'one'), answer('m2', 'two')],
      record: (line) => {
        if (full && line.type === 'history') throw new AgentError('fileSystem', 'The disk is full. Make room.');
      },
    });
    await world.run('first');
    assert.deepEqual(brief(world.events).slice(-3), [
      'status systemError',
      'error The disk is full. Make room. retry=false',
      'turn/completed failed',
    ]);
    full = false;
    await world.run('second');
    const recorded = world.lines.flatMap((line) => (line.type === 'history' ? line.items : []));
    assert.deepEqual(recorded.slice(0, world.requests.at(-1)?.items.length), world.requests.at(-1)?.items);
  });
});

describe('a disk that refuses', () => {
  it('leaves no call without a result', async () => {
    let isFull = false;
    let isRepaired = false;
    const world = createWorld({
      script: [callsOnly(calls('c1', 'update_plan', { plan: [] })), answer('m2', 'two')],
      record: (line) => {
        if (line.type === 'history' && line.items.some((item) => item.type === 'toolCall')) isFull = true;
        if (isFull && !isRepaired) throw new AgentError('fileSystem', 'The disk is full.');
      },
    });
    const end = world.turnEnd();
    world.start('first');
    await end;
    assert.equal(brief(world.events).at(-1), 'turn/completed failed');
    assert.deepEqual(unfinishedItems(world.events), []);
    isRepaired = true;
    await world.run('second');
    assert.equal(world.requests.length, 2);
    assert.deepEqual(historyFaults(world.requests), []);
  });
});

describe('an answer that fails', () => {
  it('goes on in the half item after a cut stream', async () => {
    const world = createWorld({
      script: [
        [
          { type: 'textStart', itemId: 'a' },
          { type: 'textDelta', itemId: 'a', delta: 'Hello w' },
          breaks('streamDisconnected'),
        ],
        answer('b', 'Hell', 'o world', '!'),
      ],
    });
    await world.run('go');
    assert.deepEqual(brief(world.events).slice(4, -1), [
      'item/started a ""',
      'delta a "Hello w"',
      'error Reconnecting... 1/2 retry=true',
      'delta a "orld"',
      'delta a "!"',
      'item/completed a "Hello world!" final_answer',
      'thread/tokenUsage/updated',
      'status idle',
    ]);
    assert.deepEqual(world.requests[1]?.items, world.requests[0]?.items);
    assert.deepEqual(world.sleeps, [200]);
    const error = world.events.find((event) => event.method === 'error');
    assert.deepEqual(error?.params, {
      threadId: 'thread',
      turnId: 'turn-1',
      willRetry: true,
      error: {
        message: 'Reconnecting... 1/2',
        codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: null } },
        additionalDetails: 'details',
      },
    });
  });

  it('lets the completed item tell the truth when the second answer differs', async () => {
    const world = createWorld({
      script: [
        [...says('a', 'Old'), { type: 'toolCallStart', callId: 'c', name: 'x' }, breaks('streamDisconnected')],
        answer('b', 'New'),
      ],
    });
    await world.run('go');
    assert.deepEqual(
      brief(world.events).filter((line) => / [ab] /.test(line)),
      ['item/started a ""', 'delta a "Old"', 'item/completed a "Old"', 'item/completed a "New" final_answer'],
    );
    const items = world.lines.flatMap((line) => (line.type === 'history' ? line.items : []));
    assert.deepEqual(items.at(-1), message('b', 'New'));
  });

  it('honours the wait that was asked for, and gives up after the retries', async () => {
    const world = createWorld({
      script: Array.from({ length: 3 }, () => [breaks('rateLimited', { httpStatus: 429, retryAfterMs: 7 })]),
    });
    await world.run('go');
    assert.deepEqual(world.sleeps, [7, 7]);
    assert.deepEqual(brief(world.events).slice(4), [
      'error Reconnecting... 1/2 retry=true',
      'error Reconnecting... 2/2 retry=true',
      'status systemError',
      'error it broke: rateLimited retry=false',
      'turn/completed failed',
    ]);
    const end = world.events.at(-1);
    assert.deepEqual(end?.method === 'turn/completed' && end.params.turn.error, {
      message: 'it broke: rateLimited',
      codexErrorInfo: { responseTooManyFailedAttempts: { httpStatusCode: 429 } },
      additionalDetails: 'details',
    });
  });

  it('says what to do about a refused key, at once', async () => {
    const world = createWorld({ script: [[breaks('unauthorized', { httpStatus: 401 })], answer('m', 'back')] });
    await world.run('go');
    assert.deepEqual(world.sleeps, []);
    assert.match(brief(world.events).at(-2) ?? '', /The key for Fake was refused.*Gantry: Set API Key.*retry=false/);
    await world.run('again');
    assert.deepEqual(
      world.requests[1]?.items.map((item) => item.type === 'message' && item.role),
      ['developer', 'user', 'user'],
    );
    assert.deepEqual(unfinishedItems(world.events), []);
  });

  it('says that an answer was cut at its limit, and keeps what it said', async () => {
    const cut = { type: 'done', stopReason: 'length', usage: null } as const;
    const world = createWorld({ script: [[...says('m', 'Half a'), cut], [cut], answer('m2', ' word')] });
    await world.run('go');
    assert.match(brief(world.events).at(-2) ?? '', /limit of one answer.*Send "go on"/);
    assert.equal(brief(world.events).at(-1), 'turn/completed failed');
    await world.run('go on');
    assert.equal(brief(world.events).at(-1), 'turn/completed failed');
    await world.run('go on');
    assert.equal(brief(world.events).at(-1), 'turn/completed completed');
    assert.deepEqual(
      world.requests[2]?.items.map((item) => item.type === 'message' && item.role),
      ['developer', 'user', 'assistant', 'user', 'user'],
    );
    assert.deepEqual(unfinishedItems(world.events), []);
  });

  it('leaves no half item when the retries are used up', async () => {
    const half = () => [
      { type: 'textStart', itemId: 'a' } as const,
      { type: 'textDelta', itemId: 'a', delta: 'Hal' } as const,
      breaks('streamDisconnected'),
    ];
    const world = createWorld({ script: [half(), half(), half()] });
    await world.run('go');
    assert.deepEqual(unfinishedItems(world.events), []);
    assert.deepEqual(world.lines.flatMap((line) => (line.type === 'history' ? line.items : [])).length, 2);
  });
});
