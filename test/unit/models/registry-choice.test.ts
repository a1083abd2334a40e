import assert from 'node:assert/strict';
import type { Config } from '../../../agent-core/config/index.ts';
import { choiceOf, LM_STUDIO, OLLAMA, registryOf } from './registry-world.ts';

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
    ['secrets before the environment', { env: keys, secrets, answers: OLLAMA }, 'secret: anthropic claude-sonnet-5-5'],
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

  it('tells the choice of a thread with its own configuration, and keeps it from every other', async () => {
    const asked: string[] = [];
    const doFetch: typeof fetch = async (input, init) => {
      asked.push(`${String(input)} ${new Headers(init?.headers).get('authorization')}`);
      return new Response('{}', { status: 500 });
    };
    const registry = registryOf({ env: { ...keys, A_KEY: 'a', B_KEY: 'b' }, fetch: doFetch });
    const threadOf = (host: string, env_key: string) =>
      registry.forThread({
        model: 'm',
        model_provider: 'mock',
        model_providers: { mock: { name: 'Mock', base_url: `https://${host}/v1`, env_key } },
      });
    const [a, b] = [threadOf('a.example', 'A_KEY'), threadOf('b.example', 'B_KEY')];
    for (const thread of [a, b]) {
      const selected = await thread.selected();
      assert.deepEqual(selected.ok && selected.selection, { provider: 'mock', model: 'm' });
    }
    for (const thread of [a, b, a]) {
      const result = await thread.resolve({ provider: 'mock', model: 'm' });
      assert.ok(result.ok);
      const request = { model: 'm', items: [], tools: [], parallelToolCalls: true, effort: null, outputSchema: null };
      const stream = result.model.client.stream({ ...request, cacheKey: 'k' }, new AbortController().signal);
      for await (const event of stream) void event;
    }
    assert.deepEqual(asked, [
      'https://a.example/v1/responses Bearer a',
      'https://b.example/v1/responses Bearer b',
      'https://a.example/v1/responses Bearer a',
    ]);
    const names = ['mock', 'openai', 'ollama', 'host', 'demo', 'nope'];
    assert.deepEqual(
      [a, registry].map((models) => names.filter((id) => models.knows(id))),
      [names.slice(0, -1), names.slice(1, -1)],
    );
    assert.equal((await registry.resolve({ provider: 'mock', model: 'm' })).ok, false);
  });
});
