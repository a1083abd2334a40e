import assert from 'node:assert/strict';
import type { ModelError, ModelErrorCode } from '../../../agent-core/models/model-client.ts';
import { providerFailure } from '../../../agent-core/models/provider-failure.ts';
import { gate, type Step, startModelServer } from '../../support/model-server/index.ts';
import { collect, endOf, httpOptions, requestOf, say } from './call.ts';
import { WIRE_NAMES, WIRES } from './wires.ts';

const CUT = 'failed streamDisconnected';

type Case = {
  name: string;
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  code: ModelErrorCode;
  retryAfterMs?: number;
  says: RegExp;
};

function openai(code: string | null, message: string, type = 'invalid_request_error'): unknown {
  return { error: { message, type, param: null, code } };
}

const CASES: Case[] = [
  {
    name: 'wrong key',
    status: 401,
    body: openai('invalid_api_key', 'Incorrect API key provided: sk-secret-123.'),
    code: 'unauthorized',
    says: /Mock did not accept the API key \(HTTP 401\)\. Set MOCK_KEY\./,
  },
  {
    name: 'forbidden',
    status: 403,
    body: openai(null, 'Country not supported'),
    code: 'unauthorized',
    says: /denies access .* Country not supported/,
  },
  {
    name: 'wrong key as 400 (Gemini)',
    status: 400,
    body: [
      { error: { code: 400, message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT' } },
    ],
    code: 'unauthorized',
    says: /did not accept the API key/,
  },
  {
    name: 'unknown model',
    status: 404,
    body: openai('model_not_found', 'The model `x` does not exist'),
    code: 'modelNotFound',
    says: /does not offer the model gpt-5\.5 .*Choose another model/,
  },
  {
    name: 'unknown model as 400',
    status: 400,
    body: openai('model_not_found', 'no'),
    code: 'modelNotFound',
    says: /does not offer the model/,
  },
  {
    name: 'unknown model (Ollama)',
    status: 404,
    body: { error: 'model "x" not found, try pulling it first' },
    code: 'modelNotFound',
    says: /does not offer the model/,
  },
  {
    name: 'wrong path',
    status: 404,
    body: '<html><body>Not Found</body></html>',
    code: 'modelNotFound',
    says: /has nothing at http:\/\/127\.0\.0\.1.*base_url/,
  },
  {
    name: 'rate limit, seconds',
    status: 429,
    headers: { 'retry-after': '7' },
    body: openai('rate_limit_exceeded', 'slow'),
    code: 'rateLimited',
    retryAfterMs: 7000,
    says: /Wait 7 s and send/,
  },
  {
    name: 'rate limit, milliseconds',
    status: 429,
    headers: { 'retry-after-ms': '1500' },
    code: 'rateLimited',
    retryAfterMs: 1500,
    says: /Wait 2 s/,
  },
  {
    name: 'rate limit in words',
    status: 429,
    body: openai('rate_limit_exceeded', 'Please try again in 350ms.'),
    code: 'rateLimited',
    retryAfterMs: 350,
    says: /Wait 1 s/,
  },
  {
    name: 'rate limit (Gemini)',
    status: 429,
    body: [
      {
        error: {
          code: 429,
          message: 'You exceeded your current quota',
          status: 'RESOURCE_EXHAUSTED',
          details: [{ '@type': 'x/RetryInfo', retryDelay: '23s' }],
        },
      },
    ],
    code: 'rateLimited',
    retryAfterMs: 23_000,
    says: /Wait 23 s/,
  },
  {
    name: 'quota',
    status: 429,
    headers: { 'retry-after': '5' },
    body: openai('insufficient_quota', 'You exceeded your current quota'),
    code: 'usageLimit',
    retryAfterMs: 5000,
    says: /quota .* used up/,
  },
  {
    name: 'usage limit',
    status: 429,
    body: { error: { type: 'usage_limit_reached', message: 'limit' } },
    code: 'usageLimit',
    says: /used up/,
  },
  {
    name: 'no credit',
    status: 402,
    body: openai(null, 'Insufficient Balance'),
    code: 'usageLimit',
    says: /Add credit/,
  },
  {
    name: 'no credit as 400 (Anthropic)',
    status: 400,
    body: { type: 'error', error: { type: 'invalid_request_error', message: 'Your credit balance is too low' } },
    code: 'usageLimit',
    says: /Add credit/,
  },
  {
    name: 'server error',
    status: 500,
    body: openai('server_error', 'oops'),
    code: 'serverError',
    says: /failed \(HTTP 500\).*oops/,
  },
  { name: 'bad gateway', status: 502, body: '<html>Bad gateway</html>', code: 'serverError', says: /HTTP 502/ },
  { name: 'timeout', status: 408, code: 'serverError', says: /HTTP 408/ },
  {
    name: 'overloaded',
    status: 503,
    body: openai('server_is_overloaded', 'x'),
    code: 'overloaded',
    says: /overloaded \(HTTP 503\)/,
  },
  {
    name: 'overloaded (Anthropic)',
    status: 529,
    body: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    code: 'overloaded',
    says: /overloaded/,
  },
  {
    name: 'context',
    status: 400,
    body: openai('context_length_exceeded', 'Your input exceeds the context window'),
    code: 'contextWindowExceeded',
    says: /longer than gpt-5\.5 can take.*Compact/,
  },
  {
    name: 'context (Anthropic)',
    status: 400,
    body: { error: { type: 'invalid_request_error', message: 'prompt is too long: 210000 tokens > 200000 maximum' } },
    code: 'contextWindowExceeded',
    says: /Compact/,
  },
  {
    name: 'context with the answer (Anthropic)',
    status: 400,
    body: {
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: 'input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000',
      },
    },
    code: 'contextWindowExceeded',
    says: /Compact/,
  },
  {
    name: 'context (Gemini)',
    status: 400,
    body: [
      { error: { message: 'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).' } },
    ],
    code: 'contextWindowExceeded',
    says: /Compact/,
  },
  {
    name: 'context (llama.cpp)',
    status: 400,
    body: {
      error: {
        code: 400,
        message: 'the request exceeds the available context size',
        type: 'exceed_context_size_error',
      },
    },
    code: 'contextWindowExceeded',
    says: /Compact/,
  },
  { name: 'too large', status: 413, code: 'contextWindowExceeded', says: /Compact/ },
  {
    name: 'content filter',
    status: 400,
    body: openai('content_filter', 'filtered'),
    code: 'contentFilter',
    says: /content policy/,
  },
  {
    name: 'bad request',
    status: 400,
    body: openai('invalid_value', 'input[3] is wrong'),
    code: 'badRequest',
    says: /refused the request.*input\[3\] is wrong/,
  },
  { name: 'no body', status: 422, body: '', code: 'badRequest', says: /HTTP 422/ },
];

for (const wire of WIRE_NAMES) {
  describe(`errors of model calls, ${wire} wire`, () => {
    for (const { name, status, body, headers, code, retryAfterMs = null, says } of CASES) {
      it(`${name}: ${status} is ${code}`, async () => {
        const server = await startModelServer({ script: [{ status, headers, body }], strict: false });
        try {
          const events = await collect(WIRES[wire](httpOptions(server.baseUrl)), requestOf([say('user', 'hi')]));
          const event = events[0];
          assert.ok(event?.type === 'failed' && events.length === 1);
          const { message, details, ...rest } = event.error;
          assert.deepEqual(rest, { code, httpStatus: status, retryAfterMs });
          assert.match(message, says);
          assert.doesNotMatch(`${message} ${details}`, /sk-secret-123/);
          assert.equal(server.requests.length, 1);
        } finally {
          await server.close();
        }
      });
    }

    const STREAMS: { name: string; reply: Step[]; end: string; idleTimeoutMs?: number }[] = [
      { name: 'malformed SSE', reply: [{ raw: 'data: {"half": \n\n' }], end: 'failed badResponse' },
      { name: 'JSON of another form', reply: [{ raw: 'data: [1, 2]\n\n' }, { end: true }], end: 'failed badResponse' },
      { name: 'an empty answer', reply: [], end: 'failed badResponse' },
      { name: 'a cut in mid-answer', reply: [{ text: 'ha', unfinished: true }, { cut: true }], end: CUT },
      { name: 'an end in mid-answer', reply: [{ text: 'ha', unfinished: true }, { end: true }], end: CUT },
      {
        name: 'silence in mid-answer',
        reply: [{ text: 'ha', unfinished: true }, { stall: true }],
        end: 'failed idleTimeout',
        idleTimeoutMs: 60,
      },
      {
        name: 'silence before the answer',
        reply: [{ stall: true }],
        end: 'failed idleTimeout',
        idleTimeoutMs: 60,
      },
      {
        name: 'an overload in mid-stream',
        reply: [{ text: 'ha', unfinished: true }, { error: { code: 'overloaded_error', message: 'Overloaded' } }],
        end: 'failed overloaded',
      },
      { name: 'a content filter', reply: [{ incomplete: 'content_filter' }], end: 'failed contentFilter' },
      {
        name: 'the limit of one answer',
        reply: [{ text: 'ha' }, { incomplete: 'max_output_tokens' }],
        end: 'done length',
      },
    ];
    for (const { name, reply, end, idleTimeoutMs = 60_000 } of STREAMS) {
      it(`${name}: ${end}`, async () => {
        const server = await startModelServer({ script: [reply], strict: false });
        try {
          const client = WIRES[wire](httpOptions(server.baseUrl, { idleTimeoutMs }));
          const events = await collect(client, requestOf([say('user', 'hi')]));
          assert.equal(endOf(events), end);
          // Nothing half is told as done.
          const isWhole = end.startsWith('done');
          assert.deepEqual(
            events.flatMap((event) => ('item' in event ? [event.item.type] : [])),
            isWhole ? ['message'] : [],
          );
        } finally {
          await server.close();
        }
      });
    }

    it('JSON in place of a stream: its error, or badResponse', async () => {
      const server = await startModelServer({
        script: [
          { status: 200, body: { error: { type: 'overloaded_error', code: 'overloaded_error', message: 'no' } } },
          { status: 200, body: { hello: 1 } },
          { status: 200, body: '' },
        ],
        strict: false,
      });
      try {
        const client = WIRES[wire](httpOptions(server.baseUrl));
        const ends: string[] = [];
        for (let i = 0; i < 3; i++) ends.push(endOf(await collect(client, requestOf([say('user', 'hi')]))));
        assert.deepEqual(ends, ['failed overloaded', 'failed badResponse', CUT]);
      } finally {
        await server.close();
      }
    });

    it('stops at once when the caller does, and the connection is closed', async () => {
      const held = gate();
      const server = await startModelServer({ script: [{ text: ['a', held, 'b'] }], strict: false });
      try {
        const abort = new AbortController();
        const events = collect(WIRES[wire](httpOptions(server.baseUrl)), requestOf([say('user', 'hi')]), abort.signal);
        await held.reached;
        abort.abort();
        assert.equal(endOf(await events), 'failed cancelled');
        assert.equal(await server.requests[0]?.ended, true);
      } finally {
        await server.close();
      }
    });
  });
}

describe('errors below HTTP', () => {
  const thrown: [string, unknown, string, ModelErrorCode, RegExp][] = [
    [
      'a refused connection',
      { code: 'ECONNREFUSED' },
      'http://127.0.0.1:9/v1',
      'connectionFailed',
      /Nothing answers at http:\/\/127\.0\.0\.1:9\/v1/,
    ],
    [
      'an unknown host',
      { code: 'ENOTFOUND' },
      'https://nowhere.invalid/v1',
      'connectionFailed',
      /The host nowhere\.invalid .* is not found/,
    ],
    [
      'a wrong certificate',
      { code: 'SELF_SIGNED_CERT_IN_CHAIN' },
      'https://h/v1',
      'connectionFailed',
      /NODE_EXTRA_CA_CERTS/,
    ],
    ['a network that is not there', { code: 'ENETUNREACH' }, 'https://h/v1', 'connectionFailed', /cannot be reached/],
    [
      'a connection closed before the answer',
      { code: 'UND_ERR_SOCKET' },
      'https://h/v1',
      'streamDisconnected',
      /broke/,
    ],
    ['nothing known', {}, 'https://h/v1', 'connectionFailed', /cannot be reached/],
  ];
  for (const [name, fields, baseUrl, code, says] of thrown) {
    it(`${name}: ${code}`, async () => {
      const failing: typeof fetch = () =>
        Promise.reject(
          new TypeError('fetch failed', { cause: Object.assign(new Error('with sk-secret-123'), fields) }),
        );
      for (const wire of WIRE_NAMES) {
        const client = WIRES[wire](httpOptions(baseUrl, { fetch: failing }));
        const [event] = await collect(client, requestOf([say('user', 'hi')]));
        assert.ok(event?.type === 'failed');
        const { message, details, ...rest } = event.error satisfies ModelError;
        assert.deepEqual(rest, { code, httpStatus: null, retryAfterMs: null });
        assert.match(message, says);
        assert.doesNotMatch(`${message} ${details}`, /sk-secret-123/);
      }
    });
  }

  it('reads a date in Retry-After', () => {
    const now = Date.UTC(2026, 0, 1, 0, 0, 0);
    const headers = new Headers({ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' });
    assert.deepEqual(providerFailure(429, headers, { message: 'x' }, now), {
      status: 429,
      code: '',
      message: 'x',
      retryAfterMs: 30_000,
    });
  });
});
