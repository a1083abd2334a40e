import assert from 'node:assert/strict';
import type { HistoryItem, ModelEvent } from '../../../agent-core/models/model-client.ts';
import { type ChatClientOptions, createChatClient } from '../../../agent-core/models/openai-chat.ts';
import { type ModelServer, type Reply, type Script, startModelServer } from '../../support/model-server/index.ts';
import { answerOf, collect, endOf, httpOptions, requestOf, say, withPlainIds } from './call.ts';

function chunk(delta: Record<string, unknown>, finish: string | null = null): Reply & object {
  return { event: { choices: [{ index: 0, delta, finish_reason: finish }] } };
}

describe('Chat Completions wire', () => {
  let server: ModelServer | null = null;
  const serve = async (script: Script): Promise<ModelServer> => {
    server = await startModelServer({ script });
    return server;
  };
  const ask = (
    baseUrl: string,
    items: readonly HistoryItem[],
    rest: Partial<ChatClientOptions> = {},
  ): Promise<ModelEvent[]> =>
    collect(createChatClient({ ...httpOptions(baseUrl), ...rest }), requestOf(items, { effort: 'low' }));
  afterEach(async () => {
    await server?.close();
    server = null;
  });

  it('tells every event of an answer in order', async () => {
    const { baseUrl, problems } = await serve([
      [
        { reasoning: ['Hm', '.'] },
        { text: ['All ', 'right.'] },
        { call: 'exec_command', args: { cmd: 'ls' }, callId: 'c1', pieces: ['{"cmd":', '"ls"}'] },
        { freeform: 'apply_patch', input: 'x\ny', callId: 'c2' },
        { usage: { input: 10, cached: 4, output: 7, reasoning: 3 } },
      ],
    ]);
    const events = await ask(baseUrl, [say('user', 'hi')]);
    assert.deepEqual(problems, []);
    assert.deepEqual(withPlainIds(events), [
      { type: 'reasoningStart', itemId: 'rs-1' },
      { type: 'reasoningPart', itemId: 'rs-1', index: 0 },
      { type: 'reasoningDelta', itemId: 'rs-1', index: 0, delta: 'Hm' },
      { type: 'reasoningDelta', itemId: 'rs-1', index: 0, delta: '.' },
      {
        type: 'reasoningDone',
        item: {
          type: 'reasoning',
          id: 'rs-1',
          summary: ['Hm.'],
          provider: 'mock',
          opaque: { field: 'reasoning_content', text: 'Hm.', details: [] },
        },
      },
      { type: 'textStart', itemId: 'msg-2' },
      { type: 'textDelta', itemId: 'msg-2', delta: 'All ' },
      { type: 'textDelta', itemId: 'msg-2', delta: 'right.' },
      {
        type: 'textDone',
        item: { type: 'message', role: 'assistant', content: [{ type: 'text', text: 'All right.' }], id: 'msg-2' },
      },
      { type: 'toolCallStart', callId: 'c1', name: 'exec_command' },
      { type: 'toolCallDelta', callId: 'c1', delta: '{"cmd":' },
      { type: 'toolCallDelta', callId: 'c1', delta: '"ls"}' },
      { type: 'toolCallStart', callId: 'c2', name: 'apply_patch' },
      { type: 'toolCallDelta', callId: 'c2', delta: 'x\ny' },
      {
        type: 'toolCallDone',
        item: { type: 'toolCall', callId: 'c1', name: 'exec_command', kind: 'function', input: '{"cmd":"ls"}' },
      },
      {
        type: 'toolCallDone',
        item: { type: 'toolCall', callId: 'c2', name: 'apply_patch', kind: 'freeform', input: 'x\ny' },
      },
      {
        type: 'done',
        stopReason: 'toolCalls',
        usage: { input: 10, cachedInput: 4, cacheWriteInput: 0, output: 7, reasoningOutput: 3 },
      },
    ]);
  });

  it('sends the conversation as the strictest servers take it', async () => {
    const { baseUrl, problems, requests } = await serve([
      [
        { reasoning: 'Hm.' },
        { text: 'Look.' },
        { call: 'exec_command', callId: 'c1' },
        { freeform: 'apply_patch', input: 'p', callId: 'c2' },
      ],
      { text: 'ok' },
    ]);
    const items = [say('developer', 'A'), say('developer', 'B'), say('user', 'hi')];
    const answer = answerOf(await ask(baseUrl, items));
    const [first, ...others] = answer;
    const second = others.map(
      (item): HistoryItem =>
        item.type === 'toolResult' && item.callId === 'c1'
          ? {
              ...item,
              output: [
                { type: 'text', text: 'pic' },
                { type: 'image', url: 'data:image/png;base64,AA==' },
              ],
            }
          : item,
    );
    assert.ok(first);
    const all = [...items, first, ...second, say('developer', 'C'), say('user', 'more')];
    assert.equal(endOf(await ask(baseUrl, all)), 'done stop');
    assert.deepEqual(problems, []);
    assert.deepEqual(requests[1]?.body.messages, [
      { role: 'system', content: 'A\n\nB' },
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: 'Look.',
        reasoning_content: 'Hm.',
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'exec_command', arguments: '{}' } },
          { id: 'c2', type: 'function', function: { name: 'apply_patch', arguments: '{"input":"p"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'pic\n[The image follows.]' },
      { role: 'tool', tool_call_id: 'c2', content: 'ok' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Image of the tool result above:' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
        ],
      },
      { role: 'user', content: '<developer_message>\nC\n</developer_message>' },
      { role: 'user', content: 'more' },
    ]);
  });

  it('sends back what a model should not have said in a form that servers take', async () => {
    const { baseUrl, requests } = await serve([[{ text: ['ok'] }]]);
    const call = (callId: string, name: string, input: string): HistoryItem[] => [
      { type: 'toolCall', callId, name, kind: 'function', input },
      { type: 'toolResult', callId, kind: 'function', output: [{ type: 'text', text: 'no' }], success: false },
    ];
    await ask(baseUrl, [
      say('user', 'hi'),
      ...call('c1', '', '{"a":'),
      ...call('c2', 'no such.tool', '[1]'),
      ...call('c3', 'exec_command', '{"cmd":"ls"}'),
      ...call('c4', 'exec_command', ' '),
    ]);
    const body = requests[0]?.body as { messages: { tool_calls?: { function: unknown }[] }[] } | undefined;
    assert.deepEqual(
      body?.messages.flatMap(({ tool_calls = [] }) => tool_calls.map((one) => one.function)),
      [
        { name: 'unnamed', arguments: '{"input":"{\\"a\\":"}' },
        { name: 'no_such_tool', arguments: '{"input":"[1]"}' },
        { name: 'exec_command', arguments: '{"cmd":"ls"}' },
        { name: 'exec_command', arguments: '{}' },
      ],
    );
  });

  it('uses the developer role and the cache key where the provider knows them, and says what cannot be seen', async () => {
    const { baseUrl, problems, requests } = await serve([{ text: 'ok' }]);
    const image: HistoryItem = {
      type: 'message',
      role: 'user',
      content: [{ type: 'image', url: 'data:image/png;base64,AA==' }],
    };
    const options = { developerRole: true, cacheKey: true, images: false, reasoningEffort: false };
    await ask(baseUrl, [say('developer', 'A'), image, say('developer', 'B')], options);
    const { tools, ...body } = requests[0]?.body ?? { tools: undefined };
    assert.deepEqual(problems, []);
    assert.equal(tools?.length, 2);
    assert.deepEqual(body, {
      model: 'gpt-5.5',
      messages: [
        { role: 'developer', content: 'A' },
        { role: 'user', content: [{ type: 'text', text: '[An image was here; this model cannot see images.]' }] },
        { role: 'developer', content: 'B' },
      ],
      stream: true,
      stream_options: { include_usage: true },
      prompt_cache_key: 'thread-1',
    });
  });

  it('gives a call a new id when the server used that id before', async () => {
    const { baseUrl, problems } = await serve([
      { call: 'exec_command', callId: 'call_0' },
      { call: 'exec_command', callId: 'call_0' },
      { text: 'ok' },
    ]);
    const items = [say('user', 'hi')];
    for (let i = 0; i < 2; i++) items.push(...answerOf(await ask(baseUrl, items)));
    assert.equal(endOf(await ask(baseUrl, items)), 'done stop');
    assert.deepEqual(problems, []);
    assert.equal(new Set(items.flatMap((item) => (item.type === 'toolCall' ? [item.callId] : []))).size, 2);
  });

  it('hands thought signatures back with their call', async () => {
    const extra = { google: { thought_signature: 'abc' } };
    const call = { index: 0, id: 'c1', function: { name: 'exec_command', arguments: '{}' }, extra_content: extra };
    const { baseUrl, problems, requests } = await serve([[chunk({ tool_calls: [call] })], { text: 'ok' }] as Script);
    const answer = answerOf(await ask(baseUrl, [say('user', 'hi')]));
    await ask(baseUrl, [say('user', 'hi'), ...answer]);
    assert.deepEqual(problems, []);
    assert.deepEqual(requests[1]?.body.messages[1]?.tool_calls, [
      { id: 'c1', type: 'function', function: { name: 'exec_command', arguments: '{}' }, extra_content: extra },
    ]);
  });

  const named = (cmd: string, rest: Record<string, unknown> = {}): Record<string, unknown> => ({
    ...rest,
    function: { name: 'exec_command', arguments: `{"cmd":"${cmd}"}` },
  });
  const dialects: [string, Reply, string[]][] = [
    [
      'calls numbered 0 and told apart by id',
      [
        chunk({ tool_calls: [named('a', { index: 0, id: 'x' })] }),
        chunk({ tool_calls: [named('b', { index: 0, id: 'y' })] }),
      ] as Reply,
      ['{"cmd":"a"}', '{"cmd":"b"}'],
    ],
    [
      'calls without index and id',
      [chunk({ tool_calls: [named('a')] }), chunk({ tool_calls: [named('b')] })] as Reply,
      ['{"cmd":"a"}', '{"cmd":"b"}'],
    ],
    [
      'a name repeated in each piece',
      [
        chunk({ tool_calls: [{ index: 0, id: 'x', function: { name: 'exec_command', arguments: '{"cmd":' } }] }),
        chunk({ tool_calls: [{ index: 0, id: 'x', function: { name: 'exec_command', arguments: '"a"}' } }] }),
      ] as Reply,
      ['{"cmd":"a"}'],
    ],
    [
      'arguments as an object',
      [
        chunk({ tool_calls: [{ index: 0, id: 'x', function: { name: 'exec_command', arguments: { cmd: 'a' } } }] }),
      ] as Reply,
      ['{"cmd":"a"}'],
    ],
    [
      'pieces of two calls mixed',
      [
        chunk({
          tool_calls: [
            { index: 0, id: 'x', function: { name: 'exec_command', arguments: '' } },
            { index: 1, id: 'y', function: { name: 'exec_command', arguments: '' } },
          ],
        }),
        chunk({ tool_calls: [{ index: 1, function: { arguments: '{"cmd":"b"}' } }] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '{"cmd":"a"}' } }] }),
      ] as Reply,
      ['{"cmd":"a"}', '{"cmd":"b"}'],
    ],
    [
      'a call without arguments',
      [chunk({ tool_calls: [{ index: 0, id: 'x', function: { name: 'exec_command' } }] })] as Reply,
      ['{}'],
    ],
  ];
  for (const [name, reply, inputs] of dialects) {
    it(`understands ${name}`, async () => {
      const { baseUrl } = await serve([reply]);
      const items = answerOf(await ask(baseUrl, [say('user', 'hi')]));
      assert.deepEqual(
        items.flatMap((item) => (item.type === 'toolCall' ? [item.input] : [])),
        inputs,
      );
    });
  }

  it('keeps what a provider wants back of its reasoning', async () => {
    const detail = (text: string) => ({ type: 'reasoning.text', index: 0, text });
    const { baseUrl, problems, requests } = await serve([
      [
        chunk({ reasoning: 'a', reasoning_details: [detail('a')] }),
        chunk({
          reasoning: 'b',
          reasoning_details: [detail('b'), { type: 'reasoning.encrypted', data: 'zz', index: 1 }],
        }),
        { text: 'ok' },
      ],
      { text: 'ok' },
    ] as Script);
    const answer = answerOf(await ask(baseUrl, [say('user', 'hi')]));
    await ask(baseUrl, [say('user', 'hi'), ...answer]);
    assert.deepEqual(problems, []);
    assert.deepEqual(requests[1]?.body.messages[1], {
      role: 'assistant',
      content: 'ok',
      reasoning: 'ab',
      reasoning_details: [detail('ab'), { type: 'reasoning.encrypted', data: 'zz', index: 1 }],
    });
  });

  const odd: [string, Reply, string][] = [
    ['a cut', [{ text: 'half' }, { cut: true }], 'failed streamDisconnected'],
    ['an end without finish_reason', [{ text: 'half' }, { end: true }], 'failed streamDisconnected'],
    ['[DONE] without finish_reason', [{ text: 'all' }, { raw: 'data: [DONE]\n\n' }, { end: true }], 'done stop'],
    ['an end without [DONE]', [{ text: 'all' }, chunk({}, 'stop'), { end: true }] as Reply, 'done stop'],
    ['a cut after finish_reason', [{ text: 'all' }, chunk({}, 'stop'), { cut: true }] as Reply, 'done stop'],
    ['malformed JSON', [{ raw: 'data: {\n\n' }, { end: true }], 'failed badResponse'],
    ['JSON of another form', [{ raw: 'data: [1]\n\n' }, { end: true }], 'failed badResponse'],
    [
      'an error in the stream',
      [{ text: 'half' }, { error: { code: 'server_error', message: 'no' } }],
      'failed serverError',
    ],
    ['a length limit', [{ text: 'half' }, { incomplete: 'max_output_tokens' }], 'done length'],
    ['a content filter', [{ text: 'half' }, { incomplete: 'content_filter' }], 'failed contentFilter'],
    ['an empty answer', [], 'failed badResponse'],
    [
      'content in parts',
      [
        chunk({
          content: [
            { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
            { type: 'text', text: 'ok' },
          ],
        }),
      ] as Reply,
      'done stop',
    ],
  ];
  for (const [name, reply, end] of odd) {
    it(`bears ${name}: ${end}`, async () => {
      const { baseUrl } = await serve([reply]);
      assert.equal(endOf(await ask(baseUrl, [say('user', 'hi')])), end);
    });
  }

  it('does not hand over a call that was cut short', async () => {
    const { baseUrl } = await serve([
      [{ call: 'exec_command', args: '{"cmd":"rm' }, { incomplete: 'max_output_tokens' }],
    ]);
    const events = await ask(baseUrl, [say('user', 'hi')]);
    assert.deepEqual(
      events.map((event) => event.type),
      ['toolCallStart', 'toolCallDelta', 'done'],
    );
  });

  it('reads no more than one MiB of what is no stream', async () => {
    let pulled = 0;
    let isCancelled = false;
    const endless = () =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled += 1;
          // Without a limit this would be read for ever.
          if (pulled > 100) controller.close();
          else controller.enqueue(new Uint8Array(64 * 1024).fill(120));
        },
        cancel() {
          isCancelled = true;
        },
      });
    const doFetch: typeof fetch = async () => new Response(endless(), { headers: { 'content-type': 'text/html' } });
    const client = createChatClient({ ...httpOptions('http://mock.example/v1'), images: true, fetch: doFetch });
    assert.equal(endOf(await collect(client, requestOf([say('user', 'hi')]))), 'failed badResponse');
    assert.deepEqual([pulled <= 18, isCancelled], [true, true]);
  });
});
