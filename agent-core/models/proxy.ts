/** Which proxy a URL goes through, by HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY as curl reads them. Pure. */

type Env = Readonly<Record<string, string | undefined>>;

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\./.test(host);
}

function isExcepted(url: URL, list: string): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const host = url.hostname.toLowerCase();
  return list
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      if (entry === '*') return true;
      const match = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase());
      const name = (match?.[1] ?? '').replace(/^\*?\./, '');
      if (name === '' || (match?.[2] !== undefined && match[2] !== port)) return false;
      return host === name || host.endsWith(`.${name}`);
    });
}

/**
 * Null: straight to the server. The user's own machine is never asked for through a proxy. Small letters win over
 * capitals, and a proxy without a scheme is an http one.
 */
export function proxyFor(url: URL, env: Env): URL | null {
  const read = (name: string): string => (env[name.toLowerCase()] ?? env[name] ?? '').trim();
  const isTls = url.protocol === 'https:';
  const named = (isTls ? read('HTTPS_PROXY') : read('HTTP_PROXY')) || read('ALL_PROXY');
  if (named === '' || isLoopback(url.hostname) || isExcepted(url, read('NO_PROXY'))) return null;
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(named) ? named : `http://${named}`;
  return URL.canParse(text) ? new URL(text) : null;
}

/** For `Proxy-Authorization`; null when the proxy's URL names nobody. */
export function proxyAuthorization(proxy: URL): string | null {
  if (proxy.username === '') return null;
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return `Basic ${Buffer.from(user).toString('base64')}`;
}
