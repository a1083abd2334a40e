import assert from 'node:assert/strict';
import { type AnthropicClientOptions, createAnthropicClient } from '../../../agent-core/models/anthropic.ts';
import type { HistoryItem, ModelRequest } from '../../../agent-core/models/model-client.ts';
import { type ModelServer, type Script, startModelServer } from '../../support/model-server/index.ts';
import { answerOf, collect, endOf, httpOptions, PATCH_TOOL, requestOf, SHELL_TOOL, say, withPlainIds } from './call.ts';

const PIXEL = 'data:image/png;base64,iVBORw0KGgo=';

describe('Anthropic Messages wire', () => {
  let server: ModelServer;
  afterEach(() => server.close());

  async function start(script: Script, strict = true): Promise<ModelServer> {
    server = await startModelServer({ script, strict });
    return server;
  }
  const clientOf = (rest: Partial<AnthropicClientOptions> = {}) =>
    createAnthropicClient({
      ...httpOptions(server.baseUrl),
      thinking: 'adaptive',
      efforts: ['low', 'medium', 'high', 'xhigh'],
      maxOutput: 128_000,
      ...rest,
    });
  const ask = (items: HistoryItem[], rest: Partial<ModelRequest> = {}): ModelRequest =>
    requestOf(items, { model: 'claude-opus-4-7', ...rest });

  it('tells thoughts, text, calls and usage as they come', async () => {
    await start([
      [
        { reasoning: ['Hm', '.'] },
        { redacted: 'hidden' },
        { text: ['All ', 'right.'] },
        { call: 'exec_command', args: { cmd: 'ls' }, callId: 'toolu_1', pieces: ['{"cmd":', '"ls"}'] },
        { freeform: 'apply_patch', input: 'a\nb', callId: 'toolu_2' },
        { usage: { input: 1000, cached: 700, written: 200, output: 50, reasoning: 30 } },
      ],
    ]);
    const events = await collect(clientOf(), ask([say('user', 'hi')]));
    assert.deepEqual(server.problems, []);
    const reasoning = { type: 'reasoning', provider: 'mock' };
    assert.deepEqual(withPlainIds(events), [
      { type: 'reasoningStart', itemId: 'rs-1' },
      { type: 'reasoningPart', itemId: 'rs-1', index: 0 },
      { type: 'reasoningDelta', itemId: 'rs-1', index: 0, delta: 'Hm' },
      { type: 'reasoningDelta', itemId: 'rs-1', index: 0, delta: '.' },
      {
        type: 'reasoningDone',
        item: {
          ...reasoning,
          id: 'rs-1',
          summary: ['Hm.'],
          opaque: {
            model: 'claude-opus-4-7',
            block: { type: 'thinking', thinking: 'Hm.', signature: 'signed-0000-0' },
          },
        },
      },
      { type: 'reasoningStart', itemId: 'rs-2' },
      {
        type: 'reasoningDone',
        item: {
          ...reasoning,
          id: 'rs-2',
          summary: [],
          opaque: { model: 'claude-opus-4-7', block: { type: 'redacted_thinking', data: 'hidden' } },
        },
      },
      { type: 'textStart', itemId: 'msg-3' },
      { type: 'textDelta', itemId: 'msg-3', delta: 'All ' },
      { type: 'textDelta', itemId: 'msg-3', delta: 'right.' },
      {
        type: 'textDone',
        item: { type: 'message', role: 'assistant', content: [{ type: 'text', text: 'All right.' }], id: 'msg-3' },
      },
      { type: 'toolCallStart', callId: 'toolu_1', name: 'exec_command' },
      { type: 'toolCallDelta', callId: 'toolu_1', delta: '{"cmd":' },
      { type: 'toolCallDelta', callId: 'toolu_1', delta: '"ls"}' },
      {
        type: 'toolCallDone',
        item: { type: 'toolCall', callId: 'toolu_1', name: 'exec_command', kind: 'function', input: '{"cmd":"ls"}' },
      },
      { type: 'toolCallStart', callId: 'toolu_2', name: 'apply_patch' },
      { type: 'toolCallDelta', callId: 'toolu_2', delta: 'a\nb' },
      {
        type: 'toolCallDone',
        item: { type: 'toolCall', callId: 'toolu_2', name: 'apply_patch', kind: 'freeform', input: 'a\nb' },
      },
      {
        type: 'done',
        stopReason: 'toolCalls',
        usage: { input: 1000, cachedInput: 700, cacheWriteInput: 200, output: 50, reasoningOutput: 30 },
      },
    ]);
  });

  it('sends thoughts back as they were, results in one message, and four marks at most', async () => {
    await start([
      [
        { reasoning: 'Hm.' },
        { redacted: 'hidden' },
        { call: 'exec_command', args: { cmd: 'ls' }, callId: 'toolu_1' },
        { call: 'exec_command', args: { cmd: 'pwd' }, callId: 'toolu_2' },
      ],
      { text: 'Done.' },
    ]);
    const client = clientOf();
    const items: HistoryItem[] = [
      say('developer', 'Be brief.'),
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image', url: PIXEL },
        ],
      },
    ];
    const events = await collect(client, ask(items, { effort: 'high', parallelToolCalls: false }));
    const next = [...items, ...answerOf(events), say('developer', 'Note.'), say('user', '  ')];
    assert.equal(endOf(await collect(client, ask(next, { effort: 'xhigh' }))), 'done stop');
    assert.deepEqual(server.problems, []);
    const mark = { cache_control: { type: 'ephemeral' } };
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } };
    const tools = [
      {
        name: 'exec_command',
        description: SHELL_TOOL.description,
        input_schema: { type: 'object', properties: { cmd: { type: 'string' } } },
      },
      {
        name: 'apply_patch',
        description: `${PATCH_TOOL.description}\nThe text in \`input\` follows this Lark grammar:\nstart: /.+/`,
        input_schema: {
          type: 'object',
          properties: { input: { type: 'string', description: 'The whole text.' } },
          required: ['input'],
          additionalProperties: false,
        },
        ...mark,
      },
    ];
    assert.deepEqual(server.requests[0]?.body, {
      model: 'claude-opus-4-7',
      max_tokens: 64_000,
      system: [{ type: 'text', text: 'Be brief.', ...mark }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'look' },
            { ...image, ...mark },
          ],
        },
      ],
      tools,
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      thinking: { type: 'adaptive', display: 'summarized' },
      output_config: { effort: 'high' },
      stream: true,
    });
    const ok = { type: 'tool_result', content: [{ type: 'text', text: 'ok' }] };
    assert.deepEqual(server.requests[1]?.body, {
      model: 'claude-opus-4-7',
      max_tokens: 64_000,
      system: [{ type: 'text', text: 'Be brief.', ...mark }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'look' },
            { ...image, ...mark },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', signature: 'signed-0000-0' },
            { type: 'redacted_thinking', data: 'hidden' },
            { type: 'tool_use', id: 'toolu_1', name: 'exec_command', input: { cmd: 'ls' } },
            { type: 'tool_use', id: 'toolu_2', name: 'exec_command', input: { cmd: 'pwd' } },
          ],
        },
        {
          role: 'user',
          content: [
            { ...ok, tool_use_id: 'toolu_1' },
            { ...ok, tool_use_id: 'toolu_2' },
            { type: 'text', text: '<developer_message>\nNote.\n</developer_message>', ...mark },
          ],
        },
      ],
      tools,
      thinking: { type: 'adaptive', display: 'summarized' },
      output_config: { effort: 'xhigh' },
      stream: true,
    });
    const { headers } = server.requests[0] ?? {};
    assert.equal(headers?.['x-api-key'], 'sk-secret-123');
    assert.equal(headers?.['anthropic-version'], '2023-06-01');
    assert.equal(headers?.authorization, undefined);
  });

  it('asks older models for a budget, but not in a turn that another model began', async () => {
    await start([
      [{ reasoning: 'Hm.' }, { call: 'exec_command', args: {} }],
      { text: 'a' },
      [{ text: 'b' }, { newPrefix: true }],
    ]);
    const client = clientOf({ thinking: 'budget', maxOutput: 8_192 });
    const own = { model: 'claude-haiku-4-5', effort: 'high' } as const;
    const first = [say('user', 'hi')];
    const events = await collect(client, ask(first, own));
    await collect(client, ask([...first, ...answerOf(events)], own));
    const foreign = answerOf(events).filter((item) => item.type !== 'reasoning');
    await collect(client, ask([...first, ...foreign], own));
    assert.deepEqual(server.problems, []);
    assert.deepEqual(
      server.requests.map(({ body }) => [body.max_tokens, body.thinking]),
      [
        [8_192, { type: 'enabled', budget_tokens: 7_168 }],
        [8_192, { type: 'enabled', budget_tokens: 7_168 }],
        [8_192, undefined],
      ],
    );
  });

  it('leaves out thoughts of another model, and of one that does not take its own back', async () => {
    await start([
      [{ reasoning: 'Hm.' }, { text: 'a' }],
      [{ text: 'b' }, { newPrefix: true }],
      { text: 'goes with the refusal' },
      { text: 'c' },
    ]);
    const client = clientOf();
    const events = await collect(client, ask([say('user', 'hi')]));
    const next = [say('user', 'hi'), ...answerOf(events), say('user', 'more')];
    await collect(client, ask(next, { model: 'claude-opus-4-8' }));
    const altered = next.map((item) =>
      item.type === 'reasoning'
        ? {
            ...item,
            opaque: { model: 'claude-opus-4-7', block: { type: 'thinking', thinking: 'Hm.', signature: 'forged' } },
          }
        : item,
    );
    assert.equal(endOf(await collect(client, ask(altered))), 'done stop');
    const types = server.requests.map(({ body }) =>
      body.messages.flatMap((each) => (each.content as { type: string }[]).map((block) => block.type)),
    );
    assert.deepEqual(types, [
      ['text'],
      ['text', 'text', 'text'],
      ['text', 'thinking', 'text', 'text'],
      ['text', 'text', 'text'],
    ]);
    assert.match(server.problems.join(), /Invalid `signature` in `thinking` block/);
  });

  it('does without what a server does not know', async () => {
    await start((request) =>
      request.body.output_config
        ? {
            status: 400,
            body: {
              type: 'error',
              error: { type: 'invalid_request_error', message: 'output_config.effort: Extra inputs are not permitted' },
            },
          }
        : { text: 'a' },
    );
    const client = clientOf();
    assert.equal(endOf(await collect(client, ask([say('user', 'hi')], { effort: 'low' }))), 'done stop');
    assert.equal(endOf(await collect(client, ask([say('user', 'hi')], { effort: 'low' }))), 'done stop');
    assert.equal(server.requests.length, 3);
  });

  const STOPS: [string, string][] = [
    ['end_turn', 'done stop'],
    ['stop_sequence', 'done stop'],
    ['max_tokens', 'done length'],
    ['pause_turn', 'done other'],
    ['refusal', 'failed contentFilter'],
    ['model_context_window_exceeded', 'done length'],
  ];
  for (const [stop, end] of STOPS) {
    it(`stops by ${stop}: ${end}`, async () => {
      await start([[{ text: 'a' }, { stop }]]);
      assert.equal(endOf(await collect(clientOf(), ask([say('user', 'hi')]))), end);
    });
  }

  it('tells a window that has no room for an answer', async () => {
    await start([{ stop: 'model_context_window_exceeded' }]);
    assert.equal(endOf(await collect(clientOf(), ask([say('user', 'hi')]))), 'failed contextWindowExceeded');
  });

  it('runs no call that was cut short, and keeps no half thought', async () => {
    await start([
      [
        { reasoning: 'Hm', unfinished: true },
        { call: 'exec_command', pieces: '{"cmd":"rm', unfinished: true },
        { stop: 'max_tokens' },
      ],
    ]);
    const events = await collect(clientOf(), ask([say('user', 'hi')]));
    assert.equal(endOf(events), 'done length');
    assert.deepEqual(
      events.flatMap((event) => ('item' in event ? [event.item] : [])),
      [],
    );
  });

  it('makes foreign ids legal, always the same way, and gives bad arguments as an object', async () => {
    await start([{ text: 'a' }, { text: 'b' }]);
    const items: HistoryItem[] = [
      say('user', 'hi'),
      { type: 'toolCall', callId: 'functions.ls:0', name: 'a b', kind: 'function', input: 'no json' },
      { type: 'toolResult', callId: 'functions.ls:0', kind: 'function', output: [], success: false },
      { type: 'toolCall', callId: 'never answered', name: 'x', kind: 'function', input: '{}' },
    ];
    const client = clientOf();
    await collect(client, ask(items));
    await collect(client, ask([...items, say('user', 'go on')]));
    assert.deepEqual(server.problems, []);
    const content = server.requests[1]?.body.messages[1]?.content;
    assert.ok(Array.isArray(content));
    const [call] = content;
    assert.deepEqual(call, {
      type: 'tool_use',
      id: 'dd50e5a0d88a2b9758e1a5f19fe770404ad43045',
      name: 'a_b',
      input: { input: 'no json' },
    });
  });

  it('takes a base URL with its version and without', async () => {
    await start([{ text: 'a' }, { text: 'b' }]);
    for (const baseUrl of [server.baseUrl, server.baseUrl.replace('/v1', '/')]) {
      assert.equal(endOf(await collect(clientOf({ baseUrl }), ask([say('user', 'hi')]))), 'done stop');
    }
    assert.deepEqual(
      server.requests.map(({ url }) => url),
      ['/v1/messages', '/v1/messages'],
    );
  });
});
