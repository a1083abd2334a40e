import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { gate } from '../support/model-server/index.ts';
import { cleanUp, gantry, nextEvent, type Parts, startModel, stateWhere, waitFor, writeConfig } from './support.ts';

const gone = (pid: number) => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

describe('the core', () => {
  let parts: Parts;
  before(async () => {
    parts = await gantry();
    await stateWhere(parts, 'the core', ({ core }) => core.status === 'ready');
  });
  afterEach(() => cleanUp(parts));

  it('is started again after it was killed, and the open thread goes on', async () => {
    const hold = gate();
    const { server, stop } = await startModel(parts, {
      script: [{ text: 'first answer' }, [{ text: ['half ', hold] }], { text: 'third answer' }],
    });
    await parts.controller.send('one', []);
    await stateWhere(parts, 'the first turn', ({ thread }) => thread?.turns[0]?.status === 'completed');
    const threadId = parts.threads.threadId;
    await parts.controller.send('two', []);
    await hold.reached;
    const pid = parts.core.pid as number;
    const ready = nextEvent(parts.core.onReady);
    process.kill(pid, 'SIGKILL');
    const lost = await stateWhere(parts, 'the loss', ({ core }) => core.status === 'restarting');
    assert.match(lost.core.message ?? '', /SIGKILL/);
    assert.deepEqual(
      lost.thread?.turns.map(({ status }) => status),
      ['completed', 'interrupted'],
    );
    assert.equal((await ready).restarted, true);
    assert.notEqual(parts.core.pid, pid);
    hold.open();
    await stateWhere(parts, 'the thread', ({ core, thread }) => core.status === 'ready' && thread?.id === threadId);
    await parts.controller.send('three', []);
    const state = await stateWhere(
      parts,
      'the third turn',
      ({ thread }) => thread?.turns.at(-1)?.status === 'completed',
    );
    assert.equal(state.thread?.id, threadId);
    const said = state.thread?.items.flatMap(({ item }) => (item.type === 'userMessage' ? item.content : []));
    assert.deepEqual(
      said?.map((part) => (part.type === 'text' ? part.text : part.type)),
      ['one', 'two', 'three'],
    );
    assert.equal(server.requests.length, 3);
    await stop();
  });

  it('leaves nothing behind when it is restarted on request', async () => {
    const pid = parts.core.pid as number;
    await parts.core.restart();
    await stateWhere(parts, 'the core', ({ core }) => core.status === 'ready');
    assert.equal(gone(pid), true);
  });

  it('says where config.toml is wrong, and works on', async () => {
    await writeConfig(parts, 'model = "x"\nmodel_provider = \n');
    const state = await stateWhere(parts, 'the notice', ({ notices }) => notices.some(({ id }) => id === 'config-0'));
    const notice = state.notices.find(({ id }) => id === 'config-0');
    assert.match(notice?.text ?? '', /config\.toml, line 2/);
    assert.deepEqual(notice?.action, { label: 'Open config.toml', command: 'gantry.openConfig' });
    assert.equal(state.core.status, 'ready');
    await writeConfig(parts, '');
  });

  it('gives a message back that could not be delivered', async () => {
    const { stop } = await startModel(parts, { script: [] });
    const sent: unknown[] = [];
    const { send } = parts.panel;
    parts.panel.send = (message) => sent.push(message);
    const request = parts.core.client?.request;
    try {
      const client = parts.core.client;
      assert.ok(client);
      client.request = async () => Promise.reject(new Error('the pipe is full'));
      await parts.controller.send('precious words', []);
      assert.deepEqual(sent, [{ type: 'sendFailed', text: 'precious words', message: 'the pipe is full' }]);
    } finally {
      if (parts.core.client && request) Reflect.deleteProperty(parts.core.client, 'request');
      parts.panel.send = send;
      await stop();
    }
  });
});

describe('API keys', () => {
  const key = 'sk-test-0123456789';
  let parts: Parts;
  before(async () => {
    parts = await gantry();
  });
  afterEach(async () => {
    await parts.keys.remove('mock');
    await cleanUp(parts);
  });

  it('go from the secret storage over the pipe to the provider, and nowhere else', async () => {
    const { server, stop } = await startModel(parts, { script: [{ text: 'ok' }, { text: 'ok' }], apiKey: key });
    await parts.keys.set('mock', key);
    assert.equal(await parts.extension.secrets.get('gantry.key.mock'), key);
    const send = async (text: string) => {
      await parts.controller.send(text, []);
      await stateWhere(parts, text, ({ thread }) => thread?.turns.at(-1)?.status === 'completed');
    };
    await send('with the key as it was set');
    const ready = nextEvent(parts.core.onReady);
    process.kill(parts.core.pid as number, 'SIGKILL');
    await ready;
    await stateWhere(parts, 'the thread', () => parts.core.client !== null);
    await send('with the key as a new core got it');
    assert.deepEqual(
      server.requests.map(({ headers }) => headers.authorization),
      [`Bearer ${key}`, `Bearer ${key}`],
    );
    const proc = `/proc/${parts.core.pid}`;
    if (
      await access(proc).then(
        () => true,
        () => false,
      )
    ) {
      const seen = await Promise.all(['environ', 'cmdline'].map((name) => readFile(`${proc}/${name}`, 'utf8')));
      assert.equal(seen.join('').includes(key), false);
    }
    assert.deepEqual(parts.keys.providers, ['mock']);
    await parts.keys.remove('mock');
    assert.deepEqual(parts.keys.providers, []);
    await waitFor(async () => (await parts.extension.secrets.get('gantry.key.mock')) === undefined);
    await stop();
  });
});
