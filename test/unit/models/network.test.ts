/** Proxies, certificates and keys that a command prints: real sockets, all on this machine. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createNodeFetch } from '../../../agent-core/models/node-fetch.ts';
import { proxyFor } from '../../../agent-core/models/proxy.ts';
import { createTokenSource, type TokenCommand } from '../../../agent-core/models/token-command.ts';
import { startModelServer } from '../../support/model-server/index.ts';
import { startProxy, startTls } from '../../support/model-server/network.ts';
import { collect, endOf, httpOptions, requestOf, say } from './call.ts';
import { WIRE_NAMES, WIRES } from './wires.ts';

const AUTH = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
const request = requestOf([say('user', 'hi')]);

describe('proxies', () => {
  it('are chosen as curl does, and never for this machine', () => {
    const env = { HTTP_PROXY: 'http://p:1', https_proxy: 's:2', NO_PROXY: 'corp.test, .inner.test,h.test:8443' };
    const of = (url: string, given: Record<string, string> = env): string | null =>
      proxyFor(new URL(url), given)?.href ?? null;
    assert.deepEqual(
      [
        of('http://a.test/'),
        of('https://a.test/'),
        of('http://corp.test/'),
        of('https://x.corp.test/'),
        of('https://notcorp.test/'),
        of('https://x.inner.test/'),
        of('https://h.test/'),
        of('https://h.test:8443/'),
        of('http://localhost:11434/'),
        of('http://127.0.0.1:1234/'),
        of('http://[::1]:1234/'),
        of('https://a.test/', { ALL_PROXY: 'http://all:3' }),
        of('https://a.test/', { HTTPS_PROXY: 'http://p:1', no_proxy: '*' }),
        of('https://a.test/', {}),
      ],
      [
        'http://p:1/',
        'http://s:2/',
        null,
        null,
        'http://s:2/',
        null,
        'http://s:2/',
        null,
        null,
        null,
        null,
        'http://all:3/',
        null,
        null,
      ],
    );
  });

  for (const wire of WIRE_NAMES) {
    it(`take calls of the ${wire} wire over http`, async () => {
      const server = await startModelServer({ script: [{ text: 'a' }, { text: 'b' }] });
      const proxy = await startProxy(server.port);
      try {
        const fetch = createNodeFetch({ HTTP_PROXY: proxy.url });
        const client = WIRES[wire](httpOptions('http://model.test/v1', { fetch }));
        assert.equal(endOf(await collect(client, request)), 'done stop');
        assert.deepEqual(proxy.asked, [`POST http://model.test${server.requests[0]?.url} ${AUTH}`]);
        assert.equal(server.requests[0]?.headers.host, 'model.test');
      } finally {
        await proxy.close();
        await server.close();
      }
    });
  }

  it('take calls over https by CONNECT; who they are is not told to the server', async () => {
    const server = await startModelServer({ script: [{ text: 'a' }] });
    const tls = await startTls(server.port);
    const proxy = await startProxy(tls.port);
    try {
      const fetch = createNodeFetch({ HTTPS_PROXY: proxy.url });
      const client = WIRES.anthropic(httpOptions('https://model.test/v1', { fetch }));
      const [event] = await collect(client, request);
      // The tunnel stands; it is the certificate that nobody vouches for.
      assert.ok(event?.type === 'failed');
      assert.match(
        event.error.message,
        /certificate of https:\/\/model\.test\/v1 .* is not trusted.*NODE_EXTRA_CA_CERTS/,
      );
      assert.deepEqual(proxy.asked, [`CONNECT model.test:443 ${AUTH}`]);
    } finally {
      await proxy.close();
      await tls.close();
      await server.close();
    }
  });

  it('that refuse or are not there are told as the cause', async () => {
    const server = await startModelServer({ script: [] });
    const proxy = await startProxy(server.port, 407);
    const messages: string[] = [];
    const call = async (baseUrl: string, env: Record<string, string>): Promise<void> => {
      const [event] = await collect(WIRES.chat(httpOptions(baseUrl, { fetch: createNodeFetch(env) })), request);
      assert.ok(event?.type === 'failed');
      assert.equal(event.error.code, 'connectionFailed');
      messages.push(event.error.message.replace(/:\d+/g, ':PORT'));
    };
    try {
      await call('https://model.test/v1', { HTTPS_PROXY: proxy.url });
    } finally {
      await proxy.close();
      await server.close();
    }
    await call('https://model.test/v1', { HTTPS_PROXY: proxy.url });
    await call('http://model.test/v1', { HTTP_PROXY: proxy.url });
    const check = 'Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY.';
    const gone = `The proxy http://127.0.0.1:PORT cannot be reached: connect ECONNREFUSED 127.0.0.1:PORT`;
    assert.deepEqual(messages, [
      `Mock cannot be reached: The proxy http://127.0.0.1:PORT answered HTTP 407 for model.test:PORT. ${check}`,
      `Mock cannot be reached: ${gone} ${check}`,
      `Mock cannot be reached: ${gone} ${check}`,
    ]);
  });
});

describe('servers that are not there', () => {
  for (const wire of WIRE_NAMES) {
    it(`are told as that on the ${wire} wire`, async () => {
      // A port that was free a moment ago.
      const server = await startModelServer({ script: [] });
      const { baseUrl } = server;
      await server.close();
      const told = async (url: string): Promise<string> => {
        const [event] = await collect(WIRES[wire](httpOptions(url, { fetch: createNodeFetch({}) })), request);
        assert.ok(event?.type === 'failed');
        return `${event.error.code}: ${event.error.message}`;
      };
      assert.deepEqual(
        [await told(baseUrl), await told('http://nowhere.invalid/v1')],
        [
          `connectionFailed: Nothing answers at ${baseUrl} (Mock). Start the server, or correct its address in config.toml.`,
          'connectionFailed: The host nowhere.invalid (Mock) is not found. Check the network, or correct base_url in config.toml.',
        ],
      );
    });
  }
});

describe('keys that a command prints', () => {
  let folder: string;
  let scripts = 0;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'gantry-token-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Prints token-1, token-2, …: one more with each run. */
  function command(script?: string, rest: Partial<TokenCommand> = {}): TokenCommand {
    const file = path.join(folder, `token-${scripts++}.mjs`);
    const counting = `import { appendFileSync, readFileSync } from 'node:fs';
      appendFileSync('runs', 'x');
      console.log('token-' + readFileSync('runs', 'utf8').length);`;
    writeFileSync(file, script ?? counting);
    return {
      command: process.execPath,
      args: [file],
      cwd: folder,
      timeoutMs: 10_000,
      refreshIntervalMs: 1000,
      ...rest,
    };
  }
  const { signal } = new AbortController();

  it('are kept for their time, and run once for several calls', async () => {
    let now = 0;
    const source = createTokenSource(command(), 'mine', () => now);
    assert.deepEqual(await Promise.all([source.get(signal), source.get(signal)]), ['token-1', 'token-1']);
    now = 999;
    assert.equal(await source.get(signal), 'token-1');
    now = 1000;
    assert.equal(await source.get(signal), 'token-2');
    source.refused('token-1');
    assert.equal(await source.get(signal), 'token-2');
    source.refused('token-2');
    assert.equal(await source.get(signal), 'token-3');
    assert.equal(readFileSync(path.join(folder, 'runs'), 'utf8'), 'xxx');
  });

  it('say what was wrong with the command, and not what it printed', async () => {
    const cases: [TokenCommand, string][] = [
      [command('console.log("a b")'), 'it printed more than one word'],
      [command(''), 'it printed nothing'],
      [command('console.log("secret"); console.error("log in first"); process.exit(3)'), 'log in first'],
      [command('setInterval(() => {}, 1000)', { timeoutMs: 300 }), 'it took longer than 300 ms'],
      [command('', { command: path.join(folder, 'nowhere') }), 'it is not found'],
    ];
    for (const [each, why] of cases) {
      await assert.rejects(createTokenSource(each, 'mine').get(signal), {
        name: 'TokenProblem',
        message: `The command of model_providers.mine.auth (${each.command}) gave no token: ${why}. Correct it in config.toml.`,
      });
    }
  });

  for (const wire of WIRE_NAMES) {
    it(`go with each call of the ${wire} wire, and are asked for anew after a 401`, async () => {
      const server = await startModelServer({ script: [{ text: 'a' }, { text: 'b' }], apiKey: 'token-2' });
      try {
        const token = createTokenSource(command(undefined, { refreshIntervalMs: 0 }), 'mine');
        const client = WIRES[wire](httpOptions(server.baseUrl, { apiKey: null, token }));
        assert.equal(endOf(await collect(client, request)), 'done stop');
        assert.equal(endOf(await collect(client, request)), 'done stop');
        assert.deepEqual(
          server.requests.map(({ headers }) => headers.authorization),
          ['Bearer token-1', 'Bearer token-2', 'Bearer token-2'],
        );
      } finally {
        await server.close();
      }
    });
  }

  it('are never shown', async () => {
    const body = { error: { message: 'Request of secret-token-1 is wrong.', type: 'invalid_request_error' } };
    const server = await startModelServer({ script: [{ status: 400, body }], strict: false });
    try {
      const printing = command('console.log("secret-token-1")');
      const client = WIRES.chat(
        httpOptions(server.baseUrl, { apiKey: null, token: createTokenSource(printing, 'mine') }),
      );
      const [event] = await collect(client, request);
      assert.ok(event?.type === 'failed');
      assert.equal(event.error.details, 'Request of … is wrong.');
    } finally {
      await server.close();
    }
  });

  it('that are refused twice are told as a wrong key', async () => {
    const server = await startModelServer({ script: [], apiKey: 'other' });
    try {
      const token = createTokenSource(command(), 'mine');
      const client = WIRES.anthropic(httpOptions(server.baseUrl, { apiKey: null, token }));
      assert.equal(endOf(await collect(client, request)), 'failed unauthorized');
      assert.equal(server.requests.length, 2);
    } finally {
      await server.close();
    }
  });
});
