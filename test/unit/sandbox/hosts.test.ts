import assert from 'node:assert/strict';
import { isMetadata, isOfThisNetwork, isPublic } from '../../../sandbox/addresses.ts';
import { canonicalHost, entryFor, judgeHost, parseHostPattern } from '../../../sandbox/hosts.ts';
import { createPeerCheck, ownerOf } from '../../../sandbox/proxy-peer.ts';

const spell = (hosts: readonly string[]) => Object.fromEntries(hosts.map((host) => [host, canonicalHost(host)]));

describe('hosts of the network policy', () => {
  it('have one spelling', () => {
    const expected: Record<string, string | null> = {
      'Example.COM': 'example.com',
      'example.com.': 'example.com',
      'bücher.example': 'xn--bcher-kva.example',
      'ｅxample.com': 'example.com',
      '127.1': '127.0.0.1',
      '2130706433': '127.0.0.1',
      '0x7f000001': '127.0.0.1',
      '0177.0.0.1': '127.0.0.1',
      '[::1]': '::1',
      '0:0:0:0:0:0:0:1': '::1',
      '::ffff:127.0.0.1': '::ffff:7f00:1',
      'fe80::1%eth0': 'fe80::1',
    };
    assert.deepEqual(spell(Object.keys(expected)), expected);
  });

  it('hold nothing that hides another host', () => {
    const tricks = [
      '',
      'allowed.com@evil.com',
      'allowed.com:443',
      'allowed.com/evil',
      'allowed.com#evil',
      'allowed.com?evil',
      'allowed.com\\evil',
      'allowed.com%00.evil',
      'evil.com%2eallowed.com',
      'allowed.com\r\nHost: evil',
      'allowed.com\u0000.evil.com',
      'a b.com',
      '.allowed.com',
      'allowed..com',
      '-allowed.com',
      '[example.com]',
      '256.256.256.256',
      `${'a'.repeat(64)}.com`,
    ];
    assert.deepEqual(spell(tricks), Object.fromEntries(tricks.map((trick) => [trick, null])));
  });

  it('are allowed by name, by wildcard and by port', () => {
    const list = {
      hosts: ['example.com', '*.wild.org', '**.both.org', 'git.org:22', 'any.org:*', '192.0.2.7', '[2606::1]:8080'],
      denied: ['bad.wild.org', 'secret.both.org:443'],
    };
    const judged = [
      ['example.com', 443, 'allowed'],
      ['example.com', 80, 'allowed'],
      ['example.com', 22, 'unknown'],
      ['www.example.com', 443, 'unknown'],
      ['notexample.com', 443, 'unknown'],
      ['a.wild.org', 443, 'allowed'],
      ['a.b.wild.org', 443, 'allowed'],
      ['wild.org', 443, 'unknown'],
      ['evilwild.org', 443, 'unknown'],
      ['bad.wild.org', 443, 'denied'],
      ['bad.wild.org', 8443, 'denied'],
      ['both.org', 443, 'allowed'],
      ['x.both.org', 80, 'allowed'],
      ['secret.both.org', 443, 'denied'],
      ['git.org', 22, 'allowed'],
      ['git.org', 443, 'unknown'],
      ['any.org', 9999, 'allowed'],
      ['192.0.2.7', 80, 'allowed'],
      ['2606::1', 8080, 'allowed'],
      ['2606::1', 443, 'unknown'],
    ] as const;
    assert.deepEqual(
      judged.map(([host, port]) => [host, port, judgeHost(list, host, port)]),
      judged,
    );
    assert.equal(judgeHost({ hosts: ['*'], denied: ['evil.com'] }, 'anything.net', 443), 'allowed');
    assert.equal(judgeHost({ hosts: ['*'], denied: ['evil.com'] }, 'evil.com', 443), 'denied');
  });

  it('are written so that they are read back', () => {
    const wrong = [
      '',
      '*.',
      '*.1.2.3.4',
      'http://example.com',
      'example.com/path',
      'example.com:0',
      'example.com:70000',
      'a*.com',
    ];
    assert.deepEqual(
      wrong.map((text) => parseHostPattern(text)),
      wrong.map(() => null),
    );
    assert.deepEqual(
      [entryFor('a.com', 443), entryFor('a.com', 22), entryFor('::1', 8080)],
      ['a.com', 'a.com:22', '[::1]:8080'],
    );
    assert.deepEqual(parseHostPattern('[::1]:8080'), { host: '::1', match: 'itself', port: 8080 });
    assert.deepEqual(parseHostPattern('::1'), { host: '::1', match: 'itself', port: null });
  });
});

describe('addresses', () => {
  it('are public or not, in all their forms', () => {
    const inside = [
      '0.0.0.0',
      '10.1.2.3',
      '100.64.0.1',
      '127.0.0.1',
      '169.254.169.254',
      '168.63.129.16',
      '100.100.100.200',
      '172.31.255.255',
      '192.168.1.1',
      '198.18.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '::',
      '::1',
      '::ffff:10.0.0.1',
      '::ffff:a9fe:a9fe',
      '::127.0.0.1',
      '64:ff9b::7f00:1',
      'fc00::1',
      'fd00:ec2::254',
      'fe80::1',
      'fe80::1%lo',
      'fec0::1',
      'ff02::1',
      '2001::1',
      '2001:db8::1',
      '2002:7f00:1::',
    ];
    const outside = ['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:1.1.1.1', '64:ff9b::101:101'];
    assert.deepEqual(inside.filter(isPublic), []);
    assert.deepEqual(outside.filter(isPublic), outside);
    assert.deepEqual(['169.254.169.254', '::ffff:a9fe:1', 'fe80::1', '10.0.0.1'].map(isMetadata), [
      true,
      true,
      true,
      false,
    ]);
  });

  it('of this machine and of its IPv6 network are not outside of it', () => {
    const interfaces = {
      eth0: [
        { address: '203.0.113.9', cidr: '203.0.113.9/20' },
        { address: '2600:1:2:3::9', cidr: '2600:1:2:3::9/64' },
        { address: 'fe80::1', cidr: 'fe80::1/64' },
      ],
      tunnel: [{ address: '2a01:5::1', cidr: '2a01:5::1/0' }],
      down: undefined,
    };
    const ours = ['203.0.113.9', '::ffff:203.0.113.9', '2600:1:2:3::9', '2600:1:2:3:4:5:6:7', '2a01:5::1'];
    const others = ['203.0.113.8', '2600:1:2:4::9', '2a01:5::2', '1.1.1.1'];
    assert.deepEqual(
      [...ours, ...others].filter((address) => isOfThisNetwork(address, interfaces)),
      ours,
    );
  });
});

describe('clients of a proxy that all of the machine can see', () => {
  const row = (from: string, to: string, uid: number): string =>
    `   1: ${from} ${to} 01 00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)}        0 2 1 0 20 4 30 10 -1`;
  const CLIENT = '0100007F:C350';
  const PROXY = '9B2A077F:A878';
  const ends = { from: ['127.0.0.1', 50_000], to: ['127.7.42.155', 43_128] } as const;
  const client = {
    remoteAddress: '127.0.0.1',
    remotePort: 50_000,
    localAddress: '127.7.42.155',
    localPort: 43_128,
  };
  const own = process.getuid?.() ?? 0;

  it('are known by the table of sockets, by both ends of theirs', () => {
    const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
    const others = [row(PROXY, '00000000:0000', 0), row(PROXY, CLIENT, 0), row(CLIENT, '0100007F:0050', 7)];
    assert.equal(ownerOf([head, ...others, row(CLIENT, PROXY, 1000)].join('\n'), ends), 1000);
    assert.equal(ownerOf([head, ...others].join('\n'), ends), null);
  });

  it('are looked for again when the table left them out, and are read for once', async () => {
    const tables = ['', '', row(CLIENT, PROXY, own)];
    let reads = 0;
    const isOwn = createPeerCheck(async () => tables[reads++] ?? '');
    assert.deepEqual(await Promise.all([isOwn(client), isOwn(client), isOwn(client)]), [true, true, true]);
    assert.equal(reads, 3);
  });

  it('of another user, and those that nobody knows, are turned away', async () => {
    const of = (table: string) => createPeerCheck(async () => table)(client);
    const failing = createPeerCheck(() => Promise.reject(new Error('there is no such file')))(client);
    assert.deepEqual(
      [await of(row(CLIENT, PROXY, own + 1)), await of(''), await failing, await of(row(CLIENT, PROXY, own))],
      [false, false, false, true],
    );
  });
});
