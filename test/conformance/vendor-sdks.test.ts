/**
 * The vendors' own packages drive the scripted server: what it takes and sends is then not merely our own idea of the
 * formats. Each has one conversation with a thought, a picture, two calls at once and their results, and meets errors.
 */
import assert from 'node:assert/strict';
import { type ModelServer, type Script, startModelServer } from '../support/model-server/index.ts';
import { root } from './root.ts';
import { loadVendorSdks, type SdkFailure, type VendorSdks } from './vendor-sdks.ts';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const PARAMETERS = { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] };
const USAGE = { input: 1000, cached: 600, output: 50, reasoning: 30 };
const SCRIPT: Script = [
  [
    { reasoning: ['Hm', '.'] },
    { text: ['I ', 'look.'] },
    { call: 'run', args: { cmd: 'ls' } },
    { call: 'run', args: { cmd: 'pwd' } },
    { usage: USAGE },
  ],
  { text: ['All ', 'done.'] },
];

describe('official packages of the vendors', function () {
  this.timeout(240_000);
  let sdks: VendorSdks;
  let server: ModelServer;

  before(async () => {
    sdks = await loadVendorSdks(root);
  });
  afterEach(() => server.close());

  async function start(script: Script): Promise<ModelServer> {
    server = await startModelServer({ script, apiKey: 'key' });
    return server;
  }
  async function failure(call: () => PromiseLike<unknown>): Promise<[string, number]> {
    try {
      await call();
    } catch (error) {
      const failure = error as SdkFailure;
      return [failure.constructor.name, failure.status];
    }
    throw new Error('The call did not fail.');
  }
  const origin = (): string => `http://127.0.0.1:${server.port}`;
  const openai = (apiKey = 'key') => new sdks.OpenAI({ apiKey, baseURL: server.baseUrl, maxRetries: 0 });
  const anthropic = (apiKey = 'key') => new sdks.Anthropic({ apiKey, baseURL: origin(), maxRetries: 0 });
  const gemini = (apiKey = 'key') => new sdks.GoogleGenAI({ apiKey, httpOptions: { baseUrl: origin() } });

  describe('openai, Responses', () => {
    const body = (input: unknown[]) => ({
      model: 'gpt-5.5',
      input,
      tools: [{ type: 'function', name: 'run', description: 'Runs.', parameters: PARAMETERS, strict: false }],
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: 'k',
      store: false,
    });
    const first = {
      type: 'message',
      role: 'user',
      content: [
        { type: 'input_text', text: 'hi' },
        { type: 'input_image', image_url: `data:image/png;base64,${PNG}`, detail: 'auto' },
      ],
    };

    it('has a conversation', async () => {
      await start(SCRIPT);
      const answer = await openai()
        .responses.stream(body([first]))
        .finalResponse();
      assert.deepEqual(
        answer.output.map(({ type }) => type),
        ['reasoning', 'message', 'function_call', 'function_call'],
      );
      assert.equal(answer.output_text, 'I look.');
      assert.deepEqual(answer.usage, {
        input_tokens: 1000,
        input_tokens_details: { cached_tokens: 600 },
        output_tokens: 50,
        output_tokens_details: { reasoning_tokens: 30 },
        total_tokens: 1050,
      });
      const [reasoning, message, ...calls] = answer.output;
      const back = [
        reasoning,
        { type: 'message', role: 'assistant', content: message?.content },
        ...calls.map(({ call_id, name, arguments: args }) => ({
          type: 'function_call',
          call_id,
          name,
          arguments: args,
        })),
        ...calls.map(({ call_id }) => ({ type: 'function_call_output', call_id, output: 'ok' })),
      ].map((item) =>
        JSON.parse(
          JSON.stringify(item, (key, value) => (/^(parsed|logprobs|parsed_arguments)$/.test(key) ? undefined : value)),
        ),
      );
      const last = await openai()
        .responses.stream(body([first, ...back]))
        .finalResponse();
      assert.equal(last.output_text, 'All done.');
      assert.deepEqual(server.problems, []);
    });

    it('is refused as the service refuses', async () => {
      await start([{ text: 'x' }, { status: 429, headers: { 'retry-after': '1' } }]);
      const output = { type: 'function_call_output', call_id: 'nobody', output: 'ok' };
      assert.deepEqual(
        [
          await failure(() =>
            openai('wrong')
              .responses.stream(body([first]))
              .finalResponse(),
          ),
          await failure(() =>
            openai()
              .responses.stream(body([first, output]))
              .finalResponse(),
          ),
          await failure(() =>
            openai()
              .responses.stream(body([first]))
              .finalResponse(),
          ),
        ],
        [
          ['AuthenticationError', 401],
          ['BadRequestError', 400],
          ['RateLimitError', 429],
        ],
      );
    });
  });

  describe('openai, Chat Completions', () => {
    const body = (messages: unknown[]) => ({
      model: 'gpt-5.5',
      messages,
      stream: true,
      stream_options: { include_usage: true },
      tools: [{ type: 'function', function: { name: 'run', description: 'Runs.', parameters: PARAMETERS } }],
    });
    const first = {
      role: 'user',
      content: [
        { type: 'text', text: 'hi' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
      ],
    };

    it('has a conversation', async () => {
      await start(SCRIPT);
      const answer = await openai()
        .chat.completions.stream(body([first]))
        .finalChatCompletion();
      const [choice] = answer.choices;
      assert.ok(choice);
      assert.equal(choice.finish_reason, 'tool_calls');
      assert.equal(choice.message.content, 'I look.');
      const calls = choice.message.tool_calls as {
        id: string;
        type: string;
        function: { name: string; arguments: string };
      }[];
      assert.deepEqual(
        calls.map(({ function: { name, arguments: args } }) => [name, args]),
        [
          ['run', '{"cmd":"ls"}'],
          ['run', '{"cmd":"pwd"}'],
        ],
      );
      assert.equal(answer.usage.prompt_tokens, 1000);
      const tool_calls = calls.map(({ id, type, function: { name, arguments: args } }) => ({
        id,
        type,
        function: { name, arguments: args },
      }));
      const results = calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'ok' }));
      const assistant = { role: 'assistant', content: choice.message.content, tool_calls };
      const last = await openai()
        .chat.completions.stream(body([first, assistant, ...results]))
        .finalChatCompletion();
      assert.equal(last.choices[0]?.message.content, 'All done.');
      assert.deepEqual(server.problems, []);
    });

    it('is refused as the service refuses', async () => {
      await start([{ text: 'x' }]);
      const result = { role: 'tool', tool_call_id: 'nobody', content: 'ok' };
      assert.deepEqual(
        [
          await failure(() =>
            openai('wrong')
              .chat.completions.stream(body([first]))
              .finalChatCompletion(),
          ),
          await failure(() =>
            openai()
              .chat.completions.stream(body([first, result]))
              .finalChatCompletion(),
          ),
        ],
        [
          ['AuthenticationError', 401],
          ['BadRequestError', 400],
        ],
      );
    });
  });

  describe('@anthropic-ai/sdk', () => {
    const mark = { cache_control: { type: 'ephemeral' } };
    const body = (messages: unknown[]) => ({
      model: 'claude-opus-4-7',
      max_tokens: 4096,
      system: [{ type: 'text', text: 'Be brief.', ...mark }],
      thinking: { type: 'adaptive', display: 'summarized' },
      output_config: { effort: 'high' },
      tools: [{ name: 'run', description: 'Runs.', input_schema: PARAMETERS, ...mark }],
      messages,
    });
    const first = {
      role: 'user',
      content: [
        { type: 'text', text: 'hi' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
      ],
    };

    it('has a conversation', async () => {
      await start(SCRIPT);
      const answer = await anthropic()
        .messages.stream(body([first]))
        .finalMessage();
      assert.equal(answer.stop_reason, 'tool_use');
      assert.deepEqual(
        answer.content.map(({ id, ...block }) => block),
        [
          { type: 'thinking', thinking: 'Hm.', signature: 'signed-0000-0' },
          { type: 'text', text: 'I look.' },
          { type: 'tool_use', name: 'run', input: { cmd: 'ls' } },
          { type: 'tool_use', name: 'run', input: { cmd: 'pwd' } },
        ],
      );
      assert.deepEqual(answer.usage, {
        input_tokens: 400,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 600,
        output_tokens: 50,
        output_tokens_details: { thinking_tokens: 30 },
      });
      const results = answer.content.flatMap(({ type, id }) =>
        type === 'tool_use' ? [{ type: 'tool_result', tool_use_id: id, content: 'ok' }] : [],
      );
      const history = [first, { role: 'assistant', content: answer.content }, { role: 'user', content: results }];
      const last = await anthropic().messages.stream(body(history)).finalMessage();
      assert.deepEqual(last.content, [{ type: 'text', text: 'All done.' }]);
      assert.deepEqual(server.problems, []);
    });

    it('is refused as the service refuses', async () => {
      await start([
        { text: 'x' },
        { text: 'x' },
        { status: 529, body: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } } },
      ]);
      const ask = (messages: unknown[], key?: string) => () =>
        anthropic(key).messages.stream(body(messages)).finalMessage();
      const forged = { role: 'assistant', content: [{ type: 'thinking', thinking: 'x', signature: 'forged' }] };
      const orphan = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'nobody', content: 'ok' }] };
      assert.deepEqual(
        [
          await failure(ask([first], 'wrong')),
          await failure(ask([first, forged, first])),
          await failure(ask([orphan])),
          await failure(ask([first])),
        ],
        [
          ['AuthenticationError', 401],
          ['BadRequestError', 400],
          ['BadRequestError', 400],
          ['OverloadedError', 529],
        ],
      );
    });
  });

  describe('@google/genai', () => {
    const body = (contents: unknown[]) => ({
      model: 'gemini-3.1-pro-preview',
      contents,
      config: {
        systemInstruction: 'Be brief.',
        thinkingConfig: { includeThoughts: true, thinkingLevel: 'HIGH' },
        tools: [
          {
            functionDeclarations: [
              {
                name: 'run',
                description: 'Runs.',
                parameters: { type: 'OBJECT', properties: { cmd: { type: 'STRING' } }, required: ['cmd'] },
              },
            ],
          },
        ],
      },
    });
    const first = { role: 'user', parts: [{ text: 'hi' }, { inlineData: { mimeType: 'image/png', data: PNG } }] };
    type Part = { text?: string; thought?: boolean; thoughtSignature?: string; functionCall?: { name: string } };

    async function ask(contents: unknown[], key?: string): Promise<{ parts: Part[]; usage: unknown }> {
      const parts: Part[] = [];
      let usage: unknown;
      for await (const chunk of await gemini(key).models.generateContentStream(body(contents))) {
        const [candidate] = chunk.candidates ?? [];
        const { content } = (candidate ?? {}) as { content?: { parts?: Part[] } };
        parts.push(...(content?.parts ?? []));
        usage = chunk.usageMetadata ?? usage;
      }
      return { parts, usage };
    }

    it('has a conversation', async () => {
      await start(SCRIPT);
      const { parts, usage } = await ask([first]);
      assert.deepEqual(parts, [
        { text: 'Hm', thought: true },
        { text: '.', thought: true },
        { text: 'I ' },
        { text: 'look.' },
        { text: '', thoughtSignature: 'signed-0000-0' },
        { functionCall: { name: 'run', args: { cmd: 'ls' } }, thoughtSignature: 'signed-0000-1' },
        { functionCall: { name: 'run', args: { cmd: 'pwd' } } },
        { text: '' },
      ]);
      assert.deepEqual(usage, {
        promptTokenCount: 1000,
        cachedContentTokenCount: 600,
        candidatesTokenCount: 20,
        thoughtsTokenCount: 30,
        totalTokenCount: 1050,
      });
      const said = parts.filter((part) => !part.thought && (part.text !== '' || part.thoughtSignature));
      const results = parts.flatMap(({ functionCall }) =>
        functionCall ? [{ functionResponse: { name: functionCall.name, response: { output: 'ok' } } }] : [],
      );
      const history = [first, { role: 'model', parts: said }, { role: 'user', parts: results }];
      const last = await ask(history);
      assert.equal(last.parts.map(({ text }) => text).join(''), 'All done.');
      assert.deepEqual(server.problems, []);
    });

    it('is refused as the service refuses', async () => {
      await start([{ text: 'x' }, { text: 'x' }]);
      const call = { role: 'model', parts: [{ functionCall: { name: 'run', args: {} } }] };
      const answer = { role: 'user', parts: [{ functionResponse: { name: 'run', response: { output: 'ok' } } }] };
      assert.deepEqual(
        [
          await failure(() => ask([first], 'wrong')),
          await failure(() => ask([first, answer])),
          await failure(() => ask([first, call, answer])),
        ],
        [
          ['ApiError', 401],
          ['ApiError', 400],
          ['ApiError', 400],
        ],
      );
      assert.deepEqual(
        server.problems.map((problem) => problem.slice(0, 60)),
        [
          'request 1: Please ensure that the number of function response parts'.slice(0, 60),
          'request 2: Function call run is missing a thought_signature in function'.slice(0, 60),
        ],
      );
    });
  });
});
