/** The test server over streaming HTTP, open, behind a token, or behind a sign-in with a real code exchange. */
import { createHash, randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import { createTestServer } from './server.ts';

export type HttpServerOptions = {
  /** Requests without `Authorization: Bearer …` of one of these get a 401. */
  tokens?: Set<string>;
  /** Offers to sign in; tokens that it gives out join `tokens`. */
  signIn?: boolean;
};

export type HttpMcpServer = {
  url: string;
  /** Headers of all requests to the server itself. */
  headers: http.IncomingHttpHeaders[];
  /** What was asked of the token endpoint. */
  grants: URLSearchParams[];
  /** How many clients registered themselves. */
  registrations: Record<string, unknown>[];
  tokens: Set<string>;
  /** Forgets all sessions, as a server does that was started anew. */
  forget(): void;
  close(): Promise<void>;
};

const bodyOf = async (request: http.IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

function json(response: http.ServerResponse, status: number, value: unknown, headers: http.OutgoingHttpHeaders = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
}

export async function startHttpMcpServer(options: HttpServerOptions = {}): Promise<HttpMcpServer> {
  const tokens = options.tokens ?? new Set<string>();
  const needsToken = options.tokens !== undefined || options.signIn === true;
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();
  const headers: http.IncomingHttpHeaders[] = [];
  const grants: URLSearchParams[] = [];
  const registrations: Record<string, unknown>[] = [];
  const codes = new Map<string, { challenge: string; redirect: string }>();
  const refreshTokens = new Set<string>();

  const server = http.createServer((request, response) => {
    answer(request, response).catch((error: unknown) => json(response, 500, { error: String(error) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const issue = () => {
    const access = `access-${randomUUID()}`;
    const refresh = `refresh-${randomUUID()}`;
    tokens.add(access);
    refreshTokens.add(refresh);
    return { access_token: access, refresh_token: refresh, token_type: 'Bearer', expires_in: 3600 };
  };

  const signIn = async (url: URL, request: http.IncomingMessage, response: http.ServerResponse): Promise<boolean> => {
    if (!options.signIn) return false;
    switch (url.pathname) {
      case '/.well-known/oauth-protected-resource/mcp':
      case '/.well-known/oauth-protected-resource':
        json(response, 200, { resource: `${origin}/mcp`, authorization_servers: [origin] });
        return true;
      case '/.well-known/oauth-authorization-server':
        json(response, 200, {
          issuer: origin,
          authorization_endpoint: `${origin}/authorize`,
          token_endpoint: `${origin}/token`,
          registration_endpoint: `${origin}/register`,
          response_types_supported: ['code'],
          grant_types_supported: ['authorization_code', 'refresh_token'],
          code_challenge_methods_supported: ['S256'],
          token_endpoint_auth_methods_supported: ['none'],
        });
        return true;
      case '/register': {
        const asked = JSON.parse(await bodyOf(request)) as Record<string, unknown>;
        registrations.push(asked);
        json(response, 201, { ...asked, client_id: `client-${registrations.length}` });
        return true;
      }
      case '/authorize': {
        const code = randomUUID();
        const redirect = url.searchParams.get('redirect_uri') ?? '';
        codes.set(code, { challenge: url.searchParams.get('code_challenge') ?? '', redirect });
        const back = new URL(redirect);
        back.searchParams.set('code', code);
        back.searchParams.set('state', url.searchParams.get('state') ?? '');
        response.writeHead(302, { location: back.href }).end();
        return true;
      }
      case '/token': {
        const form = new URLSearchParams(await bodyOf(request));
        grants.push(form);
        const known = codes.get(form.get('code') ?? '');
        const verifier = createHash('sha256')
          .update(form.get('code_verifier') ?? '')
          .digest('base64url');
        const isCode =
          known !== undefined && known.challenge === verifier && known.redirect === form.get('redirect_uri');
        const isRefresh = refreshTokens.delete(form.get('refresh_token') ?? '');
        codes.delete(form.get('code') ?? '');
        if (isCode || isRefresh) json(response, 200, issue());
        else json(response, 400, { error: 'invalid_grant' });
        return true;
      }
      default:
        return false;
    }
  };

  const answer = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', origin);
    if (await signIn(url, request, response)) return;
    if (url.pathname !== '/mcp') return json(response, 404, { error: 'there is nothing here' });
    headers.push(request.headers);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (needsToken && !(token !== undefined && tokens.has(token))) {
      const where = `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`;
      return json(response, 401, { error: 'invalid_token' }, options.signIn ? { 'www-authenticate': where } : {});
    }
    const id = request.headers['mcp-session-id'];
    let transport = typeof id === 'string' ? sessions.get(id) : undefined;
    if (id !== undefined && !transport) return json(response, 404, { error: 'no such session' });
    if (!transport) {
      const created = new WebStandardStreamableHTTPServerTransport({
        sessionIdGenerator: () => randomUUID(),
        onsessioninitialized: (session) => void sessions.set(session, created),
      });
      transport = created;
      await createTestServer().connect(created);
    }
    const body = request.method === 'POST' ? await bodyOf(request) : undefined;
    const given = Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value] as [string, string]] : [],
    );
    const result = await transport.handleRequest(
      new Request(url, { method: request.method ?? 'GET', headers: given, ...(body === undefined ? {} : { body }) }),
    );
    response.writeHead(result.status, Object.fromEntries(result.headers));
    if (!result.body) return void response.end();
    response.flushHeaders();
    for await (const chunk of result.body) response.write(chunk);
    response.end();
  };

  return {
    url: `${origin}/mcp`,
    headers,
    grants,
    registrations,
    tokens,
    forget: () => sessions.clear(),
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
