import assert from 'node:assert/strict';
import { isLinkLocal, isPublic } from '../../../sandbox/addresses.ts';
import { canonicalHost, entryFor, judgeHost, parseHostPattern } from '../../../sandbox/hosts.ts';

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
    assert.deepEqual(['169.254.169.254', '::ffff:a9fe:1', 'fe80::1', '10.0.0.1'].map(isLinkLocal), [
      true,
      true,
      true,
      false,
    ]);
  });
});
