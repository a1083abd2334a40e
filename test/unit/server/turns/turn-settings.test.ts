import assert from 'node:assert/strict';
import { type Config, isTrusted } from '../../../../agent-core/config/index.ts';
import { environmentPolicy, threadDefaults } from '../../../../agent-core/server/config/configuration.ts';
import { newSettings, type ThreadConfig, turnSettings } from '../../../../agent-core/server/turns/turn-settings.ts';
import { pageOf } from '../../../../agent-core/server/wire/pages.ts';
import { scrubEnv } from '../../../../sandbox/index.ts';

const model = { provider: 'p', model: 'm' };
const configOf = (config: Config, trusted = false): ThreadConfig => ({
  ...threadDefaults(config, '/w'),
  isTrusted: trusted,
  model,
});

describe('newSettings', () => {
  it('is read-only and asks, unless something says otherwise', () => {
    assert.deepEqual(newSettings('/w', configOf({}), {}, undefined), {
      cwd: '/w',
      roots: ['/w'],
      model,
      effort: null,
      approvalPolicy: 'on-request',
      sandboxPolicy: { type: 'readOnly', networkAccess: false },
      editApproval: 'editThenReview',
      developerInstructions: null,
      outputSchema: null,
      permissionProfile: ':read-only',
    });
  });

  it('takes the config, and the client over it', () => {
    const config: Config = {
      approval_policy: 'never',
      sandbox_mode: 'workspace-write',
      sandbox_workspace_write: { network_access: true, writable_roots: ['more', '/abs'] },
      developer_instructions: 'From the file.',
    };
    const workspaceWrite = {
      type: 'workspaceWrite',
      writableRoots: ['/w/more', '/abs'],
      networkAccess: true,
      excludeTmpdirEnvVar: false,
      excludeSlashTmp: false,
    };
    const fromFile = newSettings('/w', configOf(config), {}, undefined);
    assert.deepEqual(
      [fromFile.approvalPolicy, fromFile.sandboxPolicy, fromFile.developerInstructions],
      ['never', workspaceWrite, 'From the file.'],
    );
    const params = { sandbox: 'read-only', approvalPolicy: 'untrusted', developerInstructions: 'Mine.' } as const;
    const asked = newSettings('/w', configOf(config), params, 'askFirst');
    assert.deepEqual(
      [asked.approvalPolicy, asked.sandboxPolicy.type, asked.developerInstructions, asked.editApproval],
      ['untrusted', 'readOnly', 'Mine.', 'askFirst'],
    );
  });

  it('may write in a trusted folder', () => {
    assert.equal(newSettings('/w', configOf({}, true), {}, undefined).sandboxPolicy.type, 'workspaceWrite');
  });
});

describe('turnSettings', () => {
  const before = newSettings('/w', configOf({}), {}, undefined);

  it('keeps what a turn changes, but for its output schema', () => {
    const params = { threadId: 't', input: [], model: 'other', effort: 'high', outputSchema: { type: 'object' } };
    const { turn, next } = turnSettings(before, params, undefined);
    assert.deepEqual(next, { ...before, model: { provider: 'p', model: 'other' }, effort: 'high' });
    assert.deepEqual(turn, { ...next, outputSchema: { type: 'object' } });
  });

  it('takes relative roots from the working folder', () => {
    const sandboxPolicy = {
      type: 'workspaceWrite',
      writableRoots: ['out', '/abs'],
      networkAccess: false,
      excludeTmpdirEnvVar: false,
      excludeSlashTmp: false,
    } as const;
    const params = { threadId: 't', input: [], sandboxPolicy: { ...sandboxPolicy, writableRoots: ['out', '/abs'] } };
    assert.deepEqual(turnSettings(before, params, undefined).next.sandboxPolicy, {
      ...sandboxPolicy,
      writableRoots: ['/w/out', '/abs'],
    });
  });

  it('refuses an effort that there is not', () => {
    assert.throws(() => turnSettings(before, { threadId: 't', input: [], effort: 'very' }, undefined), /effort very/);
  });
});

describe('isTrusted', () => {
  const says = (trust_level: 'trusted' | 'untrusted'): Config => ({ projects: { '/w': { trust_level } } });

  it('needs a yes, and a no of either wins', () => {
    assert.equal(isTrusted({}, {}, ['/w']), false);
    assert.equal(isTrusted({}, says('trusted'), ['/w']), true);
    assert.equal(isTrusted(says('trusted'), says('trusted'), ['/w/sub', '/w']), true);
    assert.equal(isTrusted(says('untrusted'), says('trusted'), ['/w']), false);
    assert.equal(isTrusted(says('trusted'), says('untrusted'), ['/w']), false);
  });
});

describe('environmentPolicy', () => {
  it('lets little through unless told', () => {
    assert.deepEqual(environmentPolicy({}), { inherit: 'core', exclude: [], set: {} });
    assert.deepEqual(environmentPolicy({ shell_environment_policy: { include_only: ['PATH'], set: { A: 'b' } } }), {
      inherit: 'none',
      include: ['PATH'],
      exclude: [],
      set: { A: 'b' },
    });
  });

  it('lets no key through that a pattern takes along, nor a provider’s under whatever name', () => {
    const env = { PATH: '/bin', OPENAI_API_KEY: 'k', NPM_TOKEN: 't', MINE: 'k', TEAM: 'h' };
    const model_providers = { mine: { env_key: 'MINE', env_http_headers: { 'X-Team': 'TEAM' } } };
    const seen = (shell_environment_policy: Config['shell_environment_policy']) =>
      scrubEnv(env, environmentPolicy({ model_providers, shell_environment_policy }));
    assert.deepEqual(seen({ include_only: ['*'] }), { PATH: '/bin' });
    assert.deepEqual(seen({ inherit: 'all' }), { PATH: '/bin' });
    assert.deepEqual(seen({ inherit: 'all', ignore_default_excludes: true }), env);
    assert.deepEqual(seen({ include_only: ['NPM_TOKEN'] }), { NPM_TOKEN: 't' });
  });
});

describe('pageOf', () => {
  const query = { all: ['a', 'b', 'c'], idOf: (value: string) => value, limit: 2 };

  it('goes both ways', () => {
    const first = pageOf({ ...query, cursor: null, ascending: true });
    assert.deepEqual(first, { data: ['a', 'b'], nextCursor: 'after:b', backwardsCursor: 'from:a' });
    const next = pageOf({ ...query, cursor: first.nextCursor, ascending: true });
    assert.deepEqual(next, { data: ['c'], nextCursor: null, backwardsCursor: 'from:c' });
    assert.deepEqual(pageOf({ ...query, cursor: 'from:b', ascending: false }).data, ['b', 'a']);
  });

  it('refuses a cursor of nobody', () => {
    assert.throws(() => pageOf({ ...query, cursor: 'after:zz', ascending: true }), /invalid cursor/);
  });
});
