import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { grantFault, opened } from '../../../agent-core/execution/granted.ts';
import { workspaceWrite } from '../../../sandbox/index.ts';

const NOTHING = { read: [], unlocked: [], write: [], hosts: [], network: false, git: false };

describe('what can be granted beyond a sandbox', () => {
  let home: string;
  const at = (name: string): string => path.join(home, name);
  const homes = () => ({ user: home, agent: [at('.gantry')], programs: [at('tools/bin'), '/usr/bin', ''] });
  const policy = () => workspaceWrite({ roots: [at('work')], home, agentHome: at('.gantry') });
  const faults = (access: 'read' | 'write', places: readonly string[], unlocks = false) =>
    places.filter((place) => grantFault(place, access, policy(), homes(), unlocks) !== null);

  beforeEach(() => {
    home = realpathSync(mkdtempSync(path.join(homedir(), '.gantry-granted-')));
    for (const name of ['work', 'other', 'tools/bin', '.ssh', '.config/fish', '.local/share/app']) {
      mkdirSync(at(name), { recursive: true });
    }
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('is never a place from which something runs later, whoever asks', () => {
    symlinkSync(at('.config/fish'), at('other/link'));
    const never = [
      '/',
      home,
      path.dirname(home),
      '/etc/cron.d',
      '/etc/ld.so.preload',
      '/usr/local/bin',
      '/proc/sys/kernel',
      '/sys/fs/cgroup',
      '/dev/shm',
      '/run/user/0',
      '/var/spool/cron',
      ...[
        '.bashrc',
        '.profile',
        '.zshenv',
        '.config/fish/config.fish',
        '.config/systemd/user',
        '.config/autostart/x.desktop',
        '.gitconfig',
        '.config/Code/User/settings.json',
        '.vscode/extensions/x',
        '.vscode-server',
        '.local/bin/ls',
        'bin',
        'tools/bin',
        'other/link',
        'other/.git/hooks',
        'other/.envrc',
        '.gantry',
        '.ssh',
      ].map(at),
    ];
    for (const unlocks of [false, true]) assert.deepEqual(faults('write', never, unlocks), never);
    const may = ['other', 'other/new', '.local/share/app', '.config', 'tools'].map(at);
    assert.deepEqual(faults('write', may), []);
  });

  it('is a secret only for who points at it, and never to be written', () => {
    const secrets = ['.ssh', '.ssh/id_ed25519', '.aws/credentials'].map(at);
    assert.deepEqual(faults('read', secrets), secrets);
    assert.deepEqual(faults('read', secrets, true), []);
    assert.deepEqual(faults('write', secrets, true), secrets);
    // All around a secret may be read; it stays closed itself.
    assert.deepEqual(faults('read', ['/', home, at('.config')]), []);
    const { denyRead, roots } = opened(policy(), { ...NOTHING, read: [home], unlocked: [home] }, homes());
    assert.ok(denyRead.includes(at('.ssh')));
    assert.deepEqual(roots, [at('work'), home]);
  });

  it('keeps what runs later closed in a folder that was granted', () => {
    const { write, protect } = opened(policy(), { ...NOTHING, write: [at('.config'), at('tools')] }, homes());
    assert.deepEqual(write, [at('work'), at('.config'), at('tools')]);
    const closed = ['.config/fish', '.config/systemd', '.config/git', '.config/Code', 'tools/bin', '.config/.envrc'];
    assert.deepEqual(
      closed.map(at).filter((place) => !protect.includes(place)),
      [],
    );
  });
});
