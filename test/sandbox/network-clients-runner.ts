// What the usual clients fetch through the proxy of a command with a list of hosts, as JSON, with no option of theirs that
// names a proxy: node network-clients-runner.ts (namespaces|landlock)
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Blocked, detect, scrubEnv, spawnSandboxed, workspaceWrite } from '../../sandbox/index.ts';

export type ClientsResult = {
  level: string;
  /** By client: what reached the servers for it, and what it printed of a host that is not listed. */
  clients: Record<string, { reached: string[]; refused: boolean; blocked: string[] } | 'not installed'>;
};

type Client = {
  needs: string;
  /** URL is replaced by the beginning of one: the first of a listed host, then of another. */
  run: string;
};

const CLIENTS: Readonly<Record<string, Client>> = {
  curl: { needs: 'curl', run: 'curl -sS --max-time 20 URL/plain' },
  wget: { needs: 'wget', run: 'wget -q --ca-certificate=$SSL_CERT_FILE --tries=1 --timeout=20 -O - URL/plain' },
  git: { needs: 'git', run: 'git ls-remote URL/repo.git' },
  npm: { needs: 'npm', run: 'npm view --fetch-retries=0 --registry=URL/ left-pad version' },
  pip: {
    needs: 'pip3',
    run: 'pip3 download --trusted-host a.wild.test --retries 0 --no-deps --disable-pip-version-check --index-url URL/simple/ nothing 2>&1',
  },
  cargo: { needs: 'cargo', run: 'CARGO_HOME=$TMPDIR/cargo cargo search --index sparse+URL/ nothing 2>&1' },
  'node fetch': { needs: 'node', run: 'node -e "fetch(\'URL/plain\').then(r => r.text()).then(console.log)"' },
  'python urllib': {
    needs: 'python3',
    run: `python3 -c "import urllib.request as u; print(u.urlopen('URL/plain', timeout=20).read())"`,
  },
  'python requests': {
    needs: 'python3 -c "import requests"',
    run: `python3 -c "import requests; print(requests.get('URL/plain', timeout=20).raise_for_status())"`,
  },
  apt: {
    needs: 'apt-get',
    run: `mkdir -p $TMPDIR/apt/lists/partial; echo 'deb [trusted=yes] URL/debian ./' > $TMPDIR/apt/sources.list
apt-get -o Dir::Etc=$TMPDIR/apt -o Dir::State=$TMPDIR/apt -o Dir::Cache=$TMPDIR/apt -o APT::Sandbox::User= -o Acquire::Retries=0 -o Acquire::https::CaInfo=$SSL_CERT_FILE update 2>&1`,
  },
};

/** A certificate for the names below `wild.test`, and its key. */
function certificate(folder: string): { key: Buffer; cert: Buffer; file: string } {
  const [key, file] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=wild.test', '-addext', 'subjectAltName=DNS:*.wild.test'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', file, ...subject], { stdio: 'ignore' });
  return { key: readFileSync(key), cert: readFileSync(file), file };
}

async function main(mode: string): Promise<ClientsResult> {
  const report = await detect({ forceLevel: mode === 'landlock' ? 'landlock' : 'namespaces' });
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'network-clients-')));
  const { file, ...pair } = certificate(root);
  let reached: string[] = [];
  const serve = (scheme: string) => (request: IncomingMessage, response: ServerResponse) => {
    reached.push(`${scheme}://${request.headers.host}`);
    if (request.url?.includes('left-pad')) {
      response.setHeader('content-type', 'application/json');
      response.end('{"name":"left-pad","dist-tags":{"latest":"1.0.0"},"versions":{"1.0.0":{"version":"1.0.0"}}}');
    } else response.end('hello');
  };
  const servers = [createServer(serve('http')), createTlsServer(pair, serve('https'))] as const;
  const [plain = 0, secure = 0] = await Promise.all(
    servers.map(async (server) => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return (server.address() as AddressInfo).port;
    }),
  );
  mkdirSync(join(root, 'home'));
  const result: ClientsResult = { level: report.level, clients: {} };
  const env = {
    ...scrubEnv(process.env),
    HOME: join(root, 'home'),
    PATH: `${dirname(process.execPath)}:${process.env.PATH ?? '/usr/bin:/bin'}`,
    GIT_CONFIG_NOSYSTEM: '1',
    RUSTUP_HOME: process.env.RUSTUP_HOME ?? join(homedir(), '.rustup'),
    ...Object.fromEntries(
      [
        'SSL_CERT_FILE',
        'CURL_CA_BUNDLE',
        'GIT_SSL_CAINFO',
        'NODE_EXTRA_CA_CERTS',
        'REQUESTS_CA_BUNDLE',
        'PIP_CERT',
        'CARGO_HTTP_CAINFO',
        'npm_config_cafile',
      ].map((name) => [name, file]),
    ),
  };
  const policy = workspaceWrite({
    roots: [root],
    home: '/nonexistent',
    network: { hosts: ['*.wild.test'] },
    expose: [dirname(dirname(process.execPath))],
  });
  const run = async (command: string, blocked: Blocked[] = []): Promise<{ code: number | null; text: string }> => {
    const child = spawnSandboxed({
      argv: ['bash', '-c', command],
      cwd: root,
      env,
      policy,
      report,
      hosts: {
        resolve: async () => ['1.1.1.1'],
        dial: (_address, port) =>
          new Promise((resolve, reject) => {
            const at = port === 443 ? secure : plain;
            const socket = connect({ host: '127.0.0.1', port: at, allowHalfOpen: true }, () => resolve(socket));
            socket.once('error', reject);
          }),
      },
      onBlocked: (one) => blocked.push(one),
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (bytes: Buffer) => {
        text += bytes;
      });
    const { code } = await child.exited;
    return { code, text };
  };
  for (const [name, client] of Object.entries(CLIENTS)) {
    if ((await run(`${client.needs} --version || ${client.needs}`)).code !== 0) {
      result.clients[name] = 'not installed';
      continue;
    }
    reached = [];
    const told: string[] = [];
    for (const scheme of ['http', 'https'])
      told.push((await run(client.run.replaceAll('URL', `${scheme}://a.wild.test`))).text);
    if (process.env.SHOW_CLIENTS) console.error(name, told);
    const found = [...new Set(reached)];
    const blocked: Blocked[] = [];
    const refused = await run(client.run.replaceAll('URL', 'https://unlisted.test'), blocked);
    result.clients[name] = {
      reached: found,
      refused: refused.code !== 0 || /unlisted/.test(refused.text),
      blocked: [
        ...new Set(
          blocked.map((one) => (one.type === 'host' ? `${one.reason} ${one.protocol} ${one.host}` : one.type)),
        ),
      ],
    };
  }
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(root, { recursive: true, force: true });
  return result;
}

console.log(JSON.stringify(await main(process.argv[2] ?? '')));
