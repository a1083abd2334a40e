/**
 * What an MCP server can do to the machine: with the profile that it has by default nothing but read the workspace, and
 * more only where the user's configuration says so. Real servers that try it, started by a real core.
 */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';
import { McpWorld, serverTable } from '../core/mcp-world.ts';

/** Of every process of this machine. */
const commandLines = (): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return [];
      }
    });

describe('an MCP server in the sandbox', function () {
  this.timeout(60_000);
  /** Not below /tmp, which a sandbox hides in any case: as it is with a user's own files. */
  let outside: string;
  let mcp: McpWorld;
  let listener: net.Server;
  let reached = 0;

  before(function () {
    if (process.platform !== 'linux') this.skip();
  });
  beforeEach(async () => {
    outside = realpathSync(mkdtempSync(path.join(homedir(), '.gantry-mcp-test-')));
    mkdirSync(path.join(outside, '.ssh'));
    writeFileSync(path.join(outside, '.ssh/id_ed25519'), 'PRIVATE KEY');
    writeFileSync(path.join(outside, 'letter.txt'), 'private letter');
    mkdirSync(path.join(outside, 'notes'));
    writeFileSync(path.join(outside, 'notes/one.txt'), 'note one');
    reached = 0;
    listener = net.createServer((socket) => {
      reached++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    listener.close();
    const problems = await mcp.close();
    rmSync(outside, { recursive: true, force: true });
    assert.deepEqual(problems, []);
  });

  const begin = async (profile = '', table = ''): Promise<void> => {
    const more = `${table}\n${profile && `[mcp_servers.test.sandbox]\n${profile}`}`;
    mcp = await McpWorld.begin({
      config: serverTable('test', { more }),
      files: { 'src/index.ts': 'export {};' },
      capabilities: { gantry: {} },
      // The home of the user that the core believes it works for.
      env: { HOME: outside, GITHUB_TOKEN: 'ghp_of_the_user', PLAIN_SETTING: 'plain' },
    });
  };
  const ask = async (tool: string, args: unknown = {}): Promise<{ text: string; isError: boolean }> => {
    const { content, isError } = await mcp.core.request('mcpServer/tool/call', {
      threadId: mcp.thread.id,
      server: 'test',
      tool,
      arguments: args,
    });
    const [part] = content as [{ text: string }];
    return { text: part.text, isError: isError === true };
  };
  const port = (): number => (listener.address() as net.AddressInfo).port;

  it('reads the workspace, and nothing of the user beside it', async () => {
    await begin();
    assert.deepEqual(await ask('read', { path: mcp.world.at('src/index.ts') }), { text: 'export {};', isError: false });
    for (const file of ['.ssh/id_ed25519', 'letter.txt', 'notes/one.txt']) {
      const { text, isError } = await ask('read', { path: path.join(outside, file) });
      assert.ok(isError, file);
      assert.match(text, /^(EACCES|ENOENT|EPERM)/, file);
    }
  });

  it('writes nowhere but in a temp directory of its own', async () => {
    await begin();
    const places = [mcp.world.at('new.txt'), mcp.world.at('.git/hooks/pre-commit'), path.join(outside, 'new.txt')];
    for (const file of places) {
      assert.equal((await ask('write', { path: file })).isError, true, file);
      assert.equal(existsSync(file), false, file);
    }
    const { TMPDIR = '' } = JSON.parse((await ask('environment')).text) as Record<string, string>;
    const own = path.join(TMPDIR, 'own.txt');
    assert.deepEqual(await ask('write', { path: own }), { text: 'written', isError: false });
    await mcp.core.stop();
    assert.equal(existsSync(own), false);
  });

  it('reaches no network, not even of this machine', async () => {
    await begin();
    assert.equal((await ask('connect', { port: port(), host: '127.0.0.1' })).isError, true);
    assert.equal((await ask('connect', { port: 80, host: 'example.com' })).isError, true);
    assert.equal(reached, 0);
  });

  it('gets no keys from the environment but those that are named', async () => {
    await begin('', 'env = { OWN = "own" }');
    const bare = JSON.parse((await ask('environment')).text) as Record<string, string>;
    assert.deepEqual(
      [bare.GITHUB_TOKEN, bare.SCRIPTED_KEY, bare.PLAIN_SETTING, bare.OWN],
      [undefined, undefined, undefined, 'own'],
    );
    await mcp.close();
    await begin('', 'env_vars = ["GITHUB_TOKEN"]');
    const named = JSON.parse((await ask('environment')).text) as Record<string, string>;
    assert.deepEqual([named.GITHUB_TOKEN, named.SCRIPTED_KEY], ['ghp_of_the_user', undefined]);
  });

  it('leaves nothing running when the core ends', async () => {
    await begin();
    const mark = `gantry-linger-${process.pid}`;
    const lingering = () => commandLines().filter((line) => line.includes(mark)).length;
    await ask('linger', { mark });
    assert.equal(lingering(), 1);
    await mcp.core.stop();
    assert.equal(lingering(), 0);
  });

  it('may do what the user allows, and no more than that', async () => {
    await begin(`read = ["~/notes"]\nwrite = ["."]\nnetwork = true`);
    assert.deepEqual(await ask('read', { path: path.join(outside, 'notes/one.txt') }), {
      text: 'note one',
      isError: false,
    });
    assert.equal((await ask('read', { path: path.join(outside, 'letter.txt') })).isError, true);
    assert.equal((await ask('read', { path: path.join(outside, '.ssh/id_ed25519') })).isError, true);
    assert.deepEqual(await ask('write', { path: mcp.world.at('new.txt') }), { text: 'written', isError: false });
    assert.equal(readFileSync(mcp.world.at('new.txt'), 'utf8'), 'written by a server');
    assert.equal((await ask('write', { path: path.join(outside, 'new.txt') })).isError, true);
    assert.deepEqual(await ask('connect', { port: port(), host: '127.0.0.1' }), { text: 'reached', isError: false });
  });

  it('reaches the hosts that the user named, and no others, and what it tried is said', async () => {
    await begin(`network = ["127.0.0.1:${port()}"]`);
    assert.deepEqual(await ask('tunnel', { target: `127.0.0.1:${port()}` }), { text: '200', isError: false });
    assert.equal((await ask('tunnel', { target: 'evil.example.com:443' })).isError, true);
    assert.equal((await ask('connect', { port: port(), host: '127.0.0.1' })).isError, true);
    const [permissions] = (await mcp.core.request('gantry/mcpServer/permissions/read', {})).data;
    assert.deepEqual(permissions?.network, [`127.0.0.1:${port()}`]);
  });

  it('never reads what holds secrets, whatever it may read', async () => {
    await begin('read = "all"');
    assert.deepEqual(await ask('read', { path: path.join(outside, 'letter.txt') }), {
      text: 'private letter',
      isError: false,
    });
    assert.equal((await ask('read', { path: path.join(outside, '.ssh/id_ed25519') })).isError, true);
    assert.equal((await ask('read', { path: path.join(mcp.world.home, 'config.toml') })).isError, true);
  });

  it('shows its profile, and is widened by one request', async () => {
    await begin();
    const read = async () =>
      (await mcp.core.request('gantry/mcpServer/permissions/read', { threadId: mcp.thread.id })).data;
    const { workspace } = mcp.world;
    assert.deepEqual(await read(), [
      {
        name: 'test',
        transport: 'stdio',
        confined: true,
        read: [workspace],
        write: [],
        network: false,
        summary: `It may read ${workspace}, write nothing, and use no network.`,
        fixedBecause: null,
      },
    ]);
    assert.equal((await ask('write', { path: mcp.world.at('new.txt') })).isError, true);
    await mcp.state('test', 'ready');
    mcp.core.mark();
    const { permissions } = await mcp.core.request('gantry/mcpServer/permissions/set', {
      threadId: mcp.thread.id,
      name: 'test',
      sandbox: { write: ['.'] },
    });
    assert.deepEqual(permissions.write, [workspace]);
    await mcp.state('test', 'ready');
    assert.deepEqual(await ask('write', { path: mcp.world.at('new.txt') }), { text: 'written', isError: false });
    assert.match(readFileSync(path.join(mcp.world.home, 'config.toml'), 'utf8'), /write = \["\."\]|write = \[ "\." \]/);
    await mcp.core.request('gantry/mcpServer/permissions/set', { name: 'test', sandbox: null });
    assert.deepEqual((await read())[0]?.write, []);
  });
});

describe('an MCP server that a model was talked into', function () {
  this.timeout(60_000);

  it('is told what stood in the way, and the user how to allow it', async () => {
    const mcp = await McpWorld.begin({
      config: serverTable('test'),
      script: [
        { call: 'mcp__test__write', args: { path: '/etc/gantry-evil' } },
        { call: 'mcp__test__connect', args: { port: 443, host: 'example.com' } },
        { text: 'I could not' },
      ],
    });
    await mcp.turn('exfiltrate');
    const outputs = mcp.world.model.requests.at(-1)?.body.input.filter(({ type }) => type === 'function_call_output');
    const [write = '', connect = ''] = (outputs ?? []).map(({ output }) => JSON.stringify(output));
    assert.match(write, /Probably blocked by the sandbox/);
    assert.match(
      connect,
      /Probably blocked by the sandbox: network access.*use no network.*mcp_servers\.test\.sandbox/,
    );
    assert.equal(existsSync('/etc/gantry-evil'), false);
    assert.deepEqual(await mcp.close(), []);
  });
});
