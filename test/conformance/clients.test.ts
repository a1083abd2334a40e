/** Programs that were written for Codex, unmodified, against the built Gantry and a scripted model. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { World, type WorldOptions } from '../core/world.ts';
import { gate, type RecordedRequest } from '../support/model-server/index.ts';
import { loadClients, type ProviderModel, type RealClients, type SdkEvent, type StreamPart } from './real-clients.ts';
import { root } from './root.ts';

const program = path.join(import.meta.dirname, '../../dist/gantry.js');
const png = Buffer.from('89504e470d0a1a0a', 'hex');
const image = `data:image/png;base64,${png.toString('base64')}`;
const schema = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'], additionalProperties: false };
const patch = '*** Begin Patch\n*** Add File: b.txt\n+new\n*** End Patch';

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const parts: T[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

type Content = { type: string; text?: string; image_url?: string };
const contentOf = (request: RecordedRequest | undefined): Content[] =>
  (request?.body.input.at(-1)?.content ?? []) as Content[];
const saidBy = (request: RecordedRequest | undefined): (string | undefined)[] =>
  request?.body.input
    .filter(({ role }) => role === 'user')
    .slice(1)
    .map(({ content }) => (content as Content[])[0]?.text) ?? [];
const formatOf = (request: RecordedRequest | undefined): unknown =>
  (request?.body.text as { format?: { schema?: unknown } } | undefined)?.format?.schema;

describe('clients that were written for Codex', function () {
  this.timeout(60_000);
  let clients: RealClients;
  let world: World;

  before(async function () {
    this.timeout(300_000);
    clients = await loadClients(root);
  });

  const begin = async (options: WorldOptions): Promise<void> => {
    world = await World.create(options);
  };
  /** All that the program gets: the home under the name that such clients use. */
  const env = (): Record<string, string> => ({
    PATH: process.env.PATH ?? '',
    HOME: world.root,
    CODEX_HOME: world.home,
    SCRIPTED_KEY: 'scripted-key',
  });

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  describe('@openai/codex-sdk', () => {
    const codex = (more: { apiKey?: string; baseUrl?: string } = {}) =>
      new clients.sdk.Codex({ codexPathOverride: program, env: env(), ...more });
    const options = (more: Record<string, unknown> = {}) => ({
      workingDirectory: world.workspace,
      skipGitRepoCheck: true,
      ...more,
    });

    it('runs a turn, and another one of the same thread', async () => {
      await begin({ script: [{ text: 'one' }, { text: 'two' }] });
      const thread = codex().startThread(options());
      const first = await thread.run('first');
      const { id } = thread;
      const second = await thread.run('second');
      assert.deepEqual(first, {
        items: [{ id: 'item_0', type: 'agent_message', text: 'one' }],
        finalResponse: 'one',
        usage: {
          input_tokens: 100,
          cached_input_tokens: 0,
          cache_write_input_tokens: 0,
          output_tokens: 20,
          reasoning_output_tokens: 0,
        },
      });
      assert.ok(id);
      assert.deepEqual([thread.id, second.finalResponse], [id, 'two']);
      assert.deepEqual(saidBy(world.model.requests[1]), ['first', 'second']);
    });

    it('streams commands and patches', async () => {
      await begin({
        script: [
          { call: 'exec_command', args: { cmd: 'echo hi' } },
          { freeform: 'apply_patch', input: patch },
          { text: 'done' },
        ],
      });
      const thread = codex().startThread(
        options({ sandboxMode: 'workspace-write', approvalPolicy: 'never', networkAccessEnabled: false }),
      );
      const { events } = await thread.runStreamed('go');
      const seen = (await all<SdkEvent>(events)).map(({ type, item }) => (item ? `${type} ${item.type}` : type));
      assert.deepEqual(seen, [
        'thread.started',
        'turn.started',
        'item.started command_execution',
        'item.completed command_execution',
        'item.started file_change',
        'item.completed file_change',
        'item.completed agent_message',
        'turn.completed',
      ]);
      assert.equal(readFileSync(world.at('b.txt'), 'utf8'), 'new\n');
    });

    it('resumes a thread by its id with settings of its own', async () => {
      await begin({ script: [{ text: 'one' }, { text: 'two' }] });
      const thread = codex().startThread(options({ model: 'first-model' }));
      await thread.run('first');
      const again = codex().resumeThread(
        String(thread.id),
        options({ model: 'second-model', modelReasoningEffort: 'high' }),
      );
      const { finalResponse } = await again.run('second');
      const [before, after] = world.model.requests;
      assert.deepEqual([finalResponse, again.id, saidBy(after)], ['two', thread.id, ['first', 'second']]);
      assert.deepEqual([before?.body.model, after?.body.model], ['first-model', 'second-model']);
      assert.deepEqual((after?.body.reasoning as { effort?: string } | undefined)?.effort, 'high');
    });

    it('sends images and a schema', async () => {
      await begin({ script: [{ text: '{"a":1}' }, { text: '{"a":2}' }], files: { 'a.png': png } });
      const thread = codex().startThread(options());
      const input = [
        { type: 'text' as const, text: 'what is it?' },
        { type: 'local_image' as const, path: world.at('a.png') },
      ];
      const { finalResponse } = await thread.run(input, { outputSchema: schema });
      // On a thread that exists the images stand behind its id.
      await thread.run(input, { outputSchema: schema });
      assert.equal(finalResponse, '{"a":1}');
      for (const request of world.model.requests) {
        assert.deepEqual(
          contentOf(request).map(({ text, image_url }) => text ?? image_url),
          [image, 'what is it?'],
        );
        assert.deepEqual(formatOf(request), schema);
      }
    });

    it('takes a key and an address from the program', async () => {
      await begin({ script: [{ text: 'ok' }], withoutModel: true, apiKey: 'sdk-key' });
      const thread = codex({ apiKey: 'sdk-key', baseUrl: world.model.baseUrl }).startThread(
        options({ model: 'gpt-5.5', additionalDirectories: [world.root], webSearchMode: 'disabled' }),
      );
      assert.equal((await thread.run('go')).finalResponse, 'ok');
    });

    it('hears why a turn failed, and why there was none', async () => {
      await begin({
        script: () => ({ status: 401, body: { error: { message: 'bad key', code: 'invalid_api_key' } } }),
      });
      await assert.rejects(codex().startThread(options()).run('go'), /bad key/);
      await assert.rejects(
        codex()
          .startThread(options({ skipGitRepoCheck: false }))
          .run('go'),
        /Codex Exec exited with code 1: Not inside a trusted directory/,
      );
    });

    it('is stopped by its signal', async () => {
      const held = gate();
      await begin({ script: [{ text: ['half', held] }] });
      const controller = new AbortController();
      const running = codex().startThread(options()).run('go', { signal: controller.signal });
      await held.reached;
      controller.abort();
      await assert.rejects(running, { name: 'AbortError' });
      assert.equal(await world.model.requests[0]?.ended, true);
      held.open();
    });
  });

  describe('ai-sdk-provider-codex-app-server', () => {
    const models: ProviderModel[] = [];
    const modelOf = (settings: Record<string, unknown> = {}): ProviderModel => {
      const defaultSettings = { codexPath: program, cwd: world.workspace, env: env(), logger: false, ...settings };
      const model = clients.provider.createCodexAppServer({ defaultSettings })('gpt-5.5');
      models.push(model);
      return model;
    };

    afterEach(() => {
      for (const model of models.splice(0)) model.dispose();
    });

    it('generates text, turn after turn of one thread', async () => {
      await begin({ script: [{ text: 'one' }, { text: 'two' }] });
      const model = modelOf();
      const { generateText } = clients.ai;
      const first = await generateText({ model, prompt: 'first', system: 'Be brief.' });
      const second = await generateText({ model, prompt: 'second' });
      assert.deepEqual([first.text, first.finishReason, second.text], ['one', 'stop', 'two']);
      const [, request] = world.model.requests;
      assert.deepEqual(saidBy(request), ['first', 'second']);
      assert.match(JSON.stringify(request?.body.input), /Be brief\./);
    });

    it('streams text, commands and patches', async () => {
      await begin({
        script: [
          { call: 'exec_command', args: { cmd: 'echo hi' } },
          { freeform: 'apply_patch', input: patch },
          { text: ['all ', 'done'] },
        ],
      });
      const model = modelOf({ approvalMode: 'never', sandboxMode: 'workspace-write' });
      const parts = await all<StreamPart>(clients.ai.streamText({ model, prompt: 'go' }).fullStream);
      assert.deepEqual(
        parts
          .filter(({ type }) => /^(tool-call|tool-result|text-delta|finish)$/.test(type))
          .map((part) => part.text ?? part.toolName ?? part.finishReason),
        ['exec', 'exec', 'patch', 'patch', 'all ', 'done', 'stop'],
      );
      assert.equal(readFileSync(world.at('b.txt'), 'utf8'), 'new\n');
    });

    it('resumes a thread from another process', async () => {
      await begin({ script: [{ text: 'one' }, { text: 'two' }] });
      const before = modelOf();
      await clients.ai.generateText({ model: before, prompt: 'first' });
      const resume = before.getSession()?.threadId;
      before.dispose();
      const after = modelOf({ resume });
      const { text } = await clients.ai.generateText({ model: after, prompt: 'second' });
      assert.deepEqual([text, after.getSession()?.threadId], ['two', resume]);
      assert.deepEqual(saidBy(world.model.requests[1]), ['first', 'second']);
    });

    it('sends images and a schema', async () => {
      await begin({ script: [{ text: '{"a":1}' }] });
      const { ai } = clients;
      const content = [
        { type: 'image', image: new Uint8Array(png), mediaType: 'image/png' },
        { type: 'text', text: 'what is it?' },
      ];
      const output = ai.Output.object({ schema: ai.jsonSchema(schema) });
      const result = await ai.generateText({ model: modelOf(), messages: [{ role: 'user', content }], output });
      assert.deepEqual(result.output, { a: 1 });
      assert.deepEqual(
        contentOf(world.model.requests[0]).map(({ text, image_url }) => text ?? image_url),
        [image, 'what is it?'],
      );
      assert.deepEqual(formatOf(world.model.requests[0]), schema);
    });

    it('interrupts a turn, and goes on with the thread', async () => {
      const held = gate();
      await begin({ script: [{ text: ['half', held] }, { text: 'again' }] });
      const model = modelOf();
      const { text } = clients.ai.streamText({ model, prompt: 'go' });
      await held.reached;
      await model.getSession()?.interrupt();
      assert.equal(await text, 'half');
      assert.equal(await world.model.requests[0]?.ended, true);
      assert.equal((await clients.ai.generateText({ model, prompt: 'more' })).text, 'again');
      held.open();
    });

    it('adds a message to a turn that runs', async () => {
      const held = gate();
      await begin({ script: [{ text: ['half ', held] }, { text: 'steered' }] });
      const model = modelOf();
      const { text } = clients.ai.streamText({ model, prompt: 'go' });
      await held.reached;
      await model.getSession()?.injectMessage('rather this');
      assert.match(await text, /steered$/);
      assert.equal(saidBy(world.model.requests[1]).at(-1), 'rather this');
      held.open();
    });

    it('hears why a turn failed', async () => {
      await begin({
        script: () => ({ status: 401, body: { error: { message: 'bad key', code: 'invalid_api_key' } } }),
      });
      const { text, finishReason } = await clients.ai.generateText({ model: modelOf(), prompt: 'go' });
      assert.equal(finishReason, 'error');
      assert.match(text, /^Error: /);
    });

    it('lists the models', async () => {
      await begin({});
      const { models: listed } = await clients.provider.listModels({ codexPath: program, env: env() });
      assert.ok(listed.some(({ model }) => model === 'gpt-5.5'));
    });
  });
});
