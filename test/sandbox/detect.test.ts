import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { HELPER_HASHES } from '../../sandbox/helper-hashes.ts';
import { detect, helperPath } from '../../sandbox/index.ts';

describe('detect', function () {
  this.timeout(60_000);
  if (process.platform !== 'linux') return;
  let dir = '';
  const name = `sbx-linux-${process.arch}`;
  const found = (): string => {
    const lookup = helperPath();
    assert.ok(lookup.path !== null, 'the helper is there');
    return lookup.path;
  };
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'sandbox-detect-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('finds the best level, with nothing missing', async () => {
    const report = await detect();
    assert.deepEqual(
      { level: report.level, broker: report.broker, missing: report.missing, reason: report.reason },
      { level: 'namespaces', broker: true, missing: [], reason: null },
    );
  });

  it('says what the second level lacks, and why', async () => {
    const report = await detect({ forceLevel: 'landlock' });
    assert.equal(report.level, 'landlock');
    assert.equal(report.broker, true);
    assert.ok(report.missing.length > 0);
    assert.match(report.reason ?? '', /user namespaces/i);
  });

  it('names what forbids user namespaces where the second level is taken', async () => {
    const machine = {
      setting: (path: string) => (path.endsWith('apparmor_restrict_unprivileged_userns') ? '1' : ''),
      has: () => false,
    };
    const report = await detect({ forceLevel: 'landlock', machine });
    assert.match(report.reason ?? '', /^User namespaces cannot be used here.* AppArmor restricts them/);
  });

  it('says what is missing without the broker', async () => {
    const report = await detect({ withoutBroker: true });
    assert.ok(report.missing.includes('docker, ssh-agent and other local sockets closed'));
  });

  it('has no sandbox without the helper', async () => {
    const report = await detect({ baseDirs: [dir] });
    assert.equal(report.level, 'none');
    assert.match(report.reason ?? '', /missing from the installation/);
  });

  it('does not run a helper that was altered', async () => {
    writeFileSync(join(dir, name), '#!/bin/sh\ntouch ran\n', { mode: 0o755 });
    const report = await detect({ baseDirs: [dir] });
    assert.equal(report.level, 'none');
    assert.match(report.reason ?? '', /not the one this version was built with/);
  });

  it('runs a copy of a helper that lost its mode', async () => {
    copyFileSync(found(), join(dir, name));
    chmodSync(join(dir, name), 0o644);
    const lookup = helperPath([dir]);
    assert.ok(lookup.path !== null);
    assert.notEqual(dirname(lookup.path), dir);
    assert.match(spawnSync(lookup.path, ['--features'], { encoding: 'utf8' }).stdout, /^landlock \d+ open 1$/m);
    assert.deepEqual(helperPath([dir]), lookup); // not another copy each time
    rmSync(dirname(lookup.path), { recursive: true, force: true });
  });

  it('pins both binaries', () => {
    const bin = dirname(found());
    const hashes = Object.fromEntries(
      readdirSync(bin).map((file) => [
        file,
        createHash('sha256')
          .update(readFileSync(join(bin, file)))
          .digest('hex'),
      ]),
    );
    assert.deepEqual(hashes, HELPER_HASHES);
  });

  it('refuses arguments that it does not know, before doing anything', () => {
    const complaints = (...args: string[]): [number | null, string] => {
      const { status, stderr } = spawnSync(found(), args, { encoding: 'utf8' });
      return [status, stderr];
    };
    const base = ['--level', '1', '--channel', '3', '--cwd', '/'];
    assert.deepEqual(complaints('--evil', 'x', '--', 'true'), [125, 'sbx: unknown option: --evil\n']);
    assert.deepEqual(complaints(...base), [125, 'sbx: missing: -- command\n']);
    assert.deepEqual(complaints('--', 'true'), [125, 'sbx: missing: --level\n']);
    assert.deepEqual(complaints('--level', '3', '--', 'true'), [125, 'sbx: bad number: 3\n']);
    assert.deepEqual(complaints(...base, '--write', 'x', '--', 'true'), [125, 'sbx: path must be absolute: x\n']);
    assert.deepEqual(complaints(...base, '--name', 'a/b', '--', 'true'), [125, 'sbx: not a file name: a/b\n']);
    assert.deepEqual(complaints(...base, '--write', '--', 'true'), [
      125,
      'sbx: unknown option, or option without a value: --write\n',
    ]);
  });
});
