/** The built core on its listeners: many clients, those that come back, who may connect, and how it ends. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import path from 'node:path';
import { Duplex } from 'node:stream';
import { SignJWT } from 'jose';
import { WebSocket } from 'ws';
import type { ThreadItem, Turn } from '../../agent-core/protocol/index.ts';
import type { Message } from '../support/core-process.ts';
import { ListeningCore } from '../support/listening-core.ts';
import { gate, type Script } from '../support/model-server/index.ts';
import {
  beginSession,
  clientInfo,
  connectHttp,
  connectWebSocket,
  exchange,
  type Headers,
  type WireClient,
} from '../support/wire-client.ts';
import { World } from './world.ts';

const WS = ['--listen', 'ws://127.0.0.1:0'];
const HTTP = ['--listen', 'http://127.0.0.1:0'];
const SECRET = 'a secret of more than thirty-two bytes';

/** Notifications that tell of items, without their times. */
const itemEvents = (messages: readonly Message[]) =>
  messages
    .filter(({ method }) => method?.startsWith('item/') || method === 'turn/completed')
    .map(({ method, params }) => ({ method, params }));

describe('transports', function () {
  this.timeout(60_000);
  let world: World;
  let cores: ListeningCore[];

  const begin = async (script: Script = []): Promise<void> => {
    world = await World.create({ script });
    cores = [];
  };

  const options = (args: readonly string[]) => ({ home: world.home, cwd: world.workspace, args });

  const start = async (args: readonly string[], env: Record<string, string> = {}): Promise<ListeningCore> => {
    const core = await ListeningCore.start({ ...options(args), env });
    cores.push(core);
    return core;
  };

  /** Exit code and stderr of a core that does not come up. */
  const failure = async (...args: string[]): Promise<string> => {
    const core = ListeningCore.spawn(options(args));
    cores.push(core);
    return `${await core.exited} ${core.stderr}`;
  };

  const connect = async (core: ListeningCore, headers: Headers = {}): Promise<WireClient> => {
    if (core.url.startsWith('http')) return connectHttp(core.url, { headers });
    const client = await connectWebSocket(core.url, headers);
    await client.initialize();
    return client;
  };

  const startThread = async (client: WireClient): Promise<string> =>
    (await client.request('thread/start', { cwd: world.workspace, approvalPolicy: 'never' })).thread.id;

  const startTurn = (client: WireClient, threadId: string) =>
    client.request('turn/start', { threadId, input: [{ type: 'text', text: 'go' }] });

  afterEach(async () => {
    await Promise.all(cores.map((core) => core.kill()));
    assert.deepEqual(await world.close(), []);
  });

  const kinds: [string, () => string[]][] = [
    ['ws://', () => WS],
    ['unix://', () => ['--listen', `unix://${path.join(world.root, 'core.sock')}`]],
    ['http://', () => HTTP],
  ];

  for (const [kind, args] of kinds) {
    it(`serves many clients on ${kind}, who see the same events of a thread`, async () => {
      await begin([{ text: ['Hel', 'lo'] }]);
      const core = await start(args());
      const [one, two, stranger] = await Promise.all([connect(core), connect(core), connect(core)]);
      const threadId = await startThread(one);
      // Only a thread that had a turn is on disk; a loaded one can be followed all the same.
      await two.request('thread/resume', { threadId });
      await startTurn(one, threadId);
      await Promise.all([one.notification('turn/completed'), two.notification('turn/completed')]);
      assert.deepEqual(itemEvents(two.messages), itemEvents(one.messages));
      assert.ok(itemEvents(one.messages).length > 5);
      assert.deepEqual(itemEvents(stranger.messages), []);
      assert.deepEqual((await stranger.request('thread/loaded/list', {})).data, [threadId]);
    });

    it(`shows a client that lost ${kind} in mid-turn what one sees that stayed`, async () => {
      const hold = gate();
      await begin([{ text: ['Once ', 'upon ', hold, 'a ', 'time'], id: 'msg_1' }]);
      const core = await start(args());
      const [lost, stayed] = [await connect(core), await connect(core)];
      const threadId = await startThread(lost);
      await stayed.request('thread/resume', { threadId });
      await startTurn(lost, threadId);
      const isUpon = (message: Message) => JSON.stringify(message).includes('"delta":"upon "');
      await Promise.all([hold.reached, lost.waitFor(isUpon)]);
      lost.close();
      await lost.closed;

      const back = await connect(core);
      const { thread } = await back.request('thread/resume', { threadId });
      const items = thread.turns.at(-1)?.items ?? [];
      assert.deepEqual(
        items.map((item) => [item.type, item.type === 'agentMessage' ? item.text : null]),
        [
          ['userMessage', null],
          ['agentMessage', 'Once upon '],
        ],
      );
      const atResume = stayed.messages.length;
      hold.open();
      await Promise.all([back.notification('turn/completed'), stayed.notification('turn/completed')]);
      assert.deepEqual(itemEvents(back.messages), itemEvents(stayed.messages.slice(atResume)));
      assert.deepEqual(shown(items, back.messages), shown([], stayed.messages));
      assert.equal(shown([], stayed.messages).at(-1), 'Once upon a time');
    });
  }

  it('asks a client that comes back what was open when it was lost, and tells the others that it is settled', async () => {
    await begin([{ call: 'exec_command', args: { cmd: 'echo asked' } }, { text: 'ok' }]);
    const core = await start(WS);
    const [lost, stayed] = [await connect(core), await connect(core)];
    const params = {
      cwd: world.workspace,
      approvalPolicy: 'untrusted' as const,
      sandbox: 'danger-full-access' as const,
    };
    const threadId = (await lost.request('thread/start', params)).thread.id;
    await stayed.request('thread/resume', { threadId });
    await startTurn(lost, threadId);
    const isQuestion = ({ method }: Message) => method === 'item/commandExecution/requestApproval';
    const [, seen] = await Promise.all([lost.waitFor(isQuestion), stayed.waitFor(isQuestion)]);
    lost.close();
    await lost.closed;

    const back = await connect(core);
    const { thread } = await back.request('thread/resume', { threadId });
    assert.deepEqual(thread.status, { type: 'active', activeFlags: ['waitingOnApproval'] });
    const { id } = await back.waitFor(isQuestion);
    back.send(JSON.stringify({ id, result: { decision: 'accept' } }));
    assert.deepEqual(await stayed.notification('serverRequest/resolved'), { threadId, requestId: seen.id });
    const { turn } = (await stayed.notification('turn/completed')) as { turn: Turn };
    assert.equal(turn.status, 'completed');
  });

  it('gives a client that comes back on a session each event once, in order', async () => {
    const hold = gate();
    await begin([{ text: ['a', 'b', hold, 'c', 'd'] }]);
    const core = await start(HTTP);
    const first = await connectHttp(core.url);
    const observer = await connect(core);
    const threadId = await startThread(first);
    await observer.request('thread/resume', { threadId });
    await startTurn(first, threadId);
    await first.waitFor((message) => JSON.stringify(message).includes('"delta":"b"'));
    const { sessionId, lastEventId } = first;
    first.close();
    await first.closed;
    hold.open();
    await observer.notification('turn/completed');
    const second = await connectHttp(core.url, { sessionId, lastEventId });
    await second.notification('turn/completed');
    assert.deepEqual(itemEvents([...first.messages, ...second.messages]), itemEvents(observer.messages));

    // From an older place on the same comes again, and without one only what was never sent.
    const third = await connectHttp(core.url, { sessionId, lastEventId: '1' });
    await third.notification('turn/completed');
    assert.deepEqual(third.messages, [...first.messages.slice(1), ...second.messages].slice(0, third.messages.length));
    const fourth = await connectHttp(core.url, { sessionId });
    assert.equal(await third.closed, 'broken');
    assert.deepEqual((await fourth.request('thread/loaded/list', {})).data, [threadId]);
    assert.equal(fourth.messages.length, 1);
  });

  it('says that events are gone, and that the session is', async () => {
    await begin();
    const core = await start(HTTP);
    const session = async (): Promise<Headers> => ({ 'gantry-session-id': await beginSession(core.url) });
    const refused = async (method: string, headers: Headers, body = ''): Promise<string> => {
      const answer = await exchange(core.url, method, headers, body);
      return `${answer.status} ${JSON.parse(answer.body).error.message}`;
    };
    const ahead = await session();
    assert.match(await refused('GET', { ...ahead, 'last-event-id': '99' }), /^410 The events after 99 are not kept/);
    assert.match(await refused('GET', ahead), /^404 There is no such session \(any more\).* then send thread\/resume/);

    const gone = await session();
    assert.equal((await exchange(core.url, 'DELETE', gone)).status, 204);
    for (const method of ['GET', 'POST', 'DELETE']) assert.match(await refused(method, gone), /^404 /);

    assert.match(await refused('GET', {}), /^400 The header Gantry-Session-Id is missing/);
    const list = JSON.stringify({ id: 1, method: 'thread/list', params: {} });
    assert.match(await refused('POST', {}, list), /^400 The first message of a session must be initialize/);
    assert.match(await refused('PUT', {}), /^405 /);
    assert.equal((await exchange(`${core.httpUrl}/elsewhere`, 'GET')).status, 404);
  });

  it('forgets old events, and ends the session of a client that wants them', async () => {
    await begin();
    world.write('large.txt', 'x'.repeat(3_000_000));
    const core = await start(HTTP);
    const client = await connectHttp(core.url);
    const read = () => client.raw('fs/readFile', { path: world.at('large.txt') });
    const { sessionId } = client;
    for (let count = 0; count < 4; count++) await read();
    const headers = { 'gantry-session-id': sessionId, 'last-event-id': '1' };
    const answer = await exchange(core.url, 'GET', headers);
    assert.equal(answer.status, 410);
    assert.match(await client.closed, /ended/);
  });

  it('ends a session that nobody uses', async () => {
    await begin();
    const core = await start([...HTTP, '--http-idle-seconds', '0'], { GANTRY_LOG: 'info' });
    const sessionId = await beginSession(core.url);
    await core.says(/the session ended, for nobody used it/);
    assert.equal((await exchange(core.url, 'GET', { 'gantry-session-id': sessionId })).status, 404);
  });

  for (const [kind, args] of [kinds[0], kinds[2]] as typeof kinds) {
    it(`wants the capability token on ${kind}, and answers probes without one`, async () => {
      await begin();
      const token = path.join(world.root, 'token');
      writeFileSync(token, 'sesame\n');
      const core = await start([...args(), '--ws-auth', 'capability-token', '--ws-token-file', token]);
      await assert.rejects(connect(core), /401/);
      await assert.rejects(connect(core, { authorization: 'Bearer wrong' }), /401/);
      const client = await connect(core, { authorization: 'Bearer sesame' });
      assert.deepEqual((await client.request('thread/loaded/list', {})).data, []);
      for (const probe of ['readyz', 'healthz']) {
        assert.equal((await exchange(`${core.httpUrl}/${probe}`, 'GET')).status, 200);
        assert.equal((await exchange(`${core.httpUrl}/${probe}`, 'POST')).status, 405);
      }
    });

    it(`wants a signed token on ${kind}`, async () => {
      await begin();
      const file = path.join(world.root, 'secret');
      writeFileSync(file, SECRET);
      const signed = ['--ws-auth', 'signed-bearer-token', '--ws-shared-secret-file', file, '--ws-audience', 'gantry'];
      const core = await start([...args(), ...signed]);
      const token = (audience: string) =>
        new SignJWT({ aud: audience })
          .setProtectedHeader({ alg: 'HS256' })
          .setExpirationTime('1h')
          .sign(new TextEncoder().encode(SECRET));
      await assert.rejects(connect(core, { authorization: `Bearer ${await token('other')}` }), /401/);
      const client = await connect(core, { authorization: `Bearer ${await token('gantry')}` });
      assert.deepEqual((await client.request('thread/loaded/list', {})).data, []);
    });

    it(`refuses web pages on ${kind}`, async () => {
      await begin();
      const core = await start(args());
      const origin = { origin: 'http://127.0.0.1' };
      await assert.rejects(connect(core, origin), /403/);
      assert.equal((await exchange(`${core.httpUrl}/readyz`, 'GET', origin)).status, 403);
    });
  }

  for (const [kind, args] of kinds) {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      it(`ends with 0 and a clean close on ${kind} at ${signal}, in mid-turn too`, async () => {
        const hold = gate();
        await begin([{ text: ['a', hold] }]);
        const core = await start(args());
        const client = await connect(core);
        await startTurn(client, await startThread(client));
        await hold.reached;
        assert.equal(await core.kill(signal), 0);
        const { turn } = (await client.notification('turn/completed')) as { turn: Turn };
        assert.equal(turn.status, 'interrupted');
        assert.equal(await client.closed, kind === 'http://' ? 'ended' : '1001 The agent was ended.');
        assert.equal(existsSync(path.join(world.root, 'core.sock')), false);
      });
    }
  }

  it('takes a socket over from a core that was killed, and from nobody else', async () => {
    await begin();
    const socket = path.join(world.root, 'folder', 'core.sock');
    const args = ['--listen', `unix://${socket}`];
    const first = await start(args);
    assert.equal(statSync(socket).mode & 0o777, 0o600);
    assert.equal(statSync(path.dirname(socket)).mode & 0o777, 0o700);
    assert.match(await failure(...args), /^1 gantry: .*core\.sock is in use by a core that runs/);
    assert.ok((await connect(first)) instanceof Object);
    await first.kill();
    assert.equal(existsSync(socket), true);
    const second = await start(args);
    await connect(second);
    await second.kill('SIGTERM');

    writeFileSync(socket, 'mine');
    assert.match(await failure(...args), /^1 gantry: .*core\.sock exists and is no socket/);
    assert.match(await failure('--listen', `unix:///${'x'.repeat(200)}`), /^1 gantry: .* is too long for a socket/);
  });

  it('listens below the home by default', async () => {
    await begin();
    mkdirSync(path.join(world.home, 'app-server-control'));
    chmodSync(path.join(world.home, 'app-server-control'), 0o700);
    const core = await start(['--listen', 'unix://']);
    assert.equal(core.url, `unix://${world.home}/app-server-control/app-server-control.sock`);
    await connect(core);
  });

  it('is reached through a proxy on stdin and stdout', async () => {
    await begin();
    const core = await start(['--listen', 'unix://']);
    const program = path.join(import.meta.dirname, '../../dist/gantry.js');
    const env = { PATH: process.env.PATH, GANTRY_HOME: world.home };
    const child = spawn(process.execPath, [program, 'app-server', 'proxy'], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
    const socket = new WebSocket('ws://core/', {
      // What a socket has and a stream has not, and ws wants to set.
      createConnection: () =>
        Object.assign(stream, { setTimeout: () => stream, setNoDelay: () => stream }) as unknown as Socket,
    });
    await once(socket, 'open');
    socket.send(JSON.stringify({ id: 1, method: 'initialize', params: { clientInfo } }));
    const [answer] = await once(socket, 'message');
    assert.equal(JSON.parse(String(answer)).result.codexHome, world.home);
    await core.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    const none = spawnSync(process.execPath, [program, 'app-server', 'proxy'], { env, encoding: 'utf8' });
    assert.equal(none.status, 1);
    assert.match(none.stderr, /^gantry: no core listens at .*app-server-control\.sock .*; start one with/);
  });

  it('says in one sentence why it does not listen', async () => {
    await begin();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = typeof address === 'object' ? address?.port : 0;
    assert.match(
      await failure('--listen', `ws://127.0.0.1:${port}`),
      /^1 gantry: 127\.0\.0\.1:\d+ cannot be listened on: .*EADDRINUSE.*\n$/,
    );
    await new Promise((resolve) => taken.close(resolve));
    assert.match(
      await failure('--listen', 'ws://0.0.0.0:0'),
      /^2 gantry: other machines can reach ws:\/\/0\.0\.0\.0:0/,
    );
    const absent = ['--ws-auth', 'capability-token', '--ws-token-file', '/does/not/exist'];
    assert.match(await failure(...WS, ...absent), /^1 gantry: \/does\/not\/exist .* cannot be read: ENOENT/);
  });
});

/** What a client shows in the end that starts from `items` and then hears `messages`: the texts of the messages. */
function shown(items: Turn['items'], messages: readonly Message[]): string[] {
  const texts = new Map<string, string>();
  const text = (item: Turn['items'][number]): string => (item.type === 'agentMessage' ? item.text : String(item.type));
  for (const item of items) texts.set(item.id, text(item));
  for (const { method, params } of messages) {
    const { item, itemId, delta } = (params ?? {}) as { item?: ThreadItem; itemId?: string; delta?: string };
    if (method === 'item/started' && item) texts.set(item.id, text(item));
    if (method === 'item/agentMessage/delta' && itemId) texts.set(itemId, `${texts.get(itemId)}${delta}`);
  }
  return [...texts.values()];
}
