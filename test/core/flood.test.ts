/** Too much at once, and what is broken, over each transport: all is answered, and memory stays bounded. */
import assert from 'node:assert/strict';
import path from 'node:path';
import type { Message } from '../support/core-process.ts';
import { ListeningCore } from '../support/listening-core.ts';
import type { RecordedRequest, Reply } from '../support/model-server/index.ts';
import { connectHttp, connectStdio, connectWebSocket, type WireClient } from '../support/wire-client.ts';
import { World } from './world.ts';

const REQUESTS = 10_000;
const OVERLOADED = { code: -32001, message: 'Server overloaded; retry later.' };
const TOO_LONG = 65 * 1024 * 1024;

/** What the core may take at its peak while a client does not read, in MB; at rest it is about 100. */
const MOST_MEMORY = 600;
const COMMANDS = 50;
/** Each prints 4 MiB, of which 1 MiB is shown as it comes and again when it has ended: over 100 MB for a client. */
const LOUD = { cmd: 'head -c 4194304 /dev/zero | tr "\\0" x', max_output_tokens: 100 };

/** Runs the loud command `COMMANDS` times, then says that it is done. */
function loudModel(): (request: RecordedRequest) => Reply {
  let calls = 0;
  return () => (calls++ < COMMANDS ? { call: 'exec_command', args: LOUD } : { text: 'done' });
}

const methods = (messages: readonly Message[]) => messages.map(({ method, params }) => ({ method, params }));

describe('floods', function () {
  this.timeout(120_000);
  let world: World;
  let core: ListeningCore | null = null;
  let clients: WireClient[] = [];

  const keep = <C extends WireClient>(client: C): C => {
    clients.push(client);
    return client;
  };

  const listen = async (url: string, env: Record<string, string> = {}): Promise<ListeningCore> => {
    core = await ListeningCore.start({ home: world.home, cwd: world.workspace, args: ['--listen', url], env });
    return core;
  };

  const overWebSocket = async (to: ListeningCore): Promise<WireClient> => {
    const client = keep(await connectWebSocket(to.url));
    await client.initialize();
    return client;
  };

  /** An initialized client, and how it sends many lines at once. */
  const transports: Record<
    string,
    () => Promise<{ client: WireClient; sendAll: (lines: (string | Buffer)[]) => void }>
  > = {
    async 'stdio://'() {
      const client = keep(connectStdio({ home: world.home, cwd: world.workspace }));
      await client.initialize();
      return { client, sendAll: (lines) => client.send(joined(lines)) };
    },
    async 'ws://'() {
      const client = await overWebSocket(await listen('ws://127.0.0.1:0'));
      return { client, sendAll: (lines) => lines.forEach((line) => void client.send(line)) };
    },
    async 'unix://'() {
      const client = await overWebSocket(await listen(`unix://${path.join(world.root, 'core.sock')}`));
      return { client, sendAll: (lines) => lines.forEach((line) => void client.send(line)) };
    },
    async 'http://'() {
      const client = keep(await connectHttp((await listen('http://127.0.0.1:0')).url));
      await client.waitFor(({ id }) => id === 'init');
      return { client, sendAll: (lines) => client.send(joined(lines)) };
    },
  };

  afterEach(async () => {
    for (const client of clients) client.close();
    clients = [];
    await core?.kill();
    core = null;
    await world.close();
  });

  for (const [kind, open] of Object.entries(transports)) {
    it(`answers each of ${REQUESTS} requests that are sent at once on ${kind}`, async () => {
      world = await World.create();
      const { client, sendAll } = await open();
      const ids = Array.from({ length: REQUESTS }, (_, id) => id);
      sendAll(ids.map((id) => JSON.stringify({ id, method: 'thread/list', params: {} })));
      const answers = new Map<number, Message>();
      for (const id of ids) {
        const answer = await client.waitFor((message) => message.id === id);
        assert.equal(answers.has(id), false);
        answers.set(id, answer);
      }
      const refused = [...answers.values()].flatMap(({ error }) => (error ? [error] : []));
      assert.deepEqual(
        refused,
        refused.map(() => OVERLOADED),
      );
      assert.equal(client.messages.filter(({ id }) => typeof id === 'number').length, REQUESTS);
      assert.deepEqual((await client.request('thread/loaded/list', {})).data, []);
    });

    it(`answers what is broken on ${kind}, and goes on`, async () => {
      world = await World.create();
      const { client, sendAll } = await open();
      const batch = 'Invalid request: batches are not supported, send one message a line';
      const deep = `{"id":"deep","method":"thread/start","params":{"config":${'{"a":'.repeat(99_999)}1${'}'.repeat(99_999)}}}`;
      const cases: [string | Buffer, string | number | null, number, RegExp][] = [
        ['{"id":1,', null, -32700, /^Parse error/],
        ['{"id":2,"method":"thread/list","params":{"cursor":"\u0000"}}', null, -32700, /^Parse error/],
        [Buffer.from([0x22, 0xff, 0xfe, 0x22]), null, -32600, /must be an object/],
        ['[]', null, -32600, new RegExp(batch)],
        ['[{"id":"b1","method":"thread/list"}]', 'b1', -32600, new RegExp(batch)],
        [deep, 'deep', -32600, /^Invalid request: it is nested deeper than 256 levels$/],
        ['['.repeat(1_000_000), null, -32600, /nested deeper/],
        [
          `{"id":"long","method":"x","params":"${'x'.repeat(TOO_LONG)}"}`,
          'long',
          -32600,
          /line is longer than 67108864/,
        ],
        [`{"method":"x","params":"${'x'.repeat(TOO_LONG)}","id":"end"}`, 'end', -32600, /line is longer than 67108864/],
        ['x'.repeat(TOO_LONG), null, -32600, /line is longer than 67108864/],
      ];
      for (const [line, id, code, message] of cases) {
        const before = client.messages.length;
        sendAll([line]);
        const answer = await client.waitFor((one) => client.messages.indexOf(one) >= before);
        assert.deepEqual([answer.id, answer.error?.code], [id, code], String(line.slice(0, 60)));
        assert.match(answer.error?.message ?? '', message);
      }
      const broken = Buffer.concat([
        Buffer.from('{"id":"utf8","method":"thread/read","params":{"threadId":"'),
        Buffer.from([0xc3, 0x28, 0xff]),
        Buffer.from('"}}'),
      ]);
      sendAll([broken]);
      const answer = await client.waitFor(({ id }) => id === 'utf8');
      assert.equal(answer.error?.message, 'invalid thread id: \ufffd(\ufffd is not a UUID');
      assert.deepEqual((await client.request('thread/loaded/list', {})).data, []);
    });
  }

  const loudTurn = async (client: WireClient): Promise<string> => {
    const { thread } = await client.request('thread/start', {
      cwd: world.workspace,
      approvalPolicy: 'never',
      sandbox: 'danger-full-access',
    });
    return thread.id;
  };

  const go = (client: WireClient, threadId: string) =>
    client.request('turn/start', { threadId, input: [{ type: 'text', text: 'go' }] });

  for (const url of ['ws://127.0.0.1:0', 'http://127.0.0.1:0']) {
    const kind = url.slice(0, url.indexOf('://'));
    it(`lets go of a ${kind} client that does not read, and of nothing else`, async () => {
      world = await World.create({ script: loudModel(), strict: false });
      const listening = await listen(url);
      const connect = async () => (kind === 'ws' ? overWebSocket(listening) : keep(await connectHttp(listening.url)));
      const [stuck, reader] = [await connect(), await connect()];
      const threadId = await loudTurn(reader);
      await stuck.request('thread/resume', { threadId });
      stuck.pause();
      await go(reader, threadId);
      await listening.says(/WARN test: The connection was closed because the other side does not read/);
      const { turn } = (await reader.notification('turn/completed')) as { turn: { status: string } };
      assert.equal(turn.status, 'completed');
      assert.equal(reader.messages.filter(({ method }) => method === 'item/completed').length, COMMANDS + 2);
      const { peak } = listening.memory;
      assert.ok(peak < MOST_MEMORY, `${peak} MB`);
      stuck.resume();
      await stuck.closed;
      const again = await connect();
      const { thread } = await again.request('thread/resume', { threadId });
      assert.equal(thread.turns.at(-1)?.items.length, COMMANDS + 2);
    });
  }

  it('works large answers out no faster than they are read', async () => {
    let calls = 0;
    const script = () => (calls++ < 10 ? { call: 'exec_command', args: LOUD } : { text: 'done' });
    world = await World.create({ script, strict: false });
    const listening = await listen('ws://127.0.0.1:0');
    const [slow, other] = [await overWebSocket(listening), await overWebSocket(listening)];
    const threadId = await loudTurn(other);
    await go(other, threadId);
    await other.notification('turn/completed');
    slow.pause();
    const ids = Array.from({ length: 30 }, (_, id) => id);
    for (const id of ids) {
      slow.send(JSON.stringify({ id, method: 'thread/read', params: { threadId, includeTurns: true } }));
    }
    await other.request('thread/loaded/list', {});
    slow.resume();
    for (const id of ids) {
      const { result } = await slow.waitFor((message) => message.id === id);
      assert.equal((result as { thread: { turns: unknown[] } }).thread.turns.length, 1);
    }
    const { peak } = listening.memory;
    assert.ok(peak < MOST_MEMORY, `${peak} MB`);
  });

  it('gives many large files to a client that reads, however slowly', async () => {
    world = await World.create({ files: { large: Buffer.alloc(20 * 1024 * 1024) } });
    const listening = await listen('ws://127.0.0.1:0');
    const [slow, other] = [await overWebSocket(listening), await overWebSocket(listening)];
    slow.pause();
    const ids = Array.from({ length: 14 }, (_, id) => id);
    const params = { path: world.at('large') };
    for (const id of ids) slow.send(JSON.stringify({ id, method: 'fs/readFile', params }));
    await other.request('fs/readFile', params);
    slow.resume();
    for (const id of ids) {
      const { error } = await slow.waitFor((message) => message.id === id);
      assert.equal(error, undefined);
    }
    const { peak } = listening.memory;
    assert.ok(peak < MOST_MEMORY, `${peak} MB`);
  });

  it('keeps everything, in order, for a client that reads on in time', async () => {
    let calls = 0;
    const script = () => (calls++ < 10 ? { call: 'exec_command', args: LOUD } : { text: 'done' });
    world = await World.create({ script, strict: false });
    const listening = await listen('ws://127.0.0.1:0');
    const [slow, reader] = [await overWebSocket(listening), await overWebSocket(listening)];
    const threadId = await loudTurn(reader);
    await slow.request('thread/resume', { threadId });
    const [slowFrom, readerFrom] = [slow.messages.length, reader.messages.length];
    slow.pause();
    await go(reader, threadId);
    await reader.notification('turn/completed');
    slow.resume();
    await slow.notification('turn/completed');
    const told = reader.messages.slice(readerFrom).filter(({ method }) => method !== undefined);
    assert.deepEqual(methods(slow.messages.slice(slowFrom)), methods(told));
  });

  it('ends a core on stdio whose client does not read', async () => {
    world = await World.create({ script: loudModel(), strict: false });
    const client = keep(connectStdio({ home: world.home, cwd: world.workspace }));
    await client.initialize();
    const threadId = await loudTurn(client);
    await go(client, threadId);
    client.pause();
    assert.match(
      await client.closed,
      /^0 .*WARN test: The connection was closed because the other side does not read/s,
    );
  });
});

function joined(lines: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(lines.flatMap((line, index) => [Buffer.from(index === 0 ? '' : '\n'), Buffer.from(line)]));
}
