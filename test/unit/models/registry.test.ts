import assert from 'node:assert/strict';
import type { Config } from '../../../agent-core/config/index.ts';
import { type Answers, choiceOf, DEMO, LM_STUDIO, registryOf } from './registry-world.ts';

describe('resolving a model', () => {
  type Sent = { url: string; headers: Headers; body: Record<string, unknown> };
  async function sentBy(options: Parameters<typeof registryOf>[0], provider: string, model: string): Promise<Sent> {
    let sent: Sent | null = null;
    const doFetch: typeof fetch = async (input, init) => {
      sent = { url: String(input), headers: new Headers(init?.headers), body: JSON.parse(String(init?.body)) };
      return new Response('{}', { status: 500 });
    };
    const result = await registryOf({ ...options, fetch: doFetch }).resolve({ provider, model });
    assert.ok(result.ok, result.ok ? '' : result.problem);
    const request = {
      model: result.model.info.model,
      items: [],
      tools: [],
      parallelToolCalls: true,
      effort: null,
      outputSchema: null,
      cacheKey: 'k',
    };
    for await (const event of result.model.client.stream(request, new AbortController().signal)) void event;
    assert.ok(sent);
    return sent;
  }
  const url = 'https://own.example/v1';
  const secrets = () =>
    new Map([
      ['openai', 'from-secret'],
      ['own', 'own-secret'],
    ]);
  const env = { OPENAI_API_KEY: 'from-env', OWN_KEY: 'own-env' };
  const table: [string, Parameters<typeof registryOf>[0], string, string, string | null][] = [
    ['the environment', { env }, 'openai', 'https://api.openai.com/v1/responses', 'Bearer from-env'],
    ['the secrets before it', { env, secrets }, 'openai', 'https://api.openai.com/v1/responses', 'Bearer from-secret'],
    [
      'env_key before both',
      { env, secrets, config: { model_providers: { openai: { env_key: 'OWN_KEY' } } } },
      'openai',
      'https://api.openai.com/v1/responses',
      'Bearer own-env',
    ],
    [
      'OPENAI_BASE_URL',
      { env: { ...env, OPENAI_BASE_URL: 'https://proxy/v1' } },
      'openai',
      'https://proxy/v1/responses',
      'Bearer from-env',
    ],
    [
      'openai_base_url',
      { env, config: { openai_base_url: 'https://p/v1/' } },
      'openai',
      'https://p/v1/responses',
      'Bearer from-env',
    ],
    [
      'no key for a custom provider',
      { env, config: { model_providers: { own: { base_url: url } } } },
      'own',
      `${url}/responses`,
      null,
    ],
    [
      'the secret of a custom provider',
      { env, secrets, config: { model_providers: { own: { base_url: url, wire_api: 'chat' } } } },
      'own',
      `${url}/chat/completions`,
      'Bearer own-secret',
    ],
    [
      "OpenAI's key where it is asked for",
      { env, config: { model_providers: { own: { base_url: url, requires_openai_auth: true } } } },
      'own',
      `${url}/responses`,
      'Bearer from-env',
    ],
    [
      'a header in place of a key',
      { env, config: { model_providers: { own: { base_url: url, env_http_headers: { authorization: 'OWN_KEY' } } } } },
      'own',
      `${url}/responses`,
      'own-env',
    ],
    [
      'query parameters',
      { config: { model_providers: { own: { base_url: url, query_params: { 'api-version': '1' } } } } },
      'own',
      `${url}/responses?api-version=1`,
      null,
    ],
  ];
  for (const [name, options, provider, wanted, authorization] of table) {
    it(`takes ${name}`, async () => {
      const sent = await sentBy(options, provider, 'gpt-5.5');
      assert.deepEqual([sent.url, sent.headers.get('authorization')], [wanted, authorization]);
    });
  }

  it('knows what models can do by their names', async () => {
    const config: Config = {
      model_providers: {
        own: { base_url: url },
        chat: { base_url: url, wire_api: 'chat', request_max_retries: 1, stream_max_retries: 999 },
      },
    };
    const registry = registryOf({ config, env: { OPENAI_API_KEY: 'k', ANTHROPIC_API_KEY: 'k' } });
    const traits = async (provider: string, model: string): Promise<unknown> => {
      const result = await registry.resolve({ provider, model });
      assert.ok(result.ok);
      const { info, requestMaxRetries, streamMaxRetries } = result.model;
      return [
        info.displayName,
        info.contextWindow,
        info.supportsTools,
        info.supportsFreeformTools,
        info.supportsImages,
        info.reasoningEfforts.length,
        requestMaxRetries,
        streamMaxRetries,
      ];
    };
    assert.deepEqual(await traits('openai', ''), ['GPT-5.5', 272_000, true, true, true, 5, 4, 5]);
    assert.deepEqual(await traits('openai', 'gpt-4o'), ['gpt-4o', 128_000, true, false, true, 0, 4, 5]);
    assert.deepEqual(await traits('own', 'gpt-5.5'), ['gpt-5.5', 272_000, null, true, true, 5, 4, 5]);
    assert.deepEqual(await traits('own', 'mock-model'), ['mock-model', null, null, false, null, 0, 4, 5]);
    assert.deepEqual(await traits('chat', 'gpt-5.5'), ['gpt-5.5', 272_000, null, false, true, 5, 1, 100]);
    assert.deepEqual(await traits('anthropic', 'claude-haiku-4-5'), [
      'Claude Haiku 4.5',
      200_000,
      true,
      false,
      true,
      4,
      4,
      5,
    ]);
  });

  it('uses the window that config.toml names for its model', async () => {
    const registry = registryOf({
      config: {
        model: 'm',
        model_provider: 'own',
        model_context_window: 5,
        model_providers: { own: { base_url: url } },
      },
    });
    const windows = await Promise.all(
      ['m', 'n'].map(async (model) => {
        const result = await registry.resolve({ provider: 'own', model });
        return result.ok && result.model.info.contextWindow;
      }),
    );
    assert.deepEqual(windows, [5, null]);
  });

  it('has models of the editor only while it offers them, and the demo only where it is allowed', async () => {
    const hostLm = { start: async () => ({ stopReason: 'endTurn' as const }) };
    const registry = registryOf({ hostLm, allowDemo: false });
    assert.deepEqual(await registry.resolve({ provider: 'host', model: 'h' }), {
      ok: false,
      problem: 'The editor does not offer the model h now. Choose another model.',
    });
    registry.setHostModels([{ id: 'h', name: 'H', vendor: 'v', family: 'f', maxInputTokens: 9 }]);
    assert.equal((await registry.resolve({ provider: 'host', model: 'h' })).ok, true);
    assert.equal((await registry.resolve({ provider: 'demo', model: 'demo' })).ok, false);
    const demo = await registryOf().resolve({ provider: 'demo', model: 'demo' });
    assert.equal(demo.ok && demo.model.client === DEMO && demo.model.info.isDemo, true);
  });
});

describe('list of models', () => {
  it('has what can be used, and where the right to it comes from', async () => {
    const registry = registryOf({
      config: { model_providers: { own: { base_url: 'https://own/v1', default_model: 'd' } } },
      env: { XAI_API_KEY: 'x' },
      answers: LM_STUDIO,
      hostLm: { start: async () => ({ stopReason: 'endTurn' }) },
    });
    registry.setHostModels([{ id: 'h', name: 'H', vendor: 'v', family: 'f', maxInputTokens: 9 }]);
    const { data, selected, problems } = await registry.list(false);
    assert.deepEqual(
      data.map((each) => `${each.source} ${each.provider} ${each.model} ${each.contextWindow}`),
      [
        'config own d null',
        'environment xai grok-4.3 1000000',
        'environment xai grok-build-0.1 256000',
        'local lmstudio b 4000',
        'local lmstudio a 1000',
        'host host h 9',
        'demo demo demo null',
      ],
    );
    assert.deepEqual([selected, problems], [{ provider: 'xai', model: 'grok-4.3', source: 'environment' }, []]);
  });

  it('asks the providers on refresh, tells who refused, and tells of a change once', async () => {
    const answers: Answers = {
      'https://api.openai.com/v1/models': { data: [{ id: 'gpt-9' }, { id: 'whisper-1' }] },
      'https://api.x.ai/v1/models': new Response('{}', { status: 401 }),
    };
    const registry = registryOf({ env: { OPENAI_API_KEY: 'k', XAI_API_KEY: 'k' }, answers });
    let changes = 0;
    const stop = registry.onChange(() => changes++);
    const before = await registry.list(false);
    const after = await registry.list(true);
    await registry.list(true);
    const ids = after.data
      .map((each) => each.model)
      .filter((model) => !before.data.some((each) => each.model === model));
    assert.deepEqual(ids, ['gpt-9']);
    assert.deepEqual(after.problems, [
      'xAI did not accept the API key (HTTP 401). Set it with the command "Gantry: Set API Key", or in the environment variable XAI_API_KEY.',
    ]);
    assert.equal(changes, 1);
    stop();
    registry.setConfig({});
    assert.equal(changes, 1);
  });

  it('follows the secrets and the configuration', async () => {
    const keys = new Map<string, string>();
    const registry = registryOf({ secrets: () => keys });
    assert.equal(await choiceOf(registry), 'demo: demo demo');
    keys.set('groq', 'k');
    registry.secretsChanged();
    assert.equal(await choiceOf(registry), 'secret: groq openai/gpt-oss-120b');
    registry.setConfig({ model_provider: 'groq', model: 'z' });
    assert.equal(await choiceOf(registry), 'config: groq z');
  });

  for (const [provider, config] of [
    ['mock', { model_providers: { mock: { base_url: 'http://127.0.0.1:5/v1' } } }],
    ['ollama', {}],
  ] as const) {
    it(`ends asking ${provider} for its models with the signal, and learns nothing from that`, async () => {
      const abort = new AbortController();
      let asked = 0;
      const silent: typeof fetch = (_, init) =>
        new Promise((_resolve, reject) => {
          asked += 1;
          if (init?.signal?.aborted) reject(init.signal.reason);
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
          abort.abort(new Error('interrupted'));
        });
      const registry = registryOf({ config, fetch: silent });
      assert.equal((await registry.resolve({ provider, model: '' }, abort.signal)).ok, false);
      assert.equal((await registry.resolve({ provider, model: '' }, abort.signal)).ok, false);
      assert.equal(asked, 2);
    });
  }
});
