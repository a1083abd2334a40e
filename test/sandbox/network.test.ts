// Commands with a list of hosts, at both levels, as this user and as an ordinary one.
import assert from 'node:assert/strict';
import type { ClientsResult } from './network-clients-runner.ts';
import type { NetworkResult } from './network-runner.ts';
import { ownCopy, users } from './own-copy.ts';

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
  this.timeout(180_000);
  if (process.platform !== 'linux') return;
  const copy = ownCopy();

  for (const who of users) {
    for (const level of ['namespaces', 'landlock']) {
      it(`reaches those and nothing else: level ${level}, as ${who}`, async () => {
        const result = await copy.run<NetworkResult>(who, 'network-runner.ts', level);
        assert.deepEqual(result, expected(level));
      });
    }
  }

  for (const level of ['namespaces', 'landlock']) {
    it(`is told where the proxy is so that the usual clients find it: level ${level}`, async () => {
      const { clients } = await copy.run<ClientsResult>('this user', 'network-clients-runner.ts', level);
      const found = Object.entries(clients).filter(([, seen]) => seen !== 'not installed');
      assert.ok(found.length >= 4, Object.keys(clients).join());
      assert.deepEqual(
        Object.fromEntries(found),
        Object.fromEntries(
          found.map(([name]) => [
            name,
            {
              reached: ['http://a.wild.test', 'https://a.wild.test'],
              refused: true,
              blocked: ['unknown https unlisted.test'],
            },
          ]),
        ),
      );
    });
  }
});
