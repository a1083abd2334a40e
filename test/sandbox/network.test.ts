// Commands with a list of hosts, at both levels, as this user and as an ordinary one.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NetworkResult } from './network-runner.ts';

const NOBODY = 65534;
const repository = fileURLToPath(new URL('../..', import.meta.url));

function expected(level: string): NetworkResult {
  const own = level === 'namespaces';
  return {
    level,
    shown: {
      'http to a listed host': 'true 0',
      'a tunnel to it': 'true 0',
      'socks to it': 'true 0',
      'a posted body': 'true 200000',
      'an unknown host': '403/000',
      'a tunnel to it, refused': '000/403',
      'socks to it, refused': '97',
      'a forbidden host under a wildcard': '403/000',
      'a name that leads inside': '403/000',
      'a name that leads inside and outside': '403/000',
      'the metadata service': '403/000',
      'this machine in other digits': Array(6).fill('403/000').join(' '),
      'another port of a listed host': '403/000',
      'a host that is not what it seems': '403 403 403 403 403',
      'straight to the server': 'refused',
      'by UDP': own ? 'sent, in a network of its own' : 'refused OSError',
      'without connect': own ? 'refused ConnectionRefusedError' : 'refused PermissionError',
      'after another connection': own ? 'refused OSError' : 'refused PermissionError',
      'a name, by itself': 'refused',
      'its own server, at its own risk': own ? 'a network of its own' : 'refused PermissionError',
      'unix sockets of its own': 'works',
      'what programs are told': '15',
      'in a terminal': '/dev/pts/\r\ntrue 0\r\nready\r\n43 132\r\nresized\r\n^Cinterrupted\r\n',
    },
    blocked: [
      'unknown http unknown.test',
      'unknown https unknown.test',
      'unknown socks5Tcp unknown.test',
      'denied http bad.wild.test',
      'address http inside.wild.test',
      'address http mixed.wild.test',
      'address http 169.254.169.254',
      ...Array<string>(4).fill('address http 127.0.0.1'),
      'address http ::1',
      'address http ::ffff:7f00:1',
      'address http 127.0.0.1',
      'malformed https a.wild.test@unknown.test',
      'malformed https a.wild.test%2eunknown.test',
      'malformed https a.wild.test:80:80',
      'malformed https ',
      'malformed https a.wild.test',
    ],
    reached: ['/http', '/tunnel', '/socks', '/post', '/tty'],
  };
}

describe('a command with a list of hosts', function () {
  this.timeout(60_000);
  if (process.platform !== 'linux') return;
  let copy = '';

  // Another user cannot be expected to reach this checkout.
  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'network-copy-'));
    for (const part of ['sandbox', 'test/sandbox'])
      cpSync(join(repository, part), join(copy, part), { recursive: true });
    writeFileSync(join(copy, 'package.json'), '{"type":"module"}\n');
    mkdirSync(join(copy, 'bin'));
    copyFileSync(process.execPath, join(copy, 'bin/node'));
    execFileSync('chmod', ['-R', 'a+rX', copy]);
  });
  after(() => rmSync(copy, { recursive: true, force: true }));

  const isRoot = process.getuid?.() === 0;
  for (const who of isRoot ? ['this user', 'an ordinary user'] : ['this user']) {
    for (const level of ['namespaces', 'landlock']) {
      it(`reaches those and nothing else: level ${level}, as ${who}`, async () => {
        const child = spawn(join(copy, 'bin/node'), [join(copy, 'test/sandbox/network-runner.ts'), level], {
          ...(who === 'this user' ? {} : { uid: NOBODY, gid: NOBODY }),
          cwd: '/',
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const parts: Buffer[] = [];
        child.stdout.on('data', (part: Buffer) => parts.push(part));
        await once(child, 'close');
        assert.deepEqual(JSON.parse(Buffer.concat(parts).toString('utf8')), expected(level));
      });
    }
  }
});
