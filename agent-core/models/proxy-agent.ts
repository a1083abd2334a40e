/** An https agent whose connections go through an HTTP proxy by CONNECT. */
import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { proxyAuthorization } from './proxy.ts';

/** Thrown when the proxy cannot be reached or says no; `code` is `EPROXY`. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly code = 'EPROXY';
}

/** The proxy's address for people: without its password. */
export function shownProxy(proxy: URL): string {
  return `${proxy.protocol}//${proxy.host}`;
}

function tunnel(proxy: URL, host: string, port: number): Promise<Duplex> {
  const authorization = proxyAuthorization(proxy);
  const target = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const { request } = proxy.protocol === 'https:' ? https : http;
  return new Promise((settle, fail) => {
    const asked = request({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...(authorization ? { 'proxy-authorization': authorization } : {}) },
      agent: false,
      timeout: 20_000,
    });
    asked.once('connect', (response, socket) => {
      if (response.statusCode === 200) return settle(socket);
      socket.destroy();
      fail(new ProxyError(`The proxy ${shownProxy(proxy)} answered HTTP ${response.statusCode} for ${target}.`));
    });
    asked.once('timeout', () => asked.destroy(new Error('timeout')));
    asked.once('error', (cause) =>
      fail(new ProxyError(`The proxy ${shownProxy(proxy)} cannot be reached: ${cause.message}`, { cause })),
    );
    asked.end();
  });
}

type Connected = (error: Error | null, socket: Duplex) => void;

/** Keeps its connections, as the plain agents do. */
export class TunnelAgent extends https.Agent {
  readonly #proxy: URL;

  constructor(proxy: URL) {
    super({ keepAlive: true });
    this.#proxy = proxy;
  }

  override createConnection(options: https.RequestOptions, done?: Connected): Duplex | null | undefined {
    const host = String(options.host ?? options.hostname);
    const servername = options.servername || (/^[\d.]+$|:/.test(host) ? undefined : host);
    tunnel(this.#proxy, host, Number(options.port ?? 443)).then(
      (socket) => {
        const { ca } = options;
        const secured = tls.connect({ socket, ...(servername ? { servername } : {}), ...(ca ? { ca } : {}) });
        done?.(null, secured);
      },
      // Node's types want a stream here, Node itself does not.
      (error: Error) => (done as ((error: Error) => void) | undefined)?.(error),
    );
    return undefined;
  }
}
