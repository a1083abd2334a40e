/** The first lines, the gates, and what a broken or unfriendly client sends. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clientRequests } from '../../agent-core/protocol/index.ts';
import type { CoreProcess } from '../support/core-process.ts';
import { World, type WorldOptions } from './world.ts';

const ABSENT = '01a202be-513b-7b32-8c55-8213119e30f4';
const PROGRAM = path.join(import.meta.dirname, '../../dist/gantry.js');
const manifest = JSON.parse(readFileSync(path.join(import.meta.dirname, '../../package.json'), 'utf8'));

describe('handshake', function () {
  this.timeout(30_000);
  let world: World;
  let core: CoreProcess;

  const begin = async (options: WorldOptions = {}): Promise<void> => {
    world = await World.create(options);
    core = world.process();
  };

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('wants initialize first, once, with a client', async () => {
    await begin();
    const invalid = { code: -32600, message: 'Not initialized' };
    assert.deepEqual(await core.refusal('thread/list', {}), invalid);
    assert.deepEqual(await core.refusal('nope/method', {}), { code: -32601, message: 'Method not found: nope/method' });
    assert.match((await core.refusal('initialize', {})).message, /clientInfo/);
    const result = await core.initialize();
    assert.deepEqual(result, {
      userAgent: result.userAgent,
      codexHome: world.home,
      platformFamily: 'unix',
      platformOs: result.platformOs,
    });
    assert.match(result.userAgent, new RegExp(`^test/${manifest.version} \\(.+; .+\\) .* \\(test; 0\\.1\\.0\\)$`));
    const twice = await core.refusal('initialize', { clientInfo: { name: 'b', version: '2' } });
    assert.deepEqual(twice, { code: -32600, message: 'Already initialized' });
  });

  it('uses the errors that clients match on', async () => {
    await begin();
    await core.initialize();
    const messages = new Map<string, string>();
    for (const [method, params] of [
      ['thread/read', { threadId: ABSENT }],
      ['thread/resume', { threadId: ABSENT }],
      ['thread/archive', { threadId: ABSENT }],
      ['turn/start', { threadId: ABSENT, input: [] }],
      ['turn/interrupt', { threadId: ABSENT, turnId: 'x' }],
    ] as const) {
      const { code, message } = await core.refusal(method, params);
      assert.equal(code, -32600);
      messages.set(method, message);
    }
    assert.deepEqual(Object.fromEntries(messages), {
      'thread/read': `thread not loaded: ${ABSENT}`,
      'thread/resume': `no rollout found for thread id ${ABSENT}`,
      'thread/archive': `no rollout found for thread id ${ABSENT}`,
      'turn/start': `thread not found: ${ABSENT}`,
      'turn/interrupt': `thread not found: ${ABSENT}`,
    });
    assert.match((await core.refusal('thread/read', { threadId: 'not-a-uuid' })).message, /^invalid thread id/);
    const provider = await core.refusal('thread/start', { modelProvider: 'nope' });
    assert.match(provider.message, /^failed to load configuration: Model provider `nope` not found/);
    assert.match((await core.refusal('thread/start', { cwd: PROGRAM })).message, /is not a folder/);
    const wrong = await core.refusal('thread/start', { cwd: 5 });
    assert.equal(wrong.code, -32602);
    assert.match(wrong.message, /cwd/);
  });

  it('survives lines that are no messages, and answers those that can be answered', async () => {
    await begin();
    await core.initialize();
    const lines = [
      'this is not json',
      '{"id": 900, "method": "model/list"',
      '[1]',
      '{"id":902}',
      'null',
      '',
      '\u0000\uFFFF',
    ];
    core.sendText(`${lines.join('\n')}\n{"id":77777,"result":{}}\n{"method":"unknown/note","params":{}}\n`);
    core.send({ jsonrpc: '2.0', id: 'a string', method: 'thread/loaded/list', params: {} });
    const answer = await core.waitForMessage(({ id }) => id === 'a string');
    assert.deepEqual(answer.result, { data: [], nextCursor: null });
    const codes = core.messages.filter(({ error }) => error).map(({ id, error }) => [id, error?.code]);
    assert.deepEqual(codes, [
      [null, -32700],
      [null, -32700],
      [null, -32600],
      [902, -32600],
      [null, -32600],
      [null, -32700],
    ]);
  });

  it('answers every request of a flood', async () => {
    await begin();
    await core.initialize();
    const answers = await Promise.all(Array.from({ length: 3000 }, () => core.requestRaw('thread/list', {})));
    const codes = new Set(answers.map(({ error }) => error?.code ?? 0));
    assert.ok([...codes].every((code) => code === 0 || code === -32001));
    assert.deepEqual((await core.request('thread/loaded/list', {})).data, []);
  });

  it('keeps what is ours from clients that did not ask for it', async () => {
    await begin();
    await core.initialize({ experimentalApi: true });
    const refused = await core.refusal('gantry/status/read', {});
    assert.deepEqual(refused, { code: -32601, message: 'Method not found: gantry/status/read' });
    const second = await world.core({ gantry: {} });
    const status = await second.request('gantry/status/read', {});
    assert.deepEqual(Object.keys(status).sort(), ['config', 'home', 'sandbox', 'version']);
  });

  it('wants the capability for experimental fields', async () => {
    await begin();
    await core.initialize();
    const refused = await core.refusal('thread/start', { cwd: world.workspace, dynamicTools: [] });
    assert.deepEqual(refused, {
      code: -32600,
      message: 'thread/start.dynamicTools requires experimentalApi capability',
    });
  });

  it('leaves out the notifications that a client does not want', async () => {
    await begin({ script: [{ text: 'hi' }] });
    await core.initialize({ optOutNotificationMethods: ['item/agentMessage/delta', 'thread/started', 'bogus'] });
    const { thread } = await core.request('thread/start', { cwd: world.workspace });
    await core.turn(thread.id, 'go');
    const methods = new Set(core.messages.map(({ method }) => method));
    assert.equal(methods.has('item/agentMessage/delta') || methods.has('thread/started'), false);
    assert.ok(methods.has('item/completed'));
  });

  it('knows every method of the wire', async () => {
    await begin();
    await core.initialize({ experimentalApi: true });
    const failures = await Promise.all(
      Object.keys(clientRequests).map(async (method) => [method, (await core.requestRaw(method, 'wrong')).error]),
    );
    const unknown = failures.filter(([, error]) => typeof error === 'object' && error.code === -32601);
    assert.deepEqual(unknown, []);
  });

  it("says which methods need OpenAI's cloud", async () => {
    await begin();
    await core.initialize();
    assert.deepEqual(await core.refusal('plugin/list', {}), {
      code: -32600,
      message: "plugin/list needs OpenAI's cloud, which Gantry does not use.",
    });
  });

  it('is read-only in a folder that nobody trusts, and writes no trust', async () => {
    await begin();
    await core.initialize();
    const before = readFileSync(path.join(world.home, 'config.toml'), 'utf8');
    const untrusted = await core.request('thread/start', { cwd: world.workspace });
    assert.deepEqual([untrusted.sandbox.type, untrusted.approvalPolicy], ['readOnly', 'on-request']);
    const config = { projects: { [world.workspace]: { trust_level: 'trusted' } } };
    const trusted = await core.request('thread/start', { cwd: world.workspace, config });
    assert.equal(trusted.sandbox.type, 'workspaceWrite');
    assert.equal(readFileSync(path.join(world.home, 'config.toml'), 'utf8'), before);
  });

  it('lets the stricter word on trust win', async () => {
    await begin();
    world.writeConfig({ config: `[projects."${world.workspace}"]\ntrust_level = "untrusted"\n` });
    await core.initialize();
    const config = { projects: { [world.workspace]: { trust_level: 'trusted' } } };
    assert.equal((await core.request('thread/start', { cwd: world.workspace, config })).sandbox.type, 'readOnly');
  });

  it('says how to set a model when there is none', async () => {
    await begin({ withoutModel: true });
    await core.initialize();
    const refused = await core.refusal('thread/start', { cwd: world.workspace });
    assert.match(refused.message, /No model is set up\. Set an API key/);
  });

  it('shows the demo model behind the gate only', async () => {
    await begin({ withoutModel: true });
    await core.initialize({ gantry: {} });
    const { selected } = await core.request('gantry/model/list', {});
    assert.equal(selected?.source, 'demo');
    const started = await core.request('thread/start', { cwd: world.workspace });
    assert.deepEqual([started.modelProvider, started.model], ['demo', 'demo']);
    assert.equal((await core.turn(started.thread.id, 'hello')).status, 'completed');
  });

  it('tells file, line and what is expected of a broken config.toml, and goes on', async () => {
    await begin({ script: [{ text: 'still here' }], config: 'approval_policy = "sometimes"' });
    await core.initialize({ gantry: {} });
    const warning = await core.waitFor('configWarning');
    assert.equal(warning.path, path.join(world.home, 'config.toml'));
    assert.match(warning.summary, /config\.toml line 3/);
    assert.equal(warning.range?.start.line, 3);
    const { config } = await core.request('gantry/status/read', {});
    assert.equal(config.problems[0]?.line, 3);
    const { thread } = await core.request('thread/start', { cwd: world.workspace });
    assert.equal((await core.turn(thread.id, 'go')).status, 'completed');
  });

  it('takes a key over the wire, and shows it to no command', async () => {
    await begin({
      apiKey: 'from-the-editor',
      script: [{ call: 'exec_command', args: { cmd: 'env' } }, { text: 'ok' }],
    });
    core = world.process({ SCRIPTED_KEY: '' });
    await core.initialize({ gantry: { secrets: true } });
    await core.request('gantry/secret/set', { provider: 'scripted', key: 'from-the-editor' });
    const { thread } = await core.request('thread/start', { cwd: world.workspace });
    assert.equal((await core.turn(thread.id, 'go')).status, 'completed');
    assert.doesNotMatch(core.items('commandExecution')[0]?.aggregatedOutput ?? '', /from-the-editor/);
  });
});

describe('command line', () => {
  const gantry = (...args: string[]) => execFileSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' });

  it('prints its version and its help', () => {
    assert.equal(gantry('--version'), `gantry ${manifest.version}\n`);
    assert.match(gantry('--help'), /app-server/);
  });

  it('writes the types of the protocol', () => {
    const out = mkdtempSync(path.join(tmpdir(), 'gantry-types-'));
    try {
      execFileSync(process.execPath, [PROGRAM, 'app-server', 'generate-ts', '--out', out]);
      execFileSync(process.execPath, [PROGRAM, 'app-server', 'generate-json-schema', '--out', out]);
      const names = readdirSync(out).filter((name) => /^(Client|Server)(Request|Notification)\.(ts|json)$/.test(name));
      assert.deepEqual(names.sort(), [
        'ClientNotification.json',
        'ClientNotification.ts',
        'ClientRequest.json',
        'ClientRequest.ts',
        'ServerNotification.json',
        'ServerNotification.ts',
        'ServerRequest.json',
        'ServerRequest.ts',
      ]);
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  });

  it('says in one sentence what it does not know', () => {
    assert.throws(() => execFileSync(process.execPath, [PROGRAM, 'dance'], { encoding: 'utf8', stdio: 'pipe' }), {
      status: 2,
      stderr: 'gantry: there is no command "dance". See gantry --help.\n',
    });
    assert.throws(() => execFileSync(process.execPath, [PROGRAM, 'app-server', '--dance'], { stdio: 'pipe' }), {
      status: 2,
      stderr: Buffer.from('gantry: app-server does not know "--dance". See gantry app-server --help.\n'),
    });
  });
});
