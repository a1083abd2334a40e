/** What the tests of the registry share: servers that are a table of answers. */
import type { ModelClient } from '../../../agent-core/models/model-client.ts';
import { createModelRegistry, type ModelRegistry, type RegistryOptions } from '../../../agent-core/models/registry.ts';

export type Answers = Record<string, unknown>;

export const DEMO: ModelClient = {
  async *stream() {
    yield { type: 'done', stopReason: 'stop', usage: null };
  },
};

export const OLLAMA: Answers = {
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
export const LM_STUDIO: Answers = {
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
export function fakeFetch(answers: Answers, asked: string[] = []): typeof fetch {
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

export function registryOf(
  rest: Partial<RegistryOptions> & { answers?: Answers; asked?: string[] } = {},
): ModelRegistry {
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

export async function choiceOf(registry: ModelRegistry): Promise<string> {
  const selected = await registry.selected();
  return selected.ok
    ? `${selected.source}: ${selected.selection.provider} ${selected.selection.model}`
    : selected.problem;
}
