// What the cases run in: a workspace, an outside, a home with secrets, listeners and a process to attack.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export type World = {
  base: string;
  variables: Record<string, string>;
  /** Lays the files anew. */
  reset(): void;
  /** What listeners were reached since the last call, everything sent before it included. */
  hits(): Promise<Record<'tcp' | 'udp' | 'unix', number>>;
  close(): Promise<void>;
};

/** Changes with whatever happens to a file or to one below it. */
function fingerprint(path: string): string {
  const info = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  const own = info ? `${info.ino} ${info.ctimeNs} ${info.size}` : 'none';
  const below = info?.isDirectory() ? readdirSync(path).map((name) => `${name} ${fingerprint(join(path, name))}`) : [];
  return [own, ...below].join('\n');
}

function git(cwd: string, ...args: string[]): void {
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'init.defaultBranch=main', ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd },
    stdio: 'ignore',
  });
}

const SECRETS = [
  'home/.ssh/id_rsa',
  'home/.codex/auth.json',
  'home/.gantry/auth.json',
  'home/.aws/credentials',
  'home/.git-credentials',
  'home/.config/Code/User/History/x/entry',
  'home/.vscode-server/data/User/globalStorage/state',
  'home/.cargo/credentials',
  'home/.config/containers/auth.json',
  'home/.config/keepassxc/x',
  'home/.Xauthority',
  'home/.local/share/fish/fish_history',
  'home/.python_history',
  'home/.config/opencode/auth',
];
const SECRET_FOLDERS = SECRETS.map((path) => dirname(path));

function template(dir: string): void {
  const ws = join(dir, 'ws');
  for (const path of ['ws/src', 'ws/.vscode', 'ws/plain', 'ws/vendor/sub', 'out/empty', 'tmp', ...SECRET_FOLDERS]) {
    mkdirSync(join(dir, path), { recursive: true });
  }
  writeFileSync(join(ws, 'package.json'), '{}\n');
  writeFileSync(join(ws, '.vscode/settings.json'), '{}\n');
  writeFileSync(join(dir, 'out/victim.txt'), 'original\n');
  writeFileSync(join(dir, 'out/secret.txt'), 'SECRET\n');
  for (const path of SECRETS) writeFileSync(join(dir, path), 'SECRET\n');
  writeFileSync(join(dir, 'home/.bashrc'), '# mine\n');
  git(join(ws, 'vendor/sub'), 'init', '-q', '.');
  git(ws, 'init', '-q', '--bare', 'fixture');
  rmSync(join(ws, 'fixture/hooks'), { recursive: true });
  git(ws, 'init', '-q', '.');
  git(ws, 'add', 'package.json');
  git(ws, 'commit', '-q', '-m', 'init');
  git(ws, 'worktree', 'add', '-q', 'wt');
  for (const repository of [ws, join(ws, 'vendor/sub')]) {
    const hooks = join(repository, '.git/hooks');
    for (const name of readdirSync(hooks)) rmSync(join(hooks, name)); // samples
  }
}

/** A stream server on an address that counts its connections. */
async function count(address: net.ListenOptions, hit: () => void): Promise<net.Server> {
  const server = net.createServer((socket) => {
    hit();
    socket.on('error', () => {}).destroy();
  });
  server.listen(address);
  await once(server, 'listening');
  return server;
}

export async function openWorld(attack: string): Promise<World> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'sandbox-test-')));
  const pristine = join(base, 'pristine');
  const live = join(base, 'live');
  // Built in place, since a worktree's files name its absolute path; every case gets a copy.
  template(live);
  cpSync(live, pristine, { recursive: true });
  const counts = { tcp: 0, udp: 0, unix: 0 };
  const unixPath = join(base, 'stream.sock');
  const abstract = `sandbox-test-${process.pid}`;
  const tcp = await count({ port: 0, host: '127.0.0.1' }, () => counts.tcp++);
  const unix = await count({ path: unixPath }, () => counts.unix++);
  const hidden = await count({ path: `\0${abstract}` }, () => {});
  chmodSync(unixPath, 0o777);
  const udp = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(udp, 'listening');
  let sentinel = (): void => {};
  udp.on('message', (bytes) => {
    if (bytes.toString() === 'sentinel') sentinel();
    else counts.udp++;
  });
  const datagrams = await startServer(attack, 'serve-datagrams', join(base, 'datagram.sock'));
  const key = String(process.pid);
  const messages = await startServer(attack, 'serve-messages', key, `/${abstract}`);
  const shared = `/dev/shm/${abstract}`;
  const victim = spawn('sleep', ['1000'], { stdio: 'ignore' });
  const udpPort = udp.address().port;

  let laid = '';
  const reset = (): void => {
    if (laid !== '' && laid === fingerprint(live) + fingerprint(shared)) return;
    rmSync(live, { recursive: true, force: true });
    cpSync(pristine, live, { recursive: true });
    writeFileSync(shared, 'original\n');
    laid = fingerprint(live) + fingerprint(shared);
  };
  // A connection that was refused or never made needs no waiting for; what was sent before the sentinels came before them.
  const hits = async (): Promise<typeof counts> => {
    await new Promise<void>((resolve) => {
      sentinel = resolve;
      udp.send('sentinel', udpPort, '127.0.0.1');
    });
    for (const server of [tcp, unix]) {
      const address = server.address();
      const socket = typeof address === 'string' ? net.connect(address) : net.connect(address?.port ?? 0, '127.0.0.1');
      socket.on('error', () => {}).resume();
      await once(socket, 'close');
    }
    const result = { tcp: counts.tcp - 1, udp: counts.udp, unix: counts.unix - 1 };
    Object.assign(counts, { tcp: 0, udp: 0, unix: 0 });
    return result;
  };
  const close = async (): Promise<void> => {
    datagrams.stdin?.end();
    messages.stdin?.end();
    rmSync(shared, { force: true });
    victim.kill('SIGKILL');
    udp.close();
    await Promise.all([tcp, unix, hidden].map((server) => new Promise((resolve) => server.close(resolve))));
    rmSync(base, { recursive: true, force: true });
  };
  return {
    base,
    variables: {
      WS: join(live, 'ws'),
      OUT: join(live, 'out'),
      HOME: join(live, 'home'),
      ATK: attack,
      TCP: String((tcp.address() as net.AddressInfo).port),
      UDP: String(udpPort),
      USOCK: unixPath,
      UDGRAM: join(base, 'datagram.sock'),
      ABS: abstract,
      VICTIM: String(victim.pid),
      RUNNER: String(process.pid),
      SHM: shared,
      KEY: key,
      MARK: `9${process.pid}`,
      RUSTUP_HOME: process.env.RUSTUP_HOME ?? join(homedir(), '.rustup'),
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    },
    reset,
    hits,
    close,
  };
}

async function startServer(attack: string, ...args: string[]): Promise<ChildProcess> {
  const child = spawn(attack, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  return child;
}
