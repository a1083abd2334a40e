import assert from 'node:assert/strict';
import { explainDenial, fullAccess, scrubEnv, workspaceWrite } from '../../../sandbox/index.ts';

const HOSTILE = {
  PATH: '/bin',
  HOME: '/home/u',
  LC_ALL: 'C',
  TERM: 'xterm',
  MY_FLAG: '1',
  OPENAI_API_KEY: 'k',
  GITHUB_TOKEN: 't',
  AWS_SECRET_ACCESS_KEY: 's',
  SSH_AUTH_SOCK: '/s',
  NODE_OPTIONS: '--require evil',
  LD_PRELOAD: '/evil.so',
  BASH_ENV: '/evil',
  'BASH_FUNC_ls%%': '() { evil; }',
  ELECTRON_RUN_AS_NODE: '1',
  VSCODE_IPC_HOOK: '/x',
  UNSET: undefined,
};

describe('scrubEnv', () => {
  it('passes on only what is known to be harmless', () => {
    assert.deepEqual(scrubEnv(HOSTILE), { PATH: '/bin', HOME: '/home/u', LC_ALL: 'C', TERM: 'xterm' });
  });

  it('includes, excludes and sets', () => {
    assert.deepEqual(
      scrubEnv(HOSTILE, { include: ['my_*', 'GITHUB_TOKEN'], exclude: ['TERM'], set: { NODE_OPTIONS: '' } }),
      { PATH: '/bin', HOME: '/home/u', LC_ALL: 'C', MY_FLAG: '1', GITHUB_TOKEN: 't', NODE_OPTIONS: '' },
    );
  });

  it('leaves out secrets and injected code when everything else is inherited', () => {
    assert.deepEqual(scrubEnv(HOSTILE, { inherit: 'all' }), {
      PATH: '/bin',
      HOME: '/home/u',
      LC_ALL: 'C',
      TERM: 'xterm',
      MY_FLAG: '1',
    });
  });

  it('cannot be asked for injected code by a pattern', () => {
    assert.deepEqual(scrubEnv(HOSTILE, { inherit: 'none', include: ['*'] }), {
      PATH: '/bin',
      HOME: '/home/u',
      LC_ALL: 'C',
      TERM: 'xterm',
      MY_FLAG: '1',
      OPENAI_API_KEY: 'k',
      GITHUB_TOKEN: 't',
      AWS_SECRET_ACCESS_KEY: 's',
    });
  });
});

describe('explainDenial', () => {
  const policy = workspaceWrite({ roots: ['/ws'], home: '/home/u' });
  const kind = (output: string, code = 1): string | null => explainDenial(output, code, policy)?.blocked ?? null;

  it('tells what was probably blocked', () => {
    assert.deepEqual(
      [
        'touch: cannot touch /etc/x: Read-only file system',
        "Error: EROFS: read-only file system, open '/usr/x'",
        'curl: (6) Could not resolve host: example.com',
        'npm error code EAI_AGAIN',
        "fatal: Unable to create '/ws/.git/index.lock': Read-only file system",
        'dial unix /var/run/docker.sock: connect: permission denied',
        'cat: /home/u/.ssh/id_rsa: Permission denied',
        'mkdir: Permission denied',
      ].map((line) => kind(line)),
      ['write', 'write', 'network', 'network', 'git', 'socket', 'read', 'permission'],
    );
  });

  it('says nothing about success, ordinary failures and unconfined commands', () => {
    assert.deepEqual([kind('Permission denied', 0), kind('1 test failed')], [null, null]);
    assert.equal(explainDenial('Permission denied', 1, fullAccess()), null);
  });

  it('says what would allow it', () => {
    assert.deepEqual(explainDenial('Read-only file system', 1, policy), {
      blocked: 'write',
      probable: true,
      hint: 'Probably blocked by the sandbox: a write outside /ws and the temp directory. Write there, or ask to run it without the sandbox.',
    });
  });
});
