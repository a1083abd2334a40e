import assert from 'node:assert/strict';
import type { Config } from '../../../agent-core/config/index.ts';
import type { ModelClient } from '../../../agent-core/models/model-client.ts';
import { createModelRegistry, type ModelRegistry, type RegistryOptions } from '../../../agent-core/models/registry.ts';

type Answers = Record<string, unknown>;

const DEMO: ModelClient = {
  async *stream() {
    yield { type: 'done', stopReason: 'stop', usage: null };
  },
};

const OLLAMA: Answers = {
  'http://127.0.0.1:11434/api/tags': {
    models: [{ name: 'embedder:latest' }, { name: 'plain:7b' }, { name: 'coder:30b' }],
  },
  'http://127.0.0.1:11434/api/show#embedder:latest': { capabilities: ['embedding'] },
  'http://127.0.0.1:11434/api/show#plain:7b': {
    capabilities: ['completion'],
    model_info: { 'llama.context_length': 8192 },
  },
  'http://127.0.0.1:11434/api/show#coder:30b': {
    capabilities: ['completion', 'tools', 'vision'],
    model_info: { 'qwen.context_length': 65_536 },
  },
};
const LM_STUDIO: Answers = {
  'http://127.0.0.1:1234/v1/models': { data: [{ id: 'a' }, { id: 'b' }] },
  'http://127.0.0.1:1234/api/v0/models': {
    data: [
      { id: 'a', type: 'llm', state: 'not-loaded', max_context_length: 1000 },
      {
        id: 'b',
        type: 'vlm',
        state: 'loaded',
        max_context_length: 9000,
        loaded_context_length: 4000,
        capabilities: ['tool_use'],
      },
      { id: 'e', type: 'embeddings' },
    ],
  },
};

/** Answers what is in the table; nothing else listens. */
function fakeFetch(answers: Answers, asked: string[] = []): typeof fetch {
  return async (input, init) => {
    const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : null;
    const model = typeof body === 'object' && body !== null && 'model' in body ? `#${String(body.model)}` : '';
    const url = `${String(input)}${model}`;
    asked.push(url);
    const answer = answers[url];
    if (answer === undefined)
      throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) });
    return answer instanceof Response ? answer.clone() : Response.json(answer);
  };
}

function registryOf(rest: Partial<RegistryOptions> & { answers?: Answers; asked?: string[] } = {}): ModelRegistry {
  const { answers = {}, asked = [], ...options } = rest;
  return createModelRegistry({
    config: {},
    configPath: '/home/me/.gantry/config.toml',
    env: {},
    secrets: () => new Map(),
    fetch: fakeFetch(answers, asked),
    demo: () => DEMO,
    allowDemo: true,
    ...options,
  });
}

async function choiceOf(registry: ModelRegistry): Promise<string> {
  const selected = await registry.selected();
  return selected.ok
    ? `${selected.source}: ${selected.selection.provider} ${selected.selection.model}`
    : selected.problem;
}

describe('choice of model', () => {
  const mock: Config['model_providers'] = { mock: { name: 'Mock', base_url: 'http://127.0.0.1:5/v1' } };
  const secrets = () => new Map([['anthropic', 'sk-ant']]);
  const keys = { OPENAI_API_KEY: 'sk-1', GEMINI_API_KEY: 'g-1' };
  const table: [string, Parameters<typeof registryOf>[0], string | RegExp][] = [
    [
      'config before all',
      { config: { model: 'm', model_provider: 'mock', model_providers: mock }, env: keys, secrets, answers: OLLAMA },
      'config: mock m',
    ],
    [
      'config with a model only, whose maker is known',
      { config: { model: 'claude-x' }, secrets },
      'config: anthropic claude-x',
    ],
    ['config with a model only, else OpenAI', { config: { model: 'my-model' }, env: keys }, 'config: openai my-model'],
    [
      'config with a provider only',
      { config: { model_provider: 'gemini' }, env: keys },
      'config: gemini gemini-3.5-flash',
    ],
    [
      'config with a local server',
      { config: { model_provider: 'ollama' }, answers: OLLAMA },
      'config: ollama coder:30b',
    ],
    [
      'config with a model of a local server',
      { config: { model_provider: 'ollama', model: 'plain:7b' }, answers: OLLAMA },
      'config: ollama plain:7b',
    ],
    [
      'config that asks the server',
      {
        config: { model_provider: 'mock', model_providers: mock },
        answers: { 'http://127.0.0.1:5/v1/models': { data: [{ id: 'text-embedding' }, { id: 'x' }] } },
      },
      'config: mock x',
    ],
    [
      'config whose provider has no key: told, nothing else taken',
      { config: { model_provider: 'openai' }, secrets, answers: OLLAMA },
      /^There is no API key for OpenAI\. Set it with the command "Gantry: Set API Key", or in the environment variable OPENAI_API_KEY\.$/,
    ],
    [
      'config whose env_key is not set',
      {
        config: {
          model: 'm',
          model_provider: 'mock',
          model_providers: { mock: { ...mock.mock, env_key: 'MOCK_KEY', env_key_instructions: 'Ask Ann.' } },
        },
      },
      /^There is no API key for Mock\. Set the environment variable MOCK_KEY, .*config\.toml.* Ask Ann\.$/,
    ],
    [
      'config with an unknown provider',
      { config: { model: 'm', model_provider: 'nope' } },
      /^The model provider "nope" is not known\. Add a table \[model_providers\.nope\]/,
    ],
    [
      'config without base_url',
      { config: { model: 'm', model_provider: 'mock', model_providers: { mock: {} } } },
      /has no base URL\. Set model_providers\.mock\.base_url in \/home\/me/,
    ],
    [
      'config with a local server that is not there',
      { config: { model_provider: 'ollama' } },
      /^Ollama does not answer at http:\/\/127\.0\.0\.1:11434: start it with `ollama serve`/,
    ],
    [
      'config with a model that is not there',
      { config: { model_provider: 'ollama', model: 'zz' }, answers: OLLAMA },
      /does not have the model zz: run `ollama pull zz`, .*coder:30b/,
    ],
    ['secrets before the environment', { env: keys, secrets, answers: OLLAMA }, 'secret: anthropic claude-sonnet-4-6'],
    ['the environment in the order of the table', { env: keys, answers: OLLAMA }, 'environment: openai gpt-5.5'],
    ['Google by its other name', { env: { GOOGLE_API_KEY: 'g' } }, 'environment: gemini gemini-3.5-flash'],
    ['an empty variable is none', { env: { OPENAI_API_KEY: ' ' } }, 'demo: demo demo'],
    ['Ollama before LM Studio', { answers: { ...OLLAMA, ...LM_STUDIO } }, 'local: ollama coder:30b'],
    ['LM Studio, what is loaded first', { answers: LM_STUDIO }, 'local: lmstudio b'],
    [
      'LM Studio without details',
      { answers: { 'http://127.0.0.1:1234/v1/models': { data: [{ id: 'nomic-embed' }, { id: 'q' }] } } },
      'local: lmstudio q',
    ],
    [
      'Ollama without a model: passed over',
      { answers: { 'http://127.0.0.1:11434/api/tags': { models: [] } } },
      'demo: demo demo',
    ],
    [
      'another server on that port: passed over',
      { answers: { 'http://127.0.0.1:11434/api/tags': { hello: 1 }, 'http://127.0.0.1:1234/v1/models': [] } },
      'demo: demo demo',
    ],
    [
      'OLLAMA_HOST',
      { env: { OLLAMA_HOST: 'box:99' }, answers: { 'http://box:99/api/tags': { models: [{ name: 'm' }] } } },
      'local: ollama m',
    ],
    ['the demo where it is allowed', {}, 'demo: demo demo'],
    [
      'else what to do',
      { allowDemo: false },
      /^No model is set up\. Set an API key \(OPENAI_API_KEY, .*start Ollama or LM Studio.*config\.toml\.$/,
    ],
  ];
  for (const [name, options, expected] of table) {
    it(name, async () => {
      const choice = await choiceOf(registryOf(options));
      if (typeof expected === 'string') assert.equal(choice, expected);
      else assert.match(choice, expected);
    });
  }

  it('asks nobody when a key is there, and only the own machine when there is none', async () => {
    const asked: string[] = [];
    await registryOf({ env: keys, asked }).selected();
    assert.deepEqual(asked, []);
    await registryOf({ asked }).selected();
    assert.deepEqual(asked.sort(), ['http://127.0.0.1:11434/api/tags', 'http://127.0.0.1:1234/v1/models']);
  });

  it('tells the choice of a thread with its own configuration', async () => {
    const registry = registryOf({ env: keys });
    const selected = await registry.selected({ model: 'm', model_provider: 'mock', model_providers: mock });
    assert.deepEqual(selected.ok && selected.selection, { provider: 'mock', model: 'm' });
    assert.equal((await registry.resolve({ provider: 'mock', model: 'm' })).ok, true);
    assert.deepEqual(
      ['mock', 'openai', 'ollama', 'host', 'demo', 'nope'].filter((id) => registry.knows(id)),
      ['mock', 'openai', 'ollama', 'host', 'demo'],
    );
  });
});

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
      0,
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
});
