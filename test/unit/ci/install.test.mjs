import assert from 'node:assert/strict';
import { checkManifest } from '../../../.ci/check-manifest.mjs';
import { linesOf } from '../../../.ci/check-sizes.mjs';
import { matchesLockfile } from '../../../.ci/install.mjs';
import { atLeast } from '../../../.ci/node.mjs';

describe('atLeast', () => {
  it('compares by number', () => {
    const pairs = [
      ['22.13.0', '22.13.0'],
      ['22.9.9', '22.13.0'],
      ['24.0.0', '22.13.5'],
      ['20.20.2', '22.13.0'],
    ];
    assert.deepEqual(
      pairs.map(([a, b]) => atLeast(a, b)),
      [true, false, true, false],
    );
  });
});

describe('matchesLockfile', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', optional: true },
    },
  };
  const installed = (version) => ({ packages: { 'node_modules/a': { version } } });
  const there = () => true;

  it('is content when all but optional packages are there', () =>
    assert.equal(matchesLockfile(lock, installed('1.0.0'), there), true));
  it('notices another version', () => assert.equal(matchesLockfile(lock, installed('1.0.1'), there), false));
  it('notices a missing package', () => assert.equal(matchesLockfile(lock, { packages: {} }, there), false));
  it('notices a removed folder', () =>
    assert.equal(
      matchesLockfile(lock, installed('1.0.0'), () => false),
      false,
    ));
});

describe('linesOf', () => {
  it('counts as an editor does', () =>
    assert.deepEqual(['', 'a', 'a\n', 'a\nb', 'a\n\n'].map(linesOf), [0, 1, 1, 2, 2]));
});

describe('checkManifest', () => {
  const manifest = { engines: { vscode: '^1.106.0' }, devDependencies: { '@types/vscode': '1.106.0' } };

  it('is content with ours', () =>
    assert.deepEqual(checkManifest(manifest, ['package.json', '.ci', 'dist', 'media']), []));
  it('refuses proposed API, drifting types, open ranges and strays', () => {
    const bad = { ...manifest, enabledApiProposals: [], devDependencies: { '@types/vscode': '^1.140.0' } };
    assert.equal(checkManifest(bad, ['stray.txt']).length, 4);
  });
});
