import assert from 'node:assert/strict';
import type { ModelRequest } from '../../../agent-core/models/model-client.ts';
import { createResponsesClient } from '../../../agent-core/models/openai-responses.ts';

const request: ModelRequest = {
  model: 'gpt-5.5',
  items: [{ type: 'message', role: 'user', content: [{ type: 'text', text: 'hi' }] }],
  tools: [],
  parallelToolCalls: false,
  effort: null,
  outputSchema: null,
  cacheKey: 'thread',
};

function world(status: number, body: unknown) {
  const sent: { url: string; body: unknown }[] = [];
  const client = createResponsesClient({
    providerId: 'openai',
    providerName: 'OpenAI',
    baseUrl: 'http://127.0.0.1:1/v1',
    apiKey: 'key-of-the-test',
    headers: {},
    queryParams: {},
    idleTimeoutMs: 5000,
    keyHelp: '',
    compacts: true,
    fetch: async (url, init) => {
      sent.push({ url: String(url), body: JSON.parse(String(init?.body)) });
      return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
    },
  });
  return { client, sent };
}

describe("the provider's own compaction", () => {
  it('sends the whole conversation and takes the sealed item alone', async () => {
    const { client, sent } = world(200, {
      id: 'resp_1',
      object: 'response.compaction',
      output: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
        { type: 'compaction', id: 'cmp_1', encrypted_content: 'sealed', created_by: 'x' },
      ],
      usage: { input_tokens: 10, output_tokens: 5, input_tokens_details: { cached_tokens: 4 } },
    });
    const answer = await client.compact?.(request, new AbortController().signal);
    const item = {
      type: 'reasoning',
      id: 'cmp_1',
      summary: [],
      provider: 'openai',
      opaque: { type: 'compaction', id: 'cmp_1', encrypted_content: 'sealed' },
    };
    assert.deepEqual(answer, {
      ok: true,
      items: [item],
      usage: { input: 10, cachedInput: 4, cacheWriteInput: 0, output: 5, reasoningOutput: 0 },
    });
    assert.deepEqual(sent, [
      {
        url: 'http://127.0.0.1:1/v1/responses/compact',
        body: {
          model: 'gpt-5.5',
          input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] }],
          prompt_cache_key: 'thread',
        },
      },
    ]);
  });

  for (const [status, body] of [
    [404, { error: { message: 'no such url' } }],
    [200, { output: [] }],
    [200, 'nonsense'],
  ] as const) {
    it(`answers with an error for ${status} ${JSON.stringify(body)}`, async () => {
      const answer = await world(status, body).client.compact?.(request, new AbortController().signal);
      assert.equal(answer?.ok, false);
    });
  }

  it('is not there where the server is not known to have it', () => {
    const client = createResponsesClient({
      providerId: 'x',
      providerName: 'X',
      baseUrl: 'http://x/v1',
      apiKey: null,
      headers: {},
      queryParams: {},
      idleTimeoutMs: 1,
      keyHelp: '',
    });
    assert.equal(client.compact, undefined);
  });
});
