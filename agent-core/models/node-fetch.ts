/**
 * `fetch` over `node:http` for model calls. The global one gives up after five minutes of silence, whatever the user
 * set (a big prompt on a slow local model takes longer), and costs milliseconds per call and memory.
 */
import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';

const CONNECT_MS = 20_000;

type Init = { method: string; headers: Headers; body: string; signal: AbortSignal | null };

function requestOnce(url: URL, init: Init, agent: http.Agent): Promise<http.IncomingMessage> {
  return new Promise((settle, fail) => {
    const { request: send } = url.protocol === 'https:' ? https : http;
    const request = send(url, {
      method: init.method,
      agent,
      headers: { ...Object.fromEntries(init.headers), 'content-length': Buffer.byteLength(init.body) },
      ...(init.signal ? { signal: init.signal } : {}),
    });
    request.once('response', settle);
    request.once('error', (error) => fail(Object.assign(error, { onReusedSocket: request.reusedSocket })));
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

/** Keeps connections between calls. Follows no redirect; takes text bodies only. */
export function createNodeFetch(): typeof fetch {
  const agents = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) };
  return async (input, init) => {
    const url = new URL(String(input));
    const agent = url.protocol === 'https:' ? agents['https:'] : agents['http:'];
    const plain: Init = {
      method: init?.method ?? 'GET',
      headers: new Headers(init?.headers),
      body: typeof init?.body === 'string' ? init.body : '',
      signal: init?.signal ?? null,
    };
    const incoming = await requestOnce(url, plain, agent).catch((error: unknown) => {
      // The server closed a kept connection as we took it: nothing was read, so it may be asked once more.
      const isStale = error instanceof Error && 'onReusedSocket' in error && error.onReusedSocket;
      if (isStale && !plain.signal?.aborted) return requestOnce(url, plain, agent);
      throw error;
    });
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
