import assert from 'node:assert/strict';
import { createGeminiClient, type GeminiClientOptions, geminiBase } from '../../../agent-core/models/gemini.ts';
import { geminiSchema } from '../../../agent-core/models/gemini-schema.ts';
import type { HistoryItem, ModelRequest } from '../../../agent-core/models/model-client.ts';
import { type ModelServer, type Script, startModelServer } from '../../support/model-server/index.ts';
import { answerOf, collect, endOf, httpOptions, requestOf, SHELL_TOOL, say, withPlainIds } from './call.ts';

const PIXEL = 'data:image/png;base64,iVBORw0KGgo=';

describe('Gemini wire', () => {
  let server: ModelServer;
  afterEach(() => server.close());

  async function start(script: Script, strict = true): Promise<void> {
    server = await startModelServer({ script, strict });
  }
  const clientOf = (rest: Partial<GeminiClientOptions> = {}) =>
    createGeminiClient({
      ...httpOptions(server.baseUrl),
      thinking: 'level',
      efforts: ['low', 'medium', 'high'],
      ...rest,
    });
  const ask = (items: HistoryItem[], rest: Partial<ModelRequest> = {}): ModelRequest =>
    requestOf(items, { model: 'gemini-3.1-pro-preview', tools: [SHELL_TOOL], ...rest });

  it('tells thoughts, text, calls and usage as they come', async () => {
    await start([
      [
        { reasoning: ['Hm', '.'] },
        { text: ['All ', 'right.'] },
        { call: 'exec_command', args: { cmd: 'ls' } },
        { call: 'exec_command', args: { cmd: 'pwd' }, callId: 'own' },
        { usage: { input: 1000, cached: 700, output: 50, reasoning: 30 } },
      ],
    ]);
    const events = await collect(clientOf(), ask([say('user', 'hi')]));
    assert.deepEqual(server.problems, []);
    const signed = (thoughtSignature: string) => ({ model: 'gemini-3.1-pro-preview', thoughtSignature });
    assert.deepEqual(withPlainIds(events), [
      { type: 'reasoningStart', itemId: 'rs-1' },
      { type: 'reasoningPart', itemId: 'rs-1', index: 0 },
      { type: 'reasoningDelta', itemId: 'rs-1', index: 0, delta: 'Hm' },
      { type: 'reasoningDelta', itemId: 'rs-1', index: 0, delta: '.' },
      {
        type: 'reasoningDone',
        item: { type: 'reasoning', id: 'rs-1', summary: ['Hm.'], provider: 'mock', opaque: null },
      },
      { type: 'textStart', itemId: 'msg-2' },
      { type: 'textDelta', itemId: 'msg-2', delta: 'All ' },
      { type: 'textDelta', itemId: 'msg-2', delta: 'right.' },
      {
        type: 'textDone',
        item: { type: 'message', role: 'assistant', content: [{ type: 'text', text: 'All right.' }], id: 'msg-2' },
      },
      { type: 'reasoningStart', itemId: 'rs-3' },
      {
        type: 'reasoningDone',
        item: { type: 'reasoning', id: 'rs-3', summary: [], provider: 'mock', opaque: signed('signed-0000-0') },
      },
      { type: 'toolCallStart', callId: 'call-4', name: 'exec_command' },
      { type: 'toolCallDelta', callId: 'call-4', delta: '{"cmd":"ls"}' },
      {
        type: 'toolCallDone',
        item: {
          type: 'toolCall',
          callId: 'call-4',
          name: 'exec_command',
          kind: 'function',
          input: '{"cmd":"ls"}',
          opaque: { provider: 'mock', value: signed('signed-0000-1') },
        },
      },
      { type: 'toolCallStart', callId: 'own', name: 'exec_command' },
      { type: 'toolCallDelta', callId: 'own', delta: '{"cmd":"pwd"}' },
      {
        type: 'toolCallDone',
        item: { type: 'toolCall', callId: 'own', name: 'exec_command', kind: 'function', input: '{"cmd":"pwd"}' },
      },
      {
        type: 'done',
        stopReason: 'toolCalls',
        usage: { input: 1000, cachedInput: 700, cacheWriteInput: 0, output: 50, reasoningOutput: 30 },
      },
    ]);
  });

  it('sends signatures back where they came from, results in one turn, and pictures inline', async () => {
    await start([
      [
        { reasoning: 'Hm.' },
        { text: 'I look.' },
        { call: 'exec_command', args: { cmd: 'ls' } },
        { call: 'exec_command', args: { cmd: 'pwd' } },
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
    const events = await collect(client, ask(items, { effort: 'medium' }));
    const results = answerOf(events).map(
      (item): HistoryItem =>
        item.type === 'toolResult'
          ? { ...item, success: false, output: [...item.output, { type: 'image', url: PIXEL }] }
          : item,
    );
    assert.equal(endOf(await collect(client, ask([...items, ...results], { effort: 'xhigh' }))), 'done stop');
    assert.deepEqual(server.problems, []);
    const inlineData = { mimeType: 'image/png', data: 'iVBORw0KGgo=' };
    const declaration = {
      name: 'exec_command',
      description: SHELL_TOOL.description,
      parameters: { type: 'OBJECT', properties: { cmd: { type: 'STRING' } } },
    };
    const image = [{ text: 'Image of the tool result above:' }, { inlineData }];
    const error = { functionResponse: { name: 'exec_command', response: { error: 'ok\n[The image follows.]' } } };
    const call = (cmd: string) => ({ functionCall: { name: 'exec_command', args: { cmd } } });
    assert.deepEqual(server.requests[1]?.body, {
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'look' }, { inlineData }] },
        {
          role: 'model',
          parts: [
            { text: 'I look.', thoughtSignature: 'signed-0000-0' },
            { ...call('ls'), thoughtSignature: 'signed-0000-1' },
            call('pwd'),
          ],
        },
        { role: 'user', parts: [error, error, ...image, ...image] },
      ],
      tools: [{ functionDeclarations: [declaration] }],
      generationConfig: { thinkingConfig: { includeThoughts: true, thinkingLevel: 'HIGH' } },
    });
    assert.equal(server.requests[0]?.url, '/v1/models/gemini-3.1-pro-preview:streamGenerateContent?alt=sse');
    assert.equal(server.requests[0]?.headers['x-goog-api-key'], 'sk-secret-123');
  });

  it('marks a call of another model as foreign, and drops a signature of another model', async () => {
    await start([[{ call: 'exec_command', args: {} }], [{ text: 'a' }, { newPrefix: true }], { text: 'b' }]);
    const client = clientOf();
    const first = await collect(client, ask([say('user', 'hi')]));
    const next = [say('user', 'hi'), ...answerOf(first)];
    await collect(client, ask(next, { model: 'gemini-3.5-flash' }));
    const foreign: HistoryItem[] = next.map((item) =>
      item.type === 'toolCall' ? { ...item, opaque: { provider: 'other', value: 1 } } : item,
    );
    await collect(client, ask(foreign, { model: 'gemini-3.5-flash' }));
    assert.deepEqual(server.problems, []);
    const part = {
      functionCall: { name: 'exec_command', args: {} },
      thoughtSignature: 'skip_thought_signature_validator',
    };
    assert.deepEqual(
      server.requests.slice(1).map(({ body }) => body.contents[1]?.parts),
      [[part], [part]],
    );
  });

  it('asks older models for a budget', async () => {
    await start([{ text: 'a' }]);
    await collect(
      clientOf({ thinking: 'budget' }),
      ask([say('user', 'hi')], { model: 'gemini-2.5-pro', effort: 'low' }),
    );
    assert.deepEqual(server.problems, []);
    assert.deepEqual(server.requests[0]?.body.generationConfig, {
      thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 },
    });
  });

  const STOPS: [string, string][] = [
    ['STOP', 'done stop'],
    ['MAX_TOKENS', 'done length'],
    ['SAFETY', 'failed contentFilter'],
    ['RECITATION', 'failed contentFilter'],
    ['PROHIBITED_CONTENT', 'failed contentFilter'],
    ['MALFORMED_FUNCTION_CALL', 'failed badResponse'],
    ['UNEXPECTED_TOOL_CALL', 'failed badResponse'],
    ['OTHER', 'done stop'],
  ];
  for (const [stop, end] of STOPS) {
    it(`stops by ${stop}: ${end}`, async () => {
      await start([[{ text: 'a' }, { stop }]]);
      assert.equal(endOf(await collect(clientOf(), ask([say('user', 'hi')]))), end);
    });
  }

  it('tells a prompt that was blocked', async () => {
    await start([[{ event: { promptFeedback: { blockReason: 'SAFETY' } } }, { end: true }]]);
    assert.equal(endOf(await collect(clientOf(), ask([say('user', 'hi')]))), 'failed contentFilter');
  });

  it('takes a base URL with its version and without', () => {
    assert.deepEqual(
      [
        'https://generativelanguage.googleapis.com/',
        'https://generativelanguage.googleapis.com/v1beta',
        'https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google',
      ].map(geminiBase),
      [
        'https://generativelanguage.googleapis.com/v1beta',
        'https://generativelanguage.googleapis.com/v1beta',
        'https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google',
      ],
    );
  });

  it('sends schemas as the service takes them', async () => {
    const parameters = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      required: ['path', 'gone'],
      $defs: { Node: { type: 'object', properties: { next: { $ref: '#/$defs/Node' }, name: { type: 'string' } } } },
      properties: {
        path: { type: ['string', 'null'], format: 'uri', default: '/' },
        mode: { enum: ['a', 'b', ''] },
        level: { type: 'integer', enum: [1, 2], description: 'How much.' },
        kind: { const: 'x' },
        any: { anyOf: [{ type: 'string' }, { type: 'null' }] },
        two: { type: ['string', 'number'] },
        list: { type: 'array', items: { type: 'object', properties: {}, exclusiveMinimum: 0 } },
        loose: { type: 'array' },
        all: {
          allOf: [
            { properties: { a: { type: 'string' } }, required: ['a'] },
            { properties: { b: { type: 'boolean' } } },
          ],
        },
      },
    };
    assert.deepEqual(geminiSchema(parameters), {
      type: 'OBJECT',
      required: ['path'],
      properties: {
        path: { type: 'STRING', nullable: true },
        mode: { type: 'STRING', format: 'enum', enum: ['a', 'b'] },
        level: { type: 'INTEGER', description: 'How much. One of 1, 2.' },
        kind: { type: 'STRING', format: 'enum', enum: ['x'] },
        any: { type: 'STRING', nullable: true },
        two: { anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }] },
        list: { type: 'ARRAY', items: { type: 'STRING', description: 'A JSON object, as text.' } },
        loose: { type: 'ARRAY', items: { type: 'STRING' } },
        all: { type: 'OBJECT', properties: { a: { type: 'STRING' }, b: { type: 'BOOLEAN' } }, required: ['a'] },
      },
    });
    await start([{ text: 'a' }]);
    const recursive = { ...parameters, properties: { ...parameters.properties, node: { $ref: '#/$defs/Node' } } };
    const tool = { ...SHELL_TOOL, parameters: recursive };
    const none = { ...SHELL_TOOL, name: 'none', parameters: { type: 'object', properties: {} } };
    await collect(
      clientOf(),
      requestOf([say('user', 'hi')], { model: 'gemini-2.5-pro', tools: [tool as never, none as never] }),
    );
    assert.deepEqual(server.problems, []);
  });
});
