import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { cleanUp, gantry, nextEvent, type Parts, restartCore, stateWhere, waitFor } from './support.ts';

type Step = { text?: string; call?: string; input?: unknown; error?: string; untilCancelled?: boolean };
type Part = { text?: string; call?: string; input?: unknown; result?: string[] };
type Provider = {
  script: Step[][];
  requests: { model: string; tools: string[]; messages: { role: number; content: Part[] }[] }[];
  cancelled: number;
  setModels(ids: string[]): void;
};

const SCRIPTED = { provider: 'host', model: 'gantry-test/scripted' };

describe('the models of the editor', () => {
  let parts: Parts;
  let provider: Provider;
  before(async () => {
    parts = await gantry();
    const extension = vscode.extensions.getExtension<Provider>('gantry-test.lm-provider');
    assert.ok(extension, 'the extension with the scripted models is not there');
    provider = await extension.activate();
    // What suites before this configured is in its file no more.
    await restartCore(parts);
    await offered();
  });
  beforeEach(() => {
    provider.requests.length = 0;
    provider.script.length = 0;
    provider.cancelled = 0;
  });
  afterEach(() => cleanUp(parts));
  after(async () => {
    // No model is picked again, as the suites after this expect.
    await parts.extension.globalState.update('gantry.model', undefined);
    parts.status.refresh();
  });

  const offered = () =>
    stateWhere(parts, 'the offer', ({ models }) => models.some(({ model }) => model === SCRIPTED.model));

  async function send(text: string, status = 'completed') {
    await parts.controller.setModel(SCRIPTED);
    await parts.controller.send(text, []);
    return stateWhere(parts, text, ({ thread }) => thread?.turns.at(-1)?.status === status);
  }

  it('are in the picker, and not used before they are picked', async () => {
    const { models, model } = await offered();
    assert.deepEqual(
      models
        .filter(({ provider: of }) => of === 'host')
        .map(({ model: id, displayName }) => [id, displayName])
        .sort(),
      [
        ['gantry-test/guarded', 'Test guarded'],
        ['gantry-test/scripted', 'Test scripted'],
      ],
    );
    assert.deepEqual(model, { provider: 'demo', model: 'demo' });
    await parts.controller.send('What can you do?', []);
    await stateWhere(parts, 'the answer', ({ thread }) => thread?.turns.at(-1)?.status === 'completed');
    assert.deepEqual(provider.requests, []);
  });

  it('stream an answer once picked', async () => {
    provider.script.push([{ text: 'Hello ' }, { text: 'you.' }]);
    const { thread, model } = await send('Hi');
    assert.deepEqual(model, SCRIPTED);
    const said = thread?.items.flatMap(({ item }) => (item.type === 'agentMessage' ? [item.text] : []));
    assert.deepEqual(said, ['Hello you.']);
    assert.deepEqual(
      provider.requests.map(({ model: id }) => id),
      ['scripted'],
    );
    assert.deepEqual(provider.requests[0]?.messages.at(-1)?.content.at(-1), { text: 'Hi' });
  });

  it('run tools, and are told the result', async () => {
    provider.script.push([{ call: 'exec_command', input: { cmd: 'echo from-$((40+2))' } }], [{ text: 'It says so.' }]);
    const { thread } = await send('Run it');
    const commands = thread?.items.flatMap(({ item }) =>
      item.type === 'commandExecution' ? [[item.status, item.exitCode, item.aggregatedOutput?.trim()]] : [],
    );
    assert.deepEqual(commands, [['completed', 0, 'from-42']]);
    assert.equal(provider.requests.length, 2);
    assert.equal(provider.requests[0]?.tools.includes('run_command'), true);
    const [call, result] = provider.requests[1]?.messages.slice(-2).map(({ content }) => content.at(-1)) ?? [];
    assert.deepEqual(call, { call: 'exec_command', input: { cmd: 'echo from-$((40+2))' } });
    assert.match(result?.result?.join('') ?? '', /from-42/);
  });

  it('stop when the person stops', async () => {
    provider.script.push([{ text: 'I begin ' }, { untilCancelled: true }]);
    await parts.controller.setModel(SCRIPTED);
    await parts.controller.send('Take your time', []);
    await stateWhere(parts, 'the beginning', ({ thread }) =>
      Boolean(thread?.items.some(({ item }) => item.type === 'agentMessage' && item.text === 'I begin ')),
    );
    await parts.threads.interrupt();
    await stateWhere(parts, 'the end', ({ thread }) => thread?.turns.at(-1)?.status === 'interrupted');
    await waitFor(() => provider.cancelled === 1, { what: 'the cancellation at the provider' });
  });

  it('stop when the core that asked is gone', async () => {
    provider.script.push([{ text: 'I begin ' }, { untilCancelled: true }]);
    await parts.controller.setModel(SCRIPTED);
    await parts.controller.send('Take your time', []);
    await waitFor(() => provider.requests.length === 1, { what: 'the request' });
    const ready = nextEvent(parts.core.onReady);
    process.kill(parts.core.pid as number, 'SIGKILL');
    await waitFor(() => provider.cancelled === 1, { what: 'the cancellation at the provider' });
    await ready;
    await stateWhere(parts, 'the core', ({ core }) => core.status === 'ready');
  });

  it('fail in their own words', async () => {
    // Asked again until the core gives up.
    for (let times = 0; times < 9; times++) provider.script.push([{ error: 'The quota of today is used up.' }]);
    const { thread } = await send('Hi', 'failed');
    const message = thread?.turns.at(-1)?.error?.message ?? '';
    assert.match(message, /Test scripted did not answer/);
    assert.match(message, /The quota of today is used up\./);
  });

  it('come and go with the extension that offers them', async () => {
    provider.setModels(['other']);
    await stateWhere(
      parts,
      'the other model',
      ({ models }) =>
        models
          .filter(({ provider: of }) => of === 'host')
          .map(({ model }) => model)
          .join() === 'gantry-test/other',
    );
    provider.setModels(['scripted', 'guarded']);
    await offered();
    await restartCore(parts);
    await offered();
  });
});
