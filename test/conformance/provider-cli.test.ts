/** `ai-sdk-provider-codex-cli`, unmodified: it drives both the app server and `exec`, and checks the server's version. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { World, type WorldOptions } from '../core/world.ts';
import { cachedPackages } from './npm-packages.ts';
import { root } from './root.ts';

const versions = { 'ai-sdk-provider-codex-cli': '2.2.1', ai: '7.0.173', zod: '4.4.3' };
const program = path.join(root, 'dist/gantry.js');

type Model = { readonly modelId: string };
type Provider = ((model: string) => Model) & { close?(): Promise<void> };
type Make = (options: { defaultSettings: Record<string, unknown> }) => Provider;
type Part = { type: string; text?: string };
type Clients = {
  provider: {
    createCodexAppServer: Make;
    createCodexExec: Make;
    listModels(options: Record<string, unknown>): Promise<{ models: { id: string }[] }>;
  };
  ai: {
    generateText(options: { model: Model; prompt: string }): Promise<{ text: string; finishReason: string }>;
    streamText(options: { model: Model; prompt: string }): { fullStream: AsyncIterable<Part> };
  };
};

async function load(): Promise<Clients> {
  const folder = await cachedPackages({
    root,
    name: `provider-cli-${Object.values(versions).join('-')}`,
    packages: Object.entries(versions).map(([name, version]) => `${name}@${version}`),
    // The reference's own program is not what is run here.
    options: ['--omit=optional'],
    prepare(work) {
      const lines = ["export * as provider from 'ai-sdk-provider-codex-cli';", "export * as ai from 'ai';", ''];
      writeFileSync(path.join(work, 'clients.mjs'), lines.join('\n'));
      return work;
    },
  });
  return (await import(pathToFileURL(path.join(folder, 'clients.mjs')).href)) as Clients;
}

describe('ai-sdk-provider-codex-cli', function () {
  this.timeout(60_000);
  let clients: Clients;
  let world: World;
  let provider: Provider | null = null;

  before(async function () {
    this.timeout(300_000);
    clients = await load();
  });
  afterEach(async () => {
    await provider?.close?.();
    provider = null;
    assert.deepEqual(await world.close(), []);
  });

  const begin = async (make: 'createCodexAppServer' | 'createCodexExec', options: WorldOptions): Promise<Model> => {
    world = await World.create(options);
    provider = clients.provider[make]({ defaultSettings: { ...settings(), ...modes[make] } });
    return provider('gpt-5.5');
  };
  const settings = (): Record<string, unknown> => ({
    codexPath: program,
    cwd: world.workspace,
    env: { PATH: process.env.PATH ?? '', HOME: world.root, CODEX_HOME: world.home, SCRIPTED_KEY: 'scripted-key' },
    logger: false,
  });
  const modes = {
    createCodexAppServer: { approvalPolicy: 'never', sandboxPolicy: 'workspace-write' },
    createCodexExec: { approvalMode: 'never', sandboxMode: 'workspace-write', skipGitRepoCheck: true },
  };

  for (const make of ['createCodexAppServer', 'createCodexExec'] as const) {
    it(`generates text and runs commands by ${make}`, async () => {
      const model = await begin(make, {
        script: [{ call: 'exec_command', args: { cmd: 'echo hi > made.txt' } }, { text: 'made' }],
      });
      const { text, finishReason } = await clients.ai.generateText({ model, prompt: 'make it' });
      assert.deepEqual([text, finishReason], ['made', 'stop']);
      assert.equal(readFileSync(world.at('made.txt'), 'utf8'), 'hi\n');
    });

    it(`streams by ${make}`, async () => {
      const model = await begin(make, { script: [{ text: ['one ', 'two'] }] });
      const parts: Part[] = [];
      for await (const part of clients.ai.streamText({ model, prompt: 'go' }).fullStream) parts.push(part);
      assert.equal(parts.flatMap(({ type, text }) => (type === 'text-delta' ? (text ?? '') : [])).join(''), 'one two');
      assert.equal(parts.at(-1)?.type, 'finish');
    });
  }

  it('lists the models', async () => {
    world = await World.create();
    const { models } = await clients.provider.listModels(settings());
    assert.ok(models.some(({ id }) => id.includes('gpt-5.5')));
  });
});
