import assert from 'node:assert/strict';
import type { Config } from '../../../agent-core/config/index.ts';
import { setUpProvider } from '../../../agent-core/models/provider-setup.ts';

describe('a well-known key', () => {
  const env = {
    OPENAI_API_KEY: 'openai-key',
    GEMINI_API_KEY: 'google-key',
    AZURE_OPENAI_API_KEY: 'azure-key',
    AZURE_RESOURCE_NAME: 'mine',
    OWN_KEY: 'own-key',
  };
  const keyFor = (id: string, provider: NonNullable<Config['model_providers']>[string]): string | null => {
    const config: Config = { model_providers: { [id]: provider } };
    const result = setUpProvider(id, { config, env, secrets: new Map(), configPath: '/c' });
    return result.ok ? result.setup.apiKey : result.problem;
  };

  const table: [string, string, NonNullable<Config['model_providers']>[string], string | null][] = [
    ['goes to its own host', 'openai', { base_url: 'https://api.openai.com/v1' }, 'openai-key'],
    ['goes to another path of it', 'gemini', { base_url: 'https://generativelanguage.googleapis.com/x' }, 'google-key'],
    ['goes to a host of its form', 'azure', { base_url: 'https://other.openai.azure.com/v1' }, 'azure-key'],
    ['does not go to another host', 'openai', { base_url: 'https://evil.example/v1' }, null],
    ['does not go to one that only ends alike', 'openai', { base_url: 'https://api.openai.com.evil.example/v1' }, null],
    ['does not go to one that only begins alike', 'azure', { base_url: 'https://a.b.openai.azure.com/v1' }, null],
    [
      'goes there when env_key says so',
      'openai',
      { base_url: 'https://e/v1', env_key: 'OPENAI_API_KEY' },
      'openai-key',
    ],
    ['gives way to the key that is named', 'openai', { base_url: 'https://e/v1', env_key: 'OWN_KEY' }, 'own-key'],
    [
      'goes there when it is said to be its own',
      'openai',
      { base_url: 'https://e/v1', requires_openai_auth: true },
      'openai-key',
    ],
  ];
  for (const [name, id, provider, key] of table) it(name, () => assert.equal(keyFor(id, provider), key));
});
