// What the cases run in: a workspace, an outside, a home with secrets, listeners and a process to attack.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
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

function git(cwd: string, ...args: string[]): void {
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'init.defaultBranch=main', ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd },
    stdio: 'ignore',
  });
}

function template(dir: string): void {
  const ws = join(dir, 'ws');
  for (const path of ['ws/src', 'ws/.vscode', 'ws/plain', 'ws/vendor/sub', 'out', 'home/.ssh', 'tmp']) {
    mkdirSync(join(dir, path), { recursive: true });
  }
  writeFileSync(join(ws, 'package.json'), '{}\n');
  writeFileSync(join(ws, '.vscode/settings.json'), '{}\n');
  writeFileSync(join(dir, 'out/victim.txt'), 'original\n');
  writeFileSync(join(dir, 'out/secret.txt'), 'SECRET\n');
  writeFileSync(join(dir, 'home/.ssh/id_rsa'), 'SECRET\n');
  writeFileSync(join(dir, 'home/.bashrc'), '# mine\n');
  git(join(ws, 'vendor/sub'), 'init', '-q', '.');
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
  const datagrams = await startReceiver(attack, join(base, 'datagram.sock'));
  const victim = spawn('sleep', ['1000'], { stdio: 'ignore' });
  const udpPort = udp.address().port;

  const reset = (): void => {
    rmSync(live, { recursive: true, force: true });
    cpSync(pristine, live, { recursive: true });
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
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    },
    reset,
    hits,
    close,
  };
}

async function startReceiver(attack: string, path: string): Promise<ChildProcess> {
  const child = spawn(attack, ['serve-datagrams', path], { stdio: ['pipe', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  return child;
}
