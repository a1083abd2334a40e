import assert from 'node:assert/strict';
import type { HistoryItem } from '../../../agent-core/models/model-client.ts';
import { createResponsesClient } from '../../../agent-core/models/openai-responses.ts';
import { gate, type ModelServer, type Reply, type Script, startModelServer } from '../../support/model-server/index.ts';
import { answerOf, collect, endOf, httpOptions, requestOf, say } from './call.ts';

describe('Responses wire', () => {
  let server: ModelServer | null = null;
  const serve = async (script: Script): Promise<ModelServer> => {
    server = await startModelServer({ script });
    return server;
  };
  afterEach(async () => {
    await server?.close();
    server = null;
  });

  it('tells every event of an answer in order', async () => {
    const { baseUrl, problems } = await serve([
      [
        { reasoning: ['Let me ', 'see.'] },
        { text: ['All ', 'right.'], phase: 'commentary' },
        { call: 'exec_command', args: { cmd: 'ls' }, callId: 'c1', pieces: ['{"cmd":', '"ls"}'] },
        { freeform: 'apply_patch', input: '*** Begin\n', callId: 'c2' },
        { usage: { input: 10, cached: 4, output: 7, reasoning: 3 } },
      ],
    ]);
    const events = await collect(createResponsesClient(httpOptions(baseUrl)), requestOf([say('user', 'hi')]));
    assert.deepEqual(problems, []);
    assert.deepEqual(events, [
      { type: 'reasoningStart', itemId: 'rs_0000_0' },
      { type: 'reasoningPart', itemId: 'rs_0000_0', index: 0 },
      { type: 'reasoningDelta', itemId: 'rs_0000_0', index: 0, delta: 'Let me ' },
      { type: 'reasoningDelta', itemId: 'rs_0000_0', index: 0, delta: 'see.' },
      {
        type: 'reasoningDone',
        item: {
          type: 'reasoning',
          id: 'rs_0000_0',
          summary: ['Let me see.'],
          provider: 'mock',
          opaque: {
            type: 'reasoning',
            id: 'rs_0000_0',
            summary: [{ type: 'summary_text', text: 'Let me see.' }],
            encrypted_content: 'encrypted-rs_0000_0',
          },
        },
      },
      { type: 'textStart', itemId: 'msg_0000_1' },
      { type: 'textDelta', itemId: 'msg_0000_1', delta: 'All ' },
      { type: 'textDelta', itemId: 'msg_0000_1', delta: 'right.' },
      {
        type: 'textDone',
        item: {
          type: 'message',
          role: 'assistant',
          content: [{ type: 'text', text: 'All right.' }],
          id: 'msg_0000_1',
          phase: 'commentary',
        },
      },
      { type: 'toolCallStart', callId: 'c1', name: 'exec_command' },
      { type: 'toolCallDelta', callId: 'c1', delta: '{"cmd":' },
      { type: 'toolCallDelta', callId: 'c1', delta: '"ls"}' },
      {
        type: 'toolCallDone',
        item: {
          type: 'toolCall',
          callId: 'c1',
          name: 'exec_command',
          kind: 'function',
          input: '{"cmd":"ls"}',
          id: 'fc_0000_2',
        },
      },
      { type: 'toolCallStart', callId: 'c2', name: 'apply_patch' },
      { type: 'toolCallDelta', callId: 'c2', delta: '*** Begin\n' },
      {
        type: 'toolCallDone',
        item: {
          type: 'toolCall',
          callId: 'c2',
          name: 'apply_patch',
          kind: 'freeform',
          input: '*** Begin\n',
          id: 'ctc_0000_3',
        },
      },
      {
        type: 'done',
        stopReason: 'toolCalls',
        usage: { input: 10, cachedInput: 4, cacheWriteInput: 0, output: 7, reasoningOutput: 3 },
      },
    ]);
  });

  it('repeats the whole history in each request, as the service takes it', async () => {
    const { baseUrl, problems, requests } = await serve([
      [
        { reasoning: 'Hm.' },
        { call: 'exec_command', args: { cmd: 'ls' } },
        { freeform: 'apply_patch', input: '*** Begin', callId: 'c2' },
      ],
      { text: 'Done.' },
      { text: '{"ok":true}' },
    ]);
    const client = createResponsesClient(httpOptions(baseUrl));
    const items: HistoryItem[] = [
      say('developer', 'Be brief.'),
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image', url: 'data:image/png;base64,AA==' },
        ],
      },
    ];
    items.push(...answerOf(await collect(client, requestOf(items, { effort: 'high' }))));
    items.push(...answerOf(await collect(client, requestOf(items, { effort: 'high' }))), say('user', 'more'));
    const schema = { type: 'object' };
    const last = requestOf(items, { tools: [], parallelToolCalls: false, outputSchema: schema });
    assert.equal(endOf(await collect(client, last)), 'done stop');
    assert.deepEqual(problems, []);
    assert.deepEqual(
      requests.map(({ body }) => ({
        ...body,
        input: body.input.map(({ type, role }) => role ?? type),
        tools: body.tools?.length,
      })),
      [
        ['developer', 'user'],
        [
          'developer',
          'user',
          'reasoning',
          'function_call',
          'custom_tool_call',
          'function_call_output',
          'custom_tool_call_output',
        ],
        [
          'developer',
          'user',
          'reasoning',
          'function_call',
          'custom_tool_call',
          'function_call_output',
          'custom_tool_call_output',
          'assistant',
          'user',
        ],
      ].map((input, i) => ({
        model: 'gpt-5.5',
        input,
        ...(i < 2
          ? { tool_choice: 'auto', parallel_tool_calls: true, reasoning: { effort: 'high', summary: 'auto' } }
          : {}),
        ...(i === 2
          ? {
              reasoning: { summary: 'auto' },
              text: { format: { type: 'json_schema', name: 'answer', schema, strict: true } },
            }
          : {}),
        tools: i < 2 ? 2 : undefined,
        include: ['reasoning.encrypted_content'],
        prompt_cache_key: 'thread-1',
        store: false,
        stream: true,
      })),
    );
  });

  it('sends only our own headers, and the reasoning of another provider to nobody', async () => {
    const { baseUrl, requests, problems } = await serve([{ text: 'ok' }]);
    const options = httpOptions(baseUrl, { headers: { 'x-team': 'a' }, queryParams: { 'api-version': '1' } });
    const foreign: HistoryItem = {
      type: 'reasoning',
      id: 'rs_1',
      summary: ['x'],
      provider: 'other',
      opaque: { type: 'reasoning', id: 'rs_1', encrypted_content: 'e' },
    };
    await collect(createResponsesClient(options), requestOf([say('user', 'hi'), foreign]));
    const { host: _h, connection: _c, 'content-length': _l, ...headers } = requests[0]?.headers ?? {};
    assert.deepEqual(problems, []);
    assert.equal(requests[0]?.url, '/v1/responses?api-version=1');
    assert.deepEqual(headers, {
      accept: 'text/event-stream',
      authorization: 'Bearer sk-secret-123',
      'content-type': 'application/json',
      'user-agent': 'gantry',
      'x-team': 'a',
    });
  });

  it('turns freeform tools into functions where they are not known, and their text back', async () => {
    const patch = '*** Begin\n"ä\\n"\u{1f600}';
    const { baseUrl, requests, problems } = await serve([
      { call: 'apply_patch', args: { input: patch }, callId: 'c1', pieces: [...JSON.stringify({ input: patch })] },
      { text: 'ok' },
    ]);
    const client = createResponsesClient({ ...httpOptions(baseUrl), freeform: false });
    const first = await collect(client, requestOf([say('user', 'hi')]));
    const deltas = first.flatMap((event) => (event.type === 'toolCallDelta' ? [event.delta] : []));
    assert.equal(deltas.join(''), patch);
    const [call] = answerOf(first);
    assert.deepEqual(call, {
      type: 'toolCall',
      callId: 'c1',
      name: 'apply_patch',
      kind: 'freeform',
      input: patch,
      id: 'fc_0000_0',
    });
    await collect(client, requestOf([say('user', 'hi'), ...answerOf(first)]));
    assert.deepEqual(problems, []);
    assert.deepEqual(requests[1]?.body.input.slice(1), [
      { type: 'function_call', call_id: 'c1', name: 'apply_patch', arguments: JSON.stringify({ input: patch }) },
      { type: 'function_call_output', call_id: 'c1', output: 'ok' },
    ]);
  });

  const half = { text: ['half'], unfinished: true };
  const odd: [string, Reply, string][] = [
    ['a cut', [half, { cut: true }], 'failed streamDisconnected'],
    ['an end without completed', [half, { end: true }], 'failed streamDisconnected'],
    ['an end before anything', { end: true }, 'failed streamDisconnected'],
    ['malformed JSON', [half, { raw: 'data: {"type":\n\n' }, { end: true }], 'failed badResponse'],
    ['JSON of another form', [{ raw: 'data: 17\n\n' }, { end: true }], 'failed badResponse'],
    ['bytes that are no SSE', [{ raw: 'hello\nworld\n\n' }, { end: true }], 'failed streamDisconnected'],
    ['response.failed', [half, { failed: { code: 'server_error', message: 'no' } }], 'failed serverError'],
    [
      'failed by a rate',
      { failed: { code: 'rate_limit_exceeded', message: 'Please try again in 1.5s.' } },
      'failed rateLimited',
    ],
    ['failed by quota', { failed: { code: 'insufficient_quota', message: 'no credit' } }, 'failed usageLimit'],
    ['failed by context', { failed: { code: 'context_length_exceeded', message: '' } }, 'failed contextWindowExceeded'],
    ['failed by overload', { failed: { code: 'server_is_overloaded', message: '' } }, 'failed overloaded'],
    ['failed by a bad prompt', { failed: { code: 'invalid_prompt', message: 'no' } }, 'failed badRequest'],
    ['an error event', { error: { code: 'server_error', message: 'no' } }, 'failed serverError'],
    ['incomplete by length', [half, { incomplete: 'max_output_tokens' }], 'done length'],
    ['incomplete by filter', [half, { incomplete: 'content_filter' }], 'failed contentFilter'],
    ['an empty answer', [], 'failed badResponse'],
    ['reasoning and nothing else', { reasoning: 'hm' }, 'failed badResponse'],
    ['unknown events', [{ event: { type: 'response.new_thing', x: [1] } }, { text: 'ok' }], 'done stop'],
    ['comments and blank lines', [{ raw: ': keep-alive\n\n\n\n' }, { text: 'ok' }], 'done stop'],
    ['no usage', [{ text: 'ok' }, { usage: null }], 'done stop'],
    [
      'a JSON body',
      { status: 200, body: { error: { message: 'Overloaded', type: 'overloaded_error' } } },
      'failed overloaded',
    ],
    [
      'a page',
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Log in</h1>' },
      'failed badResponse',
    ],
  ];
  for (const [name, reply, end] of odd) {
    it(`bears ${name}: ${end}`, async () => {
      const { baseUrl } = await serve([reply]);
      const events = await collect(createResponsesClient(httpOptions(baseUrl)), requestOf([say('user', 'hi')]));
      assert.equal(endOf(events), end);
      const ends = events.filter((event) => event.type === 'done' || event.type === 'failed');
      assert.equal(ends.length, 1);
    });
  }

  it('does not hand over a call that was cut short', async () => {
    const { baseUrl } = await serve([
      [{ call: 'exec_command', args: '{"cmd":"rm', unfinished: true }, { incomplete: 'max_output_tokens' }],
    ]);
    const events = await collect(createResponsesClient(httpOptions(baseUrl)), requestOf([say('user', 'hi')]));
    assert.deepEqual(
      events.map((event) => event.type),
      ['toolCallStart', 'toolCallDelta', 'done'],
    );
  });

  it('takes every call of a server that gives them all one item id', async () => {
    const call = (call_id: string) => ({ type: 'function_call', id: 'fc', call_id, name: 'exec_command' });
    const script = ['c1', 'c2'].flatMap((call_id, output_index) => {
      const item = { ...call(call_id), arguments: `{"cmd":"${call_id}"}` };
      return [
        { event: { type: 'response.output_item.added', output_index, item: { ...call(call_id), arguments: '' } } },
        { event: { type: 'response.output_item.done', output_index, item } },
      ];
    });
    const { baseUrl } = await serve([
      [...script, { event: { type: 'response.completed', response: {} } }, { end: true }],
    ]);
    const events = await collect(createResponsesClient(httpOptions(baseUrl)), requestOf([say('user', 'hi')]));
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'toolCallDone' ? [[event.item.callId, event.item.input]] : [])),
      [
        ['c1', '{"cmd":"c1"}'],
        ['c2', '{"cmd":"c2"}'],
      ],
    );
  });

  it('reads items that stand in response.completed only, and deltas of items that nobody announced', async () => {
    const output = [
      { type: 'message', id: 'm1', role: 'assistant', content: [{ type: 'output_text', text: 'Hello' }] },
      { type: 'function_call', call_id: 'c1', name: 'exec_command', arguments: { cmd: 'ls' } },
    ];
    const { baseUrl } = await serve([
      [
        { event: { type: 'response.output_text.delta', item_id: 'm1', output_index: 0, delta: 'Hel' } },
        { event: { type: 'response.completed', response: { output } } },
        { end: true },
      ],
    ]);
    const events = await collect(createResponsesClient(httpOptions(baseUrl)), requestOf([say('user', 'hi')]));
    assert.deepEqual(events, [
      { type: 'textStart', itemId: 'm1' },
      { type: 'textDelta', itemId: 'm1', delta: 'Hel' },
      {
        type: 'textDone',
        item: { type: 'message', role: 'assistant', content: [{ type: 'text', text: 'Hello' }], id: 'm1' },
      },
      { type: 'toolCallStart', callId: 'c1', name: 'exec_command' },
      {
        type: 'toolCallDone',
        item: { type: 'toolCall', callId: 'c1', name: 'exec_command', kind: 'function', input: '{"cmd":"ls"}' },
      },
      { type: 'done', stopReason: 'toolCalls', usage: null },
    ]);
  });

  it('asks again without a field that the server does not know, and leaves it out from then on', async () => {
    const loose = await startModelServer({
      strict: false,
      script: [
        { status: 400, body: { error: { message: "Unsupported parameter: 'prompt_cache_key'" } } },
        { status: 400, body: { error: { message: 'Unknown field', param: 'reasoning.summary' } } },
        { text: 'ok' },
        { text: 'ok' },
      ],
    });
    server = loose;
    const client = createResponsesClient(httpOptions(loose.baseUrl));
    assert.equal(endOf(await collect(client, requestOf([say('user', 'hi')]))), 'done stop');
    assert.equal(endOf(await collect(client, requestOf([say('user', 'hi')]))), 'done stop');
    assert.deepEqual(
      loose.requests.map(({ body }) => [body.prompt_cache_key, body.reasoning]),
      [
        ['thread-1', { summary: 'auto' }],
        [undefined, { summary: 'auto' }],
        [undefined, undefined],
        [undefined, undefined],
      ],
    );
  });

  it('stops at once and closes the connection when aborted in mid-answer', async () => {
    const held = gate();
    const { baseUrl, requests } = await serve([{ text: ['a', held, 'b'] }]);
    const abort = new AbortController();
    const seen: string[] = [];
    for await (const event of createResponsesClient(httpOptions(baseUrl)).stream(
      requestOf([say('user', 'hi')]),
      abort.signal,
    )) {
      seen.push(event.type === 'failed' ? event.error.code : event.type);
      if (event.type === 'textDelta') abort.abort();
    }
    assert.deepEqual(seen, ['textStart', 'textDelta', 'cancelled']);
    assert.equal(await requests[0]?.ended, true);
  });

  it('sends nothing when aborted before', async () => {
    const { baseUrl, requests } = await serve([{ text: 'a' }]);
    const client = createResponsesClient(httpOptions(baseUrl));
    assert.equal(endOf(await collect(client, requestOf([say('user', 'hi')]), AbortSignal.abort())), 'failed cancelled');
    assert.equal(requests.length, 0);
  });

  it('closes the connection when the reader leaves', async () => {
    const { baseUrl, requests } = await serve([[{ text: ['a'], unfinished: true }, { stall: true }]]);
    for await (const event of createResponsesClient(httpOptions(baseUrl)).stream(
      requestOf([say('user', 'hi')]),
      new AbortController().signal,
    )) {
      if (event.type === 'textDelta') break;
    }
    assert.equal(await requests[0]?.ended, true);
  });

  for (const [name, reply] of [
    ['before the answer', { hold: gate() }],
    ['in the answer', [{ text: ['a'], unfinished: true }, { stall: true }]],
  ] satisfies [string, Reply][]) {
    it(`gives up after a silence ${name}`, async () => {
      const { baseUrl, requests } = await serve([reply]);
      const client = createResponsesClient(httpOptions(baseUrl, { idleTimeoutMs: 50 }));
      assert.equal(endOf(await collect(client, requestOf([say('user', 'hi')]))), 'failed idleTimeout');
      assert.equal(await requests[0]?.ended, true);
    });
  }
});
