/** What servers tell of their models: local ones, and providers in their several ways. */
import assert from 'node:assert/strict';
import { foundModel } from '../../../agent-core/models/capabilities.ts';
import { probeLocal } from '../../../agent-core/models/local-servers.ts';
import { setUpProvider } from '../../../agent-core/models/provider-setup.ts';
import { KNOWN_PROVIDERS } from '../../../agent-core/models/providers.ts';
import { fetchModels } from '../../../agent-core/models/remote-models.ts';
import { type Answers, fakeFetch, registryOf } from './registry-world.ts';

const OLLAMA = 'http://127.0.0.1:11434';
const LM_STUDIO = 'http://127.0.0.1:1234';

describe('models of a local server', () => {
  async function ollama(answers: Answers, env: Record<string, string> = {}): Promise<unknown> {
    const server = await probeLocal('ollama', OLLAMA, env, fakeFetch(answers));
    return server?.models;
  }
  const tags = { models: [{ name: 'm:1' }] };
  const show = (parameters?: string): unknown => ({
    capabilities: ['completion', 'tools', 'thinking'],
    model_info: { 'qwen3.context_length': 262_144 },
    ...(parameters === undefined ? {} : { parameters }),
  });
  const told = { supportsTools: true, supportsImages: false, supportsEffort: true };
  const remedy = 'start Ollama with OLLAMA_CONTEXT_LENGTH set';

  it('has the context that Ollama loads it with, not the one that it could have', async () => {
    const base: Answers = { [`${OLLAMA}/api/tags`]: tags, [`${OLLAMA}/api/show#m:1`]: show() };
    const running = { models: [{ name: 'm:1', context_length: 32_768 }] };
    const named: Answers = { ...base, [`${OLLAMA}/api/show#m:1`]: show('temperature 0.7\nnum_ctx    16384\nstop "x"') };
    assert.deepEqual(
      [
        await ollama(base),
        await ollama({ ...base, [`${OLLAMA}/api/ps`]: running }),
        await ollama(named),
        await ollama(base, { OLLAMA_CONTEXT_LENGTH: '65536' }),
        await ollama(base, { OLLAMA_CONTEXT_LENGTH: '999999' }),
        await ollama({ [`${OLLAMA}/api/tags`]: tags }),
      ],
      [
        [
          foundModel('m:1', {
            ...told,
            contextWindow: 4096,
            note: `Will be loaded with 4096 of 262144 tokens: ${remedy}`,
          }),
        ],
        [foundModel('m:1', { ...told, contextWindow: 32_768, note: `Loaded with 32768 of 262144 tokens: ${remedy}` })],
        [
          foundModel('m:1', {
            ...told,
            contextWindow: 16_384,
            note: `Will be loaded with 16384 of 262144 tokens: ${remedy}`,
          }),
        ],
        [
          foundModel('m:1', {
            ...told,
            contextWindow: 65_536,
            note: `Will be loaded with 65536 of 262144 tokens: ${remedy}`,
          }),
        ],
        [foundModel('m:1', { ...told, contextWindow: 262_144 })],
        [foundModel('m:1')],
      ],
    );
  });

  it('has what LM Studio tells of it, by its newer list and by its older', async () => {
    const listed = { data: [{ id: 'a' }] };
    const v1 = {
      models: [
        { type: 'embedding', key: 'e' },
        { type: 'llm', key: 'idle', max_context_length: 2048, loaded_instances: [] },
        {
          type: 'llm',
          key: 'busy',
          max_context_length: 131_072,
          loaded_instances: [{ id: 'busy', config: { context_length: 8192 } }],
          capabilities: { vision: true, trained_for_tool_use: true },
        },
      ],
    };
    const v0 = {
      data: [{ id: 'old', type: 'vlm', state: 'not-loaded', max_context_length: 32_768, capabilities: ['tool_use'] }],
    };
    const ask = async (answers: Answers): Promise<unknown> =>
      (await probeLocal('lmstudio', LM_STUDIO, {}, fakeFetch({ [`${LM_STUDIO}/v1/models`]: listed, ...answers })))
        ?.models;
    const remedy = 'load it in LM Studio with a longer context';
    assert.deepEqual(
      [
        await ask({ [`${LM_STUDIO}/api/v1/models`]: v1 }),
        await ask({ [`${LM_STUDIO}/api/v0/models`]: v0 }),
        await ask({}),
      ],
      [
        [
          foundModel('busy', {
            contextWindow: 8192,
            supportsTools: true,
            supportsImages: true,
            note: `Loaded with 8192 of 131072 tokens: ${remedy}`,
          }),
          foundModel('idle', { contextWindow: 2048 }),
        ],
        [
          foundModel('old', {
            contextWindow: 4096,
            supportsTools: true,
            supportsImages: true,
            note: `Will be loaded with 4096 of 32768 tokens: ${remedy}`,
          }),
        ],
        [foundModel('a')],
      ],
    );
  });
});

describe('models of a provider', () => {
  async function ask(id: string, body: unknown, env: Record<string, string>): Promise<{ asked: string; got: unknown }> {
    const result = setUpProvider(id, { config: {}, env, secrets: new Map(), configPath: '/c' });
    assert.ok(result.ok);
    let asked = '';
    const answer: typeof fetch = async (url, init) => {
      const headers = [...new Headers(init?.headers)].filter(([name]) => name !== 'accept');
      asked = `${url} ${headers.map((pair) => pair.join('=')).join(' ')}`;
      return Response.json(body);
    };
    const got = await fetchModels(result.setup, null, answer);
    return { asked, got };
  }

  it('are read as each tells them', async () => {
    assert.deepEqual(
      [
        await ask(
          'anthropic',
          {
            data: [
              {
                id: 'claude-x',
                max_input_tokens: 9,
                max_tokens: 8,
                capabilities: { image_input: { supported: true }, effort: { supported: false } },
              },
            ],
          },
          { ANTHROPIC_API_KEY: 'k' },
        ),
        await ask(
          'gemini',
          {
            models: [
              {
                name: 'models/gemini-x',
                inputTokenLimit: 9,
                outputTokenLimit: 8,
                supportedGenerationMethods: ['generateContent'],
              },
              { name: 'models/other', supportedGenerationMethods: ['predict'] },
            ],
          },
          { GEMINI_API_KEY: 'k' },
        ),
        await ask(
          'openrouter',
          {
            data: [
              {
                id: 'a/b',
                context_length: 9,
                supported_parameters: ['tools'],
                architecture: { input_modalities: ['text', 'image'] },
                pricing: { prompt: '0.000003', completion: '0.000015', input_cache_read: '0.0000003' },
              },
              { id: 'auto', pricing: { prompt: '-1', completion: '-1' }, context_length: 'wrong' },
            ],
          },
          { OPENROUTER_API_KEY: 'k' },
        ),
      ],
      [
        {
          asked: 'https://api.anthropic.com/v1/models?limit=1000 anthropic-version=2023-06-01 x-api-key=k',
          got: {
            ok: true,
            models: [
              foundModel('claude-x', { contextWindow: 9, maxOutput: 8, supportsImages: true, supportsEffort: false }),
            ],
          },
        },
        {
          asked: 'https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000 x-goog-api-key=k',
          got: { ok: true, models: [foundModel('gemini-x', { contextWindow: 9, maxOutput: 8 })] },
        },
        {
          asked: 'https://openrouter.ai/api/v1/models authorization=Bearer k',
          got: {
            ok: true,
            models: [
              foundModel('a/b', {
                contextWindow: 9,
                supportsTools: true,
                supportsImages: true,
                supportsEffort: false,
                price: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3 },
              }),
              foundModel('auto'),
            ],
          },
        },
      ],
    );
  });

  it('have an address each, made of the environment where it must be', () => {
    const of = (id: string, env: Record<string, string>): string => {
      const result = setUpProvider(id, { config: {}, env, secrets: new Map(), configPath: '/c' });
      return result.ok ? `${result.setup.wire} ${result.setup.baseUrl}` : result.problem;
    };
    assert.deepEqual(
      [
        of('azure', { AZURE_OPENAI_API_KEY: 'k', AZURE_RESOURCE_NAME: 'mine' }),
        of('azure', { AZURE_OPENAI_API_KEY: 'k' }),
        of('bedrock', { AWS_BEARER_TOKEN_BEDROCK: 'k', AWS_REGION: 'eu-central-1' }),
        of('anthropic', { ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: 'https://gate/anthropic' }),
      ],
      [
        'chat https://mine.openai.azure.com/openai/v1',
        'The model provider "azure" has no base URL. Set model_providers.azure.base_url in /c, such as "https://host/v1" or the environment variable AZURE_RESOURCE_NAME.',
        'chat https://bedrock-runtime.eu-central-1.amazonaws.com/openai/v1',
        'anthropic https://gate/anthropic',
      ],
    );
    const ids = KNOWN_PROVIDERS.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('of the long tail are asked for only when they are meant', async () => {
    const url = 'https://router.huggingface.co/v1/models';
    const list = async (rest: Parameters<typeof registryOf>[0]): Promise<[string[], boolean]> => {
      const asked: string[] = [];
      const answers = { [url]: { data: [{ id: 'org/model' }] } };
      const { data } = await registryOf({ answers, asked, env: { HF_TOKEN: 'k' }, ...rest }).list(true);
      return [data.filter(({ provider }) => provider === 'huggingface').map(({ model }) => model), asked.includes(url)];
    };
    assert.deepEqual(
      [
        await list({}),
        await list({ config: { model_provider: 'huggingface' } }),
        await list({ secrets: () => new Map([['huggingface', 'k']]) }),
      ],
      [
        [[], false],
        [['org/model'], true],
        [['org/model'], true],
      ],
    );
  });

  it('are asked by the command that prints the key, which comes before a well-known variable', () => {
    const auth = { command: 'print-key', args: ['x'] };
    const config = { model_providers: { anthropic: { auth } } };
    const result = setUpProvider('anthropic', {
      config,
      env: { ANTHROPIC_API_KEY: 'k' },
      secrets: new Map(),
      configPath: '/c',
    });
    assert.ok(result.ok);
    const { apiKey, keySource, tokenCommand, wire } = result.setup;
    assert.deepEqual(
      { apiKey, keySource, tokenCommand, wire },
      {
        apiKey: null,
        keySource: null,
        tokenCommand: { command: 'print-key', args: ['x'], cwd: null, timeoutMs: 5000, refreshIntervalMs: 300_000 },
        wire: 'anthropic',
      },
    );
  });
});
