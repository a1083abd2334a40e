// What a command with a list of hosts reaches, in one mode, as JSON. A program of its own so that it can run as another
// user: node network-runner.ts (namespaces|landlock)
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detect, type SandboxedProcess, scrubEnv, spawnSandboxed, workspaceWrite } from '../../sandbox/index.ts';

export type NetworkResult = {
  level: string;
  /** What each command printed. */
  shown: Record<string, string>;
  /** What the proxy said it had refused, in the order of the commands. */
  blocked: string[];
  /** The paths that the host's own server was asked for. */
  reached: string[];
};

const curl = `curl -sS --max-time 10 --noproxy '' -o /dev/null -w '%{http_code}/%{http_connect} '`;
const python = (code: string): string => `python3 - <<'EOF'
import socket
at = ('127.0.0.1', PORT)
def tell(what):
    try: print(what())
    except OSError as error: print('refused', type(error).__name__)
${code}
EOF`;

/** PORT is the host's server; it is in the list as 127.0.0.1:PORT. */
const COMMANDS: Readonly<Record<string, string>> = {
  'http to a listed host': "curl -sS --noproxy '' http://127.0.0.1:PORT/http",
  'a tunnel to it': "curl -sS --noproxy '' -p http://127.0.0.1:PORT/tunnel",
  'socks to it': `curl -sS --noproxy '' --socks5-hostname "\${HTTP_PROXY#http://}" http://127.0.0.1:PORT/socks`,
  'a posted body': "head -c 200000 /dev/zero | curl -sS --noproxy '' --data-binary @- http://127.0.0.1:PORT/post",
  'an unknown host': `${curl} http://unknown.test/ 2>&1`,
  'a tunnel to it, refused': `${curl} https://unknown.test/ 2> /dev/null`,
  'socks to it, refused': `curl -sS --noproxy '' --socks5-hostname "\${HTTP_PROXY#http://}" http://unknown.test/ 2> /dev/null; echo $?`,
  'a forbidden host under a wildcard': `${curl} http://bad.wild.test/ 2>&1`,
  'a name that leads inside': `${curl} http://inside.wild.test/ 2>&1`,
  'a name that leads inside and outside': `${curl} http://mixed.wild.test/ 2>&1`,
  'the metadata service': `${curl} http://169.254.169.254/ 2>&1`,
  'this machine in other digits': `for host in 2130706433 0x7f000001 0177.0.0.1 127.1 '[::1]' '[::ffff:127.0.0.1]'; do ${curl} http://$host/ 2> /dev/null; done`,
  'another port of a listed host': `${curl} http://127.0.0.1:1/ 2>&1`,
  'a host that is not what it seems': `for target in 'a.wild.test@unknown.test:80' 'a.wild.test%2eunknown.test:80' 'a.wild.test:80:80' ':80' 'a.wild.test'; do
    proxy=\${HTTP_PROXY#http://}; exec 5<> "/dev/tcp/\${proxy%:*}/\${proxy#*:}"
    printf 'CONNECT %s HTTP/1.1\\r\\nHost: a.wild.test\\r\\n\\r\\n' "$target" >&5; read -r _ status _ <&5; printf '%s ' "$status"; exec 5>&-
  done`,
  'straight to the server': '(exec 5<> /dev/tcp/127.0.0.1/PORT) 2> /dev/null && echo reached || echo refused',
  'by UDP': python(
    "tell(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9)) and 'sent, in a network of its own' if LEVEL == 1 else socket.socket(socket.AF_INET, socket.SOCK_DGRAM))",
  ),
  'without connect': python(
    "tell(lambda: socket.socket().sendto(b'GET /fastopen HTTP/1.0\\r\\n\\r\\n', socket.MSG_FASTOPEN, at))",
  ),
  'after another connection': python(`
def again():
    proxy = PROXY.split(':')
    one = socket.socket(); one.connect((proxy[0], int(proxy[1])))
    one.connect(at)
    return 'reached'
tell(again)`),
  'a name, by itself': 'getent hosts unknown.test || echo refused',
  'its own server, at its own risk': python(`
def serve():
    server = socket.socket(); server.listen(1)
    client = socket.socket(); client.connect(('127.0.0.1', server.getsockname()[1]))
    return 'a network of its own'
tell(serve)`),
  'unix sockets of its own': python(`
import os
def serve():
    server = socket.socket(socket.AF_UNIX); server.bind('s.sock'); server.listen(1)
    client = socket.socket(socket.AF_UNIX); client.connect('s.sock'); os.unlink('s.sock')
    return 'works'
tell(serve)`),
  'what programs are told': 'env | grep -ci proxy; env | grep NODE_CHANNEL',
};

const ANSWERS: Readonly<Record<string, string[]>> = {
  'inside.wild.test': ['10.0.0.1'],
  'mixed.wild.test': ['1.1.1.1', '127.0.0.1'],
};

async function readAll(child: SandboxedProcess, onText: (soFar: string) => void = () => {}): Promise<string> {
  let shown = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes: Buffer) => {
      shown += bytes.toString('utf8');
      onText(shown);
    });
  }
  const { failure } = await child.exited;
  return failure ?? shown;
}

async function main(mode: string): Promise<NetworkResult> {
  const report = await detect({ forceLevel: mode === 'landlock' ? 'landlock' : 'namespaces' });
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'network-test-')));
  const result: NetworkResult = { level: report.level, shown: {}, blocked: [], reached: [] };
  const server = createServer((request, response) => {
    result.reached.push(request.url ?? '');
    let size = 0;
    request.on('data', (bytes: Buffer) => {
      size += bytes.length;
    });
    request.on('end', () => response.end(`${request.headers.host === `127.0.0.1:${port}`} ${size}`));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const policy = workspaceWrite({
    roots: [root],
    home: '/nonexistent',
    network: { hosts: [`127.0.0.1:${port}`, '*.wild.test'], denied: ['bad.wild.test'] },
  });
  const fill = (text: string): string =>
    text.replaceAll('PORT', String(port)).replaceAll('LEVEL', report.level === 'namespaces' ? '1' : '2');
  const start = (run: string, terminal?: { columns: number; rows: number }): SandboxedProcess =>
    spawnSandboxed({
      argv: ['bash', '-c', fill(run).replace('PROXY.split', "__import__('os').environ['HTTP_PROXY'][7:].split")],
      cwd: root,
      env: { ...scrubEnv(process.env), TERM: 'xterm', PATH: '/usr/local/bin:/usr/bin:/bin' },
      policy,
      report,
      hosts: { resolve: (host) => Promise.resolve(ANSWERS[host] ?? []) },
      onBlocked: (one) => {
        if (one.type === 'host') result.blocked.push(`${one.reason} ${one.protocol} ${one.host}`);
      },
      ...(terminal ? { terminal } : {}),
    });
  for (const [name, run] of Object.entries(COMMANDS)) result.shown[name] = (await readAll(start(run))).trim();
  const tty = start(
    `trap 'echo interrupted; exit 3' INT; trap 'stty size; echo resized' WINCH; tty | cut -c1-9; curl -sS --noproxy '' http://127.0.0.1:PORT/tty; echo; echo ready; while :; do sleep 0.05; done`,
    { columns: 100, rows: 30 },
  );
  const steps: [string, () => void][] = [
    ['ready\r\n', () => void tty.resize({ columns: 132, rows: 43 })],
    ['resized\r\n', () => void tty.stdin?.write('\u0003')],
  ];
  result.shown['in a terminal'] = await readAll(tty, (soFar) => {
    if (steps[0] && soFar.endsWith(steps[0][0])) steps.shift()?.[1]();
  });
  server.closeAllConnections();
  server.close();
  rmSync(root, { recursive: true, force: true });
  return result;
}

console.log(JSON.stringify(await main(process.argv[2] ?? '')));
