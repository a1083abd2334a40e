// How programs are told of a proxy.

const NOT_THROUGH_IT = 'localhost,127.0.0.1,::1';

/**
 * The variables that curl, git, npm, pip, cargo, go and node look at. All name the HTTP proxy, also those for other
 * protocols: SOCKS needs a library that many clients lack, and without it they fail at once.
 */
export function proxyEnv({ address, port }: { address: string; port: number }): Record<string, string> {
  const url = `http://${address}:${port}`;
  const variables = Object.fromEntries(
    ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [
      [name, url],
      [name.toLowerCase(), url],
    ]),
  );
  return {
    ...variables,
    NO_PROXY: NOT_THROUGH_IT,
    no_proxy: NOT_THROUGH_IT,
    NODE_USE_ENV_PROXY: '1',
    npm_config_proxy: url,
    npm_config_https_proxy: url,
    PIP_PROXY: url,
    YARN_HTTP_PROXY: url,
    YARN_HTTPS_PROXY: url,
    CARGO_HTTP_PROXY: url,
  };
}
