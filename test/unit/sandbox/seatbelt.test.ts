// The profile's text: there is no macOS here to run it.
import assert from 'node:assert/strict';
import { readOnly, type SandboxPolicy, workspaceWrite } from '../../../sandbox/index.ts';
import { nameExpression, quote, seatbeltProfile } from '../../../sandbox/seatbelt.ts';

const options = { roots: ['/nowhere/ws'], home: '/nowhere/home' };
const profile = (policy: SandboxPolicy): string[] => seatbeltProfile(policy, '/nowhere/temp').split('\n');

describe('seatbelt profile', () => {
  it('denies by default, and is balanced', () => {
    const text = profile(workspaceWrite(options)).join('\n');
    assert.ok(text.startsWith('(version 1)\n(deny default)\n'));
    const outside = text.replace(/"(?:[^"\\]|\\.)*"/g, '');
    assert.equal(outside.split('(').length, outside.split(')').length);
  });

  it('opens only the writable roots and the temp directory', () => {
    assert.ok(
      profile(workspaceWrite(options)).includes(
        '(allow file-write* (subpath "/nowhere/temp") (subpath "/nowhere/ws"))',
      ),
    );
    assert.ok(profile(readOnly(options)).includes('(allow file-write* (subpath "/nowhere/temp"))'));
  });

  it('closes protected paths after it opened the roots, since the last rule wins', () => {
    const lines = profile(workspaceWrite(options));
    const open = lines.findIndex((line) => line.startsWith('(allow file-write* (subpath'));
    const closed = lines.findIndex(
      (line) => line.startsWith('(deny file-write*') && line.includes('/nowhere/ws/.git"'),
    );
    const hidden = lines.findIndex((line) => line.startsWith('(deny file-read* file-write*'));
    assert.ok(open >= 0 && closed > open && hidden > open, lines.join('\n'));
    assert.match(lines[hidden] ?? '', /\(subpath "\/nowhere\/home\/\.ssh"\)/);
  });

  it('keeps the parents of protected paths where they are', () => {
    const line = profile(workspaceWrite(options)).find((one) => one.startsWith('(deny file-write-unlink'));
    assert.match(line ?? '', /\(literal "\/nowhere\/ws"\).* \(literal "\/nowhere\/ws\/\.vscode"\)/);
  });

  it('protects .git at any depth, wholly or but for what a commit needs', () => {
    assert.ok(profile(workspaceWrite(options)).includes('(deny file-write* (regex #"/\\.git(/|$)"))'));
    const commit = profile(workspaceWrite({ ...options, git: 'commit' })).join('\n');
    assert.match(commit, /hooks\|config/);
    assert.ok(!commit.includes('(deny file-write* (regex #"/\\.git(/|$)"))'));
  });

  it('opens the network only when asked', () => {
    const off = profile(workspaceWrite(options)).join('\n');
    assert.ok(off.includes('(deny network*)') && !off.includes('remote ip'));
    const on = profile(workspaceWrite({ ...options, network: 'on' })).join('\n');
    assert.ok(on.includes('(allow network-outbound (remote ip "*:*"))') && !on.includes('(deny network*)'));
  });

  it('quotes what could end a string', () => {
    assert.equal(quote('/a"b\\c'), '"/a\\"b\\\\c"');
    assert.equal(nameExpression('.env+x'), '#"/\\.env\\+x(/|$)"');
  });
});
