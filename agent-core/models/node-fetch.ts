/**
 * `fetch` over `node:http` for model calls. The global one gives up after five minutes of silence, whatever the user
 * set (a big prompt on a slow local model takes longer), knows no proxy, and costs milliseconds per call and memory.
 */
import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import { proxyAuthorization, proxyFor } from './proxy.ts';
import { ProxyError, shownProxy, TunnelAgent } from './proxy-agent.ts';

const CONNECT_MS = 20_000;

type Init = { method: string; headers: Headers; body: string; signal: AbortSignal | null };

/** How a URL is reached: with which agent, and for plain http through a proxy, what is asked of that proxy. */
type Route = { agent: http.Agent; proxy: URL | null };

function addressOf(url: URL, { agent, proxy }: Route): http.RequestOptions {
  if (!proxy || agent instanceof https.Agent) {
    return {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      ...(url.port ? { port: url.port } : {}),
      path: `${url.pathname}${url.search}`,
      agent,
    };
  }
  return { host: proxy.hostname.replace(/^\[|\]$/g, ''), port: proxy.port || 80, path: url.href, agent };
}

function headersOf(url: URL, { agent, proxy }: Route, init: Init): Record<string, string | number> {
  const authorization = proxy && !(agent instanceof https.Agent) ? proxyAuthorization(proxy) : null;
  return {
    host: url.host,
    ...Object.fromEntries(init.headers),
    ...(authorization ? { 'proxy-authorization': authorization } : {}),
    ...(init.method === 'GET' ? {} : { 'content-length': Buffer.byteLength(init.body) }),
  };
}

function requestOnce(url: URL, init: Init, route: Route): Promise<http.IncomingMessage> {
  return new Promise((settle, fail) => {
    const { request: send } = route.agent instanceof https.Agent ? https : http;
    const request = send({
      method: init.method,
      ...addressOf(url, route),
      headers: headersOf(url, route, init),
      ...(init.signal ? { signal: init.signal } : {}),
    });
    request.once('response', settle);
    request.once('error', (cause) => {
      const isProxy = route.proxy !== null && !(cause instanceof ProxyError) && !(route.agent instanceof https.Agent);
      const message = `The proxy ${route.proxy && shownProxy(route.proxy)} cannot be reached: ${cause.message}`;
      const error = isProxy && !init.signal?.aborted ? new ProxyError(message, { cause }) : cause;
      fail(Object.assign(error, { onReusedSocket: request.reusedSocket }));
    });
    request.once('socket', (socket) => {
      if (!socket.connecting) return;
      const late = Object.assign(new Error('connect timeout'), { code: 'ETIMEDOUT' });
      const timer = setTimeout(() => request.destroy(late), CONNECT_MS);
      const clear = (): void => clearTimeout(timer);
      socket.once('connect', clear);
      request.once('close', clear);
    });
    request.end(init.body);
  });
}

/**
 * Keeps connections between calls; goes through the proxy that `env` names. Follows no redirect; takes text bodies
 * only. Certificates of the user's own are Node's business (NODE_EXTRA_CA_CERTS).
 */
export function createNodeFetch(env: Readonly<Record<string, string | undefined>> = process.env): typeof fetch {
  const plain = new http.Agent({ keepAlive: true });
  const secure = new https.Agent({ keepAlive: true });
  const tunnels = new Map<string, TunnelAgent>();
  const routeOf = (url: URL): Route => {
    const proxy = proxyFor(url, env);
    if (url.protocol !== 'https:') return { agent: plain, proxy };
    if (!proxy) return { agent: secure, proxy };
    const agent = tunnels.get(proxy.href) ?? new TunnelAgent(proxy);
    tunnels.set(proxy.href, agent);
    return { agent, proxy };
  };
  return async (input, init) => {
    const url = new URL(String(input));
    const route = routeOf(url);
    const wanted: Init = {
      method: init?.method ?? 'GET',
      headers: new Headers(init?.headers),
      body: typeof init?.body === 'string' ? init.body : '',
      signal: init?.signal ?? null,
    };
    // The server closed a kept connection as we took it: nothing was read, so it may be asked again. Others that were
    // kept may be as old; each try takes one of them away, and the first new connection counts.
    const ask = (): Promise<http.IncomingMessage> =>
      requestOnce(url, wanted, route).catch((error: unknown) => {
        const isStale = error instanceof Error && 'onReusedSocket' in error && error.onReusedSocket;
        if (isStale && !wanted.signal?.aborted) return ask();
        throw error;
      });
    const incoming = await ask();
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headers)) {
      for (const each of [value ?? []].flat()) headers.append(name, each);
    }
    const status = incoming.statusCode ?? 500;
    const hasNoBody = status === 204 || status === 304;
    if (hasNoBody) incoming.resume();
    // The types of Node and of the web disagree on one and the same stream.
    const body = hasNoBody ? null : (Readable.toWeb(incoming) as unknown as ReadableStream<Uint8Array>);
    return new Response(body, { status: status < 200 ? 500 : status, headers });
  };
}
