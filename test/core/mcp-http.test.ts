/** MCP servers over HTTP: headers, tokens, sessions that end, and signing in with a real exchange of codes. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type HttpMcpServer, type HttpServerOptions, startHttpMcpServer } from '../support/mcp/http.ts';
import { call, McpWorld, type McpWorldOptions } from './mcp-world.ts';

describe('MCP over HTTP', function () {
  this.timeout(60_000);
  let server: HttpMcpServer;
  let mcp: McpWorld;
  const begin = async (
    { more = '', ...options }: McpWorldOptions & { more?: string },
    http: HttpServerOptions = {},
  ): Promise<void> => {
    server = await startHttpMcpServer(http);
    mcp = await McpWorld.begin({ config: `[mcp_servers.test]\nurl = "${server.url}"\n${more}`, ...options });
  };
  const authOf = async () => {
    const { data } = await mcp.core.request('mcpServerStatus/list', { threadId: mcp.thread.id });
    return data.map(({ authStatus, runtimeStatus, httpOrigin }) => ({ authStatus, runtimeStatus, httpOrigin }));
  };
  afterEach(async () => {
    const problems = await mcp.close();
    await server.close();
    assert.deepEqual(problems, []);
  });

  it('sends the headers and the token that are named', async () => {
    const more =
      'bearer_token_env_var = "MCP_TOKEN"\nhttp_headers = { x-team = "core" }\nenv_http_headers = { x-key = "MCP_KEY" }';
    await begin(
      {
        more,
        env: { MCP_TOKEN: 'open sesame', MCP_KEY: 'key' },
        script: [call('echo', { text: 'far' }), { text: 'ok' }],
      },
      { tokens: new Set(['open sesame']) },
    );
    await mcp.turn('hello');
    assert.equal(mcp.lastText(), 'echo: far');
    const seen = server.headers.map((headers) => [headers.authorization, headers['x-team'], headers['x-key']]);
    assert.deepEqual(seen, Array(seen.length).fill(['Bearer open sesame', 'core', 'key']));
    assert.deepEqual(await authOf(), [
      { authStatus: 'bearerToken', runtimeStatus: 'connected', httpOrigin: new URL(server.url).origin },
    ]);
  });

  it('says that a token is missing, and which', async () => {
    await begin({ more: 'bearer_token_env_var = "MCP_TOKEN"' });
    const { error } = await mcp.state('test', 'failed');
    assert.equal(error, 'The environment variable MCP_TOKEN is not set: it holds the token of this server.');
  });

  it('begins anew when the server has forgotten the session', async () => {
    await begin({
      script: [call('echo', { text: 'one' }), { text: 'ok' }, call('echo', { text: 'two' }), { text: 'ok' }],
    });
    await mcp.turn('hello');
    server.forget();
    await mcp.turn('again');
    assert.equal(mcp.lastText(), 'echo: two');
  });

  it('signs in by the browser, keeps the tokens to itself, and renews them', async () => {
    await begin(
      { script: [call('echo', { text: 'me' }), { text: 'ok' }, call('echo', { text: 'still me' }), { text: 'ok' }] },
      { signIn: true },
    );
    const told = await mcp.state('test', 'failed');
    assert.deepEqual(told, {
      threadId: mcp.thread.id,
      name: 'test',
      status: 'failed',
      error: 'test wants you to sign in: use mcpServer/oauth/login, or name a token with bearer_token_env_var.',
      failureReason: 'reauthenticationRequired',
    });
    const httpOrigin = new URL(server.url).origin;
    assert.deepEqual(await authOf(), [
      { authStatus: 'notLoggedIn', runtimeStatus: 'authenticationRequired', httpOrigin },
    ]);
    const { authorizationUrl, loginId } = await mcp.core.request('mcpServer/oauth/login', {
      name: 'test',
      scopes: ['memos'],
    });
    const page = new URL(authorizationUrl);
    assert.deepEqual(
      [
        page.searchParams.get('code_challenge_method'),
        page.searchParams.get('scope'),
        page.searchParams.get('client_id'),
      ],
      ['S256', 'memos', 'client-1'],
    );
    const back = new URL(page.searchParams.get('redirect_uri') ?? '');
    assert.equal(back.hostname, '127.0.0.1');
    // Somebody else's answer is not taken.
    const forged = await fetch(`${back.href}?code=stolen&state=guessed`);
    assert.equal(forged.status, 400);
    mcp.core.mark();
    const answer = await fetch(authorizationUrl);
    assert.match(await answer.text(), /You are signed in/);
    assert.deepEqual(await mcp.core.waitFor('mcpServer/oauthLogin/completed'), {
      threadId: null,
      name: 'test',
      success: true,
      error: null,
      loginId,
    });
    await mcp.state('test', 'ready');
    await mcp.turn('hello');
    assert.equal(mcp.lastText(), 'echo: me');
    assert.deepEqual(await authOf(), [{ authStatus: 'oAuth', runtimeStatus: 'connected', httpOrigin }]);
    const file = path.join(mcp.world.home, 'mcp-oauth.json');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const before = readFileSync(file, 'utf8');
    // The access token runs out; the server takes the refresh token once.
    server.tokens.clear();
    await mcp.turn('again');
    assert.equal(mcp.lastText(), 'echo: still me');
    assert.deepEqual(
      server.grants.map((grant) => grant.get('grant_type')),
      ['authorization_code', 'refresh_token'],
    );
    assert.notEqual(readFileSync(file, 'utf8'), before);
    assert.doesNotMatch(JSON.stringify(mcp.core.messages), /access-|refresh-/);
  });

  it('says that nobody signed in', async () => {
    await begin({}, { signIn: true });
    const { loginId } = await mcp.core.request('mcpServer/oauth/login', { name: 'test', timeoutSecs: 1 });
    assert.deepEqual(await mcp.core.waitFor('mcpServer/oauthLogin/completed'), {
      threadId: null,
      name: 'test',
      success: false,
      error: 'Nobody signed in in time: start the sign-in again.',
      loginId,
    });
  });
});
